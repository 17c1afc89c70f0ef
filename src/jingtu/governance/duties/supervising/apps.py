from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupervisingConfig(AppConfig):
    name = "jingtu.governance.duties.supervising"
    label = "supervising"
    verbose_name = _("督办")

    def ready(self) -> None:
        from jingtu.assessment.runs.registry import register_aside
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.regions.hooks import register_change_hook
        from jingtu.core.ui.agenda import PointSource, register_points
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties
        from jingtu.governance.duties.bodies.panels import register_panel
        from jingtu.governance.duties.plans.registry import register_aside as register_beside_tasks
        from jingtu.governance.duties.plans.registry import register_origin

        from . import queries, services
        from .agenda import open_notices
        from .beside import beside_number, beside_tasks, notices_of_place
        from .effects import affected_notices, follow
        from .feeds import ELEMENTS, notices_counted
        from .origins import described
        from .searching import find_notices
        from .waiting import notices_waiting

        register_aside("supervising", beside_number)
        register_beside_tasks("supervising", beside_tasks)
        register_panel("supervising", ("督办", "Supervision"), notices_of_place, order=400)
        register_gate("supervising:detail", queries.may_open_page)
        register_purpose(services.PURPOSE, queries.may_open_evidence)
        register_timer("supervising.remind", services.remind, _("督办提醒"), order=330)
        register_points(
            PointSource("supervising", "未办结的督办", "Open supervision", open_notices, order=300)
        )
        register_duties(DutySource("supervising", notices_waiting, order=230))
        register_source(Source("supervising", _("督办"), find_notices, order=430))
        register_effect("supervising", _("督办"), affected_notices, order=830)
        register_change_hook("supervising", follow)
        register_feed(Feed("supervising", _("督办"), ELEMENTS, notices_counted))
        register_origin("supervision", "督办", "Supervision", described)
        register(Entry(_("督办"), "supervising:list", icon="bell", order=630, permissions=queries.READERS))
