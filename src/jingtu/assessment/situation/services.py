"""Drafting, sending up, sending back and signing situation reports: two persons, and nothing moves afterwards."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from jingtu.assessment.bulletins import pdf, sheet, word
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made, record_download
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.numbering.queries import series_for
from jingtu.core.numbering.services import allocate
from jingtu.core.regions.queries import get_region
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem

from .gathering import gather
from .models import SituationFile, SituationReport
from .queries import get_report, printed_file
from .rules import CADENCES, ReportState
from .writer import SituationWriter

register_actions(
    {
        "situation.drafted": ("编写毒情形势分析", "Situation report drafted"),
        "situation.submitted": ("送审毒情形势分析", "Situation report sent for approval"),
        "situation.returned": ("退回毒情形势分析", "Situation report sent back"),
        "situation.issued": ("签发毒情形势分析", "Situation report signed"),
    }
)
register_objects({"situation_report": ("形势分析", "Situation report")})
FORMATS = {"docx": word.render, "pdf": pdf.render, "xlsx": sheet.render}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def draft(actor: Actor, region_id: int, period_text: str) -> SituationReport:
    """Draft the report of a region for a year or quarter that has ended; an open draft of it is written anew.

    Raises PermissionDenied, InvalidInput (no such period, nothing known), Conflict (it is with the approver).
    """
    region = get_region(actor, region_id)
    person = user_id_of(actor)
    if person is None or not actor.can(Permission.RUNS_PREPARE, region.pk):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    period = _period(period_text)
    content = gather(region, period)
    if all(figure["value"] is None for figure in content["figures"]):
        raise InvalidInput([Problem("situation.nothing_known", column="period")])
    values: dict[str, Any] = {
        "content": content,
        "digest": _digest(content),
        "prepared_by_id": person,
        "prepared_at": now(),
        "state": ReportState.DRAFT.value,
    }
    with transaction.atomic():
        earlier = SituationReport.objects.select_for_update().filter(region=region, period=period.key)
        standing = earlier.exclude(state=ReportState.ISSUED.value).first()
        if standing is not None and standing.state == ReportState.REVIEW:
            raise Conflict(Problem("situation.open_already"))
        if standing is not None:
            SituationReport.objects.filter(pk=standing.pk).update(**values)
            report = get_report(actor, standing.pk)
        else:
            version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
            report = SituationReport.objects.create(
                region=region, period=period.key, version=version, **values
            )
        _record(actor, "situation.drafted", report)
    return report


def rewrite(actor: Actor, report_id: int) -> SituationReport:
    """Write an open draft anew from what is known now. Raises NotFound, PermissionDenied, Conflict (signed, or with
    the approver)."""
    report = get_report(actor, report_id)
    if not actor.can(Permission.RUNS_PREPARE, report.region_id):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    if report.state == ReportState.ISSUED:
        raise Conflict(Problem("situation.wrong_state"))
    return draft(actor, report.region_id, report.period)


def submit(actor: Actor, report_id: int) -> SituationReport:
    """Send a draft to be signed by somebody else. Raises NotFound, PermissionDenied, Conflict."""
    with transaction.atomic():
        report = _locked(actor, report_id, Permission.RUNS_PREPARE, ReportState.DRAFT)
        report.state, report.return_reason = ReportState.REVIEW, ""
        report.save(update_fields=["state", "return_reason"])
        _record(actor, "situation.submitted", report)
    return report


def send_back(actor: Actor, report_id: int, reason: str) -> SituationReport:
    """Give a report back with a reason. Raises NotFound, PermissionDenied, Conflict, InvalidInput."""
    if not reason.strip():
        raise InvalidInput([Problem("situation.reason_missing", column="reason")])
    with transaction.atomic():
        report = _locked(actor, report_id, Permission.RUNS_APPROVE, ReportState.REVIEW)
        report.state, report.return_reason = ReportState.DRAFT, reason.strip()[:255]
        report.save(update_fields=["state", "return_reason"])
        _record(actor, "situation.returned", report)
    return report


def approve(
    actor: Actor, report_id: int, *, issuer_zh: str, issuer_en: str = "", series_id: int | None = None
) -> SituationReport:
    """Sign a report: print every format in both languages and keep them; nothing of it changes afterwards.

    It takes the next number of a series of the office or of one above it; without one it bears none. Raises
    NotFound, PermissionDenied, Conflict (state, or the signer prepared it), InvalidInput (not the office's series).
    """
    if not issuer_zh.strip():
        raise InvalidInput([Problem("situation.issuer_missing", column="issuer_zh")])
    with transaction.atomic():
        report = _locked(actor, report_id, Permission.RUNS_APPROVE, ReportState.REVIEW)
        if report.prepared_by_id == user_id_of(actor):
            raise Conflict(Problem("situation.two_persons"))
        report.state = ReportState.ISSUED
        report.approved_by_id, report.approved_at = user_id_of(actor), now()
        report.issuer_zh = issuer_zh.strip()
        report.number = _number(actor, report, series_id)
        report.issuer_en = issuer_en.strip() or issuer_zh.strip()
        report.save()
        for language in LANGUAGES:
            composed = SituationWriter(report, language).document()
            for extension, render in FORMATS.items():
                stored = _keep(actor, report, render(composed), f"{_name(report, language)}.{extension}")
                SituationFile.objects.create(report=report, file=stored, format=extension, language=language)
        _record(actor, "situation.issued", report)
    return report


def _number(actor: Actor, report: SituationReport, series_id: int | None) -> str:
    """The next number, given out in the transaction of the signature."""
    if series_id is None:
        return ""
    if series_id not in {series.pk for series in series_for(actor, report.region_id)}:
        raise InvalidInput([Problem("situation.not_the_offices_series", column="series_id")])
    number = allocate(
        actor,
        series_id,
        subject=_name(report, "zh"),
        subject_en=_name(report, "en"),
        target=f"situation_report:{report.pk}",
        link=f"/bulletins/situation/{report.pk}/",
    )
    return number.text


def download(actor: Actor, report_id: int, extension: str, language: str) -> StoredFile:
    """The printed file, with the download written into the audit trail."""
    stored = printed_file(actor, report_id, extension, language)
    record_download(actor, stored)
    return stored


def _period(text: str) -> Period:
    try:
        period = Period.parse(text)
    except InvalidInput:
        period = None
    if period is None or period.kind.value not in CADENCES:
        raise InvalidInput([Problem("situation.no_such_period", column="period")])
    if period.end >= today():
        raise InvalidInput([Problem("situation.running", {"period": period.key}, column="period")])
    return period


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _locked(actor: Actor, report_id: int, permission: Permission, state: ReportState) -> SituationReport:
    get_report(actor, report_id)
    report = (
        SituationReport.objects.select_for_update(of=("self",))
        .select_related("region__tree")
        .get(pk=report_id)
    )
    if not actor.can(permission, report.region_id):
        raise PermissionDenied(permission)
    if report.state != state:
        raise Conflict(Problem("situation.wrong_state"))
    return report


def _keep(actor: Actor, report: SituationReport, content: bytes, name: str) -> StoredFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printed"
        path.write_bytes(content)
        return keep_made(actor, path, name, purpose="situation", region_id=report.region_id)


def _name(report: SituationReport, language: Language) -> str:
    word_ = "毒情形势分析" if language == "zh" else "situation"
    return f"{report.region.name}_{report.period}_{word_}_v{report.version}"


def _record(actor: Actor, action: str, report: SituationReport) -> None:
    record(
        actor,
        action,
        target_type="situation_report",
        target_id=report.pk,
        region_id=report.region_id,
        after={
            "period": report.period,
            "version": report.version,
            "hash": report.digest,
            "number": report.number,
        },
    )
