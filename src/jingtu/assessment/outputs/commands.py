"""``jingtu outputs``: layouts of other evaluations and the sheets made by them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django.utils.timezone import localtime

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
from jingtu.engine.periods import Period
from jingtu.engine.textfile import decode, read_bytes

from . import queries, services
from .models import Sheet
from .queries import SheetFilter
from .writer import SheetWriter

app = typer.Typer(no_args_is_help=True, help="外报表 · sheets for other evaluations")
SheetId = Annotated[int, typer.Argument(metavar="SHEET", help="编号 · number of the sheet")]


@app.command("layouts")
def list_layouts(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出表样 · list layouts."""
    with speaking_plainly():
        found = queries.layouts(acting_as(username))
    if as_json:
        emit_json([{"code": one.code, "version": one.number, "hash": one.digest} for one in found])
        return
    zh = language() == "zh"
    print_table(
        "表样" if zh else "Layouts",
        ["代码", "名称", "用于", "版本", "项数"] if zh else ["code", "name", "for", "version", "items"],
        [
            (
                one.code,
                one.layout.name(language()),
                one.layout.evaluation(language()),
                one.number,
                len(one.layout.items),
            )
            for one in found
        ],
        right=(3, 4),
    )


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="YAML 文件 · a YAML file")],
    reason: Annotated[str, typer.Option(help="修改理由 · why")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """校验并保存表样为新版 · check a layout and keep it as the next version."""
    with speaking_plainly():
        made = services.save_layout(acting_as(username), decode(read_bytes(file)), reason or file.name)
    if as_json:
        emit_json({"code": made.code, "version": made.number, "hash": made.digest})
    else:
        out.print(f"{made.code} v{made.number} {made.digest}", markup=False)


@app.command("list")
def list_sheets(
    layout: Annotated[str, typer.Option(help="表样代码 · code of a layout")] = "",
    period: Annotated[str, typer.Option(help="周期 · period")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出外报表 · list sheets."""
    with speaking_plainly():
        actor = acting_as(username)
        one_of("--layout", layout, *(version.code for version in queries.layouts(actor)))
        found = list(queries.sheets(actor, SheetFilter(layout, Period.parse(period).key if period else "")))
    if as_json:
        emit_json([_described(sheet) for sheet in found])
        return
    zh = language() == "zh"
    print_table(
        "外报表" if zh else "Sheets",
        ["编号", "表样", "地区", "周期", "稿次", "报出"]
        if zh
        else ["id", "layout", "region", "period", "issue", "sent"],
        [
            (
                sheet.pk,
                sheet.code,
                sheet.region.name,
                sheet.period,
                sheet.issue,
                f"{localtime(sheet.sent_at):%Y-%m-%d}" if sheet.sent_at else "–",
            )
            for sheet in found
        ],
        right=(0, 4),
    )


@app.command("make")
def make(
    layout: Annotated[str, typer.Argument(help="表样代码 · code of a layout")],
    tree: Annotated[str, typer.Argument(help="区划树 · region tree")],
    code: Annotated[str, typer.Argument(help="地区编码 · region code")],
    period: Annotated[str, typer.Argument(help="例如 2026-Q3 · for example 2026-Q3")],
    level: Annotated[str, typer.Option(help="级别，编码重复时用 · level, where a code occurs twice")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """新建一张表 · begin a sheet."""
    with speaking_plainly():
        actor = acting_as(username)
        region = find_region(actor, tree_by_slug(actor, tree), code, level or None)
        sheet = services.make_sheet(actor, layout, region.pk, period)
    _told(sheet, as_json)


@app.command("show")
def show(sheet_id: SheetId, username: AsUser = None, as_json: AsJson = False) -> None:
    """显示一张表及各项状态 · print a sheet with where each item stands."""
    with speaking_plainly():
        actor = acting_as(username)
        page = queries.sheet_page(actor, sheet_id)
    if as_json:
        lines = [{"row": line.row.code, **queries.as_plain(line)} for line in page.lines]
        emit_json({**_described(page.sheet), "lines": lines})
        return
    writer = SheetWriter(page, language())
    zh = language() == "zh"
    print_table(
        page.sheet.version.layout.name(language()),
        ["序号", "项目", "数值", "单位", "状态"] if zh else ["no", "item", "value", "unit", "status"],
        [
            tuple(
                writer.cell(kind, line.row, line).text
                for kind in ("number", "title", "value", "unit", "status")
            )
            for line in page.lines
        ],
        right=(0, 2),
    )


@app.command("export")
def export(
    sheet_id: SheetId,
    target: Annotated[Path, typer.Argument(help="写到哪个文件（.xlsx .docx .pdf）· the file to write")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """导出一张表 · write a sheet to a file."""
    extension = target.suffix.removeprefix(".").lower()
    if extension not in services.FORMATS or not target.parent.is_dir():
        fail(
            f"“{target}”须是现有目录下的 .xlsx、.docx 或 .pdf 文件"
            if language() == "zh"
            else f'"{target}" must be a .xlsx, .docx or .pdf file in a folder that exists'
        )
    with speaking_plainly():
        content, _name = services.export(acting_as(username), sheet_id, extension, language())
        target.write_bytes(content)
    if as_json:
        emit_json({"file": str(target), "bytes": len(content)})
    else:
        out.print(str(target), markup=False)


@app.command("send")
def send(sheet_id: SheetId, username: AsUser = None, as_json: AsJson = False) -> None:
    """标为已报出并定稿 · say that a sheet was sent; it stays as it is."""
    with speaking_plainly():
        sheet = services.send(acting_as(username), sheet_id)
    _told(sheet, as_json)


def _told(sheet: Sheet, as_json: bool) -> None:
    if as_json:
        emit_json(_described(sheet))
    else:
        out.print(f"#{sheet.pk} {sheet.code} {sheet.period} v{sheet.issue}", markup=False)


def _described(sheet: Sheet) -> dict[str, object]:
    return {
        "id": sheet.pk,
        "layout": sheet.code,
        "version": sheet.version.number,
        "region": sheet.region.name,
        "period": sheet.period,
        "issue": sheet.issue,
        "sent_at": sheet.sent_at.isoformat() if sheet.sent_at else None,
        "exports": sheet.exports,
    }
