"""Accountability for programs: proposals and measures to read, with the rights of the caller. People decide on pages."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.ui.middleware import interface_language
from jingtu.governance.accountability.measures import queries
from jingtu.governance.accountability.measures.models import Measure, Proposal
from jingtu.governance.accountability.measures.queries import MeasureFilter, ProposalFilter
from jingtu.governance.accountability.measures.sentences import lines

from . import paging
from .regions import place_of
from .schemas import Code, Id, Place

router = Router(tags=["measures"])
ProposalStates = Literal["", "waiting", "open", "filed", "taken", "not_taken"]
MeasureStates = Literal[
    "", "open", "closed", "opened", "noticed", "served", "replied", "decided", "in_force", "objected", "dropped",
    "revoked", "ended",
]  # fmt: skip


class LineOut(Schema):
    """A piece of evidence or an argument against, in the caller's language."""

    text: str
    url: str


class ProposalOut(Schema):
    """What a rule found about a place. It decides nothing."""

    id: int
    region: Place
    rule: str
    period: str
    run: int | None
    publication_hash: str
    state: str
    proposed_at: dt.datetime
    decided_at: dt.datetime | None


class ProposalDetail(ProposalOut):
    """A proposal with its evidence, what speaks against it, and the decision with its reasons."""

    evidence: list[LineOut]
    against: list[LineOut]
    rung: str
    facts: str
    decision: str


class ProposalPage(Schema):
    """A page of proposals, the newest first."""

    items: list[ProposalOut]
    next: str | None


class MeasureOut(Schema):
    """A measure; `addressee` is `organisation` or `person`. Sealed ones are in no list."""

    id: int
    region: Place
    kind: str
    addressee: Literal["organisation", "person"]
    state: str
    opened_on: dt.date
    in_force_from: dt.date | None
    ends_on: dt.date | None


class MeasureStepOut(Schema):
    """One step of the due process."""

    on: dt.date
    act: str
    number: str
    text: str


class EffectOut(Schema):
    """An effect as the competent body decided it."""

    effect: str
    body: str
    document_number: str
    document_date: dt.date
    starts_on: dt.date
    ends_on: dt.date | None


class MeasureDetail(MeasureOut):
    """A measure with its facts, steps, effects, and the last days of its clocks."""

    facts: str
    ladder_version: int
    clocks: Annotated[
        dict[str, dt.date | None], Field(description="Last day by clock; null while it is suspended.")
    ]
    steps: list[MeasureStepOut]
    effects: list[EffectOut]


class MeasurePage(Schema):
    """A page of measures, the newest first."""

    items: list[MeasureOut]
    next: str | None


@router.get("/measures/proposals", response=ProposalPage, summary="追责建议列表")
def list_measure_proposals(
    request: HttpRequest,
    state: ProposalStates = "",
    rule: Code = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> ProposalPage:
    """Proposals about places below the caller's own, the newest first."""
    wanted = ProposalFilter(state, rule)
    rows = queries.proposals(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return ProposalPage(items=[ProposalOut(**_proposal(row)) for row in found], next=following)


@router.get("/measures/proposals/{int:proposal_id}", response=ProposalDetail, summary="一项追责建议")
def get_measure_proposal(request: HttpRequest, proposal_id: Id) -> ProposalDetail:
    """One proposal with its evidence and what speaks against it."""
    row, language = queries.get_proposal(actor_of(request), proposal_id), interface_language()
    against = [*row.against, *(one.stored() for one in queries.against_now(row))]
    return ProposalDetail(
        **_proposal(row),
        evidence=[LineOut(text=text, url=url) for text, url in lines(row.evidence, language)],
        against=[LineOut(text=text, url=url) for text, url in lines(against, language)],
        rung=row.rung,
        facts=row.facts,
        decision=row.decision,
    )


@router.get("/measures", response=MeasurePage, summary="措施列表")
def list_measures(
    request: HttpRequest,
    state: MeasureStates = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> MeasurePage:
    """Measures the caller may know of, the newest first."""
    wanted = MeasureFilter(state)
    rows = queries.measures(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return MeasurePage(items=[MeasureOut(**_measure(row)) for row in found], next=following)


@router.get("/measures/{int:measure_id}", response=MeasureDetail, summary="一项措施")
def get_measure(request: HttpRequest, measure_id: Id) -> MeasureDetail:
    """One measure with its steps, effects and clocks."""
    actor = actor_of(request)
    row = queries.get_measure(actor, measure_id)
    return MeasureDetail(
        **_measure(row),
        facts=row.facts,
        ladder_version=row.ladder.version,
        clocks={face.key: face.due for face in queries.clock_faces(actor, row)},
        steps=[
            MeasureStepOut(on=step.on, act=step.act, number=step.number, text=step.text) for step in row.steps.all()
        ],
        effects=[
            EffectOut(
                effect=one.effect, body=one.body, document_number=one.document_number,
                document_date=one.document_date, starts_on=one.starts_on, ends_on=one.ends_on,
            )
            for one in row.effects.all()
        ],
    )  # fmt: skip


def _proposal(row: Proposal) -> dict[str, Any]:
    return {
        "id": row.pk,
        "region": place_of(row.region),
        "rule": row.kind,
        "period": row.period,
        "run": row.run_id,
        "publication_hash": row.publication_hash,
        "state": row.state,
        "proposed_at": row.proposed_at,
        "decided_at": row.decided_at,
    }


def _measure(row: Measure) -> dict[str, Any]:
    return {
        "id": row.pk,
        "region": place_of(row.region),
        "kind": row.rung,
        "addressee": "person" if row.concerns_person else "organisation",
        "state": row.state,
        "opened_on": row.opened_on,
        "in_force_from": row.in_force_from,
        "ends_on": row.ends_on,
    }
