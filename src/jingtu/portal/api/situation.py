"""Situation reports: drafted, sent up, sent back and signed by the same services as on screen."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.assessment.situation import queries, services
from jingtu.assessment.situation.models import SituationReport
from jingtu.assessment.situation.writer import SituationWriter
from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.confirming import demand
from jingtu.core.files.views import attachment

from . import paging
from .bulletins import FILE
from .regions import place_of
from .schemas import Body, Id, Place

router = Router(tags=["bulletins"])


class SituationOut(Schema):
    """A situation report of a region for a year or a quarter."""

    id: int
    region: Place
    period: str
    version: int
    state: Literal["draft", "review", "issued"]
    number: str
    hash: str
    prepared_by: str
    prepared_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None


class SituationDetail(SituationOut):
    """A report with its text in the caller's language and the addresses of its printed files."""

    text: str
    return_reason: str
    files: list[str]


class SituationPage(Schema):
    """A page of situation reports, the newest first."""

    items: list[SituationOut]
    next: str | None


class Draft(Body):
    """Which region and which year (2026) or quarter (2026-Q3)."""

    region: Id
    period: Annotated[str, Field(max_length=16)]


class Reason(Body):
    """Why a report is sent back."""

    reason: Annotated[str, Field(min_length=1, max_length=255)]


class Sign(Body):
    """What the signer adds; `series` gives the report its next number."""

    issuer_zh: Annotated[str, Field(min_length=1, max_length=64)]
    issuer_en: Annotated[str, Field(max_length=128)] = ""
    series: Id | None = None


@router.get("/situation-reports", response=SituationPage, summary="毒情形势分析列表")
def list_situation_reports(
    request: HttpRequest, limit: paging.Limit = 50, cursor: paging.Cursor = ""
) -> SituationPage:
    """Situation reports that the caller may read, the newest first."""
    found, following = paging.newest_first(queries.reports(actor_of(request)), limit, cursor)
    return SituationPage(items=[SituationOut(**_report(report)) for report in found], next=following)


@router.post("/situation-reports", response={201: SituationDetail}, summary="编写毒情形势分析")
def draft_situation_report(request: HttpRequest, new: Draft) -> Status[SituationDetail]:
    """Draft the report of a region; an open draft of the same period is written anew."""
    actor = actor_of(request)
    report = services.draft(actor, new.region, new.period)
    return Status(201, _detail(request, report.pk))


@router.get("/situation-reports/{int:report_id}", response=SituationDetail, summary="一份毒情形势分析")
def get_situation_report(request: HttpRequest, report_id: Id) -> SituationDetail:
    """One report with its text."""
    return _detail(request, report_id)


@router.post("/situation-reports/{int:report_id}/submit", response=SituationDetail, summary="送审")
def submit_situation_report(request: HttpRequest, report_id: Id) -> SituationDetail:
    """Send a draft to be signed by somebody else."""
    services.submit(actor_of(request), report_id)
    return _detail(request, report_id)


@router.post("/situation-reports/{int:report_id}/return", response=SituationDetail, summary="退回")
def return_situation_report(request: HttpRequest, report_id: Id, why: Reason) -> SituationDetail:
    """Send a report back with a reason."""
    services.send_back(actor_of(request), report_id, why.reason)
    return _detail(request, report_id)


@router.post("/situation-reports/{int:report_id}/approve", response=SituationDetail, summary="签发")
def approve_situation_report(request: HttpRequest, report_id: Id, signed: Sign) -> SituationDetail:
    """Sign a report that somebody else prepared: it is printed and does not change afterwards."""
    demand(request)
    services.approve(
        actor_of(request),
        report_id,
        issuer_zh=signed.issuer_zh,
        issuer_en=signed.issuer_en,
        series_id=signed.series,
    )
    return _detail(request, report_id)


@router.get(
    "/situation-reports/{int:report_id}/{language}/{format}",
    response={200: None},
    summary="下载毒情形势分析",
    openapi_extra=FILE,
)
def get_situation_file(
    request: HttpRequest,
    report_id: Id,
    language: Literal["zh", "en"],
    format: Literal["docx", "pdf", "xlsx"],
) -> FileResponse:
    """One printed file; the download is written into the audit trail."""
    return attachment(services.download(actor_of(request), report_id, format, language))


def _report(report: SituationReport) -> dict[str, Any]:
    return {
        "id": report.pk,
        "region": place_of(report.region),
        "period": report.period,
        "version": report.version,
        "state": report.state,
        "number": report.number,
        "hash": report.digest,
        "prepared_by": report.prepared_by.full_name,
        "prepared_at": report.prepared_at,
        "approved_by": report.approved_by.full_name if report.approved_by else None,
        "approved_at": report.approved_at,
    }


def _detail(request: HttpRequest, report_id: int) -> SituationDetail:
    actor = actor_of(request)
    report = queries.get_report(actor, report_id)
    return SituationDetail(
        **_report(report),
        text=SituationWriter(report, actor.language).document().text(),
        return_reason=report.return_reason,
        files=[
            f"/api/v1/situation-reports/{report.pk}/{printed.language}/{printed.format}"
            for printed in report.files.all()
        ],
    )
