from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BodiesConfig(AppConfig):
    name = "jingtu.governance.duties.bodies"
    label = "bodies"
    verbose_name = _("组织机构")

    def ready(self) -> None:
        from jingtu.core.documents.registry import register_citations
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.kernel.actor import Permission
        from jingtu.core.notifications.outgoing import register_gate
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.regions.hooks import register_change_hook
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties

        from . import effects, feeds, queries, searching, standing
        from .panels import register_panel
        from .reports import PURPOSE

        register_panel("indicators", ("指标", "Indicators"), standing.indicators, order=200)
        register_purpose(PURPOSE, queries.may_open_file)
        register_gate("bodies:report", queries.may_open_report)
        register_citations(searching.citations)
        register_source(Source("bodies", _("组织机构"), searching.find_bodies, order=520))
        register_duties(DutySource("bodies", searching.waiting, order=450))
        register_feed(Feed("bodies", _("机构台账"), feeds.ELEMENTS, feeds.capacity_counted))
        register_effect("bodies", _("组织机构"), effects.affected_bodies, order=450)
        register_change_hook("bodies", effects.hand_over)
        register(
            Entry(
                _("组织机构"), "bodies:list", icon="users", order=650, permissions=(Permission.DUTIES_READ,)
            )
        )
