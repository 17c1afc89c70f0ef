from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    name = "jingtu.assessment.bulletins"
    label = "bulletins"
    verbose_name = _("通报")

    def ready(self) -> None:
        from jingtu.assessment.bulletins import queries
        from jingtu.assessment.bulletins.distributing import run_released, run_withdrawn
        from jingtu.assessment.bulletins.duties import bulletins_to_read
        from jingtu.assessment.runs.registry import register_listener
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        register_gate("bulletins:detail", queries.may_open_page)
        register_purpose("bulletin", queries.may_open)
        register_listener("released", "bulletins", run_released)
        register_listener("withdrawn", "bulletins", run_withdrawn)
        register_duties(DutySource("bulletins", bulletins_to_read, order=160))
        register(
            Entry(
                _("通报文书"),
                "bulletins:list",
                icon="bulletin",
                order=400,
                permissions=(Permission.RESULTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE),
            )
        )
