from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SavedConfig(AppConfig):
    name = "jingtu.portal.saved"
    label = "saved"
    verbose_name = _("常用视图")

    def ready(self) -> None:
        from jingtu.core.ui.navigation import Shelf, register_shelf

        from . import services  # noqa: F401  (registers the audit actions)

        register_shelf(Shelf(_("常用视图"), "saved:list", "saved:menu"))
