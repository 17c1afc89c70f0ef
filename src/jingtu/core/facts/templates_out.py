"""The workbooks people fill in: made from the definitions, so that little can be filled in wrongly.

The table has a row for every place and period and a column for every figure; the list has blank rows in
which place, element, category and period are chosen. In both the second row holds the codes and is hidden:
the importer reads it, so headings may be in any language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from jingtu.engine.elements import Element
from jingtu.engine.export import safe_cell
from jingtu.engine.problems import Language
from jingtu.engine.sheetheaders import ElementColumn, categories_of, column_code, column_name

Style = Literal["table", "list"]
LIST_ROWS = 200
MADE_FROM = "_made_from"
"""The sheet that says what a workbook was made from."""
_FIRST = 3  # rows above the data: title, codes, headings
_LONGEST_TITLE, _LONGEST_TEXT = 32, 255  # what Excel takes in a validation

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "help": "填写说明",
        "sheet": "填报表",
        "choices": "选项",
        "region": "地区代码",
        "place": "地区",
        "name": "地区名称",
        "period": "期间",
        "element": "数据元素",
        "category": "分类",
        "value": "数值",
        "note": "备注",
        "title": "数据填报表",
        "table": "请在“{sheet}”工作表的白色单元格中填写数字；灰色单元格是固定内容，不能改动。",
        "list": "请在“{sheet}”工作表中一行填一个数；地区、数据元素、分类和期间从下拉列表中选择，没有分类的留空。",
        "lines": "没有数据请留空；确实为零请填 0。空白表示缺报，不等于零。\n"
        "表头括号内是单位；单位为%的只填数字，如 98.5，不要写百分号。\n"
        "分项与“合计”都掌握的都填；只掌握分项的，“合计”留空，由系统相加。\n"
        "约数可写“300余”“≥80”“约50”。请勿合并单元格，请勿填写公式。\n"
        "填好后在“数据—导入”页上传；如有错误，系统会退回同一张表并在最后一列逐行说明。",
        "whole": "请填写整数",
        "decimals": "请填写数字，最多{decimals}位小数",
        "positive": "不能小于0",
        "inexact": "约数写“300余”“≥80”“约50”。",
        "unit_is": "单位：{unit}",
        "choose": "请从下拉列表中选择，不要自己填写。",
        "definition": "口径",
        "unit": "单位",
        "limits": "填写要求",
    },
    "en": {
        "help": "How to fill in",
        "sheet": "Report",
        "choices": "Choices",
        "region": "Region code",
        "place": "Region",
        "name": "Region name",
        "period": "Period",
        "element": "Element",
        "category": "Category",
        "value": "Value",
        "note": "Note",
        "title": "Report",
        "table": "Write figures into the white cells of the sheet “{sheet}”; grey cells are fixed and locked.",
        "list": "Write one figure a row in the sheet “{sheet}”; choose region, element, category and period from the "
        "lists, and leave the category empty where there is none.",
        "lines": "Leave a cell empty where there is no figure; write 0 only for zero. Empty means missing, not zero.\n"
        "The unit stands in the heading; where it is %, write the number only: 98.5, no percent sign.\n"
        "Fill in both the parts and the total where you know both; leave the total empty where you know only the "
        "parts, and they are added up.\n"
        "Inexact figures may be written 300+, >=80, ~50. Do not merge cells or write formulas.\n"
        "Upload the file under Data – Import; a wrong file comes back with the errors named in its last column.",
        "whole": "A whole number, please",
        "decimals": "A number of at most {decimals} decimals, please",
        "positive": "not below 0",
        "inexact": "Inexact figures: 300+, >=80, ~50.",
        "unit_is": "Unit: {unit}",
        "choose": "Choose from the list; do not write anything else.",
        "definition": "Definition",
        "unit": "Unit",
        "limits": "What to write",
    },
}


@dataclass(frozen=True)
class Place:
    """A region as a template names it: its code, its name, and how a list names it without doubt."""

    code: str
    name: str
    choice: str


@dataclass(frozen=True)
class Content:
    """What a template asks for. ``filled``: by place code, period, element and category what a table says
    already, and whether that is fixed. ``made_from``: rows put out of sight, for whoever reads it back."""

    elements: Sequence[Element]
    periods: Sequence[str]
    places: Sequence[Place]
    filled: Mapping[tuple[str, str, str, str], tuple[str, bool]] = field(default_factory=dict)
    made_from: Sequence[Sequence[str]] = ()

    def columns(self) -> list[tuple[Element, str]]:
        """The columns of a table: each element, or its total and each of its categories."""
        return [
            (element, category)
            for element in self.elements
            for category in (categories_of(element) if element.dimensions else [""])
        ]


def write_template(path: Path, content: Content, style: Style, language: Language) -> None:
    """Write the workbook: the sheet to fill in, a guide in the reader's language, and the lists to choose from."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = _Sheet(book, language)
        if style == "table":
            _fill_table(sheet, content)
        else:
            _fill_list(sheet, content)
        _write_help(book, content, style, language)
        sheet.write_choices()
        _write_made_from(book, content.made_from)


