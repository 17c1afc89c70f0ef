"""Taking changes back: one step of a task, or everything one act did to many. The history keeps both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from jingtu.core.accounts.models import Unit
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, Problem, refuse

from ..models import Task, TaskStep
from ..rules import CLOSED_STATES, TaskAction, TaskState
from ..sums import number_of
from ..words import FIELDS
from . import common
from .many import COLUMNS, locked, permitted, write
from .planning import apply_changes, plain
from .rollup import roll_up

UNDOABLE = frozenset(
    {"title", "requirement", "strand", "region", "unit", "leader", "person", "starts", "due", "weight"}
)


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
            raise Conflict(Problem("plans.changed_since", {"field": str(FIELDS[name])}))
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


@transaction.atomic
def undo_together(actor: Actor, batch: str, reason: str) -> list[Task]:
    """Put back what one act did to many tasks, all or nothing: what was changed is as before, what was made by
    copying down is cancelled.

    Raises InvalidInput with a sentence for every task that was changed since, NotFound, PermissionDenied, Conflict.
    A bounded number of queries.
    """
    reason = common.clean_reason(reason)
    steps = list(together(batch))
    if not steps:
        raise Conflict(Problem("plans.nothing_to_undo"))
    rows = {task.pk: task for task in locked(actor, {step.task_id for step in steps})}
    # What the place that has a task did itself, naming people and splitting, it also takes back.
    for own in (True, False):
        here = [rows[step.task_id] for step in steps if _is_own(step) is own]
        permitted(actor, here, only_person=own)
    problems = _changed_since(steps, rows)
    if problems:
        raise InvalidInput(problems)
    at, made = now(), []
    for step in steps:
        task = rows[step.task_id]
        diff = _back(step, task, reason)
        task.updated_at = at
        action = TaskAction.CANCEL.value if step.action == "create" else "undo"
        made.append(common.step(actor, task, action, text=reason, changes=diff))
        made[-1].undoes = step
    _check_named(steps)
    changed = list(rows.values())
    write(changed, made)
    record(
        actor,
        "plans.undone",
        target_type="tasks",
        target_id=batch,
        region_id=changed[0].region_id,
        after={"tasks": sorted(rows)},
        reason=reason,
    )
    return changed


def _is_own(step: TaskStep) -> bool:
    return step.action == "split" or step.changes.keys() == {"person"}


def together(batch: str) -> Iterable[TaskStep]:
    """The steps of one act that have not been taken back."""
    if not batch:
        return []
    found = TaskStep.objects.filter(batch=batch, action__in=["edit", "create", "split"])
    return found.filter(undone_by__isnull=True).order_by("pk")


def _changed_since(steps: Sequence[TaskStep], rows: dict[int, Task]) -> list[Problem]:
    """A sentence for every task that no longer is as the act left it."""
    batch, made = steps[0].batch, {step.task_id for step in steps if step.action == "create"}
    later = TaskStep.objects.filter(task__in=made).exclude(batch=batch)
    touched = set(later.values_list("task_id", flat=True))
    others = Task.objects.filter(parent__in=made).exclude(pk__in=made).exclude(state=TaskState.CANCELLED)
    touched |= set(others.values_list("parent_id", flat=True))
    problems = []
    for step in steps:
        task = rows[step.task_id]
        name = {"number": number_of(task.path), "title": task.title[:40], "place": task.region.name}
        if step.action == "create":
            if step.task_id in touched:
                problems.append(Problem("plans.begun_since", name))
            continue
        if step.action == "edit" and task.state in CLOSED_STATES:
            problems.append(Problem("plans.closed_since", name))
            continue
        for field, (before, after) in _fields(step):
            present = plain(getattr(task, COLUMNS.get(field, field)))
            moved = field == "due" and task.starts is not None and before < task.starts.isoformat()
            if present != after or moved:
                problems.append(Problem("plans.changed_since_of", {**name, "field": str(FIELDS[field])}))
    return problems


def _check_named(steps: Sequence[TaskStep]) -> None:
    """Raises InvalidInput when a unit or person that comes back is no longer there. Two queries."""
    units = {pair[0] for step in steps for field, pair in _fields(step) if field == "unit"} - {None}
    people = {pair[0] for step in steps for field, pair in _fields(step) if field == "person"} - {None}
    if Unit.objects.filter(pk__in=units, is_active=True).count() < len(units):
        raise refuse("plans.unknown_unit")
    common.check_people(None, *people)


def _fields(step: TaskStep) -> list[tuple[str, list[Any]]]:
    return list(step.changes.items()) if step.action == "edit" else []


def _back(step: TaskStep, task: Task, reason: str) -> dict[str, list[Any]]:
    """Put the task back to where the step found it; field → [before, after]."""
    if step.action == "create":
        pair = [task.state, TaskState.CANCELLED.value]
        task.state, task.state_reason = TaskState.CANCELLED.value, reason
        return {"state": pair}
    diff = {}
    for field, (before, after) in _fields(step):
        setattr(task, COLUMNS.get(field, field), _read(field, before))
        diff[field] = [after, before]
        if field == "state":
            task.state_reason = ""
        if field == "due":
            task.reminded_on = None
    return diff
