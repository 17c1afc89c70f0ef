"""``jingtu facts``: import, export, templates and the history of a value."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from django.utils.timezone import localtime
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from jingtu.core.facts import queries, services
from jingtu.core.facts.services.imports import Step
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    err,
    fail,
    language,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import find_region, tree_by_slug

app = typer.Typer(
    no_args_is_help=True, help="数据：导入、导出、模板、历史 · import, export, templates, history"
)

TreeOption = Annotated[str, typer.Option("--tree", metavar="SLUG", help="区划树 · region tree")]
WithinOption = Annotated[
    str, typer.Option("--within", metavar="CODE", help="只限该地区及以下 · only this region and below")
]


def _say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


@contextmanager
def _progress(text: str, quiet: bool) -> Iterator[Step]:
    """A progress bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as bars:
        task = bars.add_task(text, total=100)
        yield lambda percent: bars.update(task, completed=percent)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件 · the file")],
    tree: TreeOption,
    again: Annotated[
        bool, typer.Option("--again", help="即使相同内容已入库也重新导入 · even if it already stands")
    ] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """整体校验后入库；有错则逐条说明，什么也不存 · store a file whole, or say everything wrong in it."""
    with speaking_plainly():
        actor = acting_as(username)
        found = tree_by_slug(actor, tree)
        with _progress(_say("校验并入库", "Checking and storing"), as_json) as step:
            made = services.import_path(actor, found, file, step, again=again)
    told = {
        "import": made.pk,
        "state": made.state,
        "rows": made.row_count,
        "added": made.added,
        "changed": made.changed,
        "unchanged": made.unchanged,
        "batch": made.batch.sequence if made.batch else None,
    }
    if as_json:
        emit_json(told)
    else:
        out.print(
            _say(
                f"已入库：{made.row_count} 个数值（新增 {made.added}，改变 {made.changed}，不变 {made.unchanged}）",
                f"Stored: {made.row_count} values ({made.added} new, {made.changed} changed, "
                f"{made.unchanged} unchanged)",
            )
        )


@app.command("export")
def export(
    to: Annotated[Path, typer.Argument(help="目标文件 .csv 或 .xlsx · where to write")],
    tree: TreeOption,
    within: WithinOption = "",
    element: Annotated[
        list[str] | None, typer.Option("--element", help="数据元素代码 · element code")
    ] = None,
    period: Annotated[list[str] | None, typer.Option("--period", help="期间 · period")] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """导出有权查看的数据及其来源 · export the facts you may read, with where each came from."""
    suffix = to.suffix.lower()
    if suffix not in {".csv", ".xlsx"}:
        fail(_say(f"文件名须以 .csv 或 .xlsx 结尾：{to}", f"the name must end in .csv or .xlsx: {to}"))
    kind: Literal["csv", "xlsx"] = "csv" if suffix == ".csv" else "xlsx"
    with speaking_plainly():
        actor = acting_as(username)
        found = tree_by_slug(actor, tree)
        with _progress(_say("导出", "Exporting"), as_json) as step:
            stored = services.export_facts(
                actor,
                found,
                kind=kind,
                within=_region(actor, found, within),
                elements=element or None,
                periods=period or None,
                step=step,
            )
        _deliver(stored, to, as_json)


@app.command("template")
def template(
    to: Annotated[Path, typer.Argument(help="目标文件 .xlsx · where to write")],
    tree: TreeOption,
    element: Annotated[list[str], typer.Option("--element", help="数据元素代码 · element code")],
    period: Annotated[list[str], typer.Option("--period", help="期间 · period")],
    within: WithinOption = "",
    level: Annotated[str, typer.Option("--level", help="填报级别 · level that reports")] = "",
    as_list: Annotated[
        bool,
        typer.Option(
            "--list",
            help="逐行选择地区、元素、分类、期间 · choose region, element, category, period row by row",
        ),
    ] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """生成填报模板 · make a workbook to fill in."""
    with speaking_plainly():
        actor = acting_as(username)
        found = tree_by_slug(actor, tree)
        stored = services.make_template(
            actor,
            found,
            elements=element,
            periods=period,
            level=level,
            within=_region(actor, found, within),
            style="list" if as_list else "table",
        )
        _deliver(stored, to, as_json)


@app.command("history")
def history(
    region: Annotated[str, typer.Argument(help="地区代码 · region code")],
    element: Annotated[str, typer.Argument(help="数据元素代码 · element code")],
    period: Annotated[str, typer.Argument(help="期间 · period")],
    tree: TreeOption,
    category: Annotated[str, typer.Option("--category", help="分类 · category")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """一个数值的来历：谁、何时、从哪个文件哪一行 · who set a value, when, from which file and row."""
    with speaking_plainly():
        actor = acting_as(username)
        found = tree_by_slug(actor, tree)
        place = find_region(actor, found, region)
        known = queries.elements(actor).get(element)
        events = queries.history(actor, place, element, period, category)
    rows = [
        {
            "at": localtime(event.batch.created_at).isoformat(timespec="seconds"),
            "value": None if event.value is None else (known.format(event.value) if known else event.value),
            "qualifier": event.qualifier.value,
            "kind": event.batch.kind,
            "by": event.batch.actor_label,
            "file": event.batch.file.name if event.import_id and event.batch.file else None,
            "row": event.source_row or None,
            "reason": event.batch.note if event.batch.kind != "import" else "",
        }
        for event in events
    ]
    if as_json:
        emit_json(rows)
    else:
        columns = (
            ["时间", "数值", "限定", "方式", "经办人", "文件", "行", "理由"]
            if language() == "zh"
            else ["at", "value", "qualifier", "kind", "by", "file", "row", "reason"]
        )
        print_table(
            f"{place.name} · {element} · {period}", columns, [list(row.values()) for row in rows], right=(1,)
        )


def _region(actor: Actor, tree: RegionTree, code: str) -> Region | None:
    return find_region(actor, tree, code) if code else None


def _deliver(stored: StoredFile, to: Path, as_json: bool) -> None:
    try:
        shutil.copyfile(content_path(stored), to)
    except OSError as error:
        fail(_say(f"无法写入 {to}：{error.strerror}", f"cannot write {to}: {error.strerror}"))
    if as_json:
        emit_json({"file": str(to), "bytes": stored.size, "sha256": stored.sha256})
    else:
        out.print(_say(f"已写入 {to}", f"Wrote {to}"))
