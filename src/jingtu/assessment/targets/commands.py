"""``jingtu targets``: dated targets and trajectories."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from jingtu.assessment.targets import queries, services
from jingtu.assessment.targets.models import Target
from jingtu.assessment.targets.queries import TargetFilter, TrajectoryPage
from jingtu.assessment.targets.rules import TargetState
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    fail,
    language,
    one_of,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.queries import find_region, tree_by_slug
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.targetfile import canonical_period
from jingtu.engine.targets import Basis
from jingtu.engine.targets import Target as Wanted

app = typer.Typer(
    no_args_is_help=True, help="目标：清单、设定、批准、导入、轨迹 · dated targets and trajectories"
)

TreeOption = Annotated[str, typer.Option("--tree", metavar="SLUG", help="区划树 · region tree")]
Reason = Annotated[str, typer.Option(help="说明或理由 · why")]


@app.command("list")
def list_targets(
    tree: Annotated[str, typer.Option("--tree", help="区划树 · region tree")] = "",
    indicator: Annotated[str, typer.Option(help="指标编码 · indicator")] = "",
    state: Annotated[
        str, typer.Option(help="proposed、in_force、superseded、rejected、withdrawn")
    ] = "in_force",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出有权查看的目标 · list the targets you may see."""
    one_of("--state", state, *TargetState)
    with speaking_plainly():
        if tree:
            tree_by_slug(acting_as(username), tree)
        rows = queries.list_targets(acting_as(username), TargetFilter(tree, indicator, None, state))
        found = [_plain(row) for row in rows]
    if as_json:
        emit_json(found)
        return
    heads = (
        ("编号", "指标", "对象", "期间", "方式", "目标", "红线", "版本", "状态")
        if language() == "zh"
        else ("id", "indicator", "place", "period", "basis", "requirement", "red line", "version", "state")
    )
    keys = ("id", "indicator", "place", "period", "basis", "requirement", "red_line", "version", "state")
    print_table("", heads, [[row[key] for key in keys] for row in found], right=(7,))


