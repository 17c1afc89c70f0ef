"""A body's periodic report to the one above it: drawn up from what is known, completed by people, issued."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from jingtu.assessment.bulletins import pdf, word
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made, record_download
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.numbering.queries import series_for
from jingtu.core.numbering.services import allocate
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import Language

from .models import Body, BodyReport, BodyReportFile
from .panels import MOST_LINES, panels_for
from .queries import get_body, get_report, members
from .rules import TEXT_MOST, TEXTS, ReportState
from .writer import ReportWriter

PURPOSE = "body_report"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FORMATS = {"docx": word.render, "pdf": pdf.render}
KINDS = frozenset(
    {
        PeriodKind.WEEK,
        PeriodKind.HALF_MONTH,
        PeriodKind.MONTH,
        PeriodKind.QUARTER,
        PeriodKind.HALF_YEAR,
        PeriodKind.YEAR,
    }
)

register_actions(
    {
        "bodies.report_drafted": ("起草机构报告", "Body's report drawn up"),
        "bodies.report_edited": ("修改机构报告", "Body's report edited"),
        "bodies.report_issued": ("印发机构报告", "Body's report issued"),
    }
)
register_objects({"body_report": ("机构工作报告", "Report of a body")})


def draft_report(actor: Actor, body_id: int, period_text: str) -> BodyReport:
    """Draw up the report of a body to the one above it, from what is known now; a draft is drawn up anew
    and keeps what people wrote. Raises InvalidInput, Conflict when it is issued already."""
    body = get_body(actor, body_id)
    if not actor.can(Permission.BODIES_MANAGE, body.region_id):
        raise PermissionDenied(Permission.BODIES_MANAGE)
    if body.dissolved is not None:
        raise Conflict(Problem("bodies.dissolved"))
    if body.parent is None:
        raise Conflict(Problem("bodies.no_recipient"))
    period = _period(period_text)
    content = _gather(actor, body, period)
    values = {
        "content": content,
        "digest": _digest(content),
        "recipient": body.parent,
        "prepared_by_id": user_id_of(actor),
        "prepared_at": now(),
    }
    with transaction.atomic():
        Body.objects.select_for_update(of=("self",)).get(pk=body.pk)
        report = BodyReport.objects.filter(body=body, period=period.key).first()
        if report is not None and report.state == ReportState.ISSUED:
            raise Conflict(Problem("bodies.reported_already"))
        if report is None:
            report = BodyReport(body=body, period=period.key, texts=dict.fromkeys(TEXTS, ""))
        for name, value in values.items():
            setattr(report, name, value)
        report.save()
        _record(actor, "bodies.report_drafted", report)
    return report


def write_texts(actor: Actor, report_id: int, texts: Mapping[str, str]) -> BodyReport:
    """What people say in the report, part by part, before it is issued."""
    written = {name: texts.get(name, "").strip() for name in TEXTS}
    problems = [
        Problem("bodies.text_too_long", {"most": TEXT_MOST}, column=name)
        for name, text in written.items()
        if len(text) > TEXT_MOST or unprintable(text)
    ]
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        report = _open(actor, report_id, Permission.BODIES_MANAGE)
        before = report.texts
        report.texts = written
        report.save(update_fields=["texts"])
        _record(actor, "bodies.report_edited", report, before=before, after=written)
    return report


def issue_report(actor: Actor, report_id: int, series_id: int | None = None) -> BodyReport:
    """Issue a report that somebody else drew up: number it, print it in both languages, keep the files."""
    with transaction.atomic():
        report = _open(actor, report_id, Permission.SUPERVISION_ISSUE)
        if report.prepared_by_id is not None and report.prepared_by_id == user_id_of(actor):
            raise Conflict(Problem("bodies.two_persons"))
        report.state = ReportState.ISSUED.value
        report.issued_by_id, report.issued_at = user_id_of(actor), now()
        report.number = _number(actor, report, series_id)
        report.save()
        for language in LANGUAGES:
            composed = ReportWriter(report, language).document()
            for extension, render in FORMATS.items():
                name = f"{_name(report, language)}.{extension}"
                stored = _keep(actor, report, render(composed), name)
                BodyReportFile.objects.create(report=report, file=stored, format=extension, language=language)
        _record(actor, "bodies.report_issued", report, after={"number": report.number})
    return report


def download(actor: Actor, report_id: int, language: str, extension: str) -> StoredFile:
    """A printed file, the download written into the audit trail."""
    report = get_report(actor, report_id)
    found = report.files.filter(language=language, format=extension).select_related("file").first()
    if found is None:
        raise NotFound(f"{report_id}.{extension}", "file")
    record_download(actor, found.file)
    return found.file


def _gather(actor: Actor, body: Body, period: Period) -> dict[str, Any]:
    """What is known of the body and of those that stand below it, as plain values in both languages."""
    below = list(body.below.filter(dissolved__isnull=True, region_id=body.region_id).order_by("pk"))
    return {
        "fictional": body.region.tree.fictional,
        "region": body.region.name,
        "bodies": [_body(actor, each, period) for each in (body, *below)],
    }


def _body(actor: Actor, body: Body, period: Period) -> dict[str, Any]:
    panels = []
    for source, panel in panels_for(actor, body, period.start, period.end):
        lines = [
            {"text": [line.zh, line.en], "detail": [line.detail_zh, line.detail_en], "tone": line.tone}
            for line in panel.lines[:MOST_LINES]
        ]
        sentence = [panel.sentence_zh, panel.sentence_en]
        panels.append({"key": source.key, "label": source.label, "sentence": sentence, "lines": lines})
    sitting = members(actor, body, period.end)
    ending = [each for each in sitting if each.ends is not None]
    return {
        "name": [body.name, body.name_en or body.name],
        "kind": body.kind,
        "members": len(sitting),
        "terms_set": len(ending),
        "panels": panels,
    }


def _period(text: str) -> Period:
    try:
        period = Period.parse(text.strip())
    except InvalidInput:
        period = None
    if period is None or period.kind not in KINDS or period.end >= today():
        raise refuse("bodies.no_such_period", column="period")
    return period


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _open(actor: Actor, report_id: int, permission: Permission) -> BodyReport:
    report = get_report(actor, report_id)
    if not actor.can(permission, report.body.region_id):
        raise PermissionDenied(permission)
    locked = (
        BodyReport.objects.select_for_update(of=("self",))
        .select_related("body__region__tree", "recipient", "prepared_by")
        .get(pk=report_id)
    )
    if locked.state == ReportState.ISSUED:
        raise Conflict(Problem("bodies.reported_already"))
    return locked


def _number(actor: Actor, report: BodyReport, series_id: int | None) -> str:
    if series_id is None:
        return ""
    if series_id not in {series.pk for series in series_for(SYSTEM, report.body.region_id)}:
        raise refuse("bodies.not_the_offices_series", column="series_id")
    number = allocate(
        actor,
        series_id,
        subject=_name(report, "zh"),
        subject_en=_name(report, "en"),
        target=f"body_report:{report.pk}",
        link=f"/bodies/reports/{report.pk}/",
    )
    return number.text


def _name(report: BodyReport, language: Language) -> str:
    if language == "zh":
        return f"{report.body.name}工作报告_{report.period}"
    return f"{report.body.name_en or report.body.name} report {report.period}"


def _keep(actor: Actor, report: BodyReport, content: bytes, name: str) -> StoredFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printed"
        path.write_bytes(content)
        return keep_made(actor, path, name, purpose=PURPOSE, region_id=report.body.region_id)


def _record(
    actor: Actor,
    action: str,
    report: BodyReport,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    told = {"period": report.period, "hash": report.digest}
    record(
        actor,
        action,
        target_type="body_report",
        target_id=report.pk,
        region_id=report.body.region_id,
        before=before,
        after={**told, **(after or {})},
    )
