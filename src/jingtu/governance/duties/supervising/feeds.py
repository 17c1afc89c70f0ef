"""Supervision as figures: notices whose answer was due in a period, and those answered in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Supervision
from .rules import NoticeState

DUE, IN_TIME = "supervision_due", "supervision_in_time"
ELEMENTS = frozenset({DUE, IN_TIME})


def notices_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """By the place asked, and by the own region of the member unit asked: notices first due in the period, and of
    these the ones first answered by that day.

    Drafts and withdrawn ones are not counted; places without a notice are left out. One query.
    """
    wanted = set(region_ids)
    rows = Supervision.objects.filter(
        Q(place__in=wanted, place__tree=tree) | Q(unit__unit_region__in=wanted, unit__unit_region__tree=tree),
        issued_at__isnull=False,
        first_due__gte=period.start,
        first_due__lte=period.end,
    ).exclude(state=NoticeState.WITHDRAWN.value)
    due: Counter[int] = Counter()
    in_time: Counter[int] = Counter()
    for place_id, of_unit, last, answered in rows.values_list(
        "place_id", "unit__unit_region", "first_due", "first_answered_on"
    ):
        for counted in {place_id, of_unit} & wanted:
            due[counted] += 1
            in_time[counted] += answered is not None and answered <= last
    link = reverse("supervising:list")
    found: dict[Key, Derived] = {}
    for place_id, count in due.items():
        found[(place_id, DUE, "")] = Derived(count, link)
        found[(place_id, IN_TIME, "")] = Derived(in_time[place_id], link)
    return found
