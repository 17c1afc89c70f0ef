"""Measures as figures: how many were decided against the organisations of a place in a period, by kind, and how many
were in force at its end. Persons are in none of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Measure
from .rules import State

DECIDED, IN_FORCE = "acct_measures_decided", "acct_measures_in_force"
COUNTED = [State.IN_FORCE.value, State.OBJECTED.value, State.ENDED.value]


def measures_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """For each region its own measures; a period that is not over is not counted yet. One query."""
    if period.end >= today():
        return {}
    decided: Counter[int] = Counter()
    in_force: Counter[int] = Counter()
    rows = Measure.objects.filter(
        region_id__in=list(region_ids), region__tree=tree, post="", state__in=COUNTED
    ).filter(Q(decided_on__lte=period.end))
    for region_id, day, since, until, closed in rows.values_list(
        "region_id", "decided_on", "in_force_from", "ends_on", "closed_on"
    ):
        decided[region_id] += _within(day, period)
        last = min((one for one in (until, closed) if one is not None), default=None)
        in_force[region_id] += (
            since is not None and since <= period.end and (last is None or last >= period.end)
        )
    link = reverse("measures:list")
    found: dict[Key, Derived] = {}
    for region_id in region_ids:
        found[(region_id, DECIDED, "")] = Derived(decided[region_id], link)
        found[(region_id, IN_FORCE, "")] = Derived(in_force[region_id], link)
    return found


def _within(day: dt.date | None, period: Period) -> bool:
    return day is not None and period.start <= day <= period.end
