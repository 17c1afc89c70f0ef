from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "jingtu.governance.duties.meetings"
    label = "meetings"
    verbose_name = _("会议")

    def ready(self) -> None:
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from . import queries
        from .duties import waiting_meetings
        from .effects import affected_meetings
        from .searching import find_meetings
        from .services import PURPOSE, generate_due

        register_gate("meetings:detail", queries.may_open_page)
        register_purpose(PURPOSE, queries.may_open_paper)
        register_timer("meetings", generate_due, _("安排系列会议"), order=400)
        register_effect("meetings", _("会议"), affected_meetings, order=620)
        register_duties(DutySource("meetings", waiting_meetings, order=120))
        register_source(Source("meetings", _("会议"), find_meetings, order=420))
        register(
            Entry(
                _("会议"),
                "meetings:list",
                icon="meeting",
                order=620,
                permissions=(Permission.DUTIES_READ, Permission.MEETINGS_MANAGE),
            )
        )
