"""Bonus and deduction entries and vetoes: the same services as the pages, the same refusals."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from jingtu.assessment.adjustments import queries, services
from jingtu.assessment.adjustments.models import Entry, VetoCase
from jingtu.assessment.adjustments.queries import EntryFilter
from jingtu.core.accounts.access import actor_of
from jingtu.core.files.forms import upload_of
from jingtu.core.kernel.errors import refuse
from jingtu.core.regions.queries import get_region
from jingtu.engine.notation import plain_number

from . import paging
from .regions import place_of
from .schemas import Body, Code, EvidenceOut, Id, Place, evidence_of

router = Router(tags=["adjustments"])
Line = Literal["bonus", "deduction"]
EntryStates = Literal["", "proposed", "approved", "refused", "withdrawn"]
VetoStates = Literal["", "proposed", "replied", "applied", "not_applied", "lapsed"]
Said = Annotated[
    str, Field(max_length=2000, description="Kept in the history and the audit trail; no names of persons.")
]
Spoken = Annotated[str, Field(max_length=4000, description="What the place says; no names of persons.")]
Period = Annotated[str, Field(max_length=32, description="2026-10, 2026-Q3 …")]
Count = Annotated[str, Field(max_length=16, description="How many, at most two decimals.")]
_FIELDS = {"region", "scorecard", "line", "indicator", "period", "count", "reason", "csrfmiddlewaretoken"}


class EntryOut(Schema):
    """A count on a bonus or deduction line; it changes points only when somebody else has approved it."""

    id: int
    region: Place
    scorecard: str
    line: str
    indicator: str
    period: str
    count: str
    reason: str
    state: str
    entered_by: str
    entered_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None
    withdrawal: str


class EntryDetail(EntryOut):
    """An entry with its evidence and what the caller may do with it now."""

    evidence: list[EvidenceOut]
    actions: list[str]


class EntryPage(Schema):
    """A page of entries, the newest first."""

    items: list[EntryOut]
    next: str | None


class VetoCaseOut(Schema):
    """A veto that fired for a place. It changes nothing until a named person has decided that it applies."""

    id: int
    region: Place
    scorecard: str
    indicator: str
    name_zh: str
    name_en: str
    effect: str
    period: str
    state: str
    proposed_at: dt.datetime
    reply_until: dt.date
    reply: str
    replied_by: str | None
    replied_at: dt.datetime | None
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


class VetoCaseDetail(VetoCaseOut):
    """A veto with what it rests on (`value` is withheld where it counts few persons) and what the caller may do."""

    value: str | None
    actions: list[str]


class VetoCasePage(Schema):
    """A page of vetoes, the newest first."""

    items: list[VetoCaseOut]
    next: str | None


class EntryNote(Body):
    """A remark, if any."""

    reason: Said = ""


class EntryReason(Body):
    """The reason, which is required."""

    reason: Said


class VetoReply(Body):
    """What is said for the place."""

    text: Spoken


class VetoDecision(Body):
    """Whether the veto applies, with the reasons."""

    applies: bool
    reason: Said


@router.get("/adjustments", response=EntryPage, summary="加减分申报列表")
def list_entries(
    request: HttpRequest,
    state: EntryStates = "",
    scorecard: Code = "",
    period: Period = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> EntryPage:
    """Bonus and deduction entries of the caller's own area, the newest first."""
    wanted = EntryFilter(state, scorecard, period)
    found, following = paging.newest_first(
        queries.entries(actor_of(request), wanted), limit, cursor, wanted=wanted
    )
    return EntryPage(items=[_entry(entry) for entry in found], next=following)


@router.post("/adjustments", response={201: EntryDetail}, summary="申报加减分")
def propose_entry(
    request: HttpRequest,
    region: Form[Id],
    scorecard: Form[Code],
    line: Form[Line],
    indicator: Form[Code],
    period: Form[Period],
    count: Form[Count],
    reason: Form[Said],
    evidence: File[list[UploadedFile]],
) -> Status[EntryDetail]:
    """State a bonus or a deduction for a place of one's own area, as a form with one or more files `evidence`."""
    unknown = sorted(set(request.POST) - _FIELDS)
    if unknown:
        raise refuse("api.field_unknown", column=unknown[0][:80], field=unknown[0][:80])
    actor = actor_of(request)
    files = [upload_of(file) for file in evidence]
    entry = services.enter(
        actor, get_region(actor, region), scorecard, line, indicator, period, count, reason, files
    )
    return Status(201, _entry_detail(request, entry.pk))


@router.get("/adjustments/{int:entry_id}", response=EntryDetail, summary="一件加减分申报")
def get_entry(request: HttpRequest, entry_id: Id) -> EntryDetail:
    """One entry with its evidence."""
    return _entry_detail(request, entry_id)


