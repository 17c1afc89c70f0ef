"""Doing the work: start, report, hand in, accept or send back, stop and go on, hand over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from jingtu.core.audit.services import record
from jingtu.core.files.models import StoredFile
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside

from .. import notices
from ..models import Deliverable, Dependency, Evidence, Task, TaskStep
from ..rules import (
    CLOSED_STATES,
    MOST_FILES,
    OPEN_STATES,
    TABLE,
    Measure,
    TaskAction,
    TaskFacts,
    TaskState,
    done_day_problem,
    reason_problem,
    refusal,
)
from ..sums import ancestors_of
from ..visibility import gives, holds, splits, visible_tasks
from . import common
from .rollup import KEPT, roll_up

PURPOSE = "task"


def facts_of(actor: Actor, task: Task) -> TaskFacts:
    """What the rules ask about this task and this actor. Two queries besides the actor's own."""
    open_children = 0
    if task.child_count:
        open_children = Task.objects.filter(parent=task).exclude(state__in=CLOSED_STATES).count()
    needed = (
        Dependency.objects.filter(task=task).exclude(needed__state__in=CLOSED_STATES).select_related("needed")
    )
    person = user_id_of(actor)
    return TaskFacts(
        state=TaskState(task.state),
        is_giver=gives(actor, task),
        is_holder=holds(actor, task),
        submitted_by_self=person is not None and task.submitted_by_id == person,
        parent=TaskState(task.parent.state) if task.parent is not None else None,
        open_children=open_children,
        waits_for=tuple(each.needed.number for each in needed.order_by("needed__path")),
    )


def start(actor: Actor, task_id: int, note: str = "") -> Task:
    """Begin."""
    return _act(actor, task_id, TaskAction.START, note)


def report(
    actor: Actor,
    task_id: int,
    percent: int,
    text: str,
    files: Sequence[Upload] = (),
    deliverable_id: int | None = None,
) -> Task:
    """Say how far the work has come, in percent, with words and evidence.

    Refused where progress is measured or made of the tasks below; use :func:`add_evidence` there.
    """
    if not 0 <= percent <= 100:
        raise refuse("plans.percent_range", column="percent")
    return _act(
        actor,
        task_id,
        TaskAction.REPORT,
        text,
        percent=percent,
        files=files,
        deliverable_id=deliverable_id,
    )


def submit(
    actor: Actor, task_id: int, text: str, files: Sequence[Upload] = (), deliverable_id: int | None = None
) -> Task:
    """Hand the work in as done; from now on it waits for whoever gave it."""
    return _act(actor, task_id, TaskAction.SUBMIT, text, files=files, deliverable_id=deliverable_id)


def accept(actor: Actor, task_id: int, note: str = "", done_on: dt.date | None = None) -> Task:
    """Accept what was handed in: the task is done as of the day it was submitted, or an earlier one.

    ``done_on``: when whoever accepts finds that the work was complete before it was submitted; not before the task
    began nor before its evidence came in. Raises InvalidInput.
    """
    return _act(actor, task_id, TaskAction.ACCEPT, note, done_on=done_on)


def send_back(actor: Actor, task_id: int, reason: str) -> Task:
    """Return what was handed in (or had been accepted), with the reason."""
    return _act(actor, task_id, TaskAction.RETURN, reason)


def pause(actor: Actor, task_id: int, reason: str) -> Task:
    """Stop the clock, with the reason."""
    return _act(actor, task_id, TaskAction.PAUSE, reason)


def resume(actor: Actor, task_id: int, note: str = "") -> Task:
    """Go on after a pause."""
    return _act(actor, task_id, TaskAction.RESUME, note)


def cancel(actor: Actor, task_id: int, reason: str) -> Task:
    """Take a task out, with everything open below it; it stays to be read but no longer counts."""
    return _act(actor, task_id, TaskAction.CANCEL, reason)


def restore(actor: Actor, task_id: int, reason: str) -> Task:
    """Take a cancellation back: the task begins anew."""
    return _act(actor, task_id, TaskAction.RESTORE, reason)


def add_evidence(
    actor: Actor, task_id: int, text: str, files: Sequence[Upload], deliverable_id: int | None = None
) -> Task:
    """Add words and files to a task that is not closed, without moving it."""
    stored = _keep(actor, task_id, files)
    with transaction.atomic():
        task = common.task_to_change(actor, task_id)
        if not (holds(actor, task) or splits(actor, task)):
            raise PermissionDenied(Permission.TASKS_REPORT)
        common.must_be_open(task)
        _tell(actor, task, "evidence", common.clean(text, "text"), {}, stored, deliverable_id)
        common.audit(actor, "plans.evidence_added", task, after={"files": [one.name for one in stored]})
    return task


