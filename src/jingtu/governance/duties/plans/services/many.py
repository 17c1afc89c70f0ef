"""Changing many tasks at once: all of it or nothing, in a bounded number of queries."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse

from ..models import Plan, Task, TaskStep
from ..rules import WORKING, TaskState, period_problems
from ..visibility import visible_tasks
from . import common
from .planning import plain
from .rollup import roll_up

MOST = 1000
TOGETHER = ("due", "unit", "person")
COLUMNS = {"unit": "unit_id", "person": "person_id", "due": "due"}


@transaction.atomic
def change_many(
    actor: Actor,
    task_ids: Sequence[int],
    changes: Mapping[str, Any],
    reason: str,
    *,
    pause: bool = False,
) -> str:
    """Give many tasks another due day, unit or person, or stop them, with one reason; all or none.

    Returns the batch by which it can be taken back (empty when nothing differed). A due day and a stop are for
    whoever gave the tasks; a person also for the place that has them. Raises NotFound, PermissionDenied,
    Conflict, InvalidInput.
    """
    reason = common.clean_reason(reason)
    unknown = changes.keys() - set(TOGETHER)
    if unknown:
        raise ValueError(f"cannot be changed together: {sorted(unknown)}")
    if not task_ids:
        raise refuse("plans.nothing_chosen")
    if len(set(task_ids)) > MOST:
        raise refuse("plans.most_at_once", most=MOST)
    rows = locked(actor, task_ids)
    permitted(actor, rows, only_person=set(changes) <= {"person"} and not pause)
    common.check_people(changes.get("unit"), changes.get("person"))
    batch, at = uuid.uuid4().hex, now()
    steps, changed = [], []
    for task in rows:
        common.must_be_open(task)
        pairs = _set(task, changes)
        if pause and task.state in WORKING:
            pairs["state"] = [task.state, TaskState.PAUSED.value]
            task.state, task.state_reason = TaskState.PAUSED.value, reason
        if pairs:
            task.updated_at = at
            changed.append(task)
            steps.append(common.step(actor, task, "edit", text=reason, changes=pairs, batch=batch))
    if not changed:
        return ""
    write(changed, steps)
    record(
        actor,
        "plans.tasks_changed",
        target_type="tasks",
        target_id=batch,
        region_id=changed[0].region_id,
        after={
            **{name: plain(value) for name, value in changes.items()},
            "pause": pause,
            "tasks": [task.pk for task in changed],
        },
        reason=reason,
    )
    return batch


def locked(actor: Actor, task_ids: Collection[int]) -> list[Task]:
    """The tasks in their plans' order, their plans locked. Raises NotFound when the actor may not see one, Conflict."""
    found = Task.objects.filter(visible_tasks(actor), pk__in=set(task_ids))
    plans = set(found.order_by().values_list("plan_id", flat=True))
    queued = Plan.objects.select_for_update().filter(pk__in=plans).order_by("pk")
    if any(plan.cancelled_at is not None for plan in queued):
        raise Conflict(Problem("plans.plan_closed"))
    rows = list(found.select_related("plan", "parent", "region"))
    missing = set(task_ids) - {task.pk for task in rows}
    if missing:
        raise NotFound(min(missing), "task")
    return rows


def permitted(actor: Actor, rows: Sequence[Task], *, only_person: bool) -> None:
    """Raises PermissionDenied; asks once for every place that gave (or has) one of the tasks."""
    known: dict[int, bool] = {}

    def manages(region_id: int) -> bool:
        if region_id not in known:
            known[region_id] = actor.can(Permission.PLANS_MANAGE, region_id)
        return known[region_id]

    for task in rows:
        giver = task.parent.region_id if task.parent is not None else task.plan.region_id
        if not (manages(giver) or (only_person and manages(task.region_id))):
            raise PermissionDenied(Permission.PLANS_MANAGE)


def _set(task: Task, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    pairs = {}
    for name, value in changes.items():
        column = COLUMNS[name]
        if getattr(task, column) != value:
            pairs[name] = [plain(getattr(task, column)), plain(value)]
            setattr(task, column, value)
    if "due" in pairs:
        task.reminded_on = None
        problems = period_problems(task.starts, task.due, task.weight)
        if problems:
            raise InvalidInput(problems)
    return pairs


def write(changed: Sequence[Task], steps: Sequence[TaskStep]) -> None:
    """Store what :data:`TOGETHER` and the state of the tasks became, with their history and the sums above them."""
    fields = ["due", "unit", "person", "state", "state_reason", "reminded_on", "updated_at"]
    Task.objects.bulk_update(changed, fields, batch_size=500)
    TaskStep.objects.bulk_create(steps, batch_size=500)
    paths: dict[int, list[str]] = defaultdict(list)
    for task in changed:
        paths[task.plan_id].append(task.path)
    for plan_id in sorted(paths):
        roll_up(plan_id, paths[plan_id])