@router.post("/adjustments/{int:entry_id}/approve", response=EntryDetail, summary="批准加减分")
def approve_entry(request: HttpRequest, entry_id: Id, note: EntryNote) -> EntryDetail:
    """Let an entry count. Whoever entered it is refused."""
    services.approve(actor_of(request), entry_id, note.reason)
    return _entry_detail(request, entry_id)


@router.post("/adjustments/{int:entry_id}/refuse", response=EntryDetail, summary="不予批准加减分")
def refuse_entry(request: HttpRequest, entry_id: Id, why: EntryReason) -> EntryDetail:
    """Turn an entry down with the reason."""
    services.refuse_entry(actor_of(request), entry_id, why.reason)
    return _entry_detail(request, entry_id)


@router.post("/adjustments/{int:entry_id}/withdraw", response=EntryDetail, summary="撤回加减分申报")
def withdraw_entry(request: HttpRequest, entry_id: Id, why: EntryReason) -> EntryDetail:
    """Take an entry back; runs that counted it keep it, the next computation does not."""
    services.withdraw(actor_of(request), entry_id, why.reason)
    return _entry_detail(request, entry_id)


@router.get("/vetoes", response=VetoCasePage, summary="一票否决列表")
def list_vetoes(
    request: HttpRequest,
    state: VetoStates = "",
    scorecard: Code = "",
    period: Period = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> VetoCasePage:
    """Vetoes that fired for places of the caller's own area, the newest first."""
    wanted = EntryFilter(state, scorecard, period)
    found, following = paging.newest_first(
        queries.vetoes(actor_of(request), wanted), limit, cursor, wanted=wanted
    )
    return VetoCasePage(items=[_veto(case) for case in found], next=following)


@router.get("/vetoes/{int:case_id}", response=VetoCaseDetail, summary="一件一票否决")
def get_veto(request: HttpRequest, case_id: Id) -> VetoCaseDetail:
    """One veto: what it rests on, the reply, the decision."""
    return _veto_detail(request, case_id)


@router.post("/vetoes/{int:case_id}/reply", response=VetoCaseDetail, summary="就一票否决答辩")
def reply_to_veto(request: HttpRequest, case_id: Id, said: VetoReply) -> VetoCaseDetail:
    """Speak for the place while there is time; it may be said again until then."""
    services.reply(actor_of(request), case_id, said.text)
    return _veto_detail(request, case_id)


@router.post("/vetoes/{int:case_id}/decide", response=VetoCaseDetail, summary="决定一票否决")
def decide_veto(request: HttpRequest, case_id: Id, decision: VetoDecision) -> VetoCaseDetail:
    """Decide with reasons, after the reply or its time. Whoever proposed it or replied is refused."""
    services.decide_veto(actor_of(request), case_id, decision.reason, applies=decision.applies)
    return _veto_detail(request, case_id)


def _entry(entry: Entry) -> EntryOut:
    return EntryOut(
        id=entry.pk,
        region=place_of(entry.region),
        scorecard=entry.scorecard,
        line=entry.line,
        indicator=entry.indicator,
        period=entry.period,
        count=plain_number(entry.count),
        reason=entry.reason,
        state=entry.state,
        entered_by=entry.entered_by.full_name,
        entered_at=entry.entered_at,
        decided_by=entry.decided_by.full_name if entry.decided_by else None,
        decided_at=entry.decided_at,
        decision=entry.decision,
        withdrawn_by=entry.withdrawn_by.full_name if entry.withdrawn_by else None,
        withdrawn_at=entry.withdrawn_at,
        withdrawal=entry.withdrawal,
    )


def _entry_detail(request: HttpRequest, entry_id: int) -> EntryDetail:
    actor = actor_of(request)
    entry = queries.get_entry(actor, entry_id)
    return EntryDetail(
        **_entry(entry).dict(),
        evidence=[evidence_of(piece.file) for piece in entry.evidence.select_related("file")],
        actions=[act.value for act in queries.open_acts(actor, entry)],
    )


def _veto(case: VetoCase) -> VetoCaseOut:
    return VetoCaseOut(
        id=case.pk,
        region=place_of(case.region),
        scorecard=case.scorecard,
        indicator=case.indicator,
        name_zh=case.name_zh,
        name_en=case.name_en,
        effect=case.effect,
        period=case.period,
        state=case.state,
        proposed_at=case.proposed_at,
        reply_until=case.reply_until,
        reply=case.reply,
        replied_by=case.replied_by.full_name if case.replied_by else None,
        replied_at=case.replied_at,
        decided_by=case.decided_by.full_name if case.decided_by else None,
        decided_at=case.decided_at,
        decision=case.decision,
    )


def _veto_detail(request: HttpRequest, case_id: int) -> VetoCaseDetail:
    actor = actor_of(request)
    case = queries.get_veto(actor, case_id)
    open_acts = {"reply": queries.may_reply(actor, case), "decide": queries.may_decide(actor, case)}
    return VetoCaseDetail(
        **_veto(case).dict(),
        value=queries.value_shown(actor, case),
        actions=[act for act, allowed in open_acts.items() if allowed],
    )
