"""The route of a task: milestones, deliverables, what it waits for, the documents it stands on, its indicators."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.db import transaction

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.documents.queries import get_document
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse

from ..measuring import measured_now
from ..models import Deliverable, Dependency, Milestone, Task, TaskCitation, TaskIndicator
from ..rules import Measure, cycle_through, day_problem, reached_day_problem
from ..sums import number_of
from ..visibility import holds, splits, visible_tasks
from . import common
from .rollup import roll_up


@transaction.atomic
def add_milestone(actor: Actor, task_id: int, title: str, due: dt.date) -> Milestone:
    """One more stretch of the route. Raises NotFound, PermissionDenied, Conflict, InvalidInput."""
    task = _laid_out(actor, task_id)
    problem = day_problem(due)
    if problem is not None:
        raise InvalidInput([problem])
    made = Milestone.objects.create(task=task, title=common.clean_title(title, most=200), due=due)
    _tell(actor, task, {"milestone": [None, f"{made.title} {due.isoformat()}"]})
    return made


@transaction.atomic
def reach_milestone(actor: Actor, milestone_id: int, note: str = "", on: dt.date | None = None) -> Milestone:
    """Say that a milestone was reached, on a day between the start of its task and today. For whoever reports on it.

    The day on which that is written down is kept beside it.
    """
    made = (
        Milestone.objects.filter(pk=milestone_id)
        .filter(task__in=Task.objects.filter(visible_tasks(actor)).order_by())
        .first()
    )
    if made is None:
        raise NotFound(milestone_id)
    task = common.task_to_change(actor, made.task_id)
    if not (holds(actor, task) or splits(actor, task)):
        raise PermissionDenied(Permission.TASKS_REPORT)
    common.must_be_open(task)
    day = on or today()
    problem = reached_day_problem(day, task.starts or task.plan.starts, today())
    if problem is not None:
        raise InvalidInput([problem])
    if made.reached_on is not None:
        raise Conflict(Problem("plans.reached_already"))
    made.reached_on, made.recorded_on = day, today()
    made.note = common.clean(note, "note", 300)
    made.save(update_fields=["reached_on", "recorded_on", "note"])
    _tell(actor, task, {"milestone": [f"{made.title} {made.due}", f"{made.title} ✓ {day}"]}, note)
    return made


@transaction.atomic
def add_deliverable(actor: Actor, task_id: int, title: str) -> Deliverable:
    """One more thing the task has to produce."""
    task = _laid_out(actor, task_id)
    made = Deliverable.objects.create(task=task, title=common.clean_title(title, most=200))
    _tell(actor, task, {"deliverable": [None, made.title]})
    return made


@transaction.atomic
def add_dependency(actor: Actor, task_id: int, needed_id: int) -> Dependency:
    """From now on the task waits for another of its plan. InvalidInput names the circle that would close."""
    task = _laid_out(actor, task_id)
    needed = Task.objects.filter(visible_tasks(actor), pk=needed_id).first()
    if needed is None:
        raise NotFound(needed_id, "task")
    if needed.plan_id != task.plan_id:
        raise refuse("plans.other_plan", column="needed")
    if needed.path.startswith(task.path) or task.path.startswith(needed.path):
        raise refuse("plans.depends_on_kin", column="needed")
    needs: dict[int, list[int]] = defaultdict(list)
    edges = Dependency.objects.filter(task__plan_id=task.plan_id)
    for waiting, waited in edges.values_list("task_id", "needed_id"):
        needs[waiting].append(waited)
    chain = cycle_through(needs, task.pk, needed.pk)
    if chain:
        paths = dict(Task.objects.filter(pk__in=chain).values_list("pk", "path"))
        shown = " → ".join(number_of(paths[pk]) for pk in [task.pk, *chain])
        raise refuse("plans.cycle", column="needed", chain=shown)
    made, new = Dependency.objects.get_or_create(task=task, needed=needed)
    if not new:
        raise Conflict(Problem("plans.nothing_changed"))
    _tell(actor, task, {"needs": [None, needed.number]})
    return made


@transaction.atomic
def drop_dependency(actor: Actor, task_id: int, needed_id: int) -> None:
    """The task no longer waits for that one."""
    task = _laid_out(actor, task_id)
    found = Dependency.objects.filter(task=task, needed_id=needed_id).select_related("needed").first()
    if found is None:
        raise NotFound(needed_id, "task")
    _tell(actor, task, {"needs": [found.needed.number, None]})
    found.delete()


@transaction.atomic
def cite(actor: Actor, task_id: int, code: str, article: str = "") -> TaskCitation:
    """Say on which document the task stands, and where in it."""
    task = _laid_out(actor, task_id)
    document = get_document(actor, code)
    made, new = TaskCitation.objects.get_or_create(
        task=task, document=document, article=common.clean(article, "article", 64)
    )
    if not new:
        raise Conflict(Problem("plans.nothing_changed"))
    _tell(actor, task, {"document": [None, f"{code} {made.article}".strip()]})
    return made


@transaction.atomic
def link_indicator(
    actor: Actor,
    task_id: int,
    code: str,
    *,
    start: Decimal | None = None,
    target: Decimal | None = None,
) -> TaskIndicator:
    """Put an indicator beside the task; with ``start`` and ``target`` its published value is the progress.

    A link there is already is changed. For whoever gave the task. Raises InvalidInput for an unknown code.
    """
    task = common.task_to_change(actor, task_id)
    common.must_give(actor, task)
    common.must_be_open(task)
    if code not in current_catalogue(actor).indicators:
        raise refuse("plans.unknown_indicator", column="indicator", code=code)
    if (start is None) != (target is None):
        raise InvalidInput([Problem("plans.both_ends", column="target")])
    measures = start is not None
    if measures:
        task.indicators.exclude(indicator=code).update(measures=False)
    made, _ = TaskIndicator.objects.update_or_create(
        task=task, indicator=code, defaults={"measures": measures, "start": start, "target": target}
    )
    still = task.indicators.filter(measures=True).exists()
    task.measure = (Measure.MEASURED if still else Measure.CLAIMED).value
    if measures:
        known = measured_now([made])
        task.own_progress = known.get(made.pk, 0)
    task.save(update_fields=["measure", "own_progress"])
    _tell(actor, task, {"indicator": [None, f"{code} {start}→{target}" if measures else code]})
    roll_up(task.plan_id, [task.path])
    return made


def _laid_out(actor: Actor, task_id: int) -> Task:
    task = common.task_to_change(actor, task_id)
    common.must_split(actor, task)
    common.must_be_open(task)
    return task


def _tell(actor: Actor, task: Task, changes: dict[str, list[object]], text: str = "") -> None:
    common.step(actor, task, "edit", text=text, changes=changes).save()
    common.audit(actor, "plans.task_changed", task, after={name: pair[1] for name, pair in changes.items()})
