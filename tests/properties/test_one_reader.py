"""The same clean file gives the same facts through the file command and through the site's import."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.core.facts.importing.checking import Rules, check
from jingtu.core.files.rules import detect
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.facttable import FactTable
from jingtu.engine.sheet import read_sheet
from jingtu.engine.tree import RegionTree

TREE = RegionTree.read_csv("code,name,parent\n1,市,\n11,甲县,1\n12,乙县,1\n".encode(), "t")
CATALOGUE = load_catalogue("""
catalogue: {code: a, version: 1, name: {zh: 甲, en: A}}
dimensions:
  - {code: age, name: {zh: 年龄, en: age}, values: {u18: {zh: 18岁以下, en: under 18}, u25: {zh: 25岁以下, en: under 25}}}
elements:
  - {code: cases, name: {zh: 案件, en: Cases}, kind: flow, unit: cases}
  - {code: users, name: {zh: 人员, en: Users}, kind: stock, unit: persons, dimensions: {age: [u18, u25]}}
  - {code: rate, name: {zh: 比率, en: Rate}, kind: reported, unit: '%', decimals: 2}
""")
TODAY = dt.date(2026, 11, 22)
LONG_HEADERS = (
    ("region", "element", "period", "value", "category", "note"),
    ("地区代码", "数据元素", "期间", "数值", "分类", "备注"),
    ("单位", "指标", "月份", "值", "类别", "来源"),
    ("Region name", "Element_code", "Period", "Value", "Category", "Remarks"),
)
WIDE_HEADERS = (
    ("region", "period", "cases", "users", "users[age=u18]", "rate"),
    ("地区", "期间", "案件（起）", "人员·合计（人）", "人员·18岁以下（人）", "比率(%)"),
    ("单位名称", "时期", "Cases", "Users · total", "Users · under 18", "Rate"),
)
COUNTS = st.sampled_from(["3", "１２", "1,234", "约5", "300余", "≥80", "", "2万", "—"])
RATES = st.sampled_from(["98", "98.5%", "99.16", "９９．５％", ""])
PLACES = st.sampled_from(["11", "12", "甲县", "乙县"])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A title perhaps, a header in some language, and rows of which no two say the same thing."""
    months = draw(st.lists(st.integers(1, 10), min_size=1, max_size=4, unique=True))
    rows: list[list[str]] = [["月报表"]] if draw(st.booleans()) else []
    if draw(st.booleans()):
        rows.append(list(draw(st.sampled_from(LONG_HEADERS))))
        for month in months:
            place = draw(PLACES)
            rows.append([place, "cases", f"2026-{month:02}", draw(COUNTS), "", "x"])
            rows.append(
                [
                    place,
                    "人员",
                    f"2026年{month}月",
                    draw(COUNTS),
                    draw(st.sampled_from(["age=u18", "25岁以下", ""])),
                    "",
                ]
            )
            rows.append([place, "Rate", f"2026-{month:02}", draw(RATES), "", ""])
    else:
        rows.append(list(draw(st.sampled_from(WIDE_HEADERS))))
        for month in months:
            figures = [draw(COUNTS), draw(COUNTS), draw(COUNTS), draw(RATES)]
            rows.append([draw(PLACES), f"2026-{month:02}", *figures])
    if draw(st.booleans()):
        rows.insert(len(rows) - 1, [""] * len(rows[-1]))
    return rows


def written(rows: list[list[str]], form: str, separator: str) -> tuple[bytes, str]:
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue(), "t.xlsx"
    width = max(len(row) for row in rows)
    lines = [
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row + [""] * (width - len(row)))
        for row in rows
    ]
    return ("\n".join(lines) + "\n").encode(form), "t.csv"


def content(facts: FactTable) -> list[Any]:
    return sorted((row for row in facts.rows()), key=repr)


@settings(max_examples=80, deadline=None)
@given(
    tables(),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_both_doors_give_the_same_facts(rows: list[list[str]], form: str, separator: str) -> None:
    data, name = written(rows, form, separator)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        found = detect(path, 10_000_000)
        sheet = read_sheet(path, CATALOGUE.elements, found.kind, found.encoding)
        rules = Rules(TREE, CATALOGUE.elements, None, [], TODAY, FactTable.empty())
        at_the_site = check(sheet, rules)
        by_command = read_fact_file(path, TREE, CATALOGUE, TODAY)
    assert at_the_site.problems == []
    assert content(at_the_site.facts) == content(by_command)
    assert content(by_command) == content(read_fact_file(data, TREE, CATALOGUE, TODAY))