def _act(
    actor: Actor,
    task_id: int,
    action: TaskAction,
    text: str,
    *,
    percent: int | None = None,
    files: Sequence[Upload] = (),
    deliverable_id: int | None = None,
    done_on: dt.date | None = None,
) -> Task:
    problem = reason_problem(action, text)
    if problem is not None:
        raise InvalidInput([problem])
    text = common.clean(text, "reason" if TABLE[action].needs_reason else "text")
    stored = _keep(actor, task_id, files)
    with transaction.atomic():
        task = common.task_to_change(actor, task_id)
        problem = refusal(action, facts_of(actor, task))
        if problem is not None:
            if problem.code == "plans.not_permitted":
                row = TABLE[action]
                raise PermissionDenied(Permission.PLANS_MANAGE if row.by_giver else Permission.TASKS_REPORT)
            raise Conflict(problem)
        if percent is not None:
            _claim(task, percent)
        if done_on is not None:
            _check_done_day(task, done_on)
        submitted_by = task.submitted_by_id
        changes = _move(actor, task, action, text, done_on)
        _tell(actor, task, action.value, text, changes, stored, deliverable_id)
        paths = [task.path]
        if action in {TaskAction.START, TaskAction.REPORT, TaskAction.SUBMIT}:
            _begin_above(actor, task)
        if action is TaskAction.CANCEL:
            paths += _cancel_below(actor, task, text)
        roll_up(task.plan_id, paths)
        common.audit(
            actor,
            "plans.task_moved_on",
            task,
            before={name: pair[0] for name, pair in changes.items()},
            after={"action": action.value, **{name: pair[1] for name, pair in changes.items()}},
            reason=text if TABLE[action].needs_reason else "",
        )
        notices.moved_on(actor, task, action, submitted_by)
        task.refresh_from_db(fields=KEPT)
    return task


def _check_done_day(task: Task, day: dt.date) -> None:
    submitted = task.submitted_on or today()
    problem = done_day_problem(
        day,
        starts=task.starts or task.plan.starts,
        due=task.due,
        entered=timezone.localtime(task.created_at).date(),
        proven=min(_proven_on(task) or submitted, submitted),
        submitted=submitted,
    )
    if problem is not None:
        raise InvalidInput([problem])


def _proven_on(task: Task) -> dt.date | None:
    """When the last file came in; where there is none, when progress was last reported."""
    by_files = task.steps.filter(files__isnull=False).aggregate(at=Max("at"))["at"]
    at = by_files or task.steps.filter(action=TaskAction.REPORT.value).aggregate(at=Max("at"))["at"]
    return None if at is None else timezone.localtime(at).date()


def _claim(task: Task, percent: int) -> None:
    if task.measure == Measure.MEASURED:
        raise Conflict(Problem("plans.measured_not_claimed"))
    if task.child_count and Task.objects.filter(parent=task).exclude(state=TaskState.CANCELLED).exists():
        raise Conflict(Problem("plans.has_children"))
    task.own_progress = percent * 100


def _move(
    actor: Actor, task: Task, action: TaskAction, text: str, done_on: dt.date | None
) -> dict[str, list[object]]:
    """Write the new state to the row; field → [before, after]."""
    stored = Task.objects.values("state", "own_progress").get(pk=task.pk)
    row = TABLE[action]
    task.state = row.target.value
    task.state_reason = text if row.needs_reason else ""
    if task.started_on is None and task.state in {TaskState.UNDER_WAY, TaskState.SUBMITTED}:
        task.started_on = today()
    if action is TaskAction.SUBMIT:
        task.submitted_on, task.submitted_by_id = today(), user_id_of(actor)
    if action is TaskAction.ACCEPT:
        task.done_on = done_on or task.submitted_on or today()
    if action in {TaskAction.RETURN, TaskAction.RESTORE}:
        task.submitted_on = task.submitted_by_id = task.done_on = None
        task.reminded_on = None
    task.updated_at = now()
    task.save()
    changes: dict[str, list[object]] = {}
    if stored["state"] != task.state:
        changes["state"] = [stored["state"], task.state]
    if action is TaskAction.REPORT:
        changes["percent"] = [stored["own_progress"] // 100, task.own_progress // 100]
    return changes


def _begin_above(actor: Actor, task: Task) -> None:
    """What lies above has begun as soon as something below it has."""
    above = list(
        Task.objects.filter(
            plan_id=task.plan_id, path__in=ancestors_of(task.path), state=TaskState.NOT_STARTED
        )
    )
    pair = [TaskState.NOT_STARTED.value, TaskState.UNDER_WAY.value]
    steps = [common.step(actor, one, TaskAction.START.value, changes={"state": pair}) for one in above]
    for one in above:
        one.state, one.started_on, one.updated_at = TaskState.UNDER_WAY.value, today(), now()
    if above:
        Task.objects.bulk_update(above, ["state", "started_on", "updated_at"])
        TaskStep.objects.bulk_create(steps)


def _cancel_below(actor: Actor, task: Task, reason: str) -> list[str]:
    below = list(
        Task.objects.filter(plan_id=task.plan_id, path__startswith=task.path, state__in=OPEN_STATES)
        .exclude(pk=task.pk)
        .select_related("region")
    )
    steps = []
    for one in below:
        steps.append(
            common.step(
                actor, one, TaskAction.CANCEL.value, text=reason, changes={"state": [one.state, "cancelled"]}
            )
        )
        one.state, one.state_reason, one.updated_at = TaskState.CANCELLED.value, reason, now()
    Task.objects.bulk_update(below, ["state", "state_reason", "updated_at"], batch_size=500)
    TaskStep.objects.bulk_create(steps, batch_size=500)
    return [one.path for one in below]


def _keep(actor: Actor, task_id: int, files: Sequence[Upload]) -> list[StoredFile]:
    """Keep the files before the transaction; refuse too many. Nobody's for whom the task does not exist."""
    if not files:
        return []
    task = Task.objects.filter(visible_tasks(actor), pk=task_id).select_related("region").first()
    if task is None:
        raise NotFound(task_id, "task")
    if Evidence.objects.filter(task=task).count() + len(files) > MOST_FILES:
        raise refuse("plans.too_many_files", column="files", most=MOST_FILES)
    return [
        receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=task.region_id)
        for name, blocks in files
    ]


