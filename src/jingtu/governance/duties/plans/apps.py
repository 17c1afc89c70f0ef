from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "jingtu.governance.duties.plans"
    label = "plans"
    verbose_name = _("计划与任务")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import register_listener
        from jingtu.core.documents.registry import register_citations
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
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

        from . import effects, feeds, measuring, notices, panels, searching
        from .duties import waiting_tasks
        from .queries import may_open_evidence, may_open_page
        from .services.working import PURPOSE

        register_panel("plans", ("任务", "Tasks"), panels.tasks_of_body, order=100)
        register_purpose(PURPOSE, may_open_evidence)
        register_gate("plans:task", may_open_page)
        register_listener("released", "plans", measuring.published)
        register_timer("plans.remind", notices.remind, _("任务到期提醒"), order=310)
        register_duties(DutySource("plans", waiting_tasks, order=70))
        register_source(Source("plans", _("计划与任务"), searching.find_tasks, order=380))
        register_points(PointSource("plans", "逾期任务", "Late tasks", searching.late_points, order=100))
        register_citations(searching.citing)
        register_effect("plans", _("计划与任务"), effects.affected_tasks, order=400)
        register_change_hook("plans", effects.follow)
        register_feed(Feed("plans", _("任务办理记录"), feeds.ELEMENTS, feeds.tasks_counted))
        register(
            Entry(
                _("计划与任务"),
                "plans:list",
                icon="check",
                order=610,
                permissions=(Permission.DUTIES_READ,),
            )
        )
