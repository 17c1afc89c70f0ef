"""``jingtu regions change``: a dated change from the command line, previewed first when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

import typer

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    fail,
    language,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions import queries, services
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.problems import InvalidInput, Problem


class Kind(StrEnum):
    """What is done to the regions."""

    CREATE = "create"
    RENAME = "rename"
    MOVE = "move"
    MERGE = "merge"
    SPLIT = "split"


def _say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


def change(
    kind: Annotated[Kind, typer.Argument()],
    regions: Annotated[list[str], typer.Argument(metavar="CODE...")],
    tree: Annotated[str, typer.Option(metavar="SLUG", help="区划树 · region tree")],
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="生效日期 · from this day")],
    document: Annotated[str, typer.Option(help="依据文件 · the document that ordered it")] = "",
    note: Annotated[str, typer.Option(help="备注 · remark")] = "",
    name: Annotated[str, typer.Option(help="新名称 · new name")] = "",
    code: Annotated[str, typer.Option(help="新代码 · new code")] = "",
    level: Annotated[str, typer.Option(help="级别（设立）· level of a new region")] = "",
    parent: Annotated[str, typer.Option(metavar="CODE", help="新上级 · new parent")] = "",
    into: Annotated[str, typer.Option(metavar="CODE", help="并入 · merge into this one")] = "",
    part: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE:NAME:CHILD,…[:SHARE]",
            help="分出的区划、其下级、文件载明的比例 · a part of a split, its children, the share the document states",
        ),
    ] = None,
    keeps: Annotated[
        bool, typer.Option("--keeps", help="分设后原区划保留 · the split region goes on")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="只看影响，不写入 · show what it affects, write nothing")
    ] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """登记区划变更（设立、更名、划转、合并、分设）· record a dated change: create, rename, move, merge, split."""
    with speaking_plainly():
        actor = acting_as(username)
        found_tree = queries.tree_by_slug(actor, tree)

        def find(wanted: str) -> Region:
            return queries.find_region(actor, found_tree, wanted)

        places = [find(wanted) for wanted in regions]
        if kind is not Kind.MERGE and len(places) != 1:
            fail(_say("只能给出一个区划代码。", "Give exactly one region."))
        if kind is Kind.MOVE and not parent:
            fail(_say("请用 --parent 给出新上级。", "Give the new parent with --parent."))
        order = services.Order(_day(date), document, note)
        acts: dict[Kind, Callable[[], services.Effect]] = {
            Kind.CREATE: lambda: services.create_region(
                actor, places[0], code=code, name=name, level=level, order=order
            ),
            Kind.RENAME: lambda: services.rename_region(
                actor, places[0], name=name or None, code=code or None, order=order
            ),
            Kind.MOVE: lambda: services.move_region(
                actor, places[0], find(parent), code=code or None, order=order
            ),
            Kind.MERGE: lambda: services.merge_regions(
                actor,
                places,
                into=find(into) if into else None,
                name=name,
                code=code,
                level=level or None,
                parent=find(parent) if parent else None,
                order=order,
            ),
            Kind.SPLIT: lambda: services.split_region(
                actor,
                places[0],
                [_part(actor, found_tree, text) for text in part or ()],
                keeps=keeps,
                order=order,
            ),
        }
        tried = services.preview_change(actor, found_tree, acts[kind]) if preview else None
        effect = tried.effect if tried else acts[kind]()
    told = _told(effect)
    groups = tried.groups if tried else ()
    if as_json:
        emit_json(
            {
                "written": tried is None,
                "kind": effect.change.kind,
                "date": effect.change.date,
                **told,
                "affected": [
                    {
                        "app": group.key,
                        "visible": group.lines is not None,
                        "lines": [
                            {"label": line.label, "count": line.count, "detail": line.detail}
                            for line in group.lines or ()
                        ],
                    }
                    for group in groups
                ],
            }
        )
        return
    out.print(
        _say("预览，没有写入：", "Preview, nothing written:") if tried else _say("已登记：", "Recorded:"),
        markup=False,
    )
    words = {
        "created": _say("设立", "created"),
        "renamed": _say("更名", "renamed"),
        "moved": _say("划转", "moved"),
        "ended": _say("撤销", "ended"),
    }
    for key, names in told.items():
        if names:
            out.print(f"  {words[key]} {_say('、', ', ').join(names)}", markup=False)
    rows: list[tuple[object, ...]] = []
    for group in groups:
        if group.lines is None:
            rows.append((str(group.title), _say("无权查看", "not for your posts to see"), "", ""))
        rows += [(str(group.title), line.label, line.count, line.detail) for line in group.lines or ()]
    if rows:
        columns = (_say("模块", "part"), _say("内容", "what"), _say("数量", "count"), _say("说明", "detail"))
        print_table(_say("受影响的内容", "What it affects"), columns, rows, right=(2,))


def _told(effect: services.Effect) -> dict[str, list[str]]:
    return {
        "created": [f"{region.name} ({region.code})" for region in effect.created],
        "renamed": [f"{old} → {region.name} ({region.code})" for old, region in effect.renamed],
        "moved": [region.name for _old, region in effect.moved],
        "ended": [f"{region.name} ({region.code})" for region in effect.ended],
    }


def _part(actor: Actor, tree: RegionTree, text: str) -> services.Part:
    code, name, children, share = [*text.split(":"), "", "", ""][:4]
    taken = [queries.find_region(actor, tree, child).pk for child in children.split(",") if child]
    try:
        return services.Part(name, code, taken, share=Decimal(share) if share else None)
    except InvalidOperation:
        raise InvalidInput([Problem("regions.share_number", {"text": share}, column="--part")]) from None


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput([Problem("tree.bad_date", {"text": text}, column="--date")]) from None
