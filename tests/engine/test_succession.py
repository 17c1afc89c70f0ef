"""Dividing the figures of a split region: the parts add up to the whole, whatever the shares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.qualifiers import Qualifier
from jingtu.engine.succession import Divided, Merged, apportion, divided, shares_of

ELEMENTS = {
    "cases": Element("cases", "案件", "cases", ElementKind.FLOW, "cases"),
    "users": Element("users", "人员", "users", ElementKind.STOCK, "persons"),
    "survey": Element("survey", "满意度", "survey", ElementKind.REPORTED, "%"),
}
DAY = date(2026, 9, 1)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=2, max_size=6).filter(any)


def of_weights(weights: list[int]) -> list[Fraction]:
    return [Fraction(weight, sum(weights)) for weight in weights]


def fact(element: str, region: int, period: str, value: int, category: str = "") -> FactRow:
    return FactRow(element, region, period, value, category)


def stated(table: FactTable) -> dict[tuple[str, int, str], int | None]:
    return {(row.element, row.region_id, row.period): row.value for row in table.rows()}


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_the_parts_add_up_and_none_is_a_whole_one_off(amount: int, weights: list[int]) -> None:
    shares = of_weights(weights)
    parts = apportion(amount, shares)
    assert sum(parts) == amount
    assert all(abs(part - amount * share) < 1 for part, share in zip(parts, shares, strict=True))
    assert all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)


@given(
    st.lists(st.tuples(st.sampled_from(["cases", "users"]), st.integers(1, 8), st.integers(0, 500)), max_size=12),
    WEIGHTS,
    WEIGHTS,
)  # fmt: skip
def test_two_splits_one_after_the_other_keep_every_sum(
    rows: list[tuple[str, int, int]], first: list[int], second: list[int]
) -> None:
    facts = FactTable.from_rows(
        {(code, month): fact(code, 1, f"2026-{month:02}", value) for code, month, value in rows}.values()
    )
    steps = [
        Divided(date(2026, 5, 1), 1, dict(zip(range(10, 20), of_weights(first), strict=False))),
        Divided(DAY, 10, dict(zip(range(20, 30), of_weights(second), strict=False))),
    ]
    table, _ = divided(facts, ELEMENTS, steps)

    def sums(of: FactTable) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for row in of.rows():
            found[row.element, row.period] = found.get((row.element, row.period), 0) + (row.value or 0)
        return found

    assert sums(table) == sums(facts)
    assert not [row for row in table.rows() if row.region_id == 10 and row.period < "2026-09"]


def test_only_what_ended_before_the_day_is_divided_and_it_says_so() -> None:
    facts = FactTable.from_rows(
        [
            fact("cases", 1, "2026-08", 7), fact("cases", 1, "2026-09", 5), fact("cases", 1, "2026Q3", 12),
            fact("survey", 1, "2026-08", 90), fact("cases", 2, "2026-08", 3),
        ]
    )  # fmt: skip
    table, made = divided(facts, ELEMENTS, [Divided(DAY, 1, {1: Fraction(3, 5), 9: Fraction(2, 5)})])
    assert stated(table) == {
        ("cases", 1, "2026-08"): 4, ("cases", 9, "2026-08"): 3, ("cases", 1, "2026-09"): 5,
        ("cases", 1, "2026Q3"): 12, ("cases", 2, "2026-08"): 3,
    }  # fmt: skip
    assert stated(made) == {("cases", 1, "2026-08"): 4, ("cases", 9, "2026-08"): 3}
    assert {row.qualifier for row in made.rows()} == {Qualifier.APPROX}


def test_what_was_merged_into_the_region_before_is_divided_with_it() -> None:
    facts = FactTable.from_rows([fact("users", 1, "2025-12", 6), fact("users", 2, "2025-12", 4)])
    steps = [
        Merged(date(2026, 1, 1), 2, 1),
        Divided(DAY, 1, {8: Fraction(1, 2), 9: Fraction(1, 2)}),
    ]
    table, _ = divided(facts, ELEMENTS, steps)
    assert stated(table) == {("users", 8, "2025-12"): 5, ("users", 9, "2025-12"): 5}


def test_a_figure_stated_for_a_part_itself_stands() -> None:
    facts = FactTable.from_rows([fact("cases", 1, "2026-08", 10), fact("cases", 9, "2026-08", 2)])
    table, _ = divided(facts, ELEMENTS, [Divided(DAY, 1, {8: Fraction(1, 2), 9: Fraction(1, 2)})])
    assert stated(table)["cases", 9, "2026-08"] == 2


def test_shares_are_known_only_where_the_document_says_them_all() -> None:
    third = Decimal("0.333333")
    assert shares_of(1, True, {2: Decimal("0.4")}) == {1: Fraction(3, 5), 2: Fraction(2, 5)}
    assert shares_of(1, False, {2: third, 3: third, 4: third}) == {
        2: Fraction(1, 3),
        3: Fraction(1, 3),
        4: Fraction(1, 3),
    }
    assert shares_of(1, False, {2: Decimal("0.4"), 3: Decimal("0.5")}) is None
    assert shares_of(1, True, {2: Decimal("0.4"), 3: None}) is None
    assert shares_of(1, True, {2: None}) is None
