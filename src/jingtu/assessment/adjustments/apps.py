from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdjustmentsConfig(AppConfig):
    name = "jingtu.assessment.adjustments"
    label = "adjustments"
    verbose_name = _("加减分与否决")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        from .duties import waiting_adjustments
        from .queries import READERS, may_open
        from .services import PURPOSE

        register_purpose(PURPOSE, may_open)
        register_duties(DutySource("adjustments", waiting_adjustments, order=120))
        register(Entry(_("加减分与否决"), "adjustments:list", icon="check", order=310, permissions=READERS))
