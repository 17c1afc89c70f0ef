"""Open tasks that may become late, each with the reasons the rules give."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.engine.problems import Problem

from ..forecasting import Facts, reasons
from ..models import Milestone, TaskStep
from ..rules import WORKING
from .filters import TaskFilter
from .tasks import Row, rows_of, tasks


@dataclass(frozen=True)
class Risk:
    """A task by its number, and why it may become late."""

    pk: int
    reasons: Sequence[Problem]


def at_risk(actor: Actor, wanted: TaskFilter, day: dt.date | None = None) -> list[Risk]:
    """The open tasks not yet late that a rule speaks of, the first due first. Three queries."""
    day = day or today()
    open_ones = (
        tasks(actor, wanted)
        .filter(state__in=WORKING, due__gte=day, plan__cancelled_at__isnull=True)
        .select_related(None)
        .order_by("due", "plan_id", "path")
    )
    inner = open_ones.order_by().values("pk")
    route = (
        Milestone.objects.filter(task__in=inner, due__lt=day)
        .order_by()
        .values_list("task_id")
        .annotate(planned=Count("pk"), missed=Count("pk", filter=Q(reached_on__isnull=True)))
    )
    stages = {task: (planned, missed) for task, planned, missed in route}
    measured: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    steps = TaskStep.objects.filter(task__in=inner, action="measured").order_by("task_id", "at", "pk")
    for task, at, changes in steps.values_list("task_id", "at", "changes"):
        after = changes.get("percent", [0, None])[1]
        if after is not None:
            measured[task].append((timezone.localtime(at).date(), int(after) * 100))
    found = []
    for pk, starts, from_plan, due, progress in open_ones.values_list(
        "pk", "starts", "plan__starts", "due", "progress"
    ):
        planned, missed = stages.get(pk, (0, 0))
        facts = Facts(starts or min(from_plan, due), due, progress, planned, missed, measured.get(pk, ()))
        if why := reasons(facts, day):
            found.append(Risk(pk, why))
    return found


def risk_rows(actor: Actor, found: Sequence[Risk]) -> list[tuple[Row, list[str]]]:
    """Tasks at risk as lines of a list, each with its reasons in the reader's language. One query."""
    known = {task.pk: task for task in tasks(actor).filter(pk__in=[risk.pk for risk in found])}
    return [
        (rows_of([known[risk.pk]])[0], [why.text(actor.language) for why in risk.reasons])
        for risk in found
        if risk.pk in known
    ]
