"""Exports of facts as CSV and Excel."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import xlsxwriter
from django.utils import timezone

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.engine.export import safe_cell
from jingtu.engine.problems import Language

SheetKind = Literal["csv", "xlsx"]
CONTENT_TYPES: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
SHEET_ROWS = 1_048_576

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {"about": "关于本表", "facts": "数据"},
    "en": {"about": "About", "facts": "Facts"},
}


def write_csv(
    path: Path, about: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Rows as UTF-8 that Excel opens rightly; the lines ``about`` stand above the header."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for line in about:
            writer.writerow([safe_cell(line)])
        writer.writerow([safe_cell(text) for text in header])
        for row in rows:
            writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])


def write_xlsx(
    path: Path,
    about: Sequence[str],
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    language: Language,
) -> None:
    """Rows as typed cells under a frozen header, and a sheet that says what they are; constant memory."""
    words = _WORDS[language]
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DCE3EC"})
        page = book.add_worksheet(words["facts"])
        page.freeze_panes(1, 0)
        for column, text in enumerate(header):
            page.write_string(0, column, text, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, column, cell)
                elif cell is not None:
                    page.write_number(number, column, cell)
        note = book.add_worksheet(words["about"])
        note.set_column(0, 0, 90)
        for number, line in enumerate(about):
            note.write_string(number, 0, line)


def stamp(actor: Actor, scope: str, rows: int, fictional: bool) -> list[str]:
    """The lines above an export: how many rows of what, by whom and when, and whether it is invented."""
    moment = timezone.localtime(now()).strftime("%Y-%m-%d %H:%M")
    if actor.language == "zh":
        lines = [f"共 {rows} 行", f"范围：{scope}", f"导出人：{actor.label}", f"导出时间：{moment}"]
        return [*lines, "虚构示范数据"] if fictional else lines
    lines = [f"{rows} rows", f"Scope: {scope}", f"Exported by: {actor.label}", f"Exported at: {moment}"]
    return [*lines, "Fictional demonstration data"] if fictional else lines


def sheet_bytes(
    kind: SheetKind,
    about: Sequence[str],
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    language: Language,
) -> bytes:
    """A small table as a file; what may grow without limit is written to a file of its own instead."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"table.{kind}"
        if kind == "csv":
            write_csv(target, about, header, rows)
        else:
            write_xlsx(target, about, header, rows, language)
        return target.read_bytes()
