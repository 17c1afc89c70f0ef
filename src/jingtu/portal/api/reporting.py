"""Report forms for programs: what is due, the cells of a report, putting figures in, handing it in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from jingtu.assessment.reporting import queries, services
from jingtu.assessment.reporting.models import Cell, Report
from jingtu.assessment.reporting.queries.grid import UnitView
from jingtu.assessment.reporting.services import Entry
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor
from jingtu.engine.problems import InvalidInput

from . import errors
from .catalogue_schemas import PeriodKey
from .regions import place_of
from .schemas import Body, Code, Id, Place

router = Router(tags=["reports"])
MOST_CELLS = 400


class DueReport(Schema):
    """One form for one period: how many of the caller's units stand where. `region` where it is only one."""

    form: str
    name_zh: str
    name_en: str
    period: str
    due_at: dt.datetime
    units: int
    states: dict[str, int]
    timeliness: str
    region: int | None


class AnsweredReturn(Schema):
    """Why a cell was sent back last, what it held then, and the answer (empty where it was changed only)."""

    reason: str
    value: str
    answer: str


class ReportCell(Schema):
    """One cell. `open`: it may be written now; `origin`: where a locked figure comes from; `value` as typed, with
    its qualifier; `returned` with the reviewer's reason: it must be changed, or its `note` must answer. `answered`:
    the last return once the report is handed in anew."""

    cell: str
    name: str
    unit: str
    open: bool
    kind: str
    value: str
    note: str
    version: int
    before: str
    year_ago: str
    returned: bool
    reason: str
    answered: AnsweredReturn | None = None


class ReportProblem(Schema):
    """What the checks say of a cell; one that does not block is answered by a note."""

    cell: str
    code: str
    message: str
    blocks: bool


class ReportDetail(Schema):
    """One unit's report. `revision` grows with every act."""

    form: str
    version: int
    period: str
    region: Place
    state: str
    revision: int
    due_at: dt.datetime
    timeliness: str
    cells: list[ReportCell]
    problems: list[ReportProblem]


class CellIn(Body):
    """A figure as people write it (`value` null leaves it as it is, empty takes it out); `version` is the one the
    program read (0: none yet)."""

    cell: Annotated[str, Field(max_length=200)]
    value: Annotated[str | None, Field(max_length=64)] = None
    version: Annotated[int, Field(ge=0, le=2**31)] = 0
    note: Annotated[str | None, Field(max_length=300)] = None


class CellsIn(Body):
    """Figures to put in: all or none."""

    cells: Annotated[list[CellIn], Field(min_length=1, max_length=MOST_CELLS)]


class Submission(Body):
    """At which revision the report is handed in; without it, as it stands."""

    revision: Annotated[int | None, Field(ge=0, le=2**31)] = None


@router.get("/reports/due", response=list[DueReport], summary="待填报")
def list_due(request: HttpRequest, everything: bool = False) -> list[DueReport]:
    """What the caller fills in: the running periods and the last ones, most pressing first."""
    return [
        DueReport(
            form=line.form.code,
            name_zh=line.form.name_zh,
            name_en=line.form.name_en,
            period=line.period.key,
            due_at=line.due_at,
            units=line.units,
            states={state.value: count for state, count in line.states.items()},
            timeliness=line.timeliness.value,
            region=line.only.pk if line.only else None,
        )
        for line in queries.due_lines(actor_of(request), everything=everything)
    ]


@router.get("/reports/{form}/{period}/{int:region_id}", response=ReportDetail, summary="一份报表")
def get_report(request: HttpRequest, form: Code, period: PeriodKey, region_id: Id) -> ReportDetail:
    """A unit's report with its cells, for who fills it in or reviews it."""
    return _report(actor_of(request), form, period, region_id)


@router.post("/reports/{form}/{period}/{int:region_id}/cells", response=ReportDetail, summary="填写单元格")
def put_cells(
    request: HttpRequest, form: Code, period: PeriodKey, region_id: Id, given: CellsIn
) -> ReportDetail | HttpResponse:
    """CellIn figures in: all of them, or none and everything wrong with a pointer to each cell.

    409 when somebody changed a cell after the program read it: the entry says what stands there now.
    """
    actor = actor_of(request)
    entries = [Entry(region_id, put.cell, put.value, put.version, put.note) for put in given.cells]
    with transaction.atomic():
        outcome = services.save_cells(actor, form, period, entries, Cell.Origin.API)
        if outcome.refused:
            transaction.set_rollback(True)
    if outcome.refused:
        places = {entry.key: number for number, entry in enumerate(entries)}
        told = [
            errors.entry(refused.problem, f"/cells/{places[refused.key]}/value")
            for refused in outcome.refused
        ]
        status = 409 if outcome.conflicts else 422
        return errors.document(status, outcome.refused[0].problem.code, told)
    return _report(actor, form, period, region_id)


@router.post("/reports/{form}/{period}/{int:region_id}/submit", response=ReportDetail, summary="提交报表")
def submit_report(
    request: HttpRequest, form: Code, period: PeriodKey, region_id: Id, given: Submission
) -> ReportDetail | HttpResponse:
    """Hand the report in. 422 names every cell that is missing, wrong or wants a note."""
    actor = actor_of(request)
    try:
        services.submit(actor, form, period, region_id, given.revision)
    except InvalidInput as error:
        told = [errors.entry(problem, f"/cells/{problem.column}") for problem in error.problems]
        return errors.document(422, error.problems[0].code, told)
    return _report(actor, form, period, region_id)


@router.post("/reports/{form}/{period}/{int:region_id}/withdraw", response=ReportDetail, summary="撤回报表")
def withdraw_report(request: HttpRequest, form: Code, period: PeriodKey, region_id: Id) -> ReportDetail:
    """Take the report back before anybody has reviewed it."""
    actor = actor_of(request)
    services.withdraw(actor, form, period, region_id)
    return _report(actor, form, period, region_id)


def _report(actor: Actor, form: str, period: str, region_id: int) -> ReportDetail:
    page = queries.grid_one(actor, form, period, region_id)
    unit: UnitView = page.units[0]
    report: Report | None = unit.report
    return ReportDetail(
        form=form,
        version=page.version.number,
        period=page.period.key,
        region=place_of(unit.region),
        state=unit.state.value,
        revision=unit.revision,
        due_at=report.due_at if report else page.due_at,
        timeliness=unit.timeliness.value,
        cells=[
            ReportCell(
                cell=cell.key,
                name=cell.name,
                unit=cell.unit,
                open=cell.open,
                kind=cell.kind,
                value=cell.shown or cell.figure,
                note=cell.note,
                version=cell.version,
                before=cell.before,
                year_ago=cell.year_ago,
                returned=cell.returned,
                reason=cell.reason,
                answered=AnsweredReturn(
                    reason=cell.answered.reason, value=cell.answered.figure, answer=cell.answered.answer
                )
                if cell.answered
                else None,
            )
            for cell in unit.cells
        ],
        problems=[
            ReportProblem(
                cell=found.key,
                code=found.problem.code,
                message=found.problem.text(actor.language),
                blocks=found.blocks,
            )
            for found in unit.problems
        ],
    )
