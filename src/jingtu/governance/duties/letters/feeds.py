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

DUE, SIGNED = "letters_due", "letters_signed"
ELEMENTS = frozenset({DUE, SIGNED})


def letters_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """Letters of the period's year that had gone out by its last day and still held, and those signed by then.

    A letter counts at the region of the office that issued it, so that sums over regions count each once. Regions
    whose office has issued none here are left out: they may keep theirs on paper. One query.
    """
    last = period.end
    rows = Letter.objects.filter(
        region_id__in=list(region_ids), region__tree=tree, year=last.year, issued_at__isnull=False
    ).filter(Q(ended_at__isnull=True) | Q(ended_at__date__gt=last))
    due: Counter[int] = Counter()
    signed: Counter[int] = Counter()
    for region_id, issued_at, signed_on in rows.values_list("region_id", "issued_at", "signed_on"):
        if issued_at is None or _day(issued_at) > last:
            continue
        due[region_id] += 1
        signed[region_id] += signed_on is not None and signed_on <= last
    link = reverse("letters:coverage", query={"year": last.year})
    found: dict[Key, Derived] = {}
    for region_id, count in due.items():
        found[(region_id, DUE, "")] = Derived(count, f"{link}&region={region_id}")
        found[(region_id, SIGNED, "")] = Derived(signed[region_id], f"{link}&region={region_id}")
    return found


def _day(moment: dt.datetime) -> dt.date:
    return localtime(moment).date()
