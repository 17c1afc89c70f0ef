"""Making templates and exports: files of the person who asked, recorded in the audit trail."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from jingtu.core.audit.exporting import Outgoing, stamped
from jingtu.core.audit.services import record
from jingtu.core.facts import queries, templates_out
from jingtu.core.facts.disclosure import hidden_rows
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import expire, keep_made
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.kernel.languages import speaking
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree, get_region
from jingtu.engine.elements import QUALIFIERS, Element
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, refuse
from jingtu.engine.tablefile import write_csv, write_xlsx
from jingtu.engine.tree import RegionTree as EngineTree

EXPORT_JOB = "facts.export"
LONG_ROWS = 50_000  # from here on the export is a job
TEMPLATE_PURPOSE = "facts.template"
TEMPLATE_CELLS = 300_000
COLUMNS = {
    "zh": ("地区代码", "地区名称", "级别", "数据元素", "元素名称", "期间", "分类", "数值", "限定", "单位", "来源文件", "行号", "填报人", "填报时间"),
    "en": ("region", "region_name", "level", "element", "element name", "period", "category", "value", "qualifier", "unit", "source file", "row", "sent by", "sent at"),
}  # fmt: skip

Step = Callable[[int], None]
Kind = Literal["csv", "xlsx"]


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
    kind: Kind,
    within: Region | None = None,
    elements: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    step: Step = lambda _: None,
) -> StoredFile:
    """All facts the actor may read that match, with where each came from; never cut short.

    The count, the filter, the user and the time stand on the sheet. Past the rows a sheet holds a workbook goes on on
    further sheets.
    """
    facts = queries.facts(actor, tree, within=within, elements=elements, periods=periods)
    return _exported(actor, tree, facts, kind, within, elements, periods, step)


def _exported(
    actor: Actor,
    tree: RegionTree,
    facts: FactTable,
    kind: Kind,
    within: Region | None,
    elements: Collection[str] | None,
    periods: Collection[str] | None,
    step: Step = lambda _: None,
) -> StoredFile:
    hidden = hidden_rows(actor, tree, facts, queries.elements(actor))
    table = Outgoing(
        _title(tree, actor.language),
        COLUMNS[actor.language],
        _rows(actor, tree, facts, hidden, step),
        len(facts),
        scope=_scope(tree, within, elements, periods, actor.language),
        fictional=tree.fictional,
    )
    with speaking(actor.language):
        if hidden.any():
            mark = f"<{settings.SMALL_CELL_LIMIT}"
            table = replace(table, more=[(mark, _("人数较少，或为防止倒推一并不显示"))])
        around = stamped(actor, table, end=False)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"facts.{kind}"
        (write_csv if kind == "csv" else write_xlsx)(target, around, table.header, table.rows)
        moment = timezone.localtime(now()).strftime("%Y%m%d-%H%M")
        name = f"{'数据' if actor.language == 'zh' else 'facts'}-{tree.slug}-{moment}.{kind}"
        stored = keep_made(actor, target, name, purpose=queries.EXPORT_PURPOSE)
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


def begin_export(
    actor: Actor,
    tree: RegionTree,
    *,
    kind: Kind,
    within: Region | None = None,
    elements: Collection[str] | None = None,
    periods: Collection[str] | None = None,
) -> StoredFile | Job:
    """The file at once, or, where it is long, the job that will make it and tells its owner."""
    facts = queries.facts(actor, tree, within=within, elements=elements, periods=periods)
    if len(facts) < LONG_ROWS:
        return _exported(actor, tree, facts, kind, within, elements, periods)
    wanted: dict[str, Any] = {
        "tree": tree.pk,
        "kind": kind,
        "within": None if within is None else within.pk,
        "elements": sorted(elements or ()),
        "periods": sorted(periods or ()),
    }
    return submit(actor, EXPORT_JOB, wanted, None if within is None else within.pk)


def run_export_job(job: Job, actor: Actor, progress: Progress) -> Mapping[str, Any]:
    """Make the file with the rights the owner has now."""
    wanted = job.params
    within = None if wanted["within"] is None else get_region(actor, wanted["within"])
    stored = export_facts(
        actor,
        RegionTree.objects.get(pk=wanted["tree"]),
        kind=wanted["kind"],
        within=within,
        elements=wanted["elements"] or None,
        periods=wanted["periods"] or None,
        step=lambda percent: progress(min(percent, 99)),
    )
    return {"file": stored.pk}


def export_outcome(job: Job) -> tuple[str, str] | None:
    """The link to the file while it is good, with the moment until which it is."""
    made = StoredFile.objects.filter(pk=job.result.get("file"), purpose=queries.EXPORT_PURPOSE).first()
    if made is None or made.created_at < queries.exports_since():
        return None
    until = timezone.localtime(made.created_at + dt.timedelta(hours=settings.EXPORT_HOURS))
    words = _("下载文件（%(until)s 前有效）") % {"until": until.strftime("%Y-%m-%d %H:%M")}
    return words, reverse("files:download", args=(made.pk,))


def expire_exports() -> int:
    """Remove export files whose link has ended."""
    return expire(SYSTEM, queries.EXPORT_PURPOSE, queries.exports_since())


def _choice(shape: EngineTree, at: int) -> str:
    """How a list names a region: by its name where no other bears it, else by its code."""
    return shape.names[at] if len(shape.named(shape.names[at])) == 1 else shape.codes[at]


def _element(known: Mapping[str, Element], code: str) -> Element:
    if code not in known:
        raise refuse("facts.unknown_element_without_hint", text=code)
    return known[code]


def _title(tree: RegionTree, language: Language) -> str:
    return tree.name_zh if language == "zh" else tree.name_en


def _scope(
    tree: RegionTree,
    within: Region | None,
    elements: Collection[str] | None,
    periods: Collection[str] | None,
    language: Language,
) -> str:
    place = within.name if within is not None else _title(tree, language)
    everything, comma = ("全部", "、") if language == "zh" else ("all", ", ")
    which = comma.join(sorted(elements)) if elements else everything
    when = comma.join(sorted(periods)) if periods else everything
    if language == "zh":
        return f"范围：{place}；数据元素：{which}；期间：{when}"
    return f"Scope: {place}; elements: {which}; periods: {when}"


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
