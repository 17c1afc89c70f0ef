"""Which counts, rates and changes of one place stay hidden: the rules of disclosure over real formulas."""

from __future__ import annotations

import pytest

from jingtu.assessment.indicators.guard import CellGuard
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView
from jingtu.engine.tree import RegionRow, RegionTree

CATALOGUE = """
catalogue: {code: t, version: 1, name: {zh: 试, en: t}}
documents: []
elements:
  - {code: found, name: {zh: 新发现, en: found}, kind: flow, unit: persons, strand: crackdown,
     person_based: true, source: form, status: G, cites: [], definition: {zh: 无, en: none}}
  - {code: asked, name: {zh: 应查, en: asked}, kind: flow, unit: persons, strand: crackdown,
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


@pytest.fixture
def guard() -> CellGuard:
    """Place 1 grew from 1 to 6, place 2 from 8 to 9, place 3 went from 20 to 30."""
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
    figures = {"1": (1, 6), "2": (8, 9), "3": (20, 30)}
    rows = [
        FactRow(element, int(tree.ids[tree.position(code)]), period, amount)
        for code, (before, now) in figures.items()
        for period, value in (("2025-09", before), ("2026-09", now))
        for element, amount in (("found", value), ("asked", 100))
    ]
    table = FactTable.from_rows(rows)
    catalogue = load_catalogue(CATALOGUE)
    return CellGuard(FactView(tree, table, catalogue.elements, 0), catalogue, 5)


def test_a_change_from_a_small_count_is_not_shown(guard: CellGuard) -> None:
    """+500 % and "six too many" give away that there was one person a year ago; its neighbour's change goes
    with it, since the two could be told from the total."""
    assert guard.hidden_value("GROWTH", NOW).tolist() == [False, True, True, False]
    assert guard.hidden("GROWTH", NOW).tolist() == [False, True, True, False]


def test_a_rate_on_a_large_base_is_shown_though_its_counts_are_not(guard: CellGuard) -> None:
    assert guard.hidden("SHARE", LAST_YEAR).tolist() == [False, True, True, False]
    assert not guard.hidden_value("SHARE", LAST_YEAR).any()


def test_where_nothing_is_small_nothing_is_hidden(guard: CellGuard) -> None:
    assert not guard.hidden("SHARE", NOW).any()
    assert not guard.hidden_value("SHARE", NOW).any()
