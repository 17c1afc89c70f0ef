"""Supervision: the same services as the pages, the same refusals. Evidence files are sent on the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.confirming import demand
from jingtu.core.kernel.actor import Actor
from jingtu.governance.duties.supervising import queries, services
from jingtu.governance.duties.supervising.models import Supervision
from jingtu.governance.duties.supervising.queries import NoticeFilter
from jingtu.governance.duties.supervising.rules import LONGEST, NoticeAction

from . import paging
from .errors import named_here
from .regions import place_of
from .schemas import Body, Code, EvidenceOut, Id, Place, UnitOut, evidence_of, name_of, unit_of

router = Router(tags=["supervision"])
States = Literal["", "open", "drafted", "issued", "answered", "returned", "accepted", "withdrawn"]
Subjects = Literal["", "task", "indicator", "matter"]
Deeds = Literal["issue", "answer", "accept", "return", "withdraw"]
Words = Annotated[str, Field(max_length=100)]
Spoken = Annotated[str, Field(max_length=LONGEST, description="The answer, the remark or the reason.")]


class NoticeOut(Schema):
    """A notice: the office of `region` asks `place` (there `unit`) for an answer by `due`. `task`, or `run` with
    `indicator`, is what it is about."""

    id: int
    number: str
    region: Place
    place: Place
    unit: UnitOut | None
    subject: str
    task: int | None
    run: int | None
    indicator: str
    title: str
    issuer: str
    state: str
    first_due: dt.date
    due: dt.date
    overdue: bool
    level: int
    issued_at: dt.datetime | None
    first_answered_on: dt.date | None
    answered_on: dt.date | None


class NoticeStepOut(Schema):
    """One line of the history; `state` is where it led."""

    at: dt.datetime
    action: str
    state: str
    person: str | None
    text: str
    evidence: list[EvidenceOut]


class NoticeDetail(NoticeOut):
    """A notice with what it asks, its history and what the caller may do with it now."""

    text: str
    history: list[NoticeStepOut]
    actions: list[str]


class NoticePage(Schema):
    """A page of notices, the newest first."""

    items: list[NoticeOut]
    next: str | None


class NewNotice(Body):
    """What is asked, of whom, by when. About a `task` (then place and unit are the task's unless said otherwise),
    about an `indicator` of a published `run`, or about neither."""

    region: Id
    title: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(max_length=LONGEST)]
    due: dt.date
    issuer: Annotated[str, Field(max_length=64)]
    place: Id | None = None
    unit: Id | None = None
    task: Id | None = None
    run: Id | None = None
    indicator: Code = ""


class NoticeDeed(Body):
    """`text` is required to answer, return and withdraw; `series` is where an issued notice takes its number."""

    text: Spoken = ""
    series: Id | None = None


@router.get("/supervision", response=NoticePage, summary="督办列表")
def list_notices(
    request: HttpRequest,
    state: States = "",
    subject: Subjects = "",
    text: Words = "",
    overdue: bool = False,
    task: Id | None = None,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> NoticePage:
    """Notices the caller may know of, the newest first; drafts only for the office that draws them up."""
    wanted = NoticeFilter(state=state, subject=subject, text=text, overdue=overdue, task=task)
    rows = queries.notices(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return NoticePage(items=[NoticeOut(**_notice(one)) for one in found], next=following)


@router.post("/supervision", response={201: NoticeDetail}, summary="起草督办件")
def draft_notice(request: HttpRequest, new: NewNotice) -> Status[NoticeDetail]:
    """Draw up a notice; it goes out when it is issued."""
    asked = services.Asked(
        title=new.title,
        text=new.text,
        due=new.due,
        issuer=new.issuer,
        place_id=new.place,
        unit_id=new.unit,
        task_id=new.task,
        run_id=new.run,
        indicator=new.indicator,
    )
    made = services.draft(actor_of(request), new.region, asked)
    return Status(201, _detail(request, made.pk))


@router.get("/supervision/{int:notice_id}", response=NoticeDetail, summary="一件督办")
def get_notice(request: HttpRequest, notice_id: Id) -> NoticeDetail:
    """One notice with its history."""
    return _detail(request, notice_id)


@router.post("/supervision/{int:notice_id}/{act}", response=NoticeDetail, summary="办理督办")
def act_on_notice(request: HttpRequest, notice_id: Id, act: Deeds, deed: NoticeDeed) -> NoticeDetail:
    """Issue a notice, answer it for the place or unit asked, accept or return the answer, withdraw the notice. What
    the office decides needs, as on the pages, a sign-in of the last minutes; a token is as good."""
    actor, wanted = actor_of(request), NoticeAction(act)
    if wanted is not NoticeAction.ANSWER:
        queries.get_notice(actor, notice_id)
        demand(request)
    with named_here(reason="text"):
        _act(actor, notice_id, wanted, deed)
    return _detail(request, notice_id)


def _act(actor: Actor, notice_id: int, act: NoticeAction, deed: NoticeDeed) -> None:
    match act:
        case NoticeAction.ISSUE:
            services.issue(actor, notice_id, deed.series)
        case NoticeAction.ANSWER:
            services.answer(actor, notice_id, deed.text)
        case NoticeAction.ACCEPT:
            services.accept(actor, notice_id, deed.text)
        case NoticeAction.RETURN:
            services.return_answer(actor, notice_id, deed.text)
        case NoticeAction.WITHDRAW:
            services.withdraw(actor, notice_id, deed.text)


def _notice(one: Supervision) -> dict[str, Any]:
    return {
        "id": one.pk,
        "number": one.number,
        "region": place_of(one.region),
        "place": place_of(one.place),
        "unit": unit_of(one.unit),
        "subject": one.subject,
        "task": one.task_id,
        "run": one.run_id,
        "indicator": one.indicator,
        "title": one.title,
        "issuer": one.issuer,
        "state": one.state,
        "first_due": one.first_due,
        "due": one.due,
        "overdue": queries.is_overdue(one),
        "level": one.level,
        "issued_at": one.issued_at,
        "first_answered_on": one.first_answered_on,
        "answered_on": one.answered_on,
    }


def _detail(request: HttpRequest, notice_id: int) -> NoticeDetail:
    page = queries.notice_page(actor_of(request), notice_id)
    return NoticeDetail(
        **_notice(page.notice),
        text=page.notice.text,
        history=[
            NoticeStepOut(
                at=row.step.at,
                action=row.step.action,
                state=row.step.to_state,
                person=name_of(row.step.person),
                text=row.step.text,
                evidence=[evidence_of(stored) for stored in row.files],
            )
            for row in page.history
        ],
        actions=[action.value for action in page.actions],
    )
