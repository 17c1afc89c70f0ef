from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue.model import LinearRule, RankRule
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.publication import publication, publication_hash
from tests.engine.worlds import card, catalogue, city, element, facts, indicator, item, small_world

OCTOBER = Period.parse("2026-10")


@pytest.fixture
def small() -> Assessment:
    tree, definitions, table = small_world()
    return assess(tree, table, definitions, "card", OCTOBER)


def test_totals_and_ranks_follow_the_card(small: Assessment) -> None:
    assert small.current.card.totals.tolist() == [10000, 8400, 3256]
    assert small.current.card.ranks.tolist() == [1, 2, 3]


def test_the_bonus_is_added_after_the_items(small: Assessment) -> None:
    # 60 (98 % inclusive) + 15 + 7.5 + 3 × 0.5 bonus
    assert small.current.card.points[1].tolist() == [6000, 1500, 750]
    assert small.current.card.bonus[1] == 150


def test_a_veto_ranks_last_but_keeps_the_points() -> None:
    tree, definitions, table = small_world()
    more = facts(tree, [("incidents", "C1-1", "2026-10", 5)])
    result = assess(tree, FactTable.concat([table, more]), definitions, "card", OCTOBER)
    # C1 and C3 are both vetoed and stay in order of their totals behind C2
    assert result.current.card.ranks.tolist() == [2, 1, 3]
    assert result.current.card.totals[0] > result.current.card.totals[1]


def test_the_boundary_meets_an_inclusive_requirement(small: Assessment) -> None:
    content = publication(small)
    rates = {row["region"]: row["indicators"]["EXEC"] for row in content["subjects"]}
    assert rates["C2"]["value"] == "98.00"
    assert rates["C2"]["met"] is True
    assert rates["C3"]["met"] is False
    assert rates["C3"]["red_line"] is True


def test_comparisons_with_the_previous_period_and_last_year(small: Assessment) -> None:
    row = publication(small)["subjects"][0]["indicators"]["VISITS"]
    assert row["on_previous"] == {"difference": "2", "percent": "10.00"}
    assert row["on_last_year"] == {"difference": "4", "percent": "22.22"}


def test_below_the_minimum_denominator_a_value_is_shown_but_not_ranked(small: Assessment) -> None:
    by_town = assess(small.tree, small.facts, small.catalogue, "card", OCTOBER, level="township")
    place = by_town.subject_index(small.tree.position("C3-2"))
    assert by_town.current.values["EXEC"].text(small.tree.position("C3-2")) == "100.00"
    assert by_town.current.ranks["EXEC"][place] == 0


def test_missing_is_not_zero_and_division_by_zero_is_not_applicable() -> None:
    tree = city(counties=3)
    definitions = catalogue(
        [element("a"), element("b")],
        [indicator("R", "share(a, b)")],
        card([item("R", "10", LinearRule(Decimal(0), Decimal(100)))]),
    )
    table = facts(
        tree,
        [
            ("a", "C1-1", "2026-10", 1),
            ("b", "C1-1", "2026-10", 2),
            ("a", "C2-1", "2026-10", 0),
            ("b", "C2-1", "2026-10", 0),
            ("a", "C3-1", "2026-10", 3),
        ],
    )
    result = assess(tree, table, definitions, "card", OCTOBER)
    assert [row["indicators"]["R"]["state"] for row in publication(result)["subjects"]] == [
        "ok",
        "not_applicable",
        "missing",
    ]
    assert result.current.card.ranks.tolist() == [1, 0, 0]


def test_siblings_peers_and_everybody_are_ranked_apart() -> None:
    tree = city(counties=2, townships=3)
    definitions = catalogue(
        [element("a")],
        [indicator("A", "a", unit="persons", decimals=0)],
        card([item("A", "10", LinearRule(Decimal(0), Decimal(10)))], level="township"),
    )
    towns = tree.at_level("township").tolist()
    values = [9, 5, 5, 8, 7, 1]
    table = facts(
        tree,
        [("a", tree.codes[town], "2026-10", value) for town, value in zip(towns, values, strict=True)],
    )
    result = assess(tree, table, definitions, "card", OCTOBER, peer_groups={"peers": [towns[1], towns[5]]})
    assert result.current.card.ranks.tolist() == [1, 4, 4, 2, 3, 6]
    assert result.sibling_ranks.tolist() == [1, 2, 2, 1, 2, 3]
    assert result.peer_ranks["peers"].tolist() == [0, 1, 0, 0, 0, 2]
    assert result.indicator_ranks("A", "siblings").tolist() == [1, 2, 2, 1, 2, 3]


