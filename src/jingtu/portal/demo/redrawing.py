"""One redrawn township of the demonstration: what a split with stated shares makes of the series before it.

It holds from after the last figures and touches a place that nothing else of the demonstration tells of, so
that no published period, rank or report is another for it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from jingtu.core.kernel.actor import SYSTEM, actor_named
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.core.regions.services import Order, Part, split_region
from jingtu.portal.demo.people import CITY

TOWNSHIP = ("F09013", "township")
NEW = Part("荻浦镇", "F09017", level="township", share=Decimal("0.4"))
ORDER = Order(dt.date(2026, 11, 1), "枕政函〔2026〕31号（虚构）", "析置荻浦镇，按常住人口四六开（演示）")


def set_out() -> None:
    """Split the township; left as it is when it stands."""
    township = regions.find_region(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]), *TOWNSHIP)
    if not Region.objects.filter(tree=township.tree, code=NEW.code).exists():
        split_region(actor_named("sysadmin"), township, [NEW], keeps=True, order=ORDER)
