"""Tasks as they are read: many by a filter, one with its surroundings. Nobody sees more than their places' own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from jingtu.core.documents.queries import list_documents
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside

from ..models import Evidence, Plan, Task
from ..registry import origins_named
from ..rules import WORKING, TaskAction, allowed_actions, days_late
from ..sums import ancestors_of, number_of
from ..visibility import gives, holds, splits, visible_plans, visible_tasks
from ..words import MARKS, STATES
from .filters import TaskFilter
from .history import StepRow, history_of
from .past import live_on, maybe_working_on, stood

BESIDE = ("plan", "region__tree", "unit", "person", "leader")
MOST_LATE = 500


def tasks(actor: Actor, wanted: TaskFilter | None = None) -> QuerySet[Task]:
    """The tasks the actor may read, by the filter, with plan, place, unit and people at hand."""
    found = Task.objects.filter(visible_tasks(actor)).select_related(*BESIDE)
    return (wanted or TaskFilter()).apply(found, today())


def late_tasks(actor: Actor, region_id: int, day: dt.date) -> list[Task]:
    """The tasks of a place and everything below it that were late at the end of a day, the longest first.

    Two queries, one more for a day that has passed.
    """
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        return []
    found = Task.objects.filter(
        visible_tasks(actor),
        inside([Span.of(region)], "region__"),
        live_on(day),
        maybe_working_on(day),
        due__lt=day,
    )
    rows = list(found.select_related(*BESIDE).order_by("due", "plan_id", "path")[:MOST_LATE])
    states = stood(rows, day)
    return [task for task in rows if states[task.pk] in WORKING]


def tasks_of_origin(actor: Actor, origins: Iterable[str]) -> dict[str, list[Task]]:
    """Origin → its tasks that the actor may read, in their order. One query; every origin asked for has a list."""
    wanted: dict[str, list[Task]] = {origin: [] for origin in origins}
    found = Task.objects.filter(visible_tasks(actor), origin__in=list(wanted)).select_related(*BESIDE)
    for task in found.order_by("plan_id", "path"):
        wanted[task.origin].append(task)
    return wanted


def get_task(actor: Actor, task_id: int) -> Task:
    """One task with what stands beside it. Raises NotFound."""
    task = (
        Task.objects.filter(visible_tasks(actor), pk=task_id)
        .select_related(*BESIDE, "parent", "plan__region__tree", "submitted_by")
        .first()
    )
    if task is None:
        raise NotFound(task_id, "task")
    return task


@dataclass(frozen=True)
class Above:
    """A task above: its title always, its page only for whoever may read it."""

    number: str
    title: str
    pk: int | None


def lineage(actor: Actor, task: Task) -> list[Above]:
    """The tasks above, the top first. One query."""
    paths = ancestors_of(task.path)
    if not paths:
        return []
    rows = Task.objects.filter(plan_id=task.plan_id, path__in=paths).order_by("path")
    readable = set(rows.filter(visible_tasks(actor)).values_list("pk", flat=True))
    return [
        Above(number_of(path), title, pk if pk in readable else None)
        for pk, path, title in rows.values_list("pk", "path", "title")
    ]


OPEN_ALL = "all"


def tree_rows(actor: Actor, plan_id: int, opened: Collection[int] | str) -> QuerySet[Task]:
    """The tasks of a plan as a tree: the top ones the actor may read, and what lies directly below those
    ``opened`` (ids, or OPEN_ALL). In the order of the tree."""
    found = tasks(actor, TaskFilter(plan=plan_id))
    if opened == OPEN_ALL:
        return found
    readable = Task.objects.filter(visible_tasks(actor), plan_id=plan_id).order_by().values("pk")
    top = Q(parent__isnull=True) | ~Q(parent_id__in=readable)
    return found.filter(top | Q(parent_id__in=list(opened)))


@dataclass(frozen=True)
class Row:
    """A task in a list: its state in words, how late it is."""

    task: Task
    word: str
    tone: str
    mark: str
    days_late: int

    @property
    def indent(self) -> int:
        """How far the title is moved in; deep trees do not run off the page."""
        return min(self.task.depth, 5)


def rows_of(found: Iterable[Task], day: dt.date | None = None) -> list[Row]:
    """Tasks as lines of a list."""
    day = day or today()
    return [
        Row(task, str(STATES[task.state]), *MARKS[task.state], days_late(task.state, task.due, day))
        for task in found
    ]


@dataclass(frozen=True)
class TaskPage:
    """Everything the page of a task shows."""

    row: Row
    above: Sequence[Above]
    children: Sequence[Row]
    hidden_children: int
    history: Sequence[StepRow]
    actions: frozenset[TaskAction]
    may_give: bool
    may_split: bool
    may_hold: bool
    origin: tuple[str, str] | None

    def may(self) -> Mapping[str, bool]:
        """The acts open to the reader, by name."""
        return {action.value: action in self.actions for action in TaskAction}


def task_page(actor: Actor, task_id: int) -> TaskPage:
    """A task with its children, history and what the actor may do. Raises NotFound. Constant queries."""
    from ..services.working import facts_of

    task = get_task(actor, task_id)
    readable = list(
        Task.objects.filter(visible_tasks(actor), parent=task).select_related(*BESIDE).order_by("path")
    )
    may_split, may_give = splits(actor, task), gives(actor, task)
    origins = [task.origin] if task.origin else []
    return TaskPage(
        row=rows_of([task])[0],
        above=lineage(actor, task),
        children=rows_of(readable),
        hidden_children=task.child_count - len(readable),
        history=history_of(task, may_split, may_give),
        actions=frozenset(allowed_actions(facts_of(actor, task))),
        may_give=may_give,
        may_split=may_split,
        may_hold=holds(actor, task),
        origin=origins_named(actor, origins).get(task.origin),
    )


# --- plans


def plans(actor: Actor, kind: str = "", text: str = "") -> QuerySet[Plan]:
    """The plans the actor may know of, the newest first."""
    found = Plan.objects.filter(visible_plans(actor)).select_related("region__tree")
    if kind:
        found = found.filter(kind=kind)
    for word in text.split():
        found = found.filter(title__icontains=word)
    return found


def get_plan(actor: Actor, plan_id: int) -> Plan:
    """One plan. Raises NotFound."""
    plan = plans(actor).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(plan_id, "plan")
    return plan


def document_url(actor: Actor, plan: Plan) -> str:
    """Where the document stands that the plan names by code or number; empty without. At most two queries."""
    if not plan.document:
        return ""
    known = list_documents(actor).order_by("-pk")
    found = known.filter(code=plan.document).first() or known.filter(number=plan.document).first()
    return reverse("documents:detail", args=[found.code]) if found is not None else ""


def may_open_evidence(actor: Actor, stored: StoredFile) -> bool:
    """Evidence is for whoever may read its task."""
    return Evidence.objects.filter(
        Q(task__in=Task.objects.filter(visible_tasks(actor)).order_by()), file=stored
    ).exists()


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may read the task that a page's address names. One query."""
    return Task.objects.filter(visible_tasks(actor), pk=kwargs["task_id"]).exists()
