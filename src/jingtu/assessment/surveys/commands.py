"""``jingtu surveys``: results of outside surveys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jingtu.assessment.surveys import queries, services
from jingtu.assessment.surveys.queries import WavePage
from jingtu.assessment.surveys.services import About
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
from jingtu.core.regions.queries import tree_by_slug

app = typer.Typer(no_args_is_help=True, help="民意调查：导入、清单、名次、撤回 · results of outside surveys")


@app.command("list")
def list_waves(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出各期调查 · list the waves you may see."""
    with speaking_plainly():
        waves = queries.list_waves(acting_as(username))
        found = [
            {
                "id": wave.pk,
                "element": wave.element,
                "period": wave.period,
                "area": wave.region.name,
                "agency": wave.agency,
                "places": wave.places,  # type: ignore[attr-defined]
            }
            for wave in waves
        ]
    if as_json:
        emit_json(found)
        return
    heads = ("编号", "内容", "期间", "范围", "机构", "地区数") if language() == "zh" else ("id", "element", "period", "area", "agency", "places")  # fmt: skip
    print_table("", heads, [list(row.values()) for row in found], right=(5,))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件 · the file")],
    tree: Annotated[str, typer.Option("--tree", metavar="SLUG", help="区划树 · region tree")],
    element: Annotated[str, typer.Option(help="数据元素，如 survey_satisfaction · element")],
    period: Annotated[str, typer.Option(help="期间 · period")],
    agency: Annotated[str, typer.Option(help="调查机构 · who asked")],
    method: Annotated[str, typer.Option(help="调查方法 · how")] = "",
    source: Annotated[str, typer.Option(help="来源文件 · where published")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """整体校验后入库；有错则逐条说明 · store a wave whole, or say everything wrong in the file."""
    with speaking_plainly():
        actor = acting_as(username)
        about = About(element, period, agency, method, source)
        wave = services.import_path(actor, tree_by_slug(actor, tree), about, file)
        count = wave.results.count()
    if as_json:
        emit_json({"wave": wave.pk, "places": count, "batch": wave.batch.sequence})
    else:
        out.print(f"#{wave.pk} {wave.element} {wave.period}: {count}", markup=False)


@app.command("withdraw")
def withdraw(
    number: Annotated[int, typer.Argument(help="期次编号 · number of the wave")],
    reason: Annotated[str, typer.Option(help="理由 · why")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """撤回导入有误的一期；已发布的考核不变 · take back a wave that was brought in wrongly."""
    with speaking_plainly():
        wave = services.withdraw_wave(acting_as(username), number, reason)
    if as_json:
        emit_json({"wave": wave.pk, "withdrawn": True})
    else:
        out.print(f"#{wave.pk} {'已撤回' if language() == 'zh' else 'withdrawn'}", markup=False)


@app.command("show")
def show(
    number: Annotated[int, typer.Argument(help="期次编号 · number of the wave")],
    level: Annotated[str, typer.Option(help="级别 · level")] = "",
    within: Annotated[int, typer.Option(help="排名范围的地区编号 · own id of the region to rank in")] = 0,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """一期的结果、名次和名次区间 · results of a wave with ranks and rank ranges."""
    with speaking_plainly():
        found = wave_plain(queries.wave_page(acting_as(username), number, within or None, level))
    if as_json:
        emit_json(found)
        return
    heads = ("名次", "地区", "结果", "样本", "下限", "上限", "区间", "连续") if language() == "zh" else ("rank", "place", "value", "sample", "low", "high", "range", "streak")  # fmt: skip
    rows = found["rows"]
    keys = ("rank", "name", "value", "sample", "low", "high", "rank_range", "streak")
    title = "" if not found["withdrawn"] else "已撤回" if language() == "zh" else "withdrawn"
    print_table(title, heads, [[row[key] for key in keys] for row in rows], right=(0, 2, 3, 4, 5, 7))  # type: ignore[attr-defined]


def wave_plain(found: WavePage) -> dict[str, object]:
    """A wave in JSON types."""
    return {
        "wave": found.wave.pk,
        "element": found.wave.element,
        "period": found.wave.period,
        "agency": found.wave.agency,
        "method": found.wave.method,
        "within": found.within.name,
        "level": found.level,
        "withdrawn": found.undoing is not None,
        "rows": [
            {
                "region": row.region.code,
                "name": row.region.name,
                "value": str(row.answer.value),
                "sample": row.answer.sample,
                "low": None if row.answer.low is None else str(row.answer.low),
                "high": None if row.answer.high is None else str(row.answer.high),
                "rank": row.standing.rank,
                "rank_range": None if row.standing.best is None else [row.standing.best, row.standing.worst],
                "streak": row.streak.length,
                "streak_certain": row.streak.certain,
                "small_sample": row.unsure,
            }
            for row in found.rows
        ],
    }
