"""What a workbook was made from, so that bringing it back does not undo what was typed on the page meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine
from django.utils import timezone

from jingtu.core.facts.templates_out import MADE_FROM
from jingtu.core.kernel.actor import Actor
from jingtu.engine.elements import Qualifier
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.problems import Problem

from ..definition import cell_key
from ..models import Cell
from ..working import Working
from ..writing import shown_value, written
from .entries import Entry

COLUMNS = ("form", "period", "region", "cell", "version", "value", "qualifier")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
Place = tuple[str, str]
"""Code of the region, key of the cell."""


@dataclass(frozen=True)
class Stamp:
    """One cell as it was when the workbook was made."""

    version: int = 0
    value: int | None = None
    qualifier: str = ""


def stamp_of(working: Working) -> list[tuple[str, ...]]:
    """The rows that say what a workbook is made from: each cell with its version and figure."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for region in working.regions:
        for key, cell in sorted(working.cells.get(region.pk, {}).items()):
            value = "" if cell.value is None else str(cell.value)
            head = (working.form.code, working.period.key, region.code, key)
            rows.append((*head, str(cell.version), value, cell.qualifier))
    return rows


def read_stamp(path: Path, kind: str) -> dict[tuple[str, str, str, str], Stamp] | None:
    """By form, period, region and cell what a workbook was made from; None for a file that does not say."""
    if kind != "xlsx":
        return None
    try:
        book = calamine.load_workbook(str(path))
        if MADE_FROM not in book.sheet_names:
            return None
        rows = book.get_sheet_by_name(MADE_FROM).to_python()
    except (calamine.CalamineError, OSError):
        return None
    found = {}
    for row in rows[1:]:
        texts = [str(cell).strip() for cell in row]
        if len(texts) < len(COLUMNS):
            continue
        form, period, region, key, version, value, qualifier = texts[: len(COLUMNS)]
        if version.isascii() and version.isdigit() and len(version) < 10:
            figure = int(value) if _WHOLE.fullmatch(value) else None
            found[(form, period, region, key)] = Stamp(int(version), figure, qualifier)
    return found


def entries_of(
    actor: Actor,
    working: Working,
    facts: FactTable,
    made_from: Mapping[tuple[str, str, str, str], Stamp] | None,
) -> tuple[list[Entry], list[Problem]]:
    """What a sheet changes, and where that would undo a later change of somebody else."""
    entries: list[Entry] = []
    overtaken: list[Problem] = []
    codes = {region.pk: region.code for region in working.regions}
    lines = {region.pk: {line.key: line for line in working.lines(region.pk)} for region in working.regions}
    values = {region.pk: working.values(region.pk) for region in working.regions}
    for row in facts.rows():
        key = cell_key(row.element, row.category)
        line = lines.get(row.region_id, {}).get(key)
        cell = working.cells.get(row.region_id, {}).get(key)
        if line is None or row.value is None:
            continue
        given = (row.value, row.qualifier.value)
        known = values[row.region_id].get(key)
        opened = working.is_open(row.region_id, line)
        if not opened and known is not None and known.value == row.value:
            continue
        if cell is not None and (cell.value, cell.qualifier) == given:
            continue
        if cell is not None and opened:
            place = (working.form.code, working.period.key, codes[row.region_id], key)
            stamp = None if made_from is None else made_from.get(place, Stamp())
            if stamp is not None and stamp.version and given == (stamp.value, stamp.qualifier):
                continue  # left as it was when the sheet was made; what was changed since stays
            if stamp is None and cell.value is not None:
                overtaken.append(_overtaken(actor, working, row, cell, "report.sheet_unmarked"))
                continue
            if stamp is not None and stamp.version != cell.version:
                overtaken.append(_overtaken(actor, working, row, cell, "report.sheet_overtaken"))
                continue
        text = written(working.elements[row.element], row.value, Qualifier(row.qualifier))
        entries.append(Entry(row.region_id, key, text, cell.version if cell else 0))
    return entries, overtaken


def _overtaken(actor: Actor, working: Working, row: FactRow, cell: Cell, code: str) -> Problem:
    element = working.elements[row.element]
    names = working.names(row.region_id, actor.language)
    nobody = "系统" if actor.language == "zh" else "the system"
    return Problem(
        code,
        {
            "cell": names.get(cell.key, cell.key),
            "person": cell.entered_by.full_name if cell.entered_by else nobody,
            "at": timezone.localtime(cell.entered_at).strftime("%Y-%m-%d %H:%M"),
            "value": shown_value(element, cell) or "–",
            "given": written(element, row.value or 0, Qualifier(row.qualifier)),
        },
        row=row.source_row,
    )
