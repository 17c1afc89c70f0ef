"""Giving a sheet back with what is wrong named in each row, in the sender's own file and language."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import python_calamine as calamine
import xlsxwriter
from openpyxl.styles import Alignment, Font, PatternFill

from jingtu.engine.export import safe_cell
from jingtu.engine.problems import Language, Problem
from jingtu.engine.sheet import Sheet, separator_of
from jingtu.engine.sheetheaders import ERROR_COLUMN

KEPT_FORMATTING = 400_000  # cells; a larger workbook is written anew, without its colours, in bounded memory


def mark(
    source: Path,
    target: Path,
    kind: str,
    encoding: str,
    sheet: Sheet,
    problems: Sequence[Problem],
    language: Language,
) -> None:
    """Write a copy of ``source`` to ``target`` with one more column: the errors of each row."""
    texts = _texts_by_row(problems, sheet.layout.header_row, language)
    if kind == "csv":
        _mark_text(source, target, encoding, sheet, texts, language)
    elif len(sheet.rows) * len(sheet.layout.header) <= KEPT_FORMATTING:
        _mark_workbook(source, target, sheet, texts, language)
    else:
        _rewrite_workbook(source, target, sheet, texts, language)


def _texts_by_row(problems: Sequence[Problem], header_row: int, language: Language) -> dict[int, str]:
    rows: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        text = replace(problem, row=None).located_text(language)
        found = rows[problem.row or header_row]
        if text not in found:
            found.append(text)
    return {row: safe_cell("\n".join(found)) for row, found in rows.items()}


def _title(texts: Mapping[int, str], sheet: Sheet, language: Language) -> str:
    of_header = texts.get(sheet.layout.header_row)
    return f"{ERROR_COLUMN[language]}: {of_header}" if of_header else ERROR_COLUMN[language]


def _mark_text(
    source: Path, target: Path, encoding: str, sheet: Sheet, texts: Mapping[int, str], language: Language
) -> None:
    separator = separator_of(source, encoding)
    # Excel recognises UTF-8 only by its mark, and the column just added is Chinese.
    with (
        source.open(encoding=encoding, newline="") as stream,
        target.open("w", encoding=encoding, newline="", errors="replace") as out,
    ):
        writer = csv.writer(out, delimiter=separator)
        width = len(sheet.layout.header)
        for number, record in enumerate(csv.reader(stream, delimiter=separator), start=1):
            padded = record + [""] * (width - len(record))
            if number == sheet.layout.header_row:
                padded.append(_title(texts, sheet, language))
            elif padded:
                padded.append(texts.get(number, ""))
            writer.writerow(padded)


def _mark_workbook(
    source: Path, target: Path, sheet: Sheet, texts: Mapping[int, str], language: Language
) -> None:
    with source.open("rb") as stream:  # a blob's name has no ending, and openpyxl asks names for one
        book = openpyxl.load_workbook(stream)
    page = book[sheet.name]
    column = len(sheet.layout.header) + 1
    red = Font(color="B00020")
    pale = PatternFill("solid", start_color="FDECEA")
    head = page.cell(sheet.layout.header_row, column, _title(texts, sheet, language))
    head.font = Font(bold=True, color="B00020")
    page.column_dimensions[head.column_letter].width = 60
    page.column_dimensions[head.column_letter].hidden = False
    page.protection.sheet = False
    for number, text in texts.items():
        if number == sheet.layout.header_row:
            continue
        cell = page.cell(number, column, text)
        cell.font, cell.fill = red, pale
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.save(target)


def _rewrite_workbook(
    source: Path, target: Path, sheet: Sheet, texts: Mapping[int, str], language: Language
) -> None:
    raw = calamine.load_workbook(str(source)).get_sheet_by_name(sheet.name)
    width = len(sheet.layout.header)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        page = book.add_worksheet(sheet.name)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, record in enumerate(raw.to_python(skip_empty_area=False), start=1):
            for index, cell in enumerate(record[:width]):
                if isinstance(cell, str | bool | int | float):
                    page.write(number - 1, index, cell)
                else:
                    page.write(number - 1, index, cell, day)
            if number == sheet.layout.header_row:
                page.write_string(number - 1, width, _title(texts, sheet, language))
            elif number in texts:
                page.write_string(number - 1, width, texts[number])
