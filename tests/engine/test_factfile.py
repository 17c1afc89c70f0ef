from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from jingtu.engine.catalogue import Catalogue, load_catalogue
from jingtu.engine.elements import Qualifier
from jingtu.engine.factcheck import MAX_PROBLEMS
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.facttable import FactRow
from jingtu.engine.problems import InvalidInput
from jingtu.engine.tree import RegionTree

CATALOGUE = """
catalogue: {code: test, version: 1, name: {zh: 测试, en: Test}}
elements:
  - {code: cases, name: {zh: 案件数, en: Cases}, kind: flow, unit: cases}
  - {code: users, name: {zh: 吸毒人员, en: Users}, kind: stock, unit: persons, dimensions: {age: [u18, u25]}}
  - {code: rate, name: {zh: 执行率, en: Rate}, kind: reported, unit: '%', decimals: 2}
"""
REGIONS = """code,name,parent,level
44,省,,province
4419,东莞,44,city
4420,中山,44,city
442001,石岐,4420,county
442002,东区,4420,county
442003,东区,4420,county
"""


@pytest.fixture(scope="module")
def tree() -> RegionTree:
    return RegionTree.read_csv(REGIONS.encode(), "t")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(CATALOGUE)


def refused(
    content: bytes, tree: RegionTree, catalogue: Catalogue, today: date | None = None
) -> list[tuple[object, ...]]:
    with pytest.raises(InvalidInput) as error:
        read_fact_file(content, tree, catalogue, today)
    for problem in error.value.problems:
        assert problem.located_text("zh") != problem.located_text("en")
    return [(problem.code, problem.row, problem.column) for problem in error.value.problems]


