from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "jingtu.core.ui"
    label = "ui"
    verbose_name = "界面"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (importing registers the check)
        from .navigation import Entry, register

        register(Entry(_("帮助"), "ui:help", icon="help", order=900))
