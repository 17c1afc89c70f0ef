from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "jingtu.governance.accountability.measures"
    label = "measures"
    verbose_name = _("追责")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer

        from . import detecting
        from .queries import may_open
        from .services import PURPOSE, close_over, daily

        detecting.register()
        register_purpose(PURPOSE, may_open)
        register_timer("measures.propose", daily, _("按规则提出追责建议"), order=400)
        register_timer("measures.close", close_over, _("措施期满"), order=410)
