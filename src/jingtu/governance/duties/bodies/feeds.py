"""What offices have, as figures nobody should type: staff, budget, honours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Capacity
from .queries import standing_capacity, visible
from .rules import CapacityKind

ESTABLISHMENT, STAFF = "office_establishment", "office_staff"
BUDGET, SPENT, HONOURS = "office_budget", "office_budget_spent", "honours"
ELEMENTS = frozenset({ESTABLISHMENT, STAFF, BUDGET, SPENT, HONOURS})


def capacity_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """For each place what its offices had at the period's end, their budget of its year, honours received in it.

    One query. A place without records has no figures, rather than zero.
    """
    rows: dict[int, list[Capacity]] = {}
    bodies: dict[int, int] = {}
    found = Capacity.objects.filter(
        visible(actor, "body__"),
        Q(kind__in=[CapacityKind.STAFF.value, CapacityKind.BUDGET.value, CapacityKind.HONOUR.value]),
        body__region_id__in=list(region_ids),
        body__region__tree=tree,
        withdrawn_at__isnull=True,
        day__lte=period.end,
    ).select_related("body")
    for row in found:
        rows.setdefault(row.body_id, []).append(row)
        bodies[row.body_id] = row.body.region_id
    totals: dict[tuple[int, str], int] = {}
    links: dict[int, str] = {}
    for body_id, records in rows.items():
        region_id = bodies[body_id]
        links.setdefault(region_id, reverse("bodies:detail", args=[body_id]))
        for element, value in _of_office(records, period).items():
            totals[region_id, element] = totals.get((region_id, element), 0) + value
    return {
        (region_id, element, ""): Derived(value, links[region_id])
        for (region_id, element), value in totals.items()
    }


def _of_office(rows: Sequence[Capacity], period: Period) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, planned, actual in (
        (CapacityKind.STAFF, ESTABLISHMENT, STAFF),
        (CapacityKind.BUDGET, BUDGET, SPENT),
    ):
        standing = standing_capacity([row for row in rows if row.kind == kind.value], period.end)
        for (year, _category), row in standing.items():
            if kind is CapacityKind.BUDGET and year != period.end.year:
                continue
            for element, value in ((planned, row.planned), (actual, row.actual)):
                if value is not None:
                    found[element] = found.get(element, 0) + value
    honours = [row for row in rows if row.kind == CapacityKind.HONOUR.value]
    if honours:
        found[HONOURS] = sum(1 for row in honours if period.start <= row.day <= period.end)
    return found