def test_tie_breaks_separate_equal_totals() -> None:
    tree = city(counties=3, townships=1)
    definitions = catalogue(
        [element("a"), element("b")],
        [indicator("A", "a", decimals=0), indicator("B", "b", "down", decimals=0)],
        card([item("A", "10", LinearRule(Decimal(0), Decimal(10)))], tie_breaks=("B",)),
    )
    rows = [("a", f"C{n}-1", "2026-10", 5) for n in (1, 2, 3)]
    rows += [("b", "C1-1", "2026-10", 3), ("b", "C2-1", "2026-10", 1)]
    result = assess(tree, facts(tree, rows), definitions, "card", OCTOBER)
    assert result.current.card.ranks.tolist() == [2, 1, 3]


def test_rank_based_points_run_from_best_to_worst() -> None:
    tree = city(counties=3, townships=1)
    definitions = catalogue(
        [element("a")],
        [indicator("A", "a", decimals=0)],
        card([item("A", "10", RankRule(Decimal(1), Decimal("0.6")))]),
    )
    rows = [("a", f"C{n}-1", "2026-10", value) for n, value in ((1, 5), (2, 9), (3, 7))]
    result = assess(tree, facts(tree, rows), definitions, "card", OCTOBER)
    assert result.current.card.totals.tolist() == [600, 1000, 800]


def test_odd_ranges_of_months_add_flows_and_take_the_last_stock() -> None:
    tree = city(counties=1, townships=1)
    definitions = catalogue(
        [element("new"), element("held", "stock")],
        [indicator("NEW", "new", "down", decimals=0), indicator("HELD", "held", "down", decimals=0)],
        card([item("NEW", "10", LinearRule(Decimal(10), Decimal(0)))]),
    )
    rows = [("new", "C1-1", "2018-01", 3), ("new", "C1-1", "2018-02", 4), ("new", "C1-1", "2018-03", 9)]
    rows += [("held", "C1-1", "2018-01", 30), ("held", "C1-1", "2018-02", 31)]
    result = assess(tree, facts(tree, rows), definitions, "card", Period.parse("2018年1—2月"))
    assert result.current.values["NEW"].text(0) == "7"
    assert result.current.values["HELD"].text(0) == "31"


def test_the_hash_does_not_depend_on_the_order_of_facts_or_on_ids() -> None:
    tree, definitions, table = small_world()
    expected = publication_hash(publication(assess(tree, table, definitions, "card", OCTOBER)))
    shuffled = table.where(np.random.default_rng(1).permutation(len(table)))
    assert publication_hash(publication(assess(tree, shuffled, definitions, "card", OCTOBER))) == expected


def test_facts_outside_the_tree_are_left_out_with_a_warning() -> None:
    tree, definitions, table = small_world()
    stray = FactTable.from_rows([table.row(0).__class__("done", 999, "2026-10", 5)])
    result = assess(tree, FactTable.concat([table, stray]), definitions, "card", OCTOBER)
    assert [problem.code for problem in result.warnings] == ["assess.outside"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scorecard": "nothing"}, "assess.unknown_scorecard"),
        ({"level": "parish"}, "assess.no_subjects"),
        ({"period": Period.parse("2020-01")}, "assess.no_facts"),
        ({"period": Period.parse("2026-10-05")}, "assess.bad_cadence"),
    ],
)
def test_what_cannot_be_assessed_is_refused(change: dict[str, object], code: str) -> None:
    tree, definitions, table = small_world()
    arguments: dict[str, object] = {"scorecard": "card", "period": OCTOBER} | change
    with pytest.raises(InvalidInput) as refusal:
        assess(tree, table, definitions, **arguments)  # type: ignore[arg-type]
    assert refusal.value.problems[0].code == code


def test_a_double_cannot_slip_into_a_publication() -> None:
    with pytest.raises(TypeError):
        publication_hash({"a": [{"b": (1, 0.5)}]})
