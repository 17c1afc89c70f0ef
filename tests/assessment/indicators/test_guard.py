"""Which rates and changes of one place stay hidden: the rules of disclosure over real formulas."""

from __future__ import annotations

import pytest

from jingtu.assessment.indicators.guard import CellGuard
from jingtu.core.facts.disclosure import Decision
from jingtu.core.facts.standing import Standing
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.tree import RegionRow, RegionTree

CATALOGUE = """
catalogue: {code: t, version: 1, name: {zh: 试, en: t}}
documents: []
elements:
  - {code: found, name: {zh: 新发现, en: found}, kind: flow, unit: persons, strand: crackdown,
     person_based: true, source: form, status: G, cites: [], definition: {zh: 无, en: none}}
  - {code: asked, name: {zh: 应查, en: asked}, kind: flow, unit: persons, strand: crackdown,
     person_based: true, source: form, status: G, cites: [], definition: {zh: 无, en: none}}
  - {code: kept, name: {zh: 在册, en: kept}, kind: stock, unit: persons, strand: crackdown,
     person_based: true, source: form, status: G, cites: [], definition: {zh: 无, en: none}}
indicators:
  - {code: GROWTH, name: {zh: 同比, en: growth}, strand: crackdown, formula: "yoy(found)", direction: down,
     unit: "%", decimals: 1, person_based: true, rows: [A1], cites: [], status: G,
     definition: {zh: 无, en: none}}
  - {code: SHARE, name: {zh: 比例, en: share}, strand: crackdown, formula: "share(found, asked)",
     direction: up, unit: "%", decimals: 1, person_based: true, rows: [A1], cites: [], status: G,
     definition: {zh: 无, en: none}}
"""
NOW, LAST_YEAR = Period.parse("2026-09"), Period.parse("2025-09")
PLACES = {"1": "a", "2": "b", "3": "c"}
FOUND = load_catalogue(CATALOGUE)


def guard_over(rows: dict[str, dict[str, dict[str, int]]]) -> CellGuard:
    """``rows``: element → place → period → count."""
    tree = RegionTree.build(
        [
            RegionRow("0", "r", None, "city", None, None, row=1),
            *(
                RegionRow(code, name, "0", "county", None, None, row=number)
                for number, (code, name) in enumerate(PLACES.items(), start=2)
            ),
        ],
        "t",
    )
    table = FactTable.from_rows(
        FactRow(element, int(tree.ids[tree.position(place)]), period, amount)
        for element, places in rows.items()
        for place, periods in places.items()
        for period, amount in periods.items()
    )
    return CellGuard(tree.ids, FOUND, Decision(tree, Standing({}).followed_by([table])))


@pytest.fixture
def guard() -> CellGuard:
    """Place 1 grew from 1 to 6, place 2 from 8 to 9, place 3 went from 20 to 30."""
    figures = {"1": (1, 6), "2": (8, 9), "3": (20, 30)}
    return guard_over(
        {
            "found": {code: {"2025-09": old, "2026-09": new} for code, (old, new) in figures.items()},
            "asked": {code: {"2025-09": 100, "2026-09": 100} for code in figures},
        }
    )


def test_a_change_from_a_small_count_is_not_shown(guard: CellGuard) -> None:
    """+500 % and "six too many" give away that there was one person a year ago; its neighbour's change goes
    with it, since the two could be told from the total."""
    assert guard.hidden("GROWTH", NOW).tolist() == [False, True, True, False]


def test_a_rate_is_hidden_with_the_count_it_would_give_beside_the_other(guard: CellGuard) -> None:
    assert guard.hidden("SHARE", LAST_YEAR).tolist() == [False, True, True, False]
    assert not guard.hidden_element("asked", LAST_YEAR).any()


def test_where_nothing_is_small_nothing_is_hidden(guard: CellGuard) -> None:
    assert not guard.hidden("SHARE", NOW).any()


def periods(guard: CellGuard, place: int, *keys: str) -> list[bool]:
    return [bool(guard.hidden_element("found", Period.parse(key))[place]) for key in keys]


def test_a_quarter_and_a_year_to_date_do_not_tell_a_month() -> None:
    months = {f"2026-{month:02d}": 20 for month in range(1, 10)}
    guard = guard_over({"found": {"1": {**months, "2026-08": 2}, "2": months, "3": months}})
    assert periods(guard, 1, "2026-06", "2026-07", "2026-08", "2026-09") == [False, True, True, True]
    assert periods(guard, 1, "2026-Q2", "2026-Q3") == [False, False]
    assert periods(guard, 1, "2026-YTD06", "2026-YTD07", "2026-YTD08", "2026-YTD09") == [
        False, True, True, False,
    ]  # fmt: skip
    assert periods(guard, 1, "2026-05..2026-08", "2026-06..2026-09") == [True, False]


def test_days_and_weeks_are_shown_only_where_none_of_them_is_small() -> None:
    days = {f"2026-09-{day:02d}": 9 for day in range(1, 31)}
    guard = guard_over({"found": {"1": {**days, "2026-09-08": 1}, "2": days, "3": days}})
    assert periods(guard, 2, "2026-09-20", "2026-W38", "2026-09") == [True, True, False]


def test_a_stock_is_hidden_in_every_period_that_ends_with_its_hidden_figure() -> None:
    months = {"2026-07": 3, "2026-08": 30, "2026-09": 3}
    large = dict.fromkeys(months, 40)
    guard = guard_over({"kept": {"1": months, "2": large, "3": large}})

    def hidden(key: str) -> bool:
        return bool(guard.hidden_element("kept", Period.parse(key))[1])

    assert [hidden(key) for key in ("2026-07", "2026-08", "2026-Q3")] == [True, False, True]
    assert not hidden("2026-07..2026-08")


def test_a_stated_quarter_that_no_months_add_up_to_is_protected_by_itself() -> None:
    guard = guard_over(
        {"found": {"1": {"2026-Q3": 3}, "2": {"2026-Q3": 30, "2026-05": 50}, "3": {"2026-05": 60}}}
    )
    assert periods(guard, 1, "2026-Q3") == [True]
