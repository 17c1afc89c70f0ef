"""What the checks noticed in the townships' August: one reply accepted, one returned, one that waits, one
answered by the office itself."""

from __future__ import annotations

from django.db.models import QuerySet

from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run, RunFinding
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import actor_named

CARD, MONTH = "township_monthly", "2026-08"


def settle() -> None:
    """Everything people did with the findings of the draft."""
    run = Run.objects.filter(scorecard=CARD, period=MONTH, state=RunState.CHECKED.value).first()
    if run is None or run.findings.exclude(state="open").exists():
        return
    analyst, county = actor_named("analyst"), actor_named("county")
    asked = list(_outliers(run).filter(with_unit=True).order_by("region__position", "pk")[:3])
    replies = (
        "该月两名新增人员尚在外地，报到日期以外地回执为准（演示）",
        "已核实（演示）",
        "暑假期间课时按教育部门口径计入九月（演示）",
    )
    for finding, reply in zip(asked, replies, strict=False):
        runs.reply_to_finding(county, finding.pk, reply)
    if len(asked) > 1:
        runs.accept_finding(analyst, asked[0].pk)
        runs.return_finding(analyst, asked[1].pk, "请写明核实了哪几项、依据什么（演示）")
    own = _outliers(run).filter(with_unit=False).order_by("region__position", "pk").first()
    if own is not None:
        runs.answer_finding(analyst, own.pk, "该街道辖区调整，任务数减少属实（演示）")


def _outliers(run: Run) -> QuerySet[RunFinding]:
    return RunFinding.objects.filter(run=run, code="check.outlier_peers", state="open")
