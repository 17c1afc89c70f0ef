"""What plans know and nobody should type: tasks that fell due, those done in time, done at all, and late, by place and
by member unit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Min, Q
from django.urls import reverse

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Task
from .rules import TaskState

DUE, IN_TIME, DONE, LATE = "tasks_due", "tasks_on_time", "tasks_done", "tasks_late"
ELEMENTS = frozenset({DUE, IN_TIME, DONE, LATE})
HOLDERS = ("region", "unit__unit_region")
"""A task counts at its place, and at the own region of the member unit that leads it."""


def tasks_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """Tasks whose due day fell in the period and those of them done in time; tasks done in it, whenever they were due;
    tasks that stood late at its end.

    Tasks cancelled or paused do not count. A period whose end has not come is not counted yet. Two queries.
    """
    if period.end >= today():
        return {}
    counts: Counter[tuple[int, str]] = Counter()
    links: dict[tuple[int, str], str] = {}
    for holder in HOLDERS:
        for place, unit, *numbers in _counted(tree, region_ids, period, holder):
            whose: dict[str, object] = {"region": place} if holder == "region" else {"unit": unit}
            within = {**whose, "due_from": period.start, "due_to": period.end}
            due, in_time, done, late = numbers
            told = {DONE: (done, whose), LATE: (late, {**whose, "due_to": period.end})}
            if due:
                told |= {DUE: (due, within), IN_TIME: (in_time, within)}
            for element, (number, query) in told.items():
                counts[place, element] += number
                links.setdefault((place, element), reverse("plans:tasks", query=query))
    return {
        (place, element, ""): Derived(counts[place, element], link)
        for (place, element), link in links.items()
    }


def _counted(
    tree: RegionTree, region_ids: Sequence[int], period: Period, holder: str
) -> Sequence[tuple[int, ...]]:
    """Place, its unit, and the four numbers, of every place with a task that was due by the period's end or done in
    the period. A unit's task given to the unit's own region counts once, as the region's."""
    due = Q(due__gte=period.start, due__lte=period.end)
    done = Q(state=TaskState.DONE, done_on__gte=period.start, done_on__lte=period.end)
    rows = Task.objects.filter(
        Q(due__lte=period.end) | done,
        **{f"{holder}__tree": tree, f"{holder}__in": region_ids},
        plan__cancelled_at__isnull=True,
    ).exclude(state__in=[TaskState.CANCELLED, TaskState.PAUSED])
    if holder != "region":
        rows = rows.exclude(region=F(holder))
    return list(
        rows.order_by()
        .values_list(holder)
        .annotate(
            named=Min("unit_id"),
            due_count=Count("pk", filter=due),
            in_time=Count("pk", filter=due & Q(state=TaskState.DONE, done_on__lte=F("due"))),
            done_count=Count("pk", filter=done),
            late=Count("pk", filter=_late(period.end)),
        )
    )


def _late(day: dt.date) -> Q:
    """Due by the end of a day and by then neither handed in nor done."""
    handed_in = Q(submitted_on__isnull=False, submitted_on__lte=day)
    return Q(due__lte=day) & ~handed_in & ~Q(done_on__isnull=False, done_on__lte=day)
