from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListingsConfig(AppConfig):
    name = "jingtu.governance.accountability.listings"
    label = "listings"
    verbose_name = _("挂牌整治")

    def ready(self) -> None:
        from jingtu.core.facts.feeds import Feed, register_feed
        from jingtu.core.files.queries import register_purpose
        from jingtu.core.jobs.timers import register_timer
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.regions.hooks import register_change_hook
        from jingtu.core.ui.agenda import PointSource, register_points
        from jingtu.core.ui.navigation import Entry, register
        from jingtu.core.ui.search import Source, register_source
        from jingtu.core.ui.today import DutySource, register_duties
        from jingtu.governance.accountability.measures.registry import Handover, register_handover
        from jingtu.governance.duties.plans.registry import register_origin

        from . import bulletining, detecting
        from .duties import waiting_listings
        from .effects import affected_listings, move_listings
        from .feeds import DELISTED, LISTED, ON_TIME, listings_counted
        from .origins import describe
        from .points import points
        from .queries import may_open_file, may_open_paper
        from .searching import find
        from .services.common import PURPOSE
        from .services.handing import choices_of, take_over
        from .services.papers import PAPER_PURPOSE
        from .services.reminding import remind
        from .visibility import READERS

        register_purpose(PURPOSE, may_open_file)
        register_purpose(PAPER_PURPOSE, may_open_paper)
        register_change_hook("listings", move_listings)
        register_effect("listings", _("挂牌整治"), affected_listings, order=690)
        register_timer("listings", remind, _("挂牌整治期限提醒"), order=420)
        register_points(PointSource("listings", "在办挂牌", "Listings that run", points, order=500))
        register_feed(
            Feed("listings", _("挂牌整治"), frozenset({LISTED, DELISTED, ON_TIME}), listings_counted)
        )
        register_handover(Handover("listing", take_over, choices_of))
        detecting.register()
        bulletining.register()
        register_origin("listing", "挂牌整治", "Listing", describe)
        register_duties(DutySource("listings", waiting_listings, order=690))
        register_source(Source("listings", _("挂牌整治"), find, order=690))
        register(Entry(_("挂牌整治"), "listings:list", icon="alert", order=690, permissions=READERS))
