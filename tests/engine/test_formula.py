from __future__ import annotations

from decimal import Decimal

import pytest

from jingtu.engine.formula import (
    FUNCTIONS,
    Binary,
    Call,
    ElementRef,
    Negate,
    Number,
    Text,
    Window,
    elements_of,
    format_formula,
    parse,
    periods_of,
    windows_of,
)
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput


def test_multiplication_binds_tighter_and_chains_lean_left() -> None:
    assert parse("a + b * 2 - c") == Binary(
        "-",
        Binary("+", ElementRef("a"), Binary("*", ElementRef("b"), Number(Decimal(2)))),
        ElementRef("c"),
    )
    assert parse("a / b / c") == parse("(a / b) / c")
    assert parse("-a * b") == Binary("*", Negate(ElementRef("a")), ElementRef("b"))


def test_categories_are_sorted_and_periods_get_their_key() -> None:
    node = parse('since(users[sex="f", age="u25"], "2016年")')
    assert node == Call("since", (ElementRef("users", (("age", "u25"), ("sex", "f"))), Text("2016")))
    assert format_formula(node) == 'since(users[age="u25", sex="f"], "2016")'
    assert ElementRef("users", (("age", "u25"), ("sex", "f"))).category == "age=u25;sex=f"


@pytest.mark.parametrize(
    "text, code, position",
    [
        ("", "formula.empty", None),
        ("   ", "formula.empty", None),
        ("a +", "formula.expected_operand", 4),
        ("a b", "formula.expected_operator", 3),
        ("(a", "formula.expected_mark", 3),
        ("a)", "formula.expected_operator", 2),
        ("share(a)", "formula.arity", 1),
        ("share(a, b, c)", "formula.arity", 1),
        ("sum()", "formula.arity", 1),
        ("median(a)", "formula.unknown_function", 1),
        ("a + __import__('os')", "formula.bad_character", 16),
        ("a.b", "formula.bad_character", 2),
        ("a ** b", "formula.expected_operand", 4),
        ("2x", "formula.bad_character", 1),
        ("a % b", "formula.bad_character", 3),
        ("per(a, b, c)", "formula.number_argument", 11),
        ("per(a, b, 0)", "formula.number_argument", 11),
        ("since(a, 2016)", "formula.period_argument", 10),
        ('since(a, "soon")', "formula.period_argument", 10),
        ("sum(a + b)", "formula.element_argument", 5),
        ('a[age="u25"', "formula.expected_mark", 12),
        ("a[age=u25]", "formula.expected_category", 7),
        ('a[age="u25", age="u18"]', "formula.repeated_dimension", 14),
        ('a["age"]', "formula.expected_dimension", 3),
        ('a[age="u25', "formula.open_text", 7),
        ('"2016"', "formula.expected_operand", 1),
        ("a" * 1001, "formula.too_long", None),
        ("(" * 40 + "a" + ")" * 40, "formula.too_deep", 33),
        ("-" * 40 + "a", "formula.too_deep", 33),
        ("+".join("a" * 40), "formula.too_deep", 64),
    ],
)
def test_a_wrong_formula_is_refused_where_it_is_wrong(text: str, code: str, position: int | None) -> None:
    with pytest.raises(InvalidInput) as error:
        parse(text)
    problem = error.value.problems[0]
    assert (problem.code, problem.params.get("position")) == (code, position)
    assert problem.text("zh") != problem.text("en")


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(InvalidInput) as error:
        parse("share(a; b)")
    lines = error.value.problems[0].text("en").splitlines()
    assert lines[1].index(";") == lines[2].index("^")


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)",
        "a - b - c",
        "(a + b) * c",
        "-(a + b)",
        "--a",
        "a / (b * c)",
        "a * -b",
        "0.50 * a",
        "-(-a) - -b",
    ],
)
def test_brackets_are_kept_exactly_where_they_matter(text: str) -> None:
    written = format_formula(parse(text))
    assert parse(written) == parse(text)
    assert len(written) <= len(text)


def test_every_function_reads_back_from_its_own_usage() -> None:
    for function in FUNCTIONS.values():
        node = parse(function.usage)
        assert isinstance(node, Call)
        assert node.name == function.name
        assert format_formula(node) == function.usage


def test_a_formula_tells_its_elements_and_the_periods_it_needs() -> None:
    node = parse('yoy(share(a, b)) + prev(lastyear(a)) + base(c, "2016") + max(a, ytd(d))')
    assert elements_of(node) == ("a", "b", "c", "d")
    assert windows_of(node) == {
        ElementRef("a"): {Window(), Window(("lastyear",)), Window(("prev", "lastyear"))},
        ElementRef("b"): {Window(), Window(("lastyear",))},
        ElementRef("c"): {Window(("base:2016",))},
        ElementRef("d"): {Window(("ytd",))},
    }
    assert {period.key for period in periods_of(node, Period.parse("2026-02"))} == {
        "2026-02",
        "2025-02",
        "2025-01",
        "2016-02",
        "2026-YTD02",
    }


@pytest.mark.parametrize(
    "base, asked, meant",
    [
        ("2016", "2020", "2016"),
        ("2016", "2020-10", "2016-10"),
        ("2016", "2018-01..2018-02", "2016-01..2016-02"),
        ("2016", "2020-YTD10", "2016-YTD10"),
        ("2016", "2016-03", "2016"),
        ("2016-12", "2020-10", "2016-12"),
        ("2013..2015", "2016..2018", "2013..2015"),
        ("2015", "2016..2018", "2015"),
    ],
)
def test_a_year_as_base_means_the_same_part_of_that_year(base: str, asked: str, meant: str) -> None:
    assert Window((f"base:{base}",)).period(Period.parse(asked)).key == meant
