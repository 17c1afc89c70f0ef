"""Spreadsheets going out: the template people fill in, and exports of facts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from jingtu.engine.elements import Element
from jingtu.engine.export import safe_cell
from jingtu.engine.problems import Language

_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
SHEET_ROWS = 1_048_576

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "help": "填写说明",
        "sheet": "填报表",
        "region": "地区代码",
        "name": "地区名称",
        "period": "期间",
        "about": "关于本表",
        "facts": "数据",
        "title": "数据填报表",
        "lines": "请在“{sheet}”工作表的白色单元格中填写数字。\n灰色单元格是固定内容，请勿改动。\n"
        "没有数据请留空；确实为零请填 0。空白表示缺报，不等于零。\n"
        "约数可写“300余”“≥80”“约50”。请勿合并单元格，请勿填写公式。\n"
        "填好后在“数据—导入”页上传；如有错误，系统会退回同一张表并在最后一列逐行说明。",
        "bad": "请填写不小于 0 的数字",
        "decimals": "最多 {decimals} 位小数",
        "definition": "口径",
        "element": "数据元素",
        "unit": "单位",
    },
    "en": {
        "help": "How to fill in",
        "sheet": "Report",
        "region": "Region code",
        "name": "Region name",
        "period": "Period",
        "about": "About",
        "facts": "Facts",
        "title": "Report",
        "lines": "Write figures into the white cells of the sheet “{sheet}”.\nGrey cells are fixed; leave them.\n"
        "Leave a cell empty where there is no figure; write 0 only for zero. Empty means missing, not zero.\n"
        "Inexact figures may be written 300+, >=80, ~50. Do not merge cells or write formulas.\n"
        "Upload the file under Data – Import; a wrong file comes back with the errors named in its last column.",
        "bad": "A number not below 0, please",
        "decimals": "at most {decimals} decimals",
        "definition": "Definition",
        "element": "Element",
        "unit": "Unit",
    },
}


@dataclass(frozen=True)
class Place:
    """A region as a template lists it."""

    code: str
    name: str


def write_template(
    path: Path,
    elements: Sequence[Element],
    periods: Sequence[str],
    places: Sequence[Place],
    language: Language,
) -> None:
    """A workbook with a row for every place and period and a column for every element.

    The second row holds the codes and is hidden: the importer reads it, so names may be in any language.
    """
    words = _WORDS[language]
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        fixed = book.add_format(
            {"bg_color": "#ECEFF3", "num_format": "@", "border": 1, "border_color": "#C9CED6"}
        )
        head = book.add_format(
            {"bg_color": "#DCE3EC", "bold": True, "text_wrap": True, "valign": "top", "border": 1}
        )
        page = book.add_worksheet(words["sheet"])
        page.write_string(0, 0, words["title"], book.add_format({"bold": True, "font_size": 14}))
        fixed_columns = (
            ("region", words["region"]),
            ("region_name", words["name"]),
            ("period", words["period"]),
        )
        for column, (code, label) in enumerate(fixed_columns):
            page.write_string(1, column, code, fixed)
            page.write_string(2, column, label, head)
        first = len(fixed_columns)
        for column, element in enumerate(elements, start=first):
            page.write_string(1, column, element.code, fixed)
            unit = element.unit_name(language)
            page.write_string(2, column, f"{element.name(language)}（{unit}）", head)
        last_row = 2
        formats = {
            decimals: book.add_format(
                {"locked": False, "border": 1, "border_color": "#C9CED6", "num_format": _pattern(decimals)}
            )
            for decimals in {element.decimals for element in elements}
        }
        for period in periods:
            for place in places:
                last_row += 1
                for column, text in enumerate((place.code, place.name, period)):
                    page.write_string(last_row, column, safe_cell(text), fixed)
                for column, element in enumerate(elements, start=first):
                    page.write_blank(last_row, column, None, formats[element.decimals])
        for column, element in enumerate(elements, start=first):
            page.data_validation(3, column, last_row, column, _validation(element, words))
        page.set_row(1, None, None, {"hidden": True})
        page.set_column(0, 0, 16)
        page.set_column(1, 1, 22)
        page.set_column(2, 2, 12)
        page.set_column(first, first + len(elements), 14)
        page.freeze_panes(3, first)
        page.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
        _write_help(book, elements, language)


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _validation(element: Element, words: Mapping[str, str]) -> dict[str, object]:
    note = words["decimals"].format(decimals=element.decimals) if element.decimals else ""
    limits: dict[str, object] = (
        {"criteria": ">=", "value": 0}
        if element.non_negative
        else {"criteria": "between", "minimum": -(10**15), "maximum": 10**15}
    )
    # A warning, not a stop: "300余" is a proper figure that no validation of numbers lets pass.
    return {
        "validate": "decimal" if element.decimals else "integer",
        "error_type": "warning",
        "error_title": element.name_zh[:31],
        "error_message": f"{words['bad']} {note}".strip(),
        **limits,
    }


def _write_help(book: xlsxwriter.Workbook, elements: Sequence[Element], language: Language) -> None:
    words = _WORDS[language]
    page = book.add_worksheet(words["help"])
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True})
    page.set_column(0, 0, 32)
    page.set_column(1, 1, 14)
    page.set_column(2, 2, 80)
    for row, line in enumerate(words["lines"].format(sheet=words["sheet"]).split("\n")):
        page.write_string(row, 0, line)
    start = 7
    for column, word in enumerate(("element", "unit", "definition")):
        page.write_string(start, column, words[word], bold)
    for row, element in enumerate(elements, start=start + 1):
        page.write_string(row, 0, safe_cell(element.name(language)), wrap)
        page.write_string(row, 1, element.unit_name(language), wrap)
        page.write_string(row, 2, safe_cell(element.definition(language)), wrap)


def write_csv(
    path: Path, about: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Rows as UTF-8 that Excel opens rightly; the lines ``about`` stand above the header."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for line in about:
            writer.writerow([safe_cell(line)])
        writer.writerow(header)
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
