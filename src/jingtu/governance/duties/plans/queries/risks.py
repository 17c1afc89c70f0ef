"""Open tasks that may become late: found by the database, each then given the reasons of the rules.

The rules stand in :mod:`..forecasting`; here they are said once more as conditions on rows, so that a list
of ten thousand tasks costs what one page of it costs. Both say the same of every task (tested).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Least, TruncDate
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils import timezone

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today

from ..forecasting import BEHIND, NOT_BEFORE, POINTS, SHORTEST_TREND, Facts, reasons
from ..models import Milestone, Task, TaskStep
from ..rules import WORKING
from ..sums import WHOLE
from .filters import TaskFilter
from .tasks import Row, rows_of, tasks


class _DayNumber(Func):
    """A day as a whole number, so that days can be subtracted alike in both databases."""

    output_field = IntegerField()
    template = "(%(expressions)s - DATE '2000-01-01')"

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        template = "CAST(julianday(%(expressions)s) - 2451544.5 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **context)


def at_risk(actor: Actor, wanted: TaskFilter, day: dt.date | None = None) -> QuerySet[Task]:
    """The open tasks not yet late that a rule speaks of, the first due first."""
    day = day or today()
    open_ones = tasks(actor, wanted).filter(state__in=WORKING, due__gte=day, plan__cancelled_at__isnull=True)
    missed = Milestone.objects.filter(task=OuterRef("pk"), due__lt=day, reached_on__isnull=True)
    return (
        open_ones.alias(**_numbers(day))
        .filter(Q(Exists(missed)) | _behind() | _by_trend())
        .order_by("due", "plan_id", "path")
    )


def _numbers(day: dt.date) -> dict[str, object]:
    """What the conditions count with: days as numbers, the first of the last measured values."""
    steps = TaskStep.objects.filter(task=OuterRef("pk"), action="measured")
    newest, oldest = steps.order_by("-at", "-pk"), steps.order_by("at", "pk")
    value = Cast(KT("changes__percent__1"), IntegerField())
    starts = Coalesce("starts", Least("plan__starts", "due"))
    at = Coalesce(
        Subquery(newest.values("at")[POINTS - 1 : POINTS]),
        Subquery(oldest.values("at")[:1]),
    )
    return {
        "starts_number": _DayNumber(Cast(starts, DateField())),
        "due_number": _DayNumber("due"),
        "now_number": _number(day),
        "done": Cast("progress", IntegerField()),
        "second": Subquery(newest.values("pk")[1:2]),
        "first_number": _DayNumber(TruncDate(at)),
        "first_value": Coalesce(
            Subquery(newest.annotate(value=value).values("value")[POINTS - 1 : POINTS]),
            Subquery(oldest.annotate(value=value).values("value")[:1]),
        ),
    }


def _number(day: dt.date) -> Value:
    return Value((day - dt.date(2000, 1, 1)).days, output_field=IntegerField())


def _behind() -> Q:
    """Progress lies behind the time gone; multiplied out, since the rule divides."""
    gone, whole = F("now_number") - F("starts_number"), F("due_number") - F("starts_number")
    return (
        Q(progress__lte=WHOLE - BEHIND)
        & GreaterThanOrEqual(gone * WHOLE, whole * NOT_BEFORE)
        & GreaterThanOrEqual(gone * WHOLE, (F("done") + BEHIND) * whole)
    )


def _by_trend() -> Q:
    """Measured progress, carried on as it went, ends below the whole; multiplied out likewise."""
    span = F("now_number") - F("first_number")
    gained, left = F("done") - F("first_value") * 100, F("due_number") - F("now_number")
    return (
        Q(second__isnull=False)
        & GreaterThanOrEqual(span, SHORTEST_TREND)
        & LessThan(gained * left, (WHOLE - F("done")) * span)
    )


def risk_rows(actor: Actor, found: Sequence[Task], day: dt.date | None = None) -> list[tuple[Row, list[str]]]:
    """Tasks at risk as lines of a list, each with its reasons in the reader's language. Two queries."""
    day = day or today()
    facts = facts_of(found, day)
    return [
        (row, [why.text(actor.language) for why in reasons(facts[row.task.pk], day)])
        for row in rows_of(found, day)
    ]


def facts_of(found: Sequence[Task], day: dt.date) -> dict[int, Facts]:
    """What the rules ask about some tasks that a query has given. Two queries."""
    ids = [task.pk for task in found]
    route = (
        Milestone.objects.filter(task__in=ids, due__lt=day)
        .order_by()
        .values_list("task_id")
        .annotate(planned=Count("pk"), missed=Count("pk", filter=Q(reached_on__isnull=True)))
    )
    stages = {task: (planned, missed) for task, planned, missed in route}
    measured: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    steps = TaskStep.objects.filter(task__in=ids, action="measured").order_by("task_id", "at", "pk")
    for task, at, changes in steps.values_list("task_id", "at", "changes"):
        after = changes.get("percent", [0, None])[1]
        if after is not None:
            measured[task].append((timezone.localtime(at).date(), int(after) * 100))
    return {
        task.pk: Facts(
            task.starts or min(task.plan.starts, task.due),
            task.due,
            task.progress,
            *stages.get(task.pk, (0, 0)),
            measured.get(task.pk, ()),
        )
        for task in found
    }
