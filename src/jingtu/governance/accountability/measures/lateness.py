"""Overdue supervision as evidence for proposals, and as a section of the quarterly bulletin."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.urls import reverse

from jingtu.assessment.bulletins.content import Block, Cell, Column, Heading, Paragraph, Table
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import Region
from jingtu.engine.problems import Language
from jingtu.engine.workdays import working_days_between
from jingtu.governance.duties.supervising import queries as supervising

from .registry import (
    BulletinPart,
    EvidenceSource,
    Found,
    Line,
    register_bulletin_part,
    register_evidence_source,
)

MOST_PRINTED = 50


def overdue_supervision(office: Region, least: int, day: dt.date) -> list[Found]:
    """Notices inside the office's region whose answer is at least ``least`` working days late. A notice proposes once
    for each day its answer was asked by."""
    found = []
    notices = supervising.overdue(SYSTEM, office.pk, day)
    late_at = Counter(notice.place_id for notice in notices)
    for notice in notices:
        late = working_days_between(notice.due, day)
        if late < least or notice.place_id == office.pk:
            continue
        told = {
            "number": notice.number or f"#{notice.pk}",
            "what": notice.label or notice.title,
            "what_en": notice.label_en or notice.label or notice.title,
            "due": notice.due.isoformat(),
            "late": late,
        }
        line = Line("measures.ev_overdue", told, reverse("supervising:detail", args=[notice.pk]))
        against = (Line("measures.ag_returned"),) if notice.first_answered_on else ()
        if late_at[notice.place_id] == 1:
            against = (*against, Line("measures.ag_only_overdue"))
        key = f"overdue:supervision:{notice.pk}:{notice.due.isoformat()}"
        found.append(Found(notice.place_id, key, (line,), against))
    return found


def overdue_part(region: Region, first: dt.date, last: dt.date, language: Language) -> Sequence[Block]:
    """Who had not answered at the end of the quarter and has not answered since."""
    zh = language == "zh"
    late = supervising.overdue(SYSTEM, region.pk, last)
    blocks: list[Block] = [Heading("逾期未答复的督办" if zh else "Supervision not answered in time")]
    if not late:
        return [*blocks, Paragraph("没有。" if zh else "None.")]
    titles = ("单位", "督办编号", "应答复日期") if zh else ("Organisation", "Notice", "Due")
    rows = tuple(
        (Cell(one.addressee), Cell(one.number or f"#{one.pk}"), Cell(one.due.isoformat()))
        for one in late[:MOST_PRINTED]
    )
    columns = tuple(Column(title, "left", width) for title, width in zip(titles, (2, 2, 1), strict=True))
    caption = "季末逾期、至今未答复" if zh else "Overdue at the end of the quarter and still not answered"
    more = len(late) - MOST_PRINTED
    note = (f"另有{more}件。" if zh else f"And {more} more.") if more > 0 else ""
    return [*blocks, Table("督办" if zh else "Supervision", caption, columns, rows, note)]


def register() -> None:
    """Make both known."""
    register_evidence_source(EvidenceSource("supervision", overdue_supervision))
    register_bulletin_part(BulletinPart("supervision", overdue_part, order=800))
