"""What listings offer upward: how many places stand listed, how many were taken off, and of these in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.urls import reverse

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Listing

LISTED, DELISTED, ON_TIME = "acct_listed", "acct_delisted", "acct_delisted_on_time"
CLASSES = ("reminded", "warned", "watched", "focused", "listed")


def listings_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """For each region its own listings at the end of the period by class, and those taken off within it.

    A period whose end has not come is not counted yet. One query.
    """
    if period.end >= today():
        return {}
    counts: Counter[Key] = Counter()
    rows = Listing.objects.filter(
        region__tree=tree, region_id__in=list(region_ids), listed_on__isnull=False, listed_on__lte=period.end
    ).values_list("region_id", "class_code", "delisted_on", "ended_on", "due_on")
    for region_id, code, delisted_on, ended_on, due_on in rows:
        over = delisted_on or ended_on
        if over is None or over > period.end:
            counts[(region_id, LISTED, f"listing_class={code if code in CLASSES else 'other'}")] += 1
        if delisted_on is not None and period.start <= delisted_on <= period.end:
            counts[(region_id, DELISTED, "")] += 1
            counts[(region_id, ON_TIME, "")] += due_on is not None and delisted_on <= due_on
    link = reverse("listings:list")
    return {key: Derived(count, link) for key, count in counts.items()}
