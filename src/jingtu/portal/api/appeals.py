"""Appeals: the same services as the pages, the same refusals. Evidence files are sent on the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.assessment.appeals import queries, services
from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.appeals.queries import AppealFilter
from jingtu.assessment.appeals.rules import AppealState
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.access import actor_of

from . import paging
from .regions import place_of
from .runs import Note, Why
from .schemas import Body, Code, Id, Place

router = Router(tags=["appeals"])
State = Literal["", "open", "filed", "accepted", "upheld", "partly", "rejected", "dismissed", "withdrawn"]
Key = Annotated[str, Field(max_length=255)]


class AppealOut(Schema):
    """One disputed number. `key` names it within the derivation of `indicator`. `run_state` is the state of the run
    the number stands in: where it is `superseded` or `withdrawn`, that run holds no longer, however the appeal
    ended."""

    id: int
    run: int
    run_state: RunState
    region: Place
    indicator: str
    kind: str
    key: str
    label: str
    label_en: str
    state: str
    due: dt.date | None
    filed_by: str
    filed_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


class CorrectionOut(Schema):
    """A figure that the decision changed; values are withheld from those who may not see them."""

    label: str
    label_en: str
    old: str | None
    new: str | None
    batch: int


class AppealDetail(AppealOut):
    """An appeal with its ground, what was corrected, and what the caller may do now."""

    text: str
    shown: str | None
    claimed: str | None
    corrections: list[CorrectionOut]
    actions: list[str]


class AppealPage(Schema):
    """A page of appeals, the newest first."""

    items: list[AppealOut]
    next: str | None


class NumberOut(Schema):
    """A number that may be disputed; `value` is withheld where it counts few persons."""

    key: str
    kind: str
    label: str
    label_en: str
    value: str | None


class Numbers(Schema):
    """The numbers behind an indicator of an own place."""

    items: list[NumberOut]


class NewAppeal(Body):
    """What is disputed, why, and what it should be."""

    run: Id
    region: Id
    indicator: Code
    key: Key
    text: Annotated[str, Field(max_length=4000)]
    claimed: Annotated[str, Field(max_length=64)] = ""


class NewValue(Body):
    """A new value for one of the figures behind the number."""

    key: Key
    value: Annotated[str, Field(max_length=40)]


class Decision(Body):
    """The outcome with its reasons; an appeal that is upheld, even partly, corrects something."""

    outcome: Literal["upheld", "partly", "rejected"]
    reason: Annotated[str, Field(max_length=4000)]
    corrections: list[NewValue] = Field(default_factory=list, max_length=50)


@router.get("/appeals", response=AppealPage, summary="申诉列表")
def list_appeals(
    request: HttpRequest,
    state: State = "",
    run: Id | None = None,
    region: Id | None = None,
    overdue: bool = False,
    mine: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> AppealPage:
    """Appeals that the caller may know of, the newest first."""
    wanted = AppealFilter(state, run, region, overdue, mine)
    found, following = paging.newest_first(
        queries.appeals(actor_of(request), wanted), limit, cursor, wanted=wanted
    )
    return AppealPage(items=[_out(appeal) for appeal in found], next=following)


@router.get(
    "/runs/{int:run_id}/disputable/{int:region_id}/{indicator}",
    response=Numbers,
    summary="可申诉的数",
)
def list_disputable(request: HttpRequest, run_id: Id, region_id: Id, indicator: Code) -> Numbers:
    """The numbers behind an indicator of one's own region, while the run is open to appeal."""
    found = queries.disputable(actor_of(request), run_id, region_id, indicator)
    return Numbers(
        items=[
            NumberOut(key=one.key, kind=one.kind.value, label=one.zh, label_en=one.en, value=one.value)
            for one in found.numbers
        ]
    )


@router.post("/appeals", response={201: AppealDetail}, summary="提出申诉")
def file_appeal(request: HttpRequest, new: NewAppeal) -> Status[AppealDetail]:
    """Dispute one number of one's own region."""
    appeal = services.file_appeal(
        actor_of(request), new.run, new.region, new.indicator, new.key, text=new.text, claimed=new.claimed
    )
    return Status(201, _detail(request, appeal.pk))


@router.get("/appeals/{int:appeal_id}", response=AppealDetail, summary="一件申诉")
def get_appeal(request: HttpRequest, appeal_id: Id) -> AppealDetail:
    """One appeal."""
    return _detail(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/accept", response=AppealDetail, summary="受理申诉")
def accept_appeal(request: HttpRequest, appeal_id: Id, note: Note) -> AppealDetail:
    """Take an appeal up for examination."""
    services.accept(actor_of(request), appeal_id, note.note)
    return _detail(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/dismiss", response=AppealDetail, summary="不予受理")
def dismiss_appeal(request: HttpRequest, appeal_id: Id, why: Why) -> AppealDetail:
    """Do not take an appeal up, with the reason."""
    services.dismiss(actor_of(request), appeal_id, why.reason)
    return _detail(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/decide", response=AppealDetail, summary="裁定申诉")
def decide_appeal(request: HttpRequest, appeal_id: Id, decision: Decision) -> AppealDetail:
    """Decide with reasons. The filer and whoever entered the number are refused."""
    corrections = {one.key: one.value for one in decision.corrections}
    services.decide(actor_of(request), appeal_id, AppealState(decision.outcome), decision.reason, corrections)
    return _detail(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/withdraw", response=AppealDetail, summary="撤回申诉")
def withdraw_appeal(request: HttpRequest, appeal_id: Id, why: Why) -> AppealDetail:
    """Take an open appeal back."""
    services.withdraw(actor_of(request), appeal_id, why.reason)
    return _detail(request, appeal_id)


def _out(appeal: Appeal) -> AppealOut:
    return AppealOut(
        id=appeal.pk,
        run=appeal.run_id,
        run_state=RunState(appeal.run.state),
        region=place_of(appeal.region),
        indicator=appeal.indicator,
        kind=appeal.kind,
        key=appeal.key,
        label=appeal.label,
        label_en=appeal.label_en,
        state=appeal.state,
        due=appeal.due,
        filed_by=appeal.filed_by.full_name,
        filed_at=appeal.filed_at,
        decided_by=appeal.decided_by.full_name if appeal.decided_by else None,
        decided_at=appeal.decided_at,
        decision=appeal.decision,
    )


def _detail(request: HttpRequest, appeal_id: int) -> AppealDetail:
    page = queries.appeal_page(actor_of(request), appeal_id)
    exact, appeal = page.exact, page.appeal
    return AppealDetail(
        **_out(appeal).dict(),
        text=appeal.text,
        shown=appeal.shown if exact else None,
        claimed=appeal.claimed if exact else None,
        corrections=[
            CorrectionOut(
                label=one.label,
                label_en=one.label_en,
                old=one.old if exact else None,
                new=one.new if exact else None,
                batch=one.batch.sequence,
            )
            for one in page.corrections
        ],
        actions=[action.value for action in page.actions],
    )
