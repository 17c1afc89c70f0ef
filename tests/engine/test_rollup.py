from __future__ import annotations

import pytest

from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import Qualifier
from jingtu.engine.rollup import FactView
from tests.engine.worlds import city, element, facts

ELEMENTS = {
    entry.code: entry
    for entry in (
        element("new", dimensions={"age": ("u18", "u25"), "sex": ("f", "m")}),
        element("held", "stock"),
        element("rate", "reported", decimals=2),
    )
}


def value(
    rows: list[tuple[object, ...]], code: str, period: str, region: str = "C1-1", **more: object
) -> object:
    tree = city(counties=1, townships=2)
    view = FactView(tree, facts(tree, rows), ELEMENTS)
    values = view.values(code, Period.parse(period), **more)  # type: ignore[arg-type]
    place = tree.position(region)
    return int(values.value[place]) if values.present[place] else None


def test_the_fact_of_exactly_the_period_wins_over_finer_ones() -> None:
    rows = [("new", "C1-1", "2026-Q1", 10), ("new", "C1-1", "2026-01", 3), ("new", "C1-1", "2026-02", 4)]
    assert value(rows, "new", "2026-Q1") == 10
    assert value(rows, "new", "2026-01..2026-02") == 7


def test_the_coarsest_facts_that_do_not_overlap_tile_the_period() -> None:
    rows = [
        ("new", "C1-1", "2026-Q1", 10),
        ("new", "C1-1", "2026-03", 99),
        ("new", "C1-1", "2026-04", 5),
        ("new", "C1-1", "2026-04-02", 99),
        ("new", "C1-1", "2026-05-02", 1),
    ]
    assert value(rows, "new", "2026-H1") == 16


def test_each_region_is_tiled_for_itself() -> None:
    rows = [("new", "C1-1", "2026-Q1", 10), ("new", "C1-2", "2026-01", 3), ("new", "C1-2", "2026-02", 4)]
    assert value(rows, "new", "2026-Q1", "C1") == 17


def test_a_stock_takes_the_last_fact_inside_the_period() -> None:
    rows = [("held", "C1-1", "2026-01", 30), ("held", "C1-1", "2026-02", 31), ("held", "C1-2", "2026-01", 5)]
    assert value(rows, "held", "2026-Q1", "C1") == 36
    assert value(rows, "held", "2026-03") is None


def test_a_reported_figure_is_not_rolled_up_nor_taken_from_another_period() -> None:
    rows = [("rate", "C1-1", "2026-01", 9916)]
    assert value(rows, "rate", "2026-01") == 9916
    assert value(rows, "rate", "2026-01", "C1") is None
    assert value(rows, "rate", "2026-Q1") is None


def test_a_reported_figure_may_name_the_same_days_in_another_way() -> None:
    assert value([("rate", "C1-1", "2026-YTD02", 5)], "rate", "2026-01..2026-02") == 5


def test_missing_is_told_from_zero() -> None:
    assert value([("new", "C1-1", "2026-01", 0)], "new", "2026-01") == 0
    assert value([("new", "C1-1", "2026-01", 0)], "new", "2026-01", "C1-2") is None


def test_the_total_of_an_element_given_by_category_is_the_sum_of_its_coarsest_breakdown() -> None:
    rows = [
        ("new", "C1-1", "2026-01", 3, "age=u18"),
        ("new", "C1-1", "2026-01", 4, "age=u25"),
        ("new", "C1-1", "2026-01", 2, "age=u18;sex=f"),
        ("new", "C1-2", "2026-01", 8),
        ("new", "C1-2", "2026-01", 5, "age=u25"),
    ]
    assert value(rows, "new", "2026-01") == 7
    assert value(rows, "new", "2026-01", "C1") == 15
    assert value(rows, "new", "2026-01", "C1", selection=(("age", "u25"),)) == 9
    assert value(rows, "new", "2026-01", selection=(("sex", "f"),)) == 2


def test_coverage_counts_who_reported_of_those_who_ever_did() -> None:
    tree = city(counties=1, townships=3)
    table = facts(
        tree, [("new", "C1-1", "2026-01", 1), ("new", "C1-1", "2026-02", 1), ("new", "C1-2", "2026-01", 1)]
    )
    view = FactView(tree, table, ELEMENTS)
    values = view.values("new", Period.parse("2026-02"))
    assert (values.reported[0], values.expected[0]) == (1, 2)
    every_leaf = FactView(tree, table, ELEMENTS, expected="leaves").values("new", Period.parse("2026-02"))
    assert every_leaf.expected[0] == 3


@pytest.mark.parametrize(
    ("qualifiers", "expected"),
    [
        (("", ""), None),
        ((">=", ""), ">="),
        ((">=", ">="), ">="),
        ((">=", "+"), "~"),
    ],
)
def test_qualifiers_travel_up(qualifiers: tuple[str, str], expected: str | None) -> None:
    from jingtu.engine.qualifiers import QUALIFIERS

    tree = city(counties=1, townships=2)
    rows = [
        ("new", f"C1-{town}", "2026-01", 1, "", Qualifier(text))
        for town, text in enumerate(qualifiers, start=1)
    ]
    values = FactView(tree, facts(tree, rows), ELEMENTS).values("new", Period.parse("2026-01"))
    if expected is None:
        assert values.qualifier is None
    else:
        assert values.qualifier is not None
        assert QUALIFIERS[int(values.qualifier[0])].value == expected
