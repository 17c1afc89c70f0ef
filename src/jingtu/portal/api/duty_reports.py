"""Yearly duty reports, to be read by their authors and those who read duty reports there. They are written and handed
in on the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.governance.duties.dutyreports import queries
from jingtu.governance.duties.dutyreports.models import DutyReport
from jingtu.governance.duties.dutyreports.sections import sections_of

from . import paging
from .regions import place_of
from .schemas import Id, Place, UnitOut, unit_of

router = Router(tags=["duty-reports"])
States = Literal["", "draft", "submitted", "commented", "closed"]


class DutyReportOut(Schema):
    """What the holder of a post reports of a year. Nothing in it is a score, and no list ranks people."""

    id: int
    region: Place
    unit: UnitOut | None
    post: str
    person: str
    year: int
    state: str
    submitted_at: dt.datetime | None
    closed_at: dt.datetime | None


class DutyLineOut(Schema):
    """One thing the system knows of the year, in both languages."""

    text_zh: str
    text_en: str
    detail_zh: str
    detail_en: str


class DutySectionOut(Schema):
    """What one part of the system knows; kept with the report once it is handed in."""

    title_zh: str
    title_en: str
    sentence_zh: str
    sentence_en: str
    lines: list[DutyLineOut]


class DutyCommentOut(Schema):
    """What a named person said about the report."""

    person: str
    at: dt.datetime
    text: str


class DutyReportDetail(DutyReportOut):
    """A report with the person's own words, what the system knows, and the comments."""

    text: str
    sections: list[DutySectionOut]
    comments: list[DutyCommentOut]


class DutyReportPage(Schema):
    """A page of reports, the newest first."""

    items: list[DutyReportOut]
    next: str | None


@router.get("/duty-reports", response=DutyReportPage, summary="述职报告列表")
def list_duty_reports(
    request: HttpRequest,
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None,
    state: States = "",
    region: Id | None = None,
    unit: Id | None = None,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> DutyReportPage:
    """The caller's own reports, and those handed in where the caller reads duty reports; the newest first."""
    rows = queries.reports(actor_of(request), year, state, region, unit)
    found, following = paging.newest_first(
        rows, limit, cursor, year=year, state=state, region=region, unit=unit
    )
    return DutyReportPage(items=[DutyReportOut(**_report(one)) for one in found], next=following)


@router.get("/duty-reports/{int:report_id}", response=DutyReportDetail, summary="一份述职报告")
def get_duty_report(request: HttpRequest, report_id: Id) -> DutyReportDetail:
    """One report; of a draft what the system knows today."""
    actor = actor_of(request)
    report = queries.get_report(actor, report_id)
    return DutyReportDetail(
        **_report(report),
        text=report.text,
        sections=[_section(one) for one in sections_of(actor, report)],
        comments=[
            DutyCommentOut(person=one.person.full_name, at=one.at, text=one.text)
            for one in report.comments.select_related("person")
        ],
    )


def _report(report: DutyReport) -> dict[str, Any]:
    return {
        "id": report.pk,
        "region": place_of(report.region),
        "unit": unit_of(report.unit),
        "post": report.post,
        "person": report.person.full_name,
        "year": report.year,
        "state": report.state,
        "submitted_at": report.submitted_at,
        "closed_at": report.closed_at,
    }


def _section(one: dict[str, Any]) -> DutySectionOut:
    return DutySectionOut(
        title_zh=one["label"][0],
        title_en=one["label"][1],
        sentence_zh=one["sentence"][0],
        sentence_en=one["sentence"][1],
        lines=[
            DutyLineOut(
                text_zh=line["text"][0],
                text_en=line["text"][1],
                detail_zh=line["detail"][0],
                detail_en=line["detail"][1],
            )
            for line in one["lines"]
        ],
    )
