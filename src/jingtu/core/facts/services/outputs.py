"""Making templates and exports: files of the person who asked, recorded in the audit trail."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np
from django.conf import settings
from django.utils import timezone
from numpy.typing import NDArray

from jingtu.core.audit.services import record
from jingtu.core.facts import queries, sheets_out, templates_out
from jingtu.core.facts.disclosure import hidden_rows
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.elements import QUALIFIERS, Element
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import refuse
from jingtu.engine.tree import RegionTree as EngineTree

EXPORT_PURPOSE = "facts.export"
TEMPLATE_PURPOSE = "facts.template"
TEMPLATE_CELLS = 300_000
COLUMNS = {
    "zh": ("地区代码", "地区名称", "级别", "数据元素", "元素名称", "期间", "分类", "数值", "限定", "单位", "来源文件", "行号", "填报人", "填报时间"),
    "en": ("region", "region_name", "level", "element", "element name", "period", "category", "value", "qualifier", "unit", "source file", "row", "sent by", "sent at"),
}  # fmt: skip

Step = Callable[[int], None]


def make_template(
    actor: Actor,
    tree: RegionTree,
    *,
    elements: Sequence[str],
    periods: Sequence[str],
    level: str = "",
    within: Region | None = None,
    style: templates_out.Style = "table",
) -> StoredFile:
    """A workbook to fill in for the regions the actor may report for (of one level, inside ``within``).

    ``style``: a table with a row for every region and period, or a list whose regions, elements,
    categories and periods are chosen row by row. Without ``level`` the lowest regions are offered.
    Raises PermissionDenied when there are none.
    """
    allowed = queries.region_ids_in(actor, Permission.FACTS_IMPORT, tree, within)
    shape = engine_tree(actor, tree)
    positions = range(shape.size) if allowed is None else sorted(shape.positions_of_ids(allowed).tolist())
    leaves = set(shape.leaves.tolist())
    chosen = [at for at in positions if (shape.levels[at] == level if level else at in leaves)]
    if not chosen:
        raise PermissionDenied(Permission.FACTS_IMPORT)
    known = queries.elements(actor)
    wanted = [_element(known, code) for code in elements]
    keys = [Period.parse(period).key for period in periods]
    places = [templates_out.Place(shape.codes[at], shape.names[at], _choice(shape, at)) for at in chosen]
    content = templates_out.Content(wanted, keys, places)
    cells = len(chosen) * len(keys) * len(content.columns()) if style == "table" else len(chosen)
    if not wanted or not keys or cells > TEMPLATE_CELLS:
        raise refuse("facts.template_too_large", cells=cells, limit=TEMPLATE_CELLS)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "template.xlsx"
        templates_out.write_template(target, content, style, actor.language)
        word = "填报模板" if actor.language == "zh" else "template"
        name = f"{word}-{keys[0]}-{shape.names[chosen[0]] if len(chosen) == 1 else tree.slug}.xlsx"
        stored = keep_made(actor, target, name, purpose=TEMPLATE_PURPOSE)
    record(
        actor,
        "facts.template_made",
        target_type="file",
        target_id=stored.pk,
        after={"elements": list(elements), "periods": keys, "regions": len(chosen), "style": style},
    )
    return stored


def export_facts(
    actor: Actor,
    tree: RegionTree,
    *,
    kind: Literal["csv", "xlsx"],
    within: Region | None = None,
    elements: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    step: Step = lambda _: None,
) -> StoredFile:
    """All facts the actor may read that match, with where each came from; never cut short.

    The count, the filter, the user and the time stand on the sheet.
    """
    facts = queries.facts(actor, tree, within=within, elements=elements, periods=periods)
    if kind == "xlsx" and len(facts) >= sheets_out.SHEET_ROWS:
        raise refuse("facts.too_many_rows", rows=len(facts), limit=sheets_out.SHEET_ROWS - 1)
    hidden = hidden_rows(actor, tree, facts, queries.elements(actor))
    about = _about(actor, tree, within, elements, periods, len(facts))
    if hidden.any():
        about.append(_mark_explained(actor))
    rows = _rows(actor, tree, facts, hidden, step)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"facts.{kind}"
        if kind == "csv":
            sheets_out.write_csv(target, about, COLUMNS[actor.language], rows)
        else:
            sheets_out.write_xlsx(target, about, COLUMNS[actor.language], rows, actor.language)
        moment = timezone.localtime(now()).strftime("%Y%m%d-%H%M")
        name = f"{'数据' if actor.language == 'zh' else 'facts'}-{tree.slug}-{moment}.{kind}"
        stored = keep_made(actor, target, name, purpose=EXPORT_PURPOSE)
    record(
        actor,
        "facts.exported",
        target_type="file",
        target_id=stored.pk,
        region_id=None if within is None else within.pk,
        after={
            "rows": len(facts),
            "elements": sorted(elements or ()),
            "periods": sorted(periods or ()),
            "sha256": stored.sha256,
        },
    )
    return stored


def _choice(shape: EngineTree, at: int) -> str:
    """How a list names a region: by its name where no other bears it, else by its code."""
    return shape.names[at] if len(shape.named(shape.names[at])) == 1 else shape.codes[at]


def _element(known: Mapping[str, Element], code: str) -> Element:
    if code not in known:
        raise refuse("facts.unknown_element_without_hint", text=code)
    return known[code]


def _about(
    actor: Actor,
    tree: RegionTree,
    within: Region | None,
    elements: Collection[str] | None,
    periods: Collection[str] | None,
    count: int,
) -> list[str]:
    moment = timezone.localtime(now()).strftime("%Y-%m-%d %H:%M")
    place = within.name if within is not None else (tree.name_zh if actor.language == "zh" else tree.name_en)
    which = "、".join(sorted(elements)) if elements else "*"
    when = "、".join(sorted(periods)) if periods else "*"
    if actor.language == "zh":
        lines = [
            f"共 {count} 行",
            f"范围：{place}；数据元素：{which}；期间：{when}",
            f"导出人：{actor.label}",
            f"导出时间：{moment}",
        ]
        return [*lines, "虚构示范数据"] if tree.fictional else lines
    lines = [
        f"{count} rows",
        f"Scope: {place}; elements: {which}; periods: {when}",
        f"Exported by: {actor.label}",
        f"Exported at: {moment}",
    ]
    return [*lines, "Fictional demonstration data"] if tree.fictional else lines


def _mark_explained(actor: Actor) -> str:
    mark = f"<{settings.SMALL_CELL_LIMIT}"
    if actor.language == "zh":
        return f"“{mark}”：人数较少，或为防止倒推一并不显示"
    return f"“{mark}”: few persons, or withheld with them so that they cannot be worked out"


def _rows(
    actor: Actor, tree: RegionTree, facts: FactTable, hidden: NDArray[np.bool_], step: Step
) -> Iterator[Sequence[object]]:
    shape: EngineTree = engine_tree(actor, tree)
    known = queries.elements(actor)
    batches = queries.batches_of(actor, tree, np.unique(facts.batch).tolist())
    positions = shape.positions_of_ids(facts.region_id).tolist()
    order = np.lexsort((facts.period, facts.element, facts.region_id)).tolist()
    for done, index in enumerate(order):
        if done % 50_000 == 0:
            step(done * 100 // max(len(order), 1))
        row, at = facts.row(index), positions[index]
        element, batch = known.get(row.element), batches[row.batch]
        value: object = row.value
        if hidden[index]:
            value = f"<{settings.SMALL_CELL_LIMIT}"
        elif element is not None and row.value is not None:
            scaled = Decimal(row.value).scaleb(-element.decimals)
            value = int(scaled) if element.decimals == 0 else float(scaled)
        may_open = batch.file is not None and actor.can(Permission.FACTS_READ, batch.region_id)
        yield (
            shape.codes[at] if at >= 0 else "",
            shape.names[at] if at >= 0 else "",
            shape.levels[at] if at >= 0 else "",
            row.element,
            element.name(actor.language) if element else "",
            row.period,
            row.category,
            value,
            QUALIFIERS[facts.qualifier[index]].value,
            element.unit_name(actor.language) if element else "",
            batch.file.name if may_open and batch.file else "",
            row.source_row or None,
            batch.actor_label,
            timezone.localtime(batch.created_at).strftime("%Y-%m-%d %H:%M"),
        )
