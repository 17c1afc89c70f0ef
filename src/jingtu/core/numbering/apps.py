from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NumberingConfig(AppConfig):
    name = "jingtu.core.numbering"
    label = "numbering"
    verbose_name = _("文号")

    def ready(self) -> None:
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register

        register(
            Entry(
                _("文号登记"),
                "numbering:list",
                icon="document",
                order=560,
                permissions=(Permission.NUMBERS_READ,),
                group="manage",
            )
        )
