"""Plans and tasks: the same services as the pages, the same refusals. Evidence files are sent on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import refuse
from jingtu.governance.duties.plans import queries, services
from jingtu.governance.duties.plans.models import Plan, Task
from jingtu.governance.duties.plans.queries import Row, TaskFilter
from jingtu.governance.duties.plans.queries.history import StepRow
from jingtu.governance.duties.plans.rules import TaskAction

from . import paging
from .errors import named_here
from .regions import place_of
from .schemas import Body, Code, EvidenceOut, Id, Place, UnitOut, evidence_of, name_of, number, unit_of

router = Router(tags=["tasks"])
Kind = Literal["", "plan", "meeting", "listing", "supervision", "letter"]
States = Literal[
    "", "open", "late", "not_started", "under_way", "submitted", "returned", "paused", "done", "cancelled"
]
Deeds = Literal["start", "report", "submit", "accept", "return", "pause", "resume", "cancel", "restore"]
Words = Annotated[str, Field(max_length=100)]
Title = Annotated[str, Field(max_length=300)]
Spoken = Annotated[str, Field(max_length=4000, description="What was done, or why; kept in the history.")]
Percent = Annotated[str, Field(description="Progress, 0 to 100.")]


class PlanOut(Schema):
    """A plan with the sums of its tasks; `kind` says what it was made for, `origin` what it came from."""

    id: int
    region: Place
    title: str
    kind: str
    starts: dt.date
    ends: dt.date
    document: str
    origin: str
    percent: Percent
    tasks: int
    tasks_done: int
    next_due: dt.date | None
    cancelled_at: dt.datetime | None
    cancel_reason: str


class PlanPage(Schema):
    """A page of plans, the newest first."""

    items: list[PlanOut]
    next: str | None


class NewPlan(Body):
    """A new, empty plan of a place."""

    region: Id
    title: Annotated[str, Field(max_length=200)]
    starts: dt.date
    ends: dt.date
    document: Annotated[str, Field(max_length=96)] = ""


class TaskOut(Schema):
    """A task. `number` is its place in the plan; `percent` what it counts above, the mean of the tasks below it
    where it has some; `days_late` is 0 while it is not."""

    id: int
    plan: int
    number: str
    parent: int | None
    title: str
    strand: str
    region: Place
    unit: UnitOut | None
    leader: str | None
    person: str | None
    starts: dt.date | None
    due: dt.date
    done_on: dt.date | None
    weight: int
    state: str
    days_late: int
    percent: Percent
    tasks: int
    tasks_done: int
    origin: str


class TaskPage(Schema):
    """A page of tasks, the newest first."""

    items: list[TaskOut]
    next: str | None


class MilestoneOut(Schema):
    """A stretch of the route."""

    title: str
    due: dt.date
    reached_on: dt.date | None


class DeliverableOut(Schema):
    """What the task has to produce, with its evidence."""

    title: str
    delivered_on: dt.date | None
    evidence: list[EvidenceOut]


class TaskFigureOut(Schema):
    """An indicator beside the task: the latest published value; `measures` when progress is read off it."""

    indicator: str
    measures: bool
    value: str | None
    period: str


class TaskChangeOut(Schema):
    """One field that a step changed, before and after, in words."""

    field: str
    before: str
    after: str


class TaskStepOut(Schema):
    """One line of the history; nobody: the machine."""

    at: dt.datetime
    action: str
    person: str | None
    text: str
    changes: list[TaskChangeOut]
    evidence: list[EvidenceOut]


class AboveOut(Schema):
    """A task above; `id` only where the caller may read it."""

    id: int | None
    number: str
    title: str


class TaskDetail(TaskOut):
    """A task with what hangs on it, its history (the newest first) and what the caller may do with it now."""

    requirement: str
    state_reason: str
    measure: str
    supporting: list[str]
    above: list[AboveOut]
    below: list[TaskOut]
    hidden_below: int
    milestones: list[MilestoneOut]
    deliverables: list[DeliverableOut]
    waits_for: list[int]
    figures: list[TaskFigureOut]
    history: list[TaskStepOut]
    actions: list[str]


class NewTask(Body):
    """A task at the top of the plan, or below `parent`; without `region` it falls to the place of the one above.
    `unit`, `leader` and `person` are ids."""

    title: Title
    due: dt.date
    parent: Id | None = None
    region: Id | None = None
    unit: Id | None = None
    leader: Id | None = None
    person: Id | None = None
    starts: dt.date | None = None
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    strand: Annotated[str, Field(max_length=64)] = ""
    requirement: Annotated[str, Field(max_length=4000)] = ""


class TaskDeed(Body):
    """`text` says what was done, or why (required to report, submit, return, pause, cancel and restore);
    `percent` to report; `done_on` to accept, when the work was complete before it was entered."""

    text: Spoken = ""
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    done_on: dt.date | None = None


@router.get("/plans", response=PlanPage, summary="计划列表")
def list_plans(
    request: HttpRequest,
    kind: Kind = "",
    text: Words = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> PlanPage:
    """Plans of the caller's own places, and those with a task the caller may read, the newest first."""
    rows = queries.plans(actor_of(request), kind, text)
    found, following = paging.newest_first(rows, limit, cursor, kind=kind, text=text)
    return PlanPage(items=[_plan(plan) for plan in found], next=following)


