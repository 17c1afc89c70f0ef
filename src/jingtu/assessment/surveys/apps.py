from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "jingtu.assessment.surveys"
    label = "surveys"
    verbose_name = _("民意调查")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register

        from .queries import may_open_file
        from .services import PURPOSE

        register_purpose(PURPOSE, may_open_file)
        register(
            Entry(
                _("民意调查"),
                "surveys:list",
                icon="data",
                order=280,
                permissions=(Permission.RESULTS_READ, Permission.TARGETS_MANAGE),
            )
        )