def _tell(
    actor: Actor,
    task: Task,
    action: str,
    text: str,
    changes: dict[str, list[object]],
    stored: Sequence[StoredFile],
    deliverable_id: int | None,
) -> None:
    line = common.step(actor, task, action, text=text, changes=changes)
    line.save()
    deliverable = None
    if deliverable_id is not None:
        deliverable = Deliverable.objects.filter(pk=deliverable_id, task=task).first()
        if deliverable is not None and stored and deliverable.delivered_on is None:
            deliverable.delivered_on = today()
            deliverable.save(update_fields=["delivered_on"])
    Evidence.objects.bulk_create(
        Evidence(task=task, step=line, deliverable=deliverable, file=one) for one in stored
    )


@transaction.atomic
def hand_over(actor: Actor, task_ids: Sequence[int], person_id: int, reason: str) -> list[Task]:
    """Put open tasks into another person's hands, all or none, with the reason.

    For whoever manages the places of the tasks. Returns those whose person changed. Raises NotFound,
    PermissionDenied, Conflict for a closed task, InvalidInput.
    """
    reason = common.clean_reason(reason)
    common.check_people(None, person_id)
    rows = list(
        Task.objects.filter(visible_tasks(actor), pk__in=task_ids).select_related(
            "plan", "parent", "region__tree"
        )
    )
    missing = set(task_ids) - {task.pk for task in rows}
    if missing:
        raise NotFound(min(missing), "task")
    allowed: dict[tuple[int, int], bool] = {}
    for task in rows:
        giver = task.parent.region_id if task.parent is not None else task.plan.region_id
        if (task.region_id, giver) not in allowed:
            allowed[task.region_id, giver] = splits(actor, task)
        if not allowed[task.region_id, giver]:
            raise PermissionDenied(Permission.PLANS_MANAGE)
        common.must_be_open(task)
    changed = [task for task in rows if task.person_id != person_id]
    steps, at = [], now()
    for task in changed:
        pair = [task.person_id, person_id]
        steps.append(common.step(actor, task, "hand_over", text=reason, changes={"person": pair}))
        task.person_id, task.updated_at = person_id, at
    Task.objects.bulk_update(changed, ["person", "updated_at"], batch_size=500)
    TaskStep.objects.bulk_create(steps, batch_size=500)
    if changed:
        record(
            actor,
            "plans.tasks_handed_over",
            target_type="tasks",
            target_id=len(changed),
            region_id=changed[0].region_id,
            after={"person": person_id, "tasks": sorted(task.pk for task in changed)},
            reason=reason,
        )
        notices.given(actor, changed)
    return changed


def hand_over_all(actor: Actor, region_id: int, person_id: int, to_id: int, reason: str) -> list[Task]:
    """All open tasks of a person in a place and below it that the actor may hand over, to somebody else."""
    region = Region.objects.filter(pk=region_id).first()
    if region is None or not actor.can(Permission.PLANS_MANAGE, region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    found = Task.objects.filter(
        visible_tasks(actor),
        inside([Span.of(region)], "region__"),
        person_id=person_id,
        state__in=OPEN_STATES,
    )
    return hand_over(actor, list(found.values_list("pk", flat=True)), to_id, reason)