@router.post("/plans", response={201: PlanOut}, summary="建立计划")
def create_plan(request: HttpRequest, new: NewPlan) -> Status[PlanOut]:
    """A new, empty plan; tasks are added to it."""
    actor = actor_of(request)
    made = services.create_plan(
        actor, new.region, new.title, starts=new.starts, ends=new.ends, document=new.document
    )
    return Status(201, _plan(queries.get_plan(actor, made.pk)))


@router.get("/plans/{int:plan_id}", response=PlanOut, summary="一个计划")
def get_plan(request: HttpRequest, plan_id: Id) -> PlanOut:
    """One plan with the sums of its tasks."""
    return _plan(queries.get_plan(actor_of(request), plan_id))


@router.post("/plans/{int:plan_id}/tasks", response={201: TaskDetail}, summary="下达任务")
def add_task(request: HttpRequest, plan_id: Id, new: NewTask) -> Status[TaskDetail]:
    """Give a task; whoever is named in it is told."""
    made = services.add_task(
        actor_of(request),
        plan_id,
        new.title,
        parent_id=new.parent,
        region_id=new.region,
        unit_id=new.unit,
        leader_id=new.leader,
        person_id=new.person,
        starts=new.starts,
        due=new.due,
        weight=new.weight,
        strand=new.strand,
        requirement=new.requirement,
    )
    return Status(201, _detail(request, made.pk))


