from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "jingtu.governance.duties.meetings"
    label = "meetings"
    verbose_name = _("会议")

    def ready(self) -> None:
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.registry import register_job
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.regions.hooks import register_change_hook
        from jingtu.core.ui.agenda import PointSource, register_points
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties
        from jingtu.governance.duties.bodies.panels import register_panel
        from jingtu.governance.duties.plans.calendars import register_calendar
        from jingtu.governance.duties.plans.registry import register_origin

        from . import queries
        from .calendars import calendar_entries
        from .decided import describe_origins
        from .duties import waiting_meetings
        from .effects import affected_meetings, follow
        from .feeds import ELEMENTS, meetings_counted
        from .panels import meetings_of_body
        from .papers import indicator_paper, register_paper
        from .points import red_indicators
        from .searching import find_meetings
        from .services import JOB_KIND, PACK_PURPOSE, PURPOSE, generate_due, pack_as_job, pack_outcome
        from .task_papers import decision_paper, task_paper

        register_calendar("meeting", calendar_entries)
        register_gate("meetings:detail", queries.may_open_page)
        register_purpose(PURPOSE, queries.may_open_paper)
        register_purpose(PACK_PURPOSE, queries.may_open_printed)
        register_job(JOB_KIND, pack_as_job, _("汇编会议材料"), pack_outcome)
        register_paper("red_indicator", indicator_paper)
        register_paper("late_task", task_paper)
        register_paper("decision", decision_paper)
        register_origin("decision", "会议决定", "Decision", describe_origins)
        register_panel("meetings", ("会议", "Meetings"), meetings_of_body, order=300)
        register_points(
            PointSource("red_indicators", "红线指标", "Red indicators", red_indicators, order=200)
        )
        register_feed(Feed("meetings", _("会议和决定的记录"), ELEMENTS, meetings_counted))
        register_timer("meetings", generate_due, _("安排系列会议"), order=400)
        register_effect("meetings", _("会议"), affected_meetings, order=620)
        register_change_hook("meetings", follow)
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
