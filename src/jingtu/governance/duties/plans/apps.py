from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "jingtu.governance.duties.plans"
    label = "plans"
    verbose_name = _("计划与任务")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register

        from .queries import may_open_evidence
        from .services.working import PURPOSE

        register_purpose(PURPOSE, may_open_evidence)
        register(
            Entry(
                _("计划与任务"),
                "plans:list",
                icon="check",
                order=610,
                permissions=(Permission.DUTIES_READ,),
            )
        )
