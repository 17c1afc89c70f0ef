from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulesConfig(AppConfig):
    name = "jingtu.assessment.schedules"
    label = "schedules"
    verbose_name = _("计划")

    def ready(self) -> None:
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.today import DutySource, register_duties

        from .effects import affected_schedules
        from .queries import may_open_page, waiting_schedules
        from .services import tick

        register_gate("schedules:detail", may_open_page)
        register_timer("schedules", tick, _("到期的计划"), order=200)
        register_effect("schedules", _("计划"), affected_schedules, order=600)
        register_duties(DutySource("schedules", waiting_schedules, order=170))
        register(
            Entry(
                _("计划"),
                "schedules:list",
                icon="calendar",
                order=420,
                permissions=(Permission.SCHEDULES_READ,),
            )
        )
