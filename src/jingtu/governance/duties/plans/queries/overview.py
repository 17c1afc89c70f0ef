"""Tasks counted by unit and by person, and the late ones. People stand in the order of their names: nobody is ranked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today

from ..models import Task
from ..rules import OPEN_STATES, WORKING, TaskState
from .filters import LATE, TaskFilter
from .tasks import tasks


@dataclass(frozen=True)
class Load:
    """What lies with one unit or person, as far as the reader may read the tasks."""

    pk: int | None
    name: str
    beside: str
    open: int = 0
    waiting: int = 0
    late: int = 0
    done: int = 0
    next_due: dt.date | None = None
    second: int = 0
    """Open tasks that a unit supports, or a person leads."""


def _counts(day: dt.date) -> dict[str, Count | Min]:
    late = Q(state__in=WORKING, due__lt=day, plan__cancelled_at__isnull=True)
    return {
        "open": Count("pk", filter=Q(state__in=OPEN_STATES)),
        "waiting": Count("pk", filter=Q(state=TaskState.SUBMITTED.value)),
        "late": Count("pk", filter=late),
        "done": Count("pk", filter=Q(state=TaskState.DONE.value)),
        "next_due": Min("due", filter=Q(state__in=WORKING, due__gte=day)),
    }


def _loads(first: Iterable[dict[str, Any]], second: Iterable[tuple[int, str, str, int]]) -> list[Load]:
    rows: dict[int | None, dict[str, Any]] = {row["pk"]: row for row in first}
    for pk, name, beside, number in second:
        row = rows.setdefault(pk, {"pk": pk, "name": name, "beside": beside})
        row["second"] = number
    # Whatever nobody has comes last.
    ordered = sorted(rows.values(), key=lambda row: (row["pk"] is None, row["name"] or "", row["pk"] or 0))
    return [Load(**{**row, "name": row["name"] or "", "beside": row["beside"] or ""}) for row in ordered]


def by_unit(actor: Actor, wanted: TaskFilter, day: dt.date | None = None) -> list[Load]:
    """The tasks that the filter keeps by lead unit, in the order of names. Two queries."""
    found = _grouped(actor, wanted)
    counts = _counts(day or today())
    first = found.values("unit_id", "unit__name", "unit__region__name").annotate(**counts)
    open_ones = found.filter(state__in=OPEN_STATES, supporting__isnull=False)
    second = open_ones.values_list("supporting__id", "supporting__name", "supporting__region__name")
    return _loads(
        (_renamed(row, "unit_id", "unit__name", "unit__region__name") for row in first),
        second.annotate(how_many=Count("pk", distinct=True)),
    )


def by_person(actor: Actor, wanted: TaskFilter, day: dt.date | None = None) -> list[Load]:
    """The tasks that the filter keeps by responsible person, in the order of names. Two queries.

    Only tasks the reader may read are counted, so two readers may see different numbers for one person.
    """
    found = _grouped(actor, wanted)
    counts = _counts(day or today())
    first = found.values("person_id", "person__full_name").annotate(**counts)
    led = found.filter(state__in=OPEN_STATES, leader__isnull=False)
    second = led.values_list("leader_id", "leader__full_name").annotate(how_many=Count("pk"))
    return _loads(
        (_renamed(row, "person_id", "person__full_name") for row in first),
        ((pk, name, "", number) for pk, name, number in second),
    )


def _grouped(actor: Actor, wanted: TaskFilter) -> QuerySet[Task]:
    return tasks(actor, wanted).select_related(None).order_by()


def _renamed(row: dict[str, Any], pk: str, name: str, beside: str = "") -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if "_id" not in key and "__" not in key}
    return {**kept, "pk": row[pk], "name": row[name], "beside": row[beside] if beside else ""}


def late(actor: Actor, wanted: TaskFilter) -> QuerySet[Task]:
    """The late tasks that the filter keeps, the longest late first."""
    return tasks(actor, replace(wanted, state=LATE)).order_by("due", "plan_id", "path")
