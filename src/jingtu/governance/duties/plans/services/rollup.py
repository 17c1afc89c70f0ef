"""Keeps the sums above a task true in the transaction that changed it: a few queries, however deep and wide the plan."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, Count, F, Min, Q, Sum
from django.db.models.functions import Cast

from ..models import Plan, Task
from ..rules import TaskState
from ..sums import Rolled, Sums, ancestors_of, rolled, rolled_plan

KEPT = ("progress", "leaves", "leaves_done", "next_due")


def roll_up(plan_id: int, paths: Iterable[str]) -> None:
    """Bring the tasks at ``paths``, everything above them and the plan up to date. Four queries.

    Children beside the changed ones are added up by the database, those changed are added here.
    """
    wanted = {path for given in paths for path in (given, *ancestors_of(given))}
    chain = {task.pk: task for task in Task.objects.filter(plan_id=plan_id, path__in=wanted)}
    sums = _beside(plan_id, chain.keys())
    stale = []
    for task in sorted(chain.values(), key=lambda task: (-task.depth, task.path)):
        line = rolled(task.state, task.own_progress, task.due, sums.get(task.pk, Sums()))
        if _differs(task, line):
            stale.append(task)
        if task.state != TaskState.CANCELLED:
            sums[task.parent_id] = sums.get(task.parent_id, Sums()).plus(task.weight, line)
    Task.objects.bulk_update(stale, KEPT, batch_size=500)
    line = rolled_plan(sums.get(None, Sums()))
    Plan.objects.filter(pk=plan_id).update(
        progress=line.progress, leaves=line.leaves, leaves_done=line.done, next_due=line.next_due
    )


def roll_up_all(plan_id: int) -> None:
    """Bring a whole plan up to date from its leaves."""
    roll_up(plan_id, Task.objects.filter(plan_id=plan_id).values_list("path", flat=True))


def _beside(plan_id: int, chain: Iterable[int]) -> dict[int | None, Sums]:
    """The live children of the tasks in the chain (None: of the plan) that are not in it themselves."""
    ids = list(chain)
    rows = (
        Task.objects.filter(Q(parent__in=ids) | Q(parent__isnull=True), plan_id=plan_id)
        .exclude(state=TaskState.CANCELLED)
        .exclude(pk__in=ids)
        .order_by()
        .values("parent_id")
        .annotate(
            all_weight=Sum("weight"),
            all_weighted=Sum(
                Cast("weight", BigIntegerField()) * F("progress")
            ),  # small integers would overflow
            all_leaves=Sum("leaves"),
            all_done=Sum("leaves_done"),
            first_due=Min("next_due"),
            live=Count("pk"),
        )
    )
    return {
        row["parent_id"]: Sums(
            row["all_weight"],
            row["all_weighted"],
            row["all_leaves"],
            row["all_done"],
            row["first_due"],
            row["live"],
        )
        for row in rows
    }


def _differs(task: Task, line: Rolled) -> bool:
    """Put the line on the task; whether that changed it."""
    new = (line.progress, line.leaves, line.done, line.next_due)
    if (task.progress, task.leaves, task.leaves_done, task.next_due) == new:
        return False
    task.progress, task.leaves, task.leaves_done, task.next_due = new
    return True
