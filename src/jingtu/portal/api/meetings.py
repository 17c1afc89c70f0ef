"""Meetings, to be read: agenda, who came, what was decided and what became of it. Minutes are confirmed on the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.clock import today
from jingtu.governance.duties.meetings import queries
from jingtu.governance.duties.meetings.decided import DecisionRow, decision_rows, last_decisions
from jingtu.governance.duties.meetings.models import Meeting
from jingtu.governance.duties.meetings.queries import MeetingFilter

from . import paging
from .regions import place_of
from .schemas import EvidenceOut, Id, Place, UnitOut, evidence_of, name_of, number, unit_of

router = Router(tags=["meetings"])
States = Literal["", "planned", "invited", "held", "minuted", "confirmed", "cancelled"]


class MeetingOut(Schema):
    """A meeting. `series` and `period`: of which rhythm it is; `planned_on`: the day the rhythm names."""

    id: int
    series: int | None
    period: str
    region: Place
    title: str
    planned_on: dt.date
    held_on: dt.date
    at: Annotated[str, Field(description="When it begins, 09:00.")]
    minutes: int
    place: str
    chair: str | None
    state: str


class MeetingRow(MeetingOut):
    """A meeting with the number of its items and decisions."""

    items: int
    decisions: int


class MeetingPage(Schema):
    """A page of meetings, the newest first."""

    items: list[MeetingRow]
    next: str | None


class AgendaItemOut(Schema):
    """An item. `kind` and `key` name what it came from; `record` is what the minutes say of it."""

    position: int
    kind: str
    key: str
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str
    presenter: str
    minutes: int
    added_late: bool
    record: str
    papers: list[EvidenceOut]


class AttendeeOut(Schema):
    """Somebody asked to the meeting, whether they came, and who stood in."""

    name: str
    role: str
    presence: str
    substitute: str


class DecisionOut(Schema):
    """A decision: who does what by when, and what became of it by today (by the meeting's day, of earlier ones)."""

    meeting: int
    number: int
    text: str
    region: Place
    unit: UnitOut | None
    person: str | None
    due: dt.date
    outcome: Literal["open", "late", "done", "done_late", "cancelled"]
    percent: str
    finished_on: dt.date | None


class MeetingStepOut(Schema):
    """One line of the history."""

    at: dt.datetime
    act: str
    person: str | None
    reason: str
    told: str


class MeetingDetail(MeetingOut):
    """A meeting with its agenda, people, decisions and those of the meetings before it, and what the caller may do
    with it now (on the pages)."""

    agenda: list[AgendaItemOut]
    attendees: list[AttendeeOut]
    decisions: list[DecisionOut]
    earlier: list[DecisionOut]
    history: list[MeetingStepOut]
    actions: list[str]


@router.get("/meetings", response=MeetingPage, summary="会议列表")
def list_meetings(
    request: HttpRequest,
    state: States = "",
    series: Id | None = None,
    mine: bool = False,
    first: dt.date | None = None,
    last: dt.date | None = None,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> MeetingPage:
    """Meetings the caller may know of, the newest first; held from `first` to `last`, both inclusive."""
    wanted = MeetingFilter(state=state, series=series, mine=mine, first=first, last=last)
    rows = queries.meetings(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return MeetingPage(
        items=[
            MeetingRow(
                **_meeting(one),
                items=getattr(one, "item_count", 0),
                decisions=getattr(one, "decision_count", 0),
            )
            for one in found
        ],
        next=following,
    )


@router.get("/meetings/{int:meeting_id}", response=MeetingDetail, summary="一次会议")
def get_meeting(request: HttpRequest, meeting_id: Id) -> MeetingDetail:
    """One meeting with its decisions; the task of a decision is found by the origin `decision:…`."""
    actor = actor_of(request)
    page = queries.meeting_page(actor, meeting_id)
    return MeetingDetail(
        **_meeting(page.meeting),
        agenda=[
            AgendaItemOut(
                position=one.position,
                kind=one.kind,
                key=one.key,
                title_zh=one.title_zh,
                title_en=one.title_en,
                detail_zh=one.detail_zh,
                detail_en=one.detail_en,
                presenter=one.presenter_label,
                minutes=one.minutes,
                added_late=one.added_late,
                record=one.record,
                papers=[evidence_of(paper.file) for paper in one.papers.all()],
            )
            for one in page.items
        ],
        attendees=[
            AttendeeOut(
                name=row.attendee.label,
                role=row.attendee.role,
                presence=row.attendee.presence,
                substitute=row.attendee.substitute_label,
            )
            for row in page.attendees
        ],
        decisions=[_decision(row) for row in decision_rows(actor, page.decisions, today())],
        earlier=[_decision(row) for row in last_decisions(actor, page.meeting)],
        history=[
            MeetingStepOut(
                at=row.step.at,
                act=row.step.act,
                person=name_of(row.step.person),
                reason=row.step.reason,
                told=row.told,
            )
            for row in page.history
        ],
        actions=[act.value for act in page.acts],
    )


def _meeting(one: Meeting) -> dict[str, Any]:
    return {
        "id": one.pk,
        "series": one.series_id,
        "period": one.period,
        "region": place_of(one.region),
        "title": one.title,
        "planned_on": one.planned_on,
        "held_on": one.held_on,
        "at": f"{one.at:%H:%M}",
        "minutes": one.minutes,
        "place": one.place,
        "chair": name_of(one.chair),
        "state": one.state,
    }


def _decision(row: DecisionRow) -> DecisionOut:
    one = row.decision
    return DecisionOut(
        meeting=one.meeting_id,
        number=one.number,
        text=one.text,
        region=place_of(one.region),
        unit=unit_of(one.unit),
        person=name_of(one.person),
        due=one.due,
        outcome=row.outcome.value,
        percent=number(row.percent) or "0",
        finished_on=row.finished,
    )
