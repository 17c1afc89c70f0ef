from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "jingtu.assessment.reporting"
    label = "reporting"
    verbose_name = _("填报")

    def ready(self) -> None:
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.ui.navigation import Entry, register

        register(
            Entry(
                _("填报"),
                "reporting:due",
                icon="document",
                order=150,
                permissions=(
                    Permission.FORMS_FILL,
                    Permission.FORMS_REVIEW,
                    Permission.FACTS_READ,
                    Permission.CATALOGUE_MANAGE,
                ),
            )
        )