def _write_made_from(book: xlsxwriter.Workbook, rows: Sequence[Sequence[str]]) -> None:
    """What stood when the workbook was made, where Excel neither shows it nor lets it be changed."""
    if not rows:
        return
    page = book.add_worksheet(MADE_FROM)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            page.write_string(number, column, text)
    page.protect()
    page.very_hidden()


class _Sheet:
    """The sheet to fill in, its formats, and the lists its cells are chosen from."""

    def __init__(self, book: xlsxwriter.Workbook, language: Language) -> None:
        self.book, self.language = book, language
        self.words = _WORDS[language]
        self.page = book.add_worksheet(self.words["sheet"])
        line = {"border": 1, "border_color": "#C9CED6"}
        self.fixed = book.add_format({"bg_color": "#ECEFF3", "num_format": "@", **line})
        self.head = book.add_format(
            {"bg_color": "#DCE3EC", "bold": True, "text_wrap": True, "valign": "top", "border": 1}
        )
        self.open_text = book.add_format({"locked": False, "num_format": "@", **line})
        self.line = line
        self._choices: list[tuple[str, Sequence[str]]] = []
        self.page.write_string(0, 0, self.words["title"], book.add_format({"bold": True, "font_size": 14}))

    def heading(self, column: int, code: str, text: str, width: float) -> None:
        """A column's code (hidden row) and heading."""
        self.page.write_string(1, column, code, self.fixed)
        self.page.write_string(2, column, text, self.head)
        self.page.set_column(column, column, width)

    def open_number(self, decimals: int) -> Any:
        """The format of a cell for a figure."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return self.book.add_format({"locked": False, "num_format": pattern, **self.line})

    def choose(self, column: int, last_row: int, name: str, choices: Sequence[str]) -> None:
        """Let the cells of a column take only what a list holds."""
        at = len(self._choices)
        self._choices.append((name, choices))
        letter = xlsxwriter.utility.xl_col_to_name(at)
        sheet = self.words["choices"]
        self.page.data_validation(
            _FIRST,
            column,
            last_row,
            column,
            {
                "validate": "list",
                "source": f"='{sheet}'!${letter}$2:${letter}${len(choices) + 1}",
                "error_type": "stop",
                "error_title": name,
                "error_message": self.words["choose"],
            },
        )

    def finish(self, first_open: int) -> None:
        """Freeze the headings, hide the codes, lock what is fixed."""
        self.page.set_row(1, None, None, {"hidden": True})
        self.page.freeze_panes(_FIRST, first_open)
        self.page.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})

    def write_choices(self) -> None:
        """The sheet of lists, out of sight."""
        if not self._choices:
            return
        page = self.book.add_worksheet(self.words["choices"])
        for column, (name, choices) in enumerate(self._choices):
            page.write_string(0, column, name, self.head)
            for row, choice in enumerate(choices, start=1):
                page.write_string(row, column, choice)
        page.protect()
        page.hide()


def _fill_table(sheet: _Sheet, content: Content) -> None:
    words, page = sheet.words, sheet.page
    sheet.heading(0, "region", words["region"], 16)
    sheet.heading(1, "region_name", words["name"], 22)
    sheet.heading(2, "period", words["period"], 12)
    columns = content.columns()
    for column, (element, category) in enumerate(columns, start=_FIRST):
        code = column_code(ElementColumn(element.code, category))
        sheet.heading(column, code, column_name(element, category, sheet.language), 14)
    formats = {decimals: sheet.open_number(decimals) for decimals in {one.decimals for one, _ in columns}}
    row = _FIRST - 1
    for period in content.periods:
        for place in content.places:
            row += 1
            for column, text in enumerate((place.code, place.name, period)):
                page.write_string(row, column, safe_cell(text), sheet.fixed)
            for column, (element, category) in enumerate(columns, start=_FIRST):
                known = content.filled.get((place.code, period, element.code, category))
                if known is None:
                    page.write_blank(row, column, None, formats[element.decimals])
                else:
                    form = sheet.fixed if known[1] else formats[element.decimals]
                    _write_figure(page, row, column, safe_cell(known[0]), form)
    for column, (element, _) in enumerate(columns, start=_FIRST):
        page.data_validation(_FIRST, column, row, column, _figure(element, column, sheet.language))
    sheet.finish(_FIRST)


def _write_figure(page: Any, row: int, column: int, text: str, form: Any) -> None:
    """A figure as a number; an inexact one as the text that says so."""
    if text and text.replace(".", "", 1).isdigit():
        page.write_number(row, column, float(text), form)
    else:
        page.write_string(row, column, text, form)


def _fill_list(sheet: _Sheet, content: Content) -> None:
    words, page = sheet.words, sheet.page
    language = sheet.language
    categories = list(
        dict.fromkeys(
            element.category_name(dimension, value, language)
            for element in content.elements
            for dimension, values in element.dimensions.items()
            for value in values
        )
    )
    chosen: list[tuple[str, str, float, Sequence[str]]] = [
        ("region", words["place"], 24, [place.choice for place in content.places]),
        ("element", words["element"], 30, [element.name(language) for element in content.elements]),
    ]
    if categories:
        chosen.append(("category", words["category"], 18, categories))
    chosen.append(("period", words["period"], 14, list(content.periods)))
    last = _FIRST + LIST_ROWS - 1
    for column, (code, text, width, choices) in enumerate(chosen):
        sheet.heading(column, code, text, width)
        sheet.choose(column, last, text, choices)
    value = len(chosen)
    sheet.heading(value, "value", words["value"], 14)
    sheet.heading(value + 1, "note", words["note"], 30)
    decimals = max(element.decimals for element in content.elements)
    figures = sheet.open_number(decimals)
    for row in range(_FIRST, last + 1):
        for column in range(value):
            page.write_blank(row, column, None, sheet.open_text)
        page.write_blank(row, value, None, figures)
        page.write_blank(row, value + 1, None, sheet.open_text)
    widest = max(content.elements, key=lambda element: (not element.non_negative, element.decimals))
    page.data_validation(_FIRST, value, last, value, _figure(widest, value, language, decimals))
    sheet.finish(1)


def _figure(
    element: Element, column: int, language: Language, decimals: int | None = None
) -> dict[str, object]:
    """Stops what is no figure: too many decimals, below zero, words; 300余, ≥80 and 约50 are let through."""
    words = _WORDS[language]
    places = element.decimals if decimals is None else decimals
    cell = xlsxwriter.utility.xl_rowcol_to_cell(_FIRST, column)
    number = [f"ROUND({cell},{places})={cell}"]
    if element.non_negative:
        number.insert(0, f"{cell}>=0")
    before, after = "约近超≥≤><~不至", "余多+上下右"
    formula = (
        f"=IF(ISNUMBER({cell}),AND({','.join(number)}),"
        f'OR(ISNUMBER(FIND(LEFT({cell},1),"{before}")),ISNUMBER(FIND(RIGHT({cell},1),"{after}"))))'
    )
    validation: dict[str, object] = {
        "validate": "custom",
        "value": formula,
        "error_type": "stop",
        "error_message": (_limits(element, places, language) + "\n" + words["inexact"])[:_LONGEST_TEXT],
    }
    if decimals is None:
        name = element.name(language)[:_LONGEST_TITLE]
        validation |= {
            "error_title": name,
            "input_title": name,
            "input_message": words["unit_is"].format(unit=element.unit_name(language))[:_LONGEST_TEXT],
        }
    return validation


def _limits(element: Element, decimals: int, language: Language) -> str:
    words = _WORDS[language]
    text = words["decimals"].format(decimals=decimals) if decimals else words["whole"]
    if element.non_negative:
        text += ("，" if language == "zh" else "; ") + words["positive"]
    return text + ("。" if language == "zh" else ".")


def _write_help(book: xlsxwriter.Workbook, content: Content, style: Style, language: Language) -> None:
    words: Mapping[str, str] = _WORDS[language]
    page = book.add_worksheet(words["help"])
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": "#DCE3EC"})
    for column, width in enumerate((32, 14, 34, 30, 70)):
        page.set_column(column, column, width)
    lines = [words[style].format(sheet=words["sheet"]), *words["lines"].split("\n")]
    for row, line in enumerate(lines):
        page.write_string(row, 0, line)
    start = len(lines) + 1
    for column, word in enumerate(("element", "unit", "limits", "category", "definition")):
        page.write_string(start, column, words[word], bold)
    for row, element in enumerate(content.elements, start=start + 1):
        categories = "\n".join(
            f"{element.dimension_name(dimension, language)}: "
            + "、".join(element.category_name(dimension, value, language) for value in values)
            for dimension, values in element.dimensions.items()
        )
        cells = (
            element.name(language),
            element.unit_name(language),
            _limits(element, element.decimals, language),
            categories,
            element.definition(language),
        )
        for column, text in enumerate(cells):
            page.write_string(row, column, safe_cell(text), wrap)