@app.command("set")
def set_target(
    indicator: Annotated[str, typer.Argument(help="指标编码 · indicator")],
    region: Annotated[str, typer.Argument(help="地区代码 · region code")],
    period: Annotated[str, typer.Argument(help="期间，如 2026、2026-Q3、2026-10.. · period")],
    tree: TreeOption,
    reason: Reason,
    requirement: Annotated[str, typer.Option(help="目标，如“>= 96” · requirement")] = "",
    red_line: Annotated[str, typer.Option("--red-line", help="红线，如“< 90” · red line")] = "",
    basis: Annotated[str, typer.Option(help="each、exact、cumulative")] = "each",
    document: Annotated[str, typer.Option(help="依据文件 · document")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """为一个地区设定目标；影响得分的要另一人批准 · set a target for one place."""
    if basis not in ("each", "exact", "cumulative"):
        fail("--basis: each, exact, cumulative")
    if not requirement and not red_line:
        fail(
            "请给出 --requirement 或 --red-line" if language() == "zh" else "give --requirement or --red-line"
        )
    chosen: Basis = basis  # type: ignore[assignment]
    with speaking_plainly():
        actor = acting_as(username)
        found = tree_by_slug(actor, tree)
        place = find_region(actor, found, region)
        made = services.propose(
            actor,
            found,
            Wanted(
                indicator,
                "place",
                canonical_period(period),
                chosen,
                (place.level, place.code),
                requirement=Threshold.parse(requirement) if requirement else None,
                red_line=Threshold.parse(red_line) if red_line else None,
                document=document,
            ),
            reason,
        )
    _told(made, as_json)


@app.command("approve")
def approve(
    number: Annotated[int, typer.Argument(help="目标编号 · number")],
    note: Annotated[str, typer.Option(help="说明 · note")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """批准他人拟定的目标 · approve a target somebody else proposed."""
    with speaking_plainly():
        actor = acting_as(username)
        queries.get_target(actor, number)
        made = services.approve(actor, number, note)
    _told(made, as_json)


@app.command("withdraw")
def withdraw(
    number: Annotated[int, typer.Argument(help="目标编号 · number")],
    reason: Reason,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """撤销目标 · withdraw a target."""
    with speaking_plainly():
        actor = acting_as(username)
        queries.get_target(actor, number)
        made = services.withdraw(actor, number, reason)
    _told(made, as_json)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件 · the file")],
    tree: TreeOption,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """整体校验后导入；有错则逐条说明，什么也不存 · import a file whole, or say everything wrong in it."""
    with speaking_plainly():
        actor = acting_as(username)
        made = services.import_path(actor, tree_by_slug(actor, tree), file)
        new = [_plain(row) for row in made.targets.select_related("region")]
    if as_json:
        emit_json({"import": made.pk, "rows": made.row_count, "targets": new})
    elif language() == "zh":
        out.print(f"已导入 {made.row_count} 行，新版 {len(new)} 个")
    else:
        out.print(f"Imported {made.row_count} rows: {len(new)} new versions")


@app.command("template")
def template(
    to: Annotated[Path, typer.Argument(help="目标文件 .xlsx · where to write")],
    tree: TreeOption,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """生成填写模板 · make a workbook to fill in."""
    with speaking_plainly():
        actor = acting_as(username)
        _deliver(services.make_template(actor, tree_by_slug(actor, tree)), to, as_json)


@app.command("export")
def export(
    to: Annotated[Path, typer.Argument(help="目标文件 .xlsx · where to write")],
    tree: TreeOption,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """导出现行目标，改后可再导入 · write the targets in force; the file can be changed and imported."""
    with speaking_plainly():
        actor = acting_as(username)
        rows = [row.as_target() for row in queries.list_targets(actor, TargetFilter(tree=tree))]
        _deliver(services.export_targets(actor, tree_by_slug(actor, tree), rows), to, as_json)


@app.command("trajectories")
def trajectories(
    tree: Annotated[str, typer.Option("--tree", help="区划树 · region tree")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """各条轨迹的进度和拐点 · where every trajectory stands, and whether it has turned."""
    with speaking_plainly():
        if tree:
            tree_by_slug(acting_as(username), tree)
        found = [trajectory_plain(one) for one in queries.standings(acting_as(username), tree=tree)]
    if as_json:
        emit_json(found)
        return
    heads = (
        ("编号", "名称", "地区", "最近一期", "实际", "轨迹值", "进度", "拐点")
        if language() == "zh"
        else ("id", "name", "place", "latest", "value", "asked", "standing", "turning")
    )
    keys = ("id", "name", "place", "latest", "value", "asked", "standing", "turning")
    print_table("", heads, [[row[key] for key in keys] for row in found], right=(4, 5))


def trajectory_plain(found: TrajectoryPage) -> dict[str, object]:
    """A trajectory's standing in JSON types."""
    one, latest, turning = found.trajectory, found.latest, found.turning
    return {
        "id": one.pk,
        "name": one.name,
        "indicator": one.indicator,
        "place": one.region.name,
        "latest": None if latest is None else latest.period.key,
        "value": None if latest is None else _text(latest.value),
        "asked": None if latest is None else _text(latest.asked),
        "standing": None if latest is None else latest.standing,
        "turning": None if turning is None else turning.state,
        "turning_at": None if turning is None or turning.at is None else turning.at.key,
        "against": [] if turning is None else _keys(turning.against),
        "towards": [] if turning is None else _keys(turning.towards),
    }


def _keys(periods: tuple[Period, ...]) -> list[str]:
    return [period.key for period in periods]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _plain(row: Target) -> dict[str, object]:
    place = row.group if row.scope == "group" else row.region.name
    return {
        "id": row.pk,
        "indicator": row.indicator,
        "scope": row.scope,
        "place": f"{place}/{row.level}" if row.level else place,
        "period": row.period,
        "basis": row.basis,
        "requirement": row.requirement,
        "red_line": row.red_line,
        "document": row.document,
        "version": row.version,
        "state": row.state,
    }


def _told(made: Target, as_json: bool) -> None:
    if as_json:
        emit_json(_plain(made))
        return
    words = {
        "in_force": ("已生效", "in force"),
        "proposed": ("待批准", "awaits approval"),
        "withdrawn": ("已撤销", "withdrawn"),
    }
    state = words[str(made.state)][0 if language() == "zh" else 1]
    out.print(f"#{made.pk} {made.indicator} {made.period} v{made.version}: {state}", markup=False)


def _deliver(stored: StoredFile, to: Path, as_json: bool) -> None:
    try:
        shutil.copyfile(content_path(stored), to)
    except OSError as error:
        fail(f"{to}: {error.strerror}")
    if as_json:
        emit_json({"file": str(to), "bytes": stored.size, "sha256": stored.sha256})
    else:
        out.print(f"→ {to}", markup=False)