LONG = """region,element,period,value,category,qualifier,source
4419,cases,2026-10,"1,234",,,报表
中山,案件数,2026年10月,300余,,,
442001,users,2026-10,５,age=u25,≥,
442001,users,2026-10,,,,
442001,rate,2026-10,99.16%,,,
442002,rate,2026-10,98,,,
"""
EXPECTED = [
    FactRow("cases", 2, "2026-10", 1234, source_row=2),
    FactRow("cases", 3, "2026-10", 300, qualifier=Qualifier.MORE, source_row=3),
    FactRow("users", 4, "2026-10", 5, "age=u25", Qualifier.AT_LEAST, source_row=4),
    FactRow("rate", 4, "2026-10", 9916, source_row=6),
    FactRow("rate", 5, "2026-10", 9800, source_row=7),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_long_file_gives_its_facts_with_their_rows(
    encoding: str, tree: RegionTree, catalogue: Catalogue, tmp_path: Path
) -> None:
    text = LONG.replace("≥", ">=") if encoding == "gb18030" else LONG
    path = tmp_path / "facts.csv"
    path.write_bytes(text.encode(encoding))
    assert read_fact_file(path, tree, catalogue).rows() == EXPECTED


def test_a_wide_file_gives_the_same_facts(tree: RegionTree, catalogue: Catalogue) -> None:
    wide = (
        "地区;期间;案件数;rate;备注\n4419;2026-10;1,234;;一\n442001;2026-10;;99.16;\n442002;2026-10;;98%;\n"
    )
    facts = read_fact_file(wide.encode("gb18030"), tree, catalogue)
    assert facts.rows() == [
        FactRow("cases", 2, "2026-10", 1234, source_row=2),
        FactRow("rate", 4, "2026-10", 9916, source_row=3),
        FactRow("rate", 5, "2026-10", 9800, source_row=4),
    ]


def workbook(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def test_a_workbook_is_read_like_the_csv_it_could_be(tree: RegionTree, catalogue: Catalogue) -> None:
    data = workbook(
        [
            ["region", "period", "cases", "rate"],
            [4419, date(2026, 10, 5), 12, 99.16],
            [],
            ["442001", "2026-10", "１２", None],
        ]
    )
    assert read_fact_file(data, tree, catalogue).rows() == [
        FactRow("cases", 2, "2026-10-05", 12, source_row=2),
        FactRow("cases", 4, "2026-10", 12, source_row=4),
        FactRow("rate", 2, "2026-10-05", 9916, source_row=2),
    ]


def test_everything_wrong_is_named_with_row_and_column(tree: RegionTree, catalogue: Catalogue) -> None:
    text = (
        "region,element,period,value,category\n"
        "4499,cases,2026-10,1,\n"
        "4419,casez,2026-10,1,\n"
        "4419,cases,2026-13,1,\n"
        "4419,cases,2026-10,-1,\n"
        "4419,cases,2026-11,1.5,\n"
        "4419,cases,2026-12,50%,\n"
        "4419,cases,2026-09,1,age=u18\n"
        "4419,users,2026-09,1,age=u99\n"
        ",cases,2026-08,1,\n"
        "4420,cases,2026-08,3,\n"
        "4420,cases,2026年8月,4,\n"
        "东区,cases,2026-08,4,\n"
        "4419,cases,2027-01,4,\n"
    )
    assert refused(text.encode(), tree, catalogue, date(2026, 12, 31)) == [
        ("tree.unknown_region_near", 2, "region"),
        ("factcheck.unknown_element_near", 3, "element"),
        ("period.impossible", 4, "period"),
        ("element.negative", 5, "value"),
        ("element.too_many_decimals", 6, "value"),
        ("element.percent_sign", 7, "value"),
        ("element.unknown_dimension", 8, "category"),
        ("element.unknown_category", 9, "category"),
        ("factcheck.blank", 10, "region"),
        ("factcheck.duplicate", 12, "value"),
        ("factcheck.name_ambiguous", 13, "region"),
        ("factcheck.future", 14, "period"),
    ]


def test_a_wide_file_names_the_column_of_the_element(tree: RegionTree, catalogue: Catalogue) -> None:
    text = "region,period,案件数,users\n4419,2026-10,x,1\n4419,2026-10,3,4\n"
    assert refused(text.encode(), tree, catalogue) == [
        ("element.unreadable", 2, "案件数"),
        ("factcheck.duplicate", 3, "users"),
    ]


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"", [("file.empty", None, None)]),
        (b"\x80\x81\xff", [("file.encoding", None, None)]),
        (b"region,element,period,value\n", [("sheet.no_rows", None, None)]),
        (b"region,element,value\n4419,cases,1\n", [("file.header_missing", 1, None)]),
        (b"region,period\n4419,2026-10\n", [("file.header_missing", 1, None)] * 2),
        (b"region,period,casess\n4419,2026-10,1\n", [("sheet.unknown_column", 1, "casess")]),
        (b"region,period,cases,Cases\n4419,2026-10,1,1\n", [("sheet.repeated_column", 1, "Cases")]),
        (
            b"region,element,period,value\n\n4419,cases,2026-10,1\n4419,cases,2026-11,1,2\n",
            [("sheet.ragged", 4, None)],
        ),
        (
            b'region,element,period,value,note\n4419,cases,2026-10,1,"x\n4419,cases,2026-11,1,\n',
            [("sheet.quotes", None, None)],
        ),
        (b"PK\x03\x04nonsense", [("sheet.bad_workbook", None, None)]),
    ],
)
def test_a_file_that_is_no_table_of_facts_is_refused(
    content: bytes, expected: list[tuple[object, ...]], tree: RegionTree, catalogue: Catalogue
) -> None:
    assert refused(content, tree, catalogue) == expected


def test_row_numbers_stay_right_after_a_blank_line(tree: RegionTree, catalogue: Catalogue) -> None:
    text = "region,element,period,value\n4419,cases,2026-10,1\n\n4419,cases,2026-11,x\n"
    assert refused(text.encode(), tree, catalogue) == [("element.unreadable", 4, "value")]


def test_levels_tell_repeated_codes_apart(catalogue: Catalogue) -> None:
    regions = (
        "code,name,parent,level,parent_level\n44,省,,province,\n4419,市,44,city,\n4419,区,4419,county,city\n"
    )
    tree = RegionTree.read_csv(regions.encode(), "t")
    text = "region,level,element,period,value\n4419,county,cases,2026-10,1\n4419,city,cases,2026-10,2\n"
    assert [row.region_id for row in read_fact_file(text.encode(), tree, catalogue).rows()] == [3, 2]
    text += "4419,,cases,2026-11,2\n"
    assert refused(text.encode(), tree, catalogue) == [("tree.code_ambiguous", 4, "region")]


def test_a_flood_of_problems_is_cut_and_counted(tree: RegionTree, catalogue: Catalogue) -> None:
    text = "region,element,period,value\n" + "4419,cases,2026-10,x\n" * (MAX_PROBLEMS + 5)
    found = refused(text.encode(), tree, catalogue)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1][0] == "factcheck.more"
