"""What meetings know and nobody should type: how many were due and held, to how many a member unit was called and came,
how many decisions fell due and were carried out in time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Q
from django.urls import reverse

from jingtu.core.accounts.models import Post
from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.rules import TaskState

from .models import Attendee, Meeting
from .rules import TOOK_PLACE, MeetingState, Presence

DUE, HELD = "meetings_due", "meetings_held"
CALLED, CAME = "unit_meetings_due", "unit_meetings_attended"
DECIDED, IN_TIME = "decisions_due", "decisions_on_time"
ELEMENTS = frozenset({DUE, HELD, CALLED, CAME, DECIDED, IN_TIME})
MINUTED = (MeetingState.MINUTED.value, MeetingState.CONFIRMED.value)


def meetings_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """For each place the meetings its series had planned in the period and those held with minutes; for each
    place and member unit the decisions that fell due there and those carried out in time.

    A meeting that was cancelled was still due. A period whose end has not come is not counted yet. Five queries
    at most, whatever the number of places.
    """
    if period.end >= today():
        return {}
    found: dict[Key, Derived] = {}
    rows = (
        Meeting.objects.filter(
            region__tree=tree,
            region_id__in=region_ids,
            series__isnull=False,
            planned_on__gte=period.start,
            planned_on__lte=period.end,
        )
        .order_by()
        .values_list("region_id")
        .annotate(due=Count("pk"), held=Count("pk", filter=Q(state__in=MINUTED)))
    )
    link = reverse("meetings:list")
    for region_id, due, held in rows:
        found[(region_id, DUE, "")] = Derived(due, link)
        found[(region_id, HELD, "")] = Derived(held, link)
    tasks = reverse("plans:tasks", query={"due_from": period.start, "due_to": period.end})
    counts: dict[int, list[int]] = {}
    for holder in ("region", "unit__unit_region"):
        for region_id, due, in_time in _decided(tree, region_ids, period, holder):
            sums = counts.setdefault(region_id, [0, 0])
            sums[0] += due
            sums[1] += in_time
    for region_id, (due, in_time) in counts.items():
        found[(region_id, DECIDED, "")] = Derived(due, tasks)
        found[(region_id, IN_TIME, "")] = Derived(in_time, tasks)
    called, came = _called(tree, region_ids, period)
    for region_id, number in called.items():
        found[(region_id, CALLED, "")] = Derived(number, link)
        found[(region_id, CAME, "")] = Derived(came[region_id], link)
    return found


def _called(tree: RegionTree, region_ids: Sequence[int], period: Period) -> tuple[Counter[int], Counter[int]]:
    """By the own region of a member unit: the meetings of the period that took place to which somebody who held a post
    of the unit on the day was asked, and those to which one came. Who sends a substitute did not come. Two queries."""
    held = Post.objects.filter(
        unit__unit_region__in=region_ids, unit__unit_region__tree=tree, valid_from__lte=period.end
    ).exclude(valid_to__lt=period.start)
    posts: dict[int, list[tuple[int, dt.date, dt.date | None]]] = {}
    for person, of_unit, since, until in held.values_list(
        "user_id", "unit__unit_region", "valid_from", "valid_to"
    ):
        if of_unit is not None:
            posts.setdefault(person, []).append((of_unit, since, until))
    asked = Attendee.objects.filter(
        person__in=held.order_by().values("user"),
        meeting__state__in=sorted(TOOK_PLACE),
        meeting__held_on__gte=period.start,
        meeting__held_on__lte=period.end,
    )
    seen: dict[tuple[int, int], bool] = {}
    for person_id, meeting, day, presence in (
        asked.values_list("person_id", "meeting_id", "meeting__held_on", "presence") if posts else ()
    ):
        for unit, since, until in posts.get(person_id or 0, ()):
            if since <= day and (until is None or day <= until):
                seen[unit, meeting] = seen.get((unit, meeting), False) or presence == Presence.PRESENT
    return Counter(unit for unit, _ in seen), Counter(unit for (unit, _), came in seen.items() if came)


def _decided(
    tree: RegionTree, region_ids: Sequence[int], period: Period, holder: str
) -> Sequence[tuple[int, int, int]]:
    """Decisions by the place (or the unit's own region) that has them; cancelled ones are not due."""
    done = Q(state=TaskState.DONE, done_on__lte=F("due"))
    rows = Task.objects.filter(
        **{f"{holder}__tree": tree, f"{holder}__in": region_ids},
        origin__startswith="decision:",
        due__gte=period.start,
        due__lte=period.end,
    ).exclude(state=TaskState.CANCELLED)
    if holder != "region":
        rows = rows.exclude(region=F(holder))  # a unit's decision that fell to its own region counts once
    return list(
        rows.order_by()
        .values_list(f"{holder}_id" if holder == "region" else holder)
        .annotate(due_count=Count("pk"), in_time=Count("pk", filter=done))
    )
