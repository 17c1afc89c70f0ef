"""Changing many tasks at once, and taking changes back: all of it or nothing, in a bounded number of queries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from .planning import apply_changes, plain
from .rollup import roll_up

MOST = 1000
TOGETHER = ("due", "unit", "person")
_COLUMNS = {"unit": "unit_id", "person": "person_id", "due": "due"}
UNDOABLE = frozenset(
    {"title", "requirement", "strand", "region", "unit", "leader", "person", "starts", "due", "weight"}
)


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
    rows = _locked(actor, task_ids)
    _permitted(actor, rows, only_person=set(changes) <= {"person"} and not pause)
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
    _write(changed, steps)
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


def _locked(actor: Actor, task_ids: Sequence[int]) -> list[Task]:
    found = Task.objects.filter(visible_tasks(actor), pk__in=set(task_ids))
    plans = set(found.order_by().values_list("plan_id", flat=True))
    locked = Plan.objects.select_for_update().filter(pk__in=plans).order_by("pk")
    if any(plan.cancelled_at is not None for plan in locked):
        raise Conflict(Problem("plans.plan_closed"))
    rows = list(found.select_related("plan", "parent", "region"))
    missing = set(task_ids) - {task.pk for task in rows}
    if missing:
        raise NotFound(min(missing), "task")
    return rows


def _permitted(actor: Actor, rows: Sequence[Task], *, only_person: bool) -> None:
    """Ask once for every place that gave (or has) one of the tasks."""
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
        column = _COLUMNS[name]
        if getattr(task, column) != value:
            pairs[name] = [plain(getattr(task, column)), plain(value)]
            setattr(task, column, value)
    if "due" in pairs:
        task.reminded_on = None
        problems = period_problems(task.starts, task.due, task.weight)
        if problems:
            raise InvalidInput(problems)
    return pairs


def _write(changed: Sequence[Task], steps: Sequence[TaskStep]) -> None:
    fields = ["due", "unit", "person", "state", "state_reason", "reminded_on", "updated_at"]
    Task.objects.bulk_update(changed, fields, batch_size=500)
    TaskStep.objects.bulk_create(steps, batch_size=500)
    paths: dict[int, list[str]] = defaultdict(list)
    for task in changed:
        paths[task.plan_id].append(task.path)
    for plan_id in sorted(paths):
        roll_up(plan_id, paths[plan_id])


@transaction.atomic
def undo_step(actor: Actor, step_id: int, reason: str) -> Task:
    """Put back what one step changed, as long as nothing of it was changed since. The history keeps both.

    Raises NotFound, PermissionDenied, Conflict, InvalidInput.
    """
    reason = common.clean_reason(reason)
    step = TaskStep.objects.filter(pk=step_id).first()
    if step is None:
        raise NotFound(step_id)
    task = common.task_to_change(actor, step.task_id)
    common.must_split(actor, task)
    back = undoable(step)
    if not back or hasattr(step, "undone_by"):
        raise Conflict(Problem("plans.nothing_to_undo"))
    if back.keys() - {"leader", "person"}:
        common.must_give(actor, task)
    common.must_be_open(task)
    columns = {"region", "unit", "leader", "person"}
    for name, (_, after) in back.items():
        present = getattr(task, f"{name}_id" if name in columns else name)
        if plain(present) != after:
            raise Conflict(Problem("plans.changed_since", {"field": name}))
    wanted = {name: _read(name, pair[0]) for name, pair in back.items()}
    diff = apply_changes(actor, task, wanted)
    made = common.step(actor, task, "undo", text=reason, changes=diff)
    made.undoes = step
    made.save()
    roll_up(task.plan_id, [task.path])
    common.audit(
        actor,
        "plans.undone",
        task,
        before={name: pair[0] for name, pair in diff.items()},
        after={name: pair[1] for name, pair in diff.items()},
        reason=reason,
    )
    return task


def undoable(step: TaskStep) -> dict[str, list[Any]]:
    """What of a step can be put back: fields of the task itself that had a value before and have one after."""
    if step.action not in {"edit", "hand_over", "carry"} or not step.changes.keys() <= UNDOABLE:
        return {}
    return dict(step.changes)


def _read(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if name in {"starts", "due"} and value else value
