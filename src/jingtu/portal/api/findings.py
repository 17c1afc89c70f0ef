"""Findings across runs: what waits, who sees to it, replies, returns and acceptance."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.assessment.runs import queries, services
from jingtu.assessment.runs.queries import FindingFilter, FindingLine
from jingtu.core.accounts.access import actor_of

from . import paging
from .schemas import Body, Id, Reason

router = Router(tags=["findings"])
State = Literal["", "waiting", "open", "replied", "returned", "answered", "overridden", "gone"]

Kind = Literal[
    "",
    "missing",
    "outlier_history",
    "outlier_peers",
    "sudden_zero",
    "parts",
    "above_whole",
    "both_levels",
    "copied_period",
    "round_numbers",
    "late_edit",
]


class FindingLineOut(Schema):
    """A finding as the caller may read it: `run` is empty for a unit that was asked, which is told no figure of
    the run either. `kept_from`: the version whose answer still stands."""

    id: int
    run: int | None
    period: str
    severity: str
    state: str
    code: str
    place: str
    sentence: str
    owner: str | None
    with_unit: bool
    answer: str
    answered_by: str | None
    kept_from: int | None


class FindingStepOut(Schema):
    """One line of a finding's history."""

    what: str
    text: str
    person: str
    owner: str
    at: dt.datetime


class FindingDetail(FindingLineOut):
    """A finding with its history and what the caller may do now (`acts`)."""

    acts: list[str]
    steps: list[FindingStepOut]


class FindingList(Schema):
    """A page of findings, the newest first."""

    items: list[FindingLineOut]
    next: str | None


class Assignment(Body):
    """Which findings go to whom: `owner` is a user's own id, left out for whoever reports for each place."""

    findings: Annotated[list[Id], Field(min_length=1, max_length=200)]
    owner: Id | None = None
    note: Reason = ""


class Assigned(Schema):
    """How many findings were assigned."""

    count: int


class Words(Body):
    """What is said, or why."""

    reason: Reason = ""


@router.get("/findings", response=FindingList, summary="核查意见列表")
def list_all_findings(
    request: HttpRequest,
    state: State = "waiting",
    severity: Literal["", "error", "warning"] = "",
    kind: Kind = "",
    run: Id | None = None,
    mine: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> FindingList:
    """Findings the caller may know of; by default those nobody has settled, of runs that are still open."""
    actor = actor_of(request)
    wanted = FindingFilter(state, severity, kind, run=run, mine=mine)
    found, following = paging.newest_first(queries.findings(actor, wanted), limit, cursor, wanted=wanted)
    lines = queries.finding_lines(actor, found)
    return FindingList(items=[_out(line) for line in lines], next=following)


@router.post("/findings/assign", response=Assigned, summary="指定核查意见答复人")
def assign_findings(request: HttpRequest, wanted: Assignment) -> Assigned:
    """Say who sees to some findings: all of them or, where one may not be, none."""
    done = services.assign_findings(actor_of(request), wanted.findings, wanted.owner, wanted.note)
    return Assigned(count=len(done))


@router.get("/findings/{int:finding_id}", response=FindingDetail, summary="一条核查意见")
def get_finding(request: HttpRequest, finding_id: Id) -> FindingDetail:
    """One finding with its history."""
    return _detail(request, finding_id)


@router.post("/findings/{int:finding_id}/reply", response=FindingDetail, summary="回复核查意见")
def reply_to_finding(request: HttpRequest, finding_id: Id, words: Words) -> FindingDetail:
    """Say, for the unit that was asked, what is behind a finding."""
    services.reply_to_finding(actor_of(request), finding_id, words.reason)
    return _detail(request, finding_id)


@router.post("/findings/{int:finding_id}/return", response=FindingDetail, summary="退回核查意见答复")
def return_finding(request: HttpRequest, finding_id: Id, words: Words) -> FindingDetail:
    """Send an answer back with the reason."""
    services.return_finding(actor_of(request), finding_id, words.reason)
    return _detail(request, finding_id)


@router.post("/findings/{int:finding_id}/accept", response=FindingDetail, summary="认可核查意见回复")
def accept_finding(request: HttpRequest, finding_id: Id, words: Words) -> FindingDetail:
    """Be content with a unit's reply; somebody else than who gave it."""
    services.accept_finding(actor_of(request), finding_id, words.reason)
    return _detail(request, finding_id)


def _detail(request: HttpRequest, finding_id: int) -> FindingDetail:
    page = queries.finding_page(actor_of(request), finding_id)
    return FindingDetail(
        **_out(page.line).dict(),
        acts=[act.value for act in page.acts],
        steps=[
            FindingStepOut(
                what=str(step.word), text=step.text, person=step.person, owner=step.owner, at=step.at
            )
            for step in page.steps
        ],
    )


def _out(line: FindingLine) -> FindingLineOut:
    one = line.finding
    return FindingLineOut(
        id=one.pk,
        run=one.run_id if line.works else None,
        period=line.run.period,
        severity=one.severity,
        state=one.state,
        code=one.code,
        place=line.place,
        sentence=line.sentence,
        owner=one.owner.full_name if one.owner else None,
        with_unit=one.with_unit,
        answer=one.answer,
        answered_by=one.answered_by.full_name if one.answered_by else None,
        kept_from=one.kept_from.run.version if one.kept_from else None,
    )
