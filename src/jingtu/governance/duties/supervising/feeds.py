"""Supervision as figures: notices whose answer was due in a period, and those answered in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

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
    """By the place asked: notices first due in the period, and of these the ones first answered by that day.

    Drafts and withdrawn ones are not counted; places without a notice are left out. One query.
    """
    rows = Supervision.objects.filter(
        place_id__in=list(region_ids),
        place__tree=tree,
        issued_at__isnull=False,
        first_due__gte=period.start,
        first_due__lte=period.end,
    ).exclude(state=NoticeState.WITHDRAWN.value)
    due: Counter[int] = Counter()
    in_time: Counter[int] = Counter()
    for place_id, last, answered in rows.values_list("place_id", "first_due", "first_answered_on"):
        due[place_id] += 1
        in_time[place_id] += answered is not None and answered <= last
    link = reverse("supervising:list")
    found: dict[Key, Derived] = {}
    for place_id, count in due.items():
        found[(place_id, DUE, "")] = Derived(count, link)
        found[(place_id, IN_TIME, "")] = Derived(in_time[place_id], link)
    return found
