"""Letters as figures: how many an office had issued and how many of them were signed by the last day of a period."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Letter
from .rules import Kind

DUE, SIGNED = "letters_due", "letters_signed"
ELEMENTS = frozenset({DUE, SIGNED})


def letters_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """Letters of the period's year that had gone out by its last day and still held, and those signed by then.

    A letter counts at the region of the office that issued it, so that sums over regions count each once, and in the
    tree of member units at the unit it binds. Regions whose office has issued none here, and units that have received
    none, are left out: they may keep theirs on paper. One query.
    """
    last, wanted = period.end, set(region_ids)
    rows = Letter.objects.filter(
        Q(region__in=wanted, region__tree=tree)
        | Q(unit__unit_region__in=wanted, unit__unit_region__tree=tree),
        Q(ended_at__isnull=True) | Q(ended_at__date__gt=last),
        year=last.year,
        issued_at__isnull=False,
    )
    due: Counter[int] = Counter()
    signed: Counter[int] = Counter()
    offices: set[int] = set()
    for office, of_unit, issued_at, signed_on in rows.values_list(
        "region_id", "unit__unit_region", "issued_at", "signed_on"
    ):
        if issued_at is None or _day(issued_at) > last:
            continue
        for counted in {office, of_unit} & wanted:
            due[counted] += 1
            signed[counted] += signed_on is not None and signed_on <= last
        offices.add(office)
    found: dict[Key, Derived] = {}
    for region_id, count in due.items():
        link = _link(last.year, region_id, region_id in offices)
        found[(region_id, DUE, "")] = Derived(count, link)
        found[(region_id, SIGNED, "")] = Derived(signed[region_id], link)
    return found


def _link(year: int, region_id: int, is_office: bool) -> str:
    if is_office:
        return reverse("letters:coverage", query={"year": year, "region": region_id})
    return reverse("letters:list", query={"year": year, "kind": Kind.UNIT.value})


def _day(moment: dt.datetime) -> dt.date:
    return localtime(moment).date()