@router.get("/tasks", response=TaskPage, summary="任务列表")
def list_tasks(
    request: HttpRequest,
    plan: Id | None = None,
    state: States = "",
    region: Id | None = None,
    unit: Id | None = None,
    person: Id | None = None,
    strand: Annotated[str, Field(max_length=64)] = "",
    text: Words = "",
    due_from: dt.date | None = None,
    due_to: dt.date | None = None,
    origin: Code = "",
    top: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> TaskPage:
    """Tasks the caller may read, the newest first. `region` counts with everything below it, `unit` leading or
    supporting, `person` as responsible or as leader; `top`: only those directly below a plan."""
    wanted = TaskFilter(
        plan=plan, text=text, state=state, strand=strand, region=region, unit=unit, person=person,
        due_from=due_from, due_to=due_to, origin=origin, top=top,
    )  # fmt: skip
    rows = queries.tasks(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return TaskPage(items=_tasks(queries.rows_of(found)), next=following)


@router.get("/tasks/{int:task_id}", response=TaskDetail, summary="一项任务")
def get_task(request: HttpRequest, task_id: Id) -> TaskDetail:
    """One task with its route, what it waits for, the figures beside it and its whole history."""
    return _detail(request, task_id)


@router.post("/tasks/{int:task_id}/{act}", response=TaskDetail, summary="办理任务")
def act_on_task(request: HttpRequest, task_id: Id, act: Deeds, deed: TaskDeed) -> TaskDetail:
    """Start, report progress, hand in, accept, return, pause, resume, cancel or restore a task."""
    actor = actor_of(request)
    with named_here(reason="text"):
        _act(actor, task_id, TaskAction(act), deed)
    return _detail(request, task_id)


def _act(actor: Actor, task_id: int, act: TaskAction, deed: TaskDeed) -> None:
    match act:
        case TaskAction.START:
            services.start(actor, task_id, deed.text)
        case TaskAction.REPORT:
            queries.get_task(actor, task_id)
            if deed.percent is None:
                raise refuse("api.field_missing", column="percent", field="percent")
            services.report(actor, task_id, deed.percent, deed.text)
        case TaskAction.SUBMIT:
            services.submit(actor, task_id, deed.text)
        case TaskAction.ACCEPT:
            services.accept(actor, task_id, deed.text, deed.done_on)
        case TaskAction.RETURN:
            services.send_back(actor, task_id, deed.text)
        case TaskAction.PAUSE:
            services.pause(actor, task_id, deed.text)
        case TaskAction.RESUME:
            services.resume(actor, task_id, deed.text)
        case TaskAction.CANCEL:
            services.cancel(actor, task_id, deed.text)
        case TaskAction.RESTORE:
            services.restore(actor, task_id, deed.text)


def _plan(plan: Plan) -> PlanOut:
    return PlanOut(
        id=plan.pk,
        region=place_of(plan.region),
        title=plan.title,
        kind=plan.kind,
        starts=plan.starts,
        ends=plan.ends,
        document=plan.document,
        origin=plan.origin,
        percent=number(plan.percent) or "0",
        tasks=plan.leaves,
        tasks_done=plan.leaves_done,
        next_due=plan.next_due,
        cancelled_at=plan.cancelled_at,
        cancel_reason=plan.cancel_reason,
    )


def _tasks(rows: Sequence[Row]) -> list[TaskOut]:
    return [TaskOut(**_task(row.task, row.days_late)) for row in rows]


def _task(task: Task, days_late: int) -> dict[str, Any]:
    return {
        "id": task.pk,
        "plan": task.plan_id,
        "number": task.number,
        "parent": task.parent_id,
        "title": task.title,
        "strand": task.strand,
        "region": place_of(task.region),
        "unit": unit_of(task.unit),
        "leader": name_of(task.leader),
        "person": name_of(task.person),
        "starts": task.starts,
        "due": task.due,
        "done_on": task.done_on,
        "weight": task.weight,
        "state": task.state,
        "days_late": days_late,
        "percent": number(task.percent),
        "tasks": task.leaves,
        "tasks_done": task.leaves_done,
        "origin": task.origin,
    }


def _detail(request: HttpRequest, task_id: int) -> TaskDetail:
    actor = actor_of(request)
    page = queries.task_page(actor, task_id)
    task, near = page.row.task, queries.beside(actor, page.row.task)
    return TaskDetail(
        **_task(task, page.row.days_late),
        requirement=task.requirement,
        state_reason=task.state_reason,
        measure=task.measure,
        supporting=list(near.supporting),
        above=[AboveOut(id=one.pk, number=one.number, title=one.title) for one in page.above],
        below=_tasks(page.children),
        hidden_below=page.hidden_children,
        milestones=[
            MilestoneOut(
                title=one.milestone.title, due=one.milestone.due, reached_on=one.milestone.reached_on
            )
            for one in near.route
        ],
        deliverables=[
            DeliverableOut(
                title=one.title,
                delivered_on=one.delivered_on,
                evidence=[evidence_of(piece.file) for piece in one.files.all()],
            )
            for one in near.deliverables
        ],
        waits_for=[row.task.pk for row in near.waits_for],
        figures=[
            TaskFigureOut(
                indicator=one.link.indicator,
                measures=one.link.measures,
                value=number(one.latest),
                period=one.period,
            )
            for one in near.figures
        ],
        history=[_step(row) for row in page.history],
        actions=sorted(action.value for action in page.actions),
    )


def _step(row: StepRow) -> TaskStepOut:
    names = list(row.step.changes)
    return TaskStepOut(
        at=row.step.at,
        action=row.step.action,
        person=name_of(row.step.person),
        text=row.step.text,
        changes=[
            TaskChangeOut(field=name, before=change.before, after=change.after)
            for name, change in zip(names, row.changes, strict=True)
        ],
        evidence=[evidence_of(stored) for stored in row.files],
    )
