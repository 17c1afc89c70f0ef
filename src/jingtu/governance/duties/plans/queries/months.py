"""A month of due days, milestones and what other apps put into calendars."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today

from ..calendars import Entry, day_of, entries
from ..models import Milestone
from ..rules import CLOSED_STATES
from .filters import TaskFilter
from .tasks import Row, rows_of, tasks

SHOWN = 4
"""Tasks, and milestones, that a day shows; the rest is a number with a link."""


@dataclass(frozen=True)
class Day:
    """One day of the grid. ``more_tasks``: how many further tasks are due, ``more_milestones`` likewise."""

    day: dt.date
    within: bool
    is_today: bool
    rows: Sequence[Row]
    milestones: Sequence[Milestone]
    entries: Sequence[Entry]
    more_tasks: int
    more_milestones: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on that day."""
        return not (self.rows or self.milestones or self.entries)


def grid(year: int, month: int) -> list[dt.date]:
    """The days of a month with those that fill its first and last week, Monday first."""
    return [day for week in calendar.Calendar().monthdatescalendar(year, month) for day in week]


def month(actor: Actor, wanted: TaskFilter, year: int, month: int) -> list[Day]:
    """The days of a month. Five queries besides those of other apps' entries, whatever falls on a day.

    Milestones of closed tasks are left out unless they were reached.
    """
    days, now = grid(year, month), today()
    first, last = days[0], days[-1]
    due = tasks(actor, wanted).filter(due__range=(first, last))
    numbers: Counter[dt.date] = Counter(
        dict(due.order_by().values_list("due").annotate(how_many=Count("pk")))
    )
    picked = (
        due.select_related(None)
        .order_by()
        .annotate(place=Window(RowNumber(), partition_by=F("due"), order_by=("plan_id", "path")))
        .filter(place__lte=SHOWN)
    )
    shown = (
        tasks(actor).filter(pk__in=[task.pk for task in picked.only("pk")]).order_by("due", "plan_id", "path")
    )
    rows: dict[dt.date, list[Row]] = defaultdict(list)
    for row in rows_of(shown, now):
        rows[row.task.due].append(row)
    route = Milestone.objects.filter(
        due__range=(first, last), task__in=tasks(actor, wanted).select_related(None).order_by()
    ).exclude(reached_on__isnull=True, task__state__in=CLOSED_STATES)
    stages_due: Counter[dt.date] = Counter(
        dict(route.order_by().values_list("due").annotate(how_many=Count("pk")))
    )
    some = (
        route.order_by()
        .annotate(place=Window(RowNumber(), partition_by=F("due"), order_by="pk"))
        .filter(place__lte=SHOWN)
    )
    stages: dict[dt.date, list[Milestone]] = defaultdict(list)
    for milestone in Milestone.objects.filter(pk__in=[one.pk for one in some.only("pk")]):
        stages[milestone.due].append(milestone)
    others: dict[dt.date, list[Entry]] = defaultdict(list)
    # Meetings belong to no plan: they stand only where all tasks do.
    for _kind, entry in entries(actor, first, last) if wanted == TaskFilter(order=wanted.order) else ():
        others[day_of(entry.start)].append(entry)
    return [
        Day(
            day,
            day.month == month,
            day == now,
            rows[day],
            stages[day],
            others[day],
            max(0, numbers[day] - SHOWN),
            max(0, stages_due[day] - SHOWN),
        )
        for day in days
    ]
