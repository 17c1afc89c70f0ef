"""Letters of responsibility, to be read. Nobody signs by program: the signer is asked again on the page who they are."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.clock import today
from jingtu.governance.duties.letters import coverage as covering
from jingtu.governance.duties.letters import queries
from jingtu.governance.duties.letters.coverage import Tally
from jingtu.governance.duties.letters.models import Letter
from jingtu.governance.duties.letters.queries import LetterFilter

from . import paging
from .regions import place_of
from .schemas import Id, Place, UnitOut, name_of, unit_of

router = Router(tags=["letters"])
Year = Annotated[int, Field(ge=2000, le=2100)]
Layers = Literal["", "head", "deputy", "staff", "discipline"]
Kinds = Literal["", "place", "unit", "partner", "member"]
States = Literal[
    "", "live", "drafted", "issued", "signed", "refused", "replaced", "withdrawn", "expired"
]  # fmt: skip


class LetterOut(Schema):
    """A letter that the office of `region` issued to a recipient of `place`. `hash` is that of its text, which never
    changes; `signed_hash` that of the text which was signed."""

    id: int
    year: int
    layer: str
    kind: str
    region: Place
    place: Place
    unit: UnitOut | None
    recipient: str
    signer: str
    issuer: str
    state: str
    overdue: bool
    issued_at: dt.datetime | None
    sign_by: dt.date | None
    signed_on: dt.date | None
    hash: str
    signed_hash: str
    replaces: int | None


class LetterStepOut(Schema):
    """One line of the history; nobody: the calendar."""

    at: dt.datetime
    action: str
    state: str
    person: str | None
    reason: str


class LetterDetail(LetterOut):
    """A letter with its text, its history, and what the caller may do with it now (on the pages)."""

    title: str
    text: str
    replaced_by: int | None
    history: list[LetterStepOut]
    actions: list[str]


class LetterPage(Schema):
    """A page of letters, the newest first."""

    items: list[LetterOut]
    next: str | None


class TallyOut(Schema):
    """For how many a letter should exist, to how many it went out, how many signed all of theirs."""

    due: int
    issued: int
    signed: int


class CoverageLine(TallyOut):
    """The tally of one office, layer and kind of recipient."""

    region: Place
    layer: str
    kind: str


class UnsignedOut(Schema):
    """A recipient without a signed letter; `state` is empty where there is no letter at all."""

    region: Place
    layer: str
    kind: str
    name: str
    signer: str
    state: str
    letter: int | None
    sign_by: dt.date | None


class CoverageOut(TallyOut):
    """The coverage of a year inside a region, by level, layer and office, and who has not signed."""

    region: Place
    year: int
    by_level: dict[str, TallyOut]
    by_layer: dict[str, TallyOut]
    lines: list[CoverageLine]
    unsigned: list[UnsignedOut]


@router.get("/letters", response=LetterPage, summary="责任书列表")
def list_letters(
    request: HttpRequest,
    year: Year | None = None,
    layer: Layers = "",
    kind: Kinds = "",
    state: States = "",
    text: Annotated[str, Field(max_length=64)] = "",
    region: Id | None = None,
    mine: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> LetterPage:
    """Letters the caller may know of, the newest first. `region` is that of the issuing office; letters of persons
    inside a unit are only for that unit's own people and the office."""
    wanted = LetterFilter(
        year=year, layer=layer, kind=kind, state=state, text=text, mine=mine, region=region
    )  # fmt: skip
    rows = queries.letters(actor_of(request), wanted).defer("text")
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return LetterPage(items=[LetterOut(**_letter(one)) for one in found], next=following)


@router.get("/letters/coverage", response=CoverageOut, summary="责任书签订情况")
def get_letter_coverage(
    request: HttpRequest, region: Id, year: Year | None = None, layer: Layers = "", kind: Kinds = ""
) -> CoverageOut:
    """How many letters should exist inside a region this year (or in `year`), have gone out, are signed. Persons
    inside units are named, and drafts told of, only in the office that writes to them."""
    found = covering.coverage(actor_of(request), region, year or today().year, layer, kind)
    return CoverageOut(
        **_tally(found.total),
        region=place_of(found.region),
        year=found.year,
        by_level={level: TallyOut(**_tally(tally)) for level, tally in found.by_level.items()},
        by_layer={one: TallyOut(**_tally(tally)) for one, tally in found.by_layer.items()},
        lines=[
            CoverageLine(**_tally(line.tally), region=place_of(line.region), layer=line.layer, kind=line.kind)
            for line in found.lines
        ],
        unsigned=[
            UnsignedOut(
                region=place_of(one.region),
                layer=one.layer,
                kind=one.kind,
                name=one.name,
                signer=one.signer,
                state=one.state,
                letter=one.letter_id,
                sign_by=one.sign_by,
            )
            for one in found.unsigned
        ],
    )


@router.get("/letters/{int:letter_id}", response=LetterDetail, summary="一份责任书")
def get_letter(request: HttpRequest, letter_id: Id) -> LetterDetail:
    """One letter with its text. It is signed on the page only, after the signer has been asked who they are."""
    page = queries.letter_page(actor_of(request), letter_id)
    return LetterDetail(
        **_letter(page.letter),
        title=page.letter.title,
        text=page.letter.body,
        replaced_by=page.replaced_by.pk if page.replaced_by else None,
        history=[
            LetterStepOut(
                at=row.step.at,
                action=row.step.action,
                state=row.step.to_state,
                person=name_of(row.step.person),
                reason=row.step.reason,
            )
            for row in page.history
        ],
        actions=[action.value for action in page.actions],
    )


def _letter(one: Letter) -> dict[str, Any]:
    return {
        "id": one.pk,
        "year": one.year,
        "layer": one.layer,
        "kind": one.kind,
        "region": place_of(one.region),
        "place": place_of(one.place),
        "unit": unit_of(one.unit),
        "recipient": one.recipient_name,
        "signer": one.signer_name,
        "issuer": one.issuer,
        "state": one.state,
        "overdue": queries.is_overdue(one),
        "issued_at": one.issued_at,
        "sign_by": one.sign_by,
        "signed_on": one.signed_on,
        "hash": one.digest,
        "signed_hash": one.signed_digest,
        "replaces": one.replaces_id,
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"due": tally.due, "issued": tally.issued, "signed": tally.signed}
