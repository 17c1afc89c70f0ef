from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MeasuresConfig(AppConfig):
    name = "jingtu.governance.accountability.measures"
    label = "measures"
    verbose_name = pgettext_lazy("measures", "追责")

    def ready(self) -> None:
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
        from jingtu.governance.duties.dutyreports.sections import register_section

        from . import detecting, feeds, lateness
        from .duties import open_points, reported, waiting_measures
        from .effects import affected_measures, move_on
        from .queries import READERS, may_open
        from .searching import find_measures
        from .services import PURPOSE, close_over, daily
        from .visibility import can_see_measure, can_see_proposal

        title = pgettext_lazy("measures", "追责")
        detecting.register()
        lateness.register()
        register_purpose(PURPOSE, may_open)
        register_gate("measures:detail", lambda actor, kwargs: can_see_measure(actor, kwargs["measure_id"]))
        register_gate(
            "measures:proposal", lambda actor, kwargs: can_see_proposal(actor, kwargs["proposal_id"])
        )
        register_timer("measures.propose", daily, _("按规则提出追责建议"), order=400)
        register_timer("measures.close", close_over, _("措施期满"), order=410)
        register_effect("measures", title, affected_measures, order=900)
        register_change_hook("measures", move_on)
        register_duties(DutySource("measures", waiting_measures, order=180))
        register_points(PointSource("measures", "未办结的措施", "Open measures", open_points, order=300))
        register_section("measures", ("追责措施", "Measures of accountability"), reported, order=400)
        register_source(Source("measures", title, find_measures, order=680))
        register_feed(
            Feed(
                "measures",
                _("追责记录"),
                frozenset({feeds.DECIDED, feeds.IN_FORCE}),
                feeds.measures_counted,
            )
        )
        register(Entry(title, "measures:list", icon="check", order=680, permissions=READERS))
