from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.tablefile import Around, csv_blocks, write_csv, write_xlsx

AROUND = Around([("导出人", "某人")], "数据", "关于本表", "某人 & 某时", lambda count: f"完，共 {count} 条")


def many(count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        yield number, f"第{number}行", Decimal("1.50"), None


def test_a_table_longer_than_a_sheet_goes_on_on_further_sheets_and_loses_no_row(tmp_path: Path) -> None:
    target = tmp_path / "long.xlsx"
    assert write_xlsx(target, AROUND, ["号", "行", "数", "空"], many(250), sheet_rows=100) == 3
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["数据", "数据 2", "数据 3", "关于本表"]
    pages = book.worksheets[:3]
    assert [page.max_row for page in pages] == [100, 100, 53]
    assert [page["A1"].value for page in pages] == ["号"] * 3
    found = [row[0] for page in pages for row in page.iter_rows(min_row=2, values_only=True)]
    assert found == list(range(250))
    assert all(page.oddFooter.left.text == "某人 ＆ 某时" for page in pages)
    assert book.worksheets[3]["A1"].value == "导出人　某人"


def test_a_full_sheet_is_not_followed_by_an_empty_one(tmp_path: Path) -> None:
    assert write_xlsx(tmp_path / "full.xlsx", AROUND, ["a"], many(99), sheet_rows=100) == 1


def test_numbers_stay_numbers_and_long_ones_exact(tmp_path: Path) -> None:
    target = tmp_path / "typed.xlsx"
    row = (7, Decimal("-1.5"), Decimal("12345678901234567.89"), "=1+1", True)
    write_xlsx(target, AROUND, list("abcde"), [row])
    cells = next(openpyxl.load_workbook(target).worksheets[0].iter_rows(min_row=2))
    assert [cell.value for cell in cells] == [7, -1.5, "12345678901234567.89", "=1+1", "True"]
    assert {cell.data_type for cell in cells} == {"n", "s"}


def test_the_last_line_of_a_csv_says_how_many_rows_there_were(tmp_path: Path) -> None:
    target = tmp_path / "t.csv"
    write_csv(target, AROUND, ["号", "行", "数", "空"], many(3))
    with target.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["导出人", "某人"]
    assert rows[2] == ["0", "第0行", "1.50", ""]
    assert rows[-1] == ["完，共 3 条"]


@given(st.lists(st.text(alphabet="=+-@\t\r\n＝甲1", max_size=4), min_size=1, max_size=4))
def test_no_text_of_any_cell_begins_as_a_formula(texts: list[str]) -> None:
    content = b"".join(csv_blocks(AROUND, ["h"], [texts])).decode("utf-8-sig")
    cells = list(csv.reader(content.splitlines(keepends=True)))[2]
    assert all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "＝") for cell in cells)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ten_times_the_rows_take_no_more_memory(tmp_path: Path, kind: str) -> None:
    write = write_csv if kind == "csv" else write_xlsx

    def peak(count: int) -> int:
        tracemalloc.start()
        write(tmp_path / f"{count}.{kind}", AROUND, ["a", "b", "c", "d"], many(count))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    write(tmp_path / f"warm.{kind}", AROUND, ["a"], many(10))
    few = peak(3_000)
    assert peak(30_000) < few + 300_000
