"""Templates: what can be wrong is stopped in the sheet, and what was filled in comes back as facts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from jingtu.core.facts import store
from jingtu.core.facts.models import FactImport
from jingtu.core.facts.services import begin_import, confirm_import, make_template, store_elements
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from tests.core.facts.conftest import ELEMENTS

A1, A2 = "310101001", "310101002"
LABELS = {"age": ("年龄", "age"), "age=u18": ("18岁以下", "under 18"), "age=u25": ("25岁以下", "under 25")}


@pytest.fixture(autouse=True)
def labels(cast) -> None:
    store_elements(
        SYSTEM,
        [replace(one, labels=LABELS) if one.code == "users_new" else one for one in ELEMENTS],
    )


def template(cast, *elements: str, style: str = "table", language: str = "zh") -> openpyxl.Workbook:
    actor = cast.actor("reporter", "own")
    actor.user.language = language
    made = make_template(actor, cast.tree, elements=elements, periods=["2026-09", "2026-10"], style=style)
    return openpyxl.load_workbook(io.BytesIO(content_path(made).read_bytes()))


def hand_in(cast, book: openpyxl.Workbook) -> FactImport:
    stream = io.BytesIO()
    book.save(stream)
    return begin_import(cast.actor("reporter", "own"), cast.tree, iter([stream.getvalue()]), "t.xlsx")


def validations(page: Worksheet) -> Mapping[str, DataValidation]:
    return {str(one.sqref).split(":")[0]: one for one in page.data_validations.dataValidation}


def headings(page: Worksheet) -> list[str]:
    return [cell.value for cell in page[3] if cell.value]


def facts(cast) -> Iterator[tuple[str, str, str, int | None]]:
    shape = {row.region_id for row in store.read(cast.tree.pk).rows()}
    assert shape
    return sorted(
        (row.element, row.category, row.period, row.value) for row in store.read(cast.tree.pk).rows()
    )


def test_an_element_with_categories_has_a_column_for_its_total_and_each_of_them(cast):
    page = template(cast, "users_new", "seized").worksheets[0]
    assert headings(page)[3:] == [
        "新发现吸毒人员·合计（persons）",
        "新发现吸毒人员·18岁以下（persons）",
        "新发现吸毒人员·25岁以下（persons）",
        "缴获毒品（kg）",
    ]
    assert [cell.value for cell in page[2]][3:] == [
        "users_new", "users_new[age=u18]", "users_new[age=u25]", "seized",
    ]  # fmt: skip
    assert "新发现吸毒人员" in [row[0].value for row in template(cast, "users_new").worksheets[1].iter_rows()]


def test_figures_are_stopped_with_words_and_not_only_warned_about(cast):
    found = validations(template(cast, "cases", "seized").worksheets[0])
    cases, seized = found["D4"], found["E4"]
    assert (cases.type, cases.errorStyle) == ("custom", None)  # stop is what stands where no style does
    assert "ROUND(D4,0)=D4" in cases.formula1
    assert "D4>=0" in cases.formula1
    assert "ROUND(E4,2)=E4" in seized.formula1
    assert cases.error.startswith("请填写整数，不能小于0。")
    assert seized.error.startswith("请填写数字，最多2位小数，不能小于0。")
    assert cases.prompt == "单位：cases"
    english = validations(template(cast, "seized", language="en").worksheets[0])["D4"]
    assert english.error.startswith("A number of at most 2 decimals, please; not below 0.")


def test_a_table_filled_in_comes_back_as_facts_with_their_categories(cast):
    book = template(cast, "users_new", "seized")
    page = book.worksheets[0]
    page["D4"], page["E4"], page["F4"], page["G5"] = 12, 3, "约9", 1.25
    made = hand_in(cast, book)
    assert (made.problems, made.state) == ([], "ready")
    confirm_import(cast.actor("reporter", "own"), made.pk)
    assert facts(cast) == [
        ("seized", "", "2026-09", 125),
        ("users_new", "", "2026-09", 12),
        ("users_new", "age=u18", "2026-09", 3),
        ("users_new", "age=u25", "2026-09", 9),
    ]


def test_headings_alone_are_understood_when_the_row_of_codes_is_lost(cast):
    book = template(cast, "users_new", language="en")
    page = book.worksheets[0]
    page.delete_rows(1, 2)
    page["E2"] = 4
    made = hand_in(cast, book)
    assert (made.problems, made.state) == ([], "ready")
    confirm_import(cast.actor("reporter", "own"), made.pk)
    assert facts(cast) == [("users_new", "age=u18", "2026-09", 4)]


def test_a_wrong_cell_is_named_with_its_own_column_and_the_returned_sheet_keeps_its_validations(cast):
    book = template(cast, "users_new")
    page = book.worksheets[0]
    page["D4"], page["F5"] = 5, -2
    made = hand_in(cast, book)
    assert [(found["code"], found["row"], found["column"]) for found in made.problems] == [
        ("element.negative", 5, "新发现吸毒人员·25岁以下(persons)")
    ]
    marked = openpyxl.load_workbook(io.BytesIO(content_path(made.marked_file).read_bytes())).worksheets[0]
    assert validations(marked).keys() == validations(page).keys()
    assert "不能小于0" in marked["G5"].value


def choices(book: openpyxl.Workbook, rule: DataValidation) -> list[str]:
    sheet, _, cells = rule.formula1.replace("'", "").replace("$", "").partition("!")
    return [row[0].value for row in book[sheet][cells]]


def test_in_a_list_region_element_category_and_period_are_chosen(cast):
    book = template(cast, "users_new", "cases", style="list")
    page = book.worksheets[0]
    assert headings(page) == ["地区", "数据元素", "分类", "期间", "数值", "备注"]
    found = validations(page)
    assert [(one.type, one.errorStyle) for one in found.values()] == [("list", None)] * 4 + [("custom", None)]
    assert choices(book, found["A4"]) == ["甲一镇", "甲二镇"]
    assert choices(book, found["B4"]) == ["新发现吸毒人员", "破获案件"]
    assert choices(book, found["C4"]) == ["18岁以下", "25岁以下"]
    assert choices(book, found["D4"]) == ["2026-09", "2026-10"]
    assert book["选项"].sheet_state == "hidden"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_filled_in_comes_back_as_facts_with_their_categories(cast, language):
    book = template(cast, "users_new", "cases", style="list", language=language)
    page = book.worksheets[0]
    words = {
        "zh": ("新发现吸毒人员", "18岁以下", "破获案件"),
        "en": ("Newly found users", "under 18", "Cases solved"),
    }
    users, young, cases = words[language]
    for column, cell in zip("ABCDE", ("甲一镇", users, young, "2026-10", 3), strict=True):
        page[f"{column}4"] = cell
    for column, cell in zip("ABDE", ("甲二镇", cases, "2026-09", 7), strict=True):
        page[f"{column}6"] = cell
    made = hand_in(cast, book)
    assert (made.problems, made.state) == ([], "ready")
    confirm_import(cast.actor("reporter", "own"), made.pk)
    assert facts(cast) == [("cases", "", "2026-09", 7), ("users_new", "age=u18", "2026-10", 3)]
    page["C6"] = young
    assert [found["code"] for found in hand_in(cast, book).problems] == ["element.unknown_category_word"]
