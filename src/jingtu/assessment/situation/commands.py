"""``jingtu situation``: draft, list and show situation reports."""

from __future__ import annotations

from typing import Annotated

import typer

from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    language,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.queries import find_region, tree_by_slug

from . import queries, services
from .models import SituationReport
from .writer import SituationWriter

app = typer.Typer(no_args_is_help=True, help="毒情形势分析 · situation reports")


@app.command("list")
def list_reports(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出形势分析 · list situation reports."""
    with speaking_plainly():
        found = list(queries.reports(acting_as(username)))
    if as_json:
        emit_json([_described(report) for report in found])
        return
    zh = language() == "zh"
    print_table(
        "毒情形势分析" if zh else "Situation reports",
        ["编号", "地区", "时期", "稿次", "状态"] if zh else ["id", "region", "period", "version", "state"],
        [(report.pk, report.region.name, report.period, report.version, report.state) for report in found],
        right=(0, 3),
    )


@app.command("draft")
def draft(
    tree: Annotated[str, typer.Argument(help="区划树 · region tree")],
    code: Annotated[str, typer.Argument(help="地区编码 · region code")],
    period: Annotated[str, typer.Argument(help="2026 或 2026-Q3 · a year or a quarter")],
    level: Annotated[str, typer.Option(help="级别，编码重复时用 · level, where a code occurs twice")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """编写一份形势分析 · draft a situation report."""
    with speaking_plainly():
        actor = acting_as(username)
        region = find_region(actor, tree_by_slug(actor, tree), code, level or None)
        report = services.draft(actor, region.pk, period)
    _told(report, as_json)


@app.command("submit")
def submit(
    report_id: Annotated[int, typer.Argument(metavar="REPORT", help="编号 · number of the report")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """送审 · send a report to be signed."""
    with speaking_plainly():
        report = services.submit(acting_as(username), report_id)
    _told(report, as_json)


@app.command("return")
def send_back(
    report_id: Annotated[int, typer.Argument(metavar="REPORT", help="编号 · number of the report")],
    reason: Annotated[str, typer.Argument(help="退回理由 · why")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """退回 · send a report back with a reason."""
    with speaking_plainly():
        report = services.send_back(acting_as(username), report_id, reason)
    _told(report, as_json)


@app.command("approve")
def approve(
    report_id: Annotated[int, typer.Argument(metavar="REPORT", help="编号 · number of the report")],
    issuer: Annotated[str, typer.Option(help="发文机关 · the issuing office")],
    issuer_en: Annotated[str, typer.Option(help="发文机关英文名 · its English name")] = "",
    series: Annotated[
        int | None, typer.Option(help="文号系列编号，不填则不编号 · series of numbers; none: no number")
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """签发 · sign a report that somebody else prepared."""
    with speaking_plainly():
        report = services.approve(
            acting_as(username), report_id, issuer_zh=issuer, issuer_en=issuer_en, series_id=series
        )
    _told(report, as_json)


@app.command("show")
def show(
    report_id: Annotated[int, typer.Argument(metavar="REPORT", help="编号 · number of the report")],
    username: AsUser = None,
) -> None:
    """在终端显示全文 · print a report's text."""
    with speaking_plainly():
        report = queries.get_report(acting_as(username), report_id)
        text = SituationWriter(report, language()).document().text()
    out.print(text, markup=False, soft_wrap=True)


def _told(report: SituationReport, as_json: bool) -> None:
    if as_json:
        emit_json(_described(report))
    else:
        parts = (f"#{report.pk}", report.period, f"v{report.version}", report.number, report.digest)
        out.print(" ".join(part for part in parts if part), markup=False)


def _described(report: SituationReport) -> dict[str, object]:
    return {
        "id": report.pk,
        "region": report.region.name,
        "period": report.period,
        "version": report.version,
        "state": report.state,
        "number": report.number,
        "hash": report.digest,
    }
