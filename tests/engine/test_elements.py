from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from jingtu.engine.elements import (
    Element,
    ElementKind,
    ParsedValue,
    Qualifier,
    category_key,
    figure_pattern,
    parse_category,
    parse_qualifier,
    round_half_up,
    unit_after,
)
from jingtu.engine.problems import InvalidInput, Problem

CASES = Element("cases", "案件数", "cases", ElementKind.FLOW, "cases", unit_zh="起", unit_en="cases")
RATE = Element("rate", "执行率", "rate", ElementKind.REPORTED, "%", decimals=2)
CHANGE = Element("change", "增幅", "change", ElementKind.REPORTED, "%", decimals=1, non_negative=False)
DEATHS = Element("deaths", "死亡率", "deaths", ElementKind.REPORTED, "per_mille", decimals=1)
USERS = Element(
    "users",
    "吸毒人员",
    "users",
    ElementKind.STOCK,
    "persons",
    dimensions={"age": ("u18", "u25"), "sex": ("f", "m")},
)


@pytest.mark.parametrize(
    "element, written, value, qualifier",
    [
        (CASES, "12", 12, ""),
        (CASES, " 1,234,567 ", 1234567, ""),
        (CASES, "１，２３４", 1234, ""),
        (CASES, "12.0", 12, ""),
        (CASES, "＋12", 12, ""),
        (DEATHS, "2.5‰", 25, ""),
        (CASES, 12.0, 12, ""),
        (CASES, 7, 7, ""),
        (CASES, "0", 0, ""),
        (CASES, "295.5万", 2955000, ""),
        (CASES, "300余", 300, "+"),
        (CASES, "40多", 40, "+"),
        (CASES, "300+", 300, "+"),
        (CASES, "1万余", 10000, "+"),
        (CASES, "≥80", 80, ">="),
        (CASES, ">=80", 80, ">="),
        (CASES, "100以上", 100, ">="),
        (CASES, "≤5", 5, "<="),
        (CASES, "约50", 50, "~"),
        (CASES, "超过50", 50, ">"),
        (CASES, "不足５０", 50, "<"),
        (CASES, "27（推断）", 27, "inferred"),
        (RATE, "99.16%", 9916, ""),
        (RATE, "99.16％", 9916, ""),
        (RATE, 99.16, 9916, ""),
        (RATE, Decimal("98"), 9800, ""),
        (CHANGE, "-89.6", -896, ""),
        (CHANGE, "−89.6%", -896, ""),
        (CASES, "", None, ""),
        (CASES, "  ", None, ""),
        (CASES, None, None, ""),
        (CASES, "—", None, ""),
    ],
)
def test_figures_are_understood_as_people_write_them(
    element: Element, written: str | float | None, value: int | None, qualifier: str
) -> None:
    assert element.parse_value(written) == ParsedValue(value, Qualifier(qualifier))


@pytest.mark.parametrize(
    "element, written, code",
    [
        (CASES, "12.5", "element.too_many_decimals"),
        (RATE, "99.161", "element.too_many_decimals"),
        (RATE, 0.1 + 0.2, "element.too_many_decimals"),
        (CASES, "50%", "element.percent_sign"),
        (CASES, "-1", "element.negative"),
        (CASES, -1.0, "element.negative"),
        (CASES, "12,34", "element.unreadable"),
        (CASES, "1.234.567", "element.unreadable"),
        (CASES, "abc", "element.unreadable"),
        (CASES, "约50余", "element.unreadable"),
        (CASES, "=1+1", "element.unreadable"),
        (CASES, float("nan"), "element.unreadable"),
        (CASES, float("inf"), "element.unreadable"),
        (CASES, "9" * 16, "element.too_large"),
        (CASES, "9" * 4000, "element.too_large"),
    ],
)
def test_a_figure_that_cannot_be_right_is_refused_in_both_languages(
    element: Element, written: str | float, code: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        element.parse_value(written)
    problem = error.value.problems[0]
    assert problem.code == code
    assert problem.text("zh") != problem.text("en")


def test_a_value_is_shown_with_its_decimals_groups_and_unit() -> None:
    assert CASES.format(1234567) == "1,234,567"
    assert CASES.format(12, "zh", with_unit=True) == "12起"
    assert CASES.format(12, "en", with_unit=True) == "12 cases"
    assert RATE.format(9916, "en", with_unit=True) == "99.16%"
    assert CHANGE.format(-5) == "-0.5"


def test_a_qualifier_stays_visible() -> None:
    assert Qualifier.MORE.mark("300") == "300余"
    assert Qualifier.AT_LEAST.mark("80", "en") == "≥80"
    assert Qualifier.EXACT.mark("80") == "80"
    assert Qualifier.INFERRED.mark("27", "en") == "27 (inferred)"
    assert parse_qualifier("≥") is Qualifier.AT_LEAST
    assert parse_qualifier(None) is Qualifier.EXACT
    assert isinstance(parse_qualifier("?"), Problem)


@pytest.mark.parametrize(
    "written, expected",
    [
        ("", ""),
        ("sex=f; age=u25", "age=u25;sex=f"),
        ("age=u99", "element.unknown_category"),
        ("substance=ice", "element.unknown_dimension"),
        ("age", "element.unknown_category_word"),
        ("age=u18;age=u25", "element.bad_category"),
    ],
)
def test_a_category_gets_one_spelling_or_a_refusal(written: str, expected: str) -> None:
    found = USERS.check_category(written)
    assert (found.code if isinstance(found, Problem) else found) == expected


def test_category_key_and_parse_are_inverse() -> None:
    assert parse_category(category_key({"sex": "f", "age": "u25"})) == {"age": "u25", "sex": "f"}


@pytest.mark.parametrize(
    "value, digits, expected",
    [("1/2", 0, "1"), ("-1/2", 0, "-1"), ("2675/1000", 2, "2.68"), ("1/3", 2, "0.33"), ("98", 2, "98.00")],
)
def test_rounding_is_half_up(value: str, digits: int, expected: str) -> None:
    assert str(round_half_up(Fraction(value), digits)) == expected


@pytest.mark.parametrize(
    ("text", "decimals", "times"),
    [
        ("12", None, None),
        ("≥80.5", "5", None),
        ("300余", None, None),
        ("1.25万", "25", "万"),
        ("1,234", None, None),
        ("+12", None, None),
        ("2.5‰", "5", None),
    ],
)
def test_the_pattern_for_pages_takes_what_the_reader_of_figures_takes(
    text: str, decimals: str | None, times: str | None
) -> None:
    found = re.match(figure_pattern(), text)
    assert found is not None
    assert found.groups() == (decimals, times)


@pytest.mark.parametrize("text", ["十二", "12人", "1,23", "1.2.3", ""])
def test_the_pattern_for_pages_refuses_what_is_no_figure(text: str) -> None:
    assert re.match(figure_pattern(), text) is None


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        ("1", "persons", "person"),
        ("1", "agencies", "agency"),
        ("1", "hours per person", "hour per person"),
        ("1", "per 100,000 people", "per 100,000 people"),
        ("1", "kg", "kg"),
        ("2", "persons", "persons"),
        ("1.0", "persons", "persons"),
        ("0", "events", "events"),
    ],
)
def test_english_counts_one_person_and_two_persons(number: str, unit: str, said: str) -> None:
    assert unit_after(number, unit, "en") == said
    assert unit_after(number, "人", "zh") == "人"
