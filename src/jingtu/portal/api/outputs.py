"""Sheets for other evaluations, to be read: what each item says, what it rests on, and where it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from jingtu.assessment.outputs import queries
from jingtu.assessment.outputs.models import LayoutVersion, Sheet
from jingtu.assessment.outputs.queries import Line, SheetFilter
from jingtu.core.accounts.access import actor_of

from . import paging
from .regions import place_of
from .schemas import Id, Place, Text

router = Router(tags=["outputs"])


class LayoutOut(Schema):
    """The newest version of a layout."""

    code: str
    version: int
    name: str
    evaluation: str
    document: str
    level: str
    periods: list[str]
    items: int
    hash: str


class Layouts(Schema):
    """Every layout."""

    items: list[LayoutOut]


class SheetOut(Schema):
    """A layout filled in for a region and period; `sent_at` empty while it is worked on."""

    id: int
    layout: str
    version: int
    region: Place
    period: str
    issue: int
    made_at: dt.datetime
    sent_at: dt.datetime | None


class SheetsOut(Schema):
    """A page of sheets, the newest first."""

    items: list[SheetOut]
    next: str | None


class SheetItemOut(Schema):
    """One item. `origin`: run (published), facts (provisional), text, or empty; `now` where the source says
    something else than what was confirmed."""

    row: str
    title: str
    status: Literal[
        "needs_evidence", "stale", "confirmed", "published", "provisional", "suppressed", "missing"
    ]
    value: str | None
    state: str
    unit: str
    requirement: str
    origin: Literal["run", "facts", "text", ""]
    run: int | None
    text: str
    note: str
    confirmed_by: str
    evidence: list[str]
    now: str | None


class SheetDetail(SheetOut):
    """A sheet with its items."""

    lines: list[SheetItemOut]


@router.get("/output-layouts", response=Layouts, summary="外报表样")
def list_output_layouts(request: HttpRequest) -> Layouts:
    """Layouts with the version that new sheets take."""
    actor = actor_of(request)
    return Layouts(items=[_layout(version, actor.language) for version in queries.layouts(actor)])


@router.get("/output-sheets", response=SheetsOut, summary="外报表列表")
def list_output_sheets(
    request: HttpRequest,
    layout: Text = "",
    period: Text = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> SheetsOut:
    """Sheets that the caller may read, the newest first."""
    found, following = paging.newest_first(
        queries.sheets(actor_of(request), SheetFilter(layout, period)),
        limit,
        cursor,
        layout=layout,
        period=period,
    )
    return SheetsOut(items=[SheetOut(**_sheet(sheet)) for sheet in found], next=following)


@router.get("/output-sheets/{int:sheet_id}", response=SheetDetail, summary="一张外报表")
def get_output_sheet(request: HttpRequest, sheet_id: Id) -> SheetDetail:
    """One sheet with every item."""
    actor = actor_of(request)
    page = queries.sheet_page(actor, sheet_id)
    return SheetDetail(**_sheet(page.sheet), lines=[_item(line, actor.language) for line in page.lines])


def _layout(version: LayoutVersion, language: Literal["zh", "en"]) -> LayoutOut:
    layout = version.layout
    return LayoutOut(
        code=version.code,
        version=version.number,
        name=layout.name(language),
        evaluation=layout.evaluation(language),
        document=layout.document(language),
        level=layout.level,
        periods=list(layout.periods),
        items=len(layout.items),
        hash=version.digest,
    )


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "id": sheet.pk,
        "layout": sheet.code,
        "version": sheet.version.number,
        "region": place_of(sheet.region),
        "period": sheet.period,
        "issue": sheet.issue,
        "made_at": sheet.made_at,
        "sent_at": sheet.sent_at,
    }


def _item(line: Line, language: Literal["zh", "en"]) -> SheetItemOut:
    return SheetItemOut(
        row=line.row.code,
        title=line.row.title(language),
        status=line.status.value,
        value=line.value,
        state=line.state,
        unit=line.unit,
        requirement=line.requirement,
        origin=line.origin.value,
        run=line.run_id,
        text=line.text,
        note=line.note,
        confirmed_by=line.person,
        evidence=[name for _pk, name in line.evidence],
        now=line.now,
    )
