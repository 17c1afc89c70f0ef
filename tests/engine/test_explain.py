from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue import LinearRule
from jingtu.engine.checks import check
from jingtu.engine.explain import explain, gap_of
from jingtu.engine.export import ranking_csv, safe_cell, standing
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication
from jingtu.engine.whatif import what_if
from jingtu.engine.wording import beyond_text
from tests.engine.worlds import card, catalogue, city, element, facts, indicator, item, small_world

OCTOBER = Period.parse("2026-10")


@pytest.fixture
def small() -> Assessment:
    tree, definitions, table = small_world()
    return assess(tree, table, definitions, "card", OCTOBER)


def test_the_sentence_tells_value_requirement_points_rank_and_what_is_missing(small: Assessment) -> None:
    told = explain(small, small.tree.position("C3"), "EXEC")
    assert told.sentence("zh") == (
        "3县2026年10月“EXEC率”为80.77%（42/52），未达到不低于98%的要求，相差17.23个百分点，触及红线，"
        "得2.56分（满分60.00分），按本指标在3个地区中列第3位；“done数”再增加9人即达到要求。"
    )
    assert "misses the requirement of at least 98% by 17.23 percentage points" in told.sentence("en")


def test_the_derivation_runs_from_the_rank_to_the_rows(small: Assessment) -> None:
    root = explain(small, small.tree.position("C2"), "EXEC").root
    kinds = [step.kind for step in root.walk()]
    assert kinds[:6] == ["rank", "score", "item", "rule", "indicator", "operand"]
    facts_told = [step for step in root.walk() if step.kind == "fact"]
    assert {step.params["region"] for step in facts_told} == {"C2-1", "C2-2"}
    assert all(step.params["source_row"] >= 2 for step in facts_told)


def test_children_come_with_the_largest_contribution_first(small: Assessment) -> None:
    root = explain(small, small.tree.position("C3"), "EXEC").root
    numerator = next(step for step in root.walk() if step.kind == "operand")
    children = [step for step in numerator.children if step.kind == "child"]
    assert [(step.params["region"], step.value) for step in children] == [("C3-1", "40"), ("C3-2", "2")]
    assert children[0].params["percent"] == "95.24"


def test_a_total_opens_with_the_most_points_lost_first(small: Assessment) -> None:
    told = explain(small, small.tree.position("C3"))
    items = [step.params["indicator"] for step in told.root.walk() if step.kind == "item"]
    assert items == ["EXEC", "INCIDENTS", "VISITS"]
    assert "因“重大事件”一票否决" in told.sentence("zh")
    assert [step.value for step in told.root.walk() if step.kind == "veto"] == ["4"]


def test_who_did_not_report_is_named() -> None:
    tree, definitions, table = small_world()
    keep = [n for n, row in enumerate(table.rows()) if (row.element, row.region_id, row.period) != (
        "visits", int(tree.ids[tree.position("C1-2")]), "2026-10")]  # fmt: skip
    result = assess(tree, table.where(np.array(keep)), definitions, "card", OCTOBER)
    told = explain(result, tree.position("C1"), "VISITS")
    missing = [step for step in told.root.walk() if step.kind == "missing"]
    assert [(step.params["region"], step.params["element"]) for step in missing] == [("C1-2", "visits")]
    found = [finding for finding in check(result) if finding.code == "check.missing"]
    assert [tree.codes[finding.position] for finding in found] == ["C1-2"]
    assert "未报“visits数”" in found[0].text("zh")
    assert "has not reported “visits”" in found[0].text("en")


def test_closing_a_gap_is_computed_by_assessing_again(small: Assessment) -> None:
    told = what_if(small, small.tree.position("C2"), "VISITS")
    assert told is not None
    assert told.met
    assert (told.total_before, told.total_after) == ("84.00", "99.00")
    assert told.sentence("zh") == "“visits数”再增加3人即达到要求，总分84.00→99.00，名次仍为第2位。"
    assert what_if(small, small.tree.position("C1"), "VISITS") is None


def test_where_the_numerator_cannot_suffice_that_is_said_and_no_smaller_denominator_is_named() -> None:
    tree = city(counties=1, townships=1)
    definitions = catalogue(
        [element("cases"), element("people")],
        [
            indicator("RATE", "per(cases, people, 1000)", "up", ">= 5"),
            indicator("FALL", "share(cases, people)", "down", "< 0"),
        ],
        card([item("RATE", "10", LinearRule(Decimal(0), Decimal(100)))]),
    )
    rows = [("cases", "C1-1", "2026-10", 3), ("people", "C1-1", "2026-10", 1000)]
    result = assess(tree, facts(tree, rows), definitions, "card", OCTOBER)
    gap = gap_of(result, tree.position("C1"), "RATE")
    assert gap is not None
    assert [(move.side, move.more, move.amount) for move in gap.moves] == [("numerator", True, 2)]
    stuck = gap_of(result, tree.position("C1"), "FALL")
    assert stuck is not None
    assert (stuck.moves, stuck.beyond is None) == ((), False)
    assert beyond_text(definitions, stuck.beyond, "zh") == "只改变“cases数”不能达到要求"


def test_a_numerator_above_its_whole_is_an_error() -> None:
    tree, definitions, table = small_world()
    more = facts(tree, [("done", "C1-1", "2026-10", 400)])
    result = assess(tree, FactTable.concat([table, more]), definitions, "card", OCTOBER)
    found = [finding for finding in check(result) if finding.code == "check.above_whole"]
    assert [tree.codes[finding.position] for finding in found] == ["C1", "C1-1"]
    assert all(finding.severity == "error" for finding in found)


def test_where_the_two_are_counted_at_different_times_it_is_only_mentioned() -> None:
    tree, definitions, table = small_world()
    lagging = replace(definitions.indicators["EXEC"], lagging=True)
    definitions = replace(definitions, indicators={**definitions.indicators, "EXEC": lagging})
    more = facts(tree, [("done", "C1-1", "2026-10", 400)])
    result = assess(tree, FactTable.concat([table, more]), definitions, "card", OCTOBER)
    found = [finding for finding in check(result) if finding.code.startswith("check.above_whole")]
    assert {(finding.code, finding.severity) for finding in found} == {
        ("check.above_whole_lagging", "warning")
    }
    assert found[0].text("zh") != found[0].text("en")


def test_facts_of_a_region_and_below_it_are_pointed_out() -> None:
    tree, definitions, table = small_world()
    more = facts(tree, [("visits", "C1", "2026-10", 5)])
    result = assess(tree, FactTable.concat([table, more]), definitions, "card", OCTOBER)
    found = [finding for finding in check(result) if finding.code == "check.both_levels"]
    assert [(finding.params["own"], finding.params["below"]) for finding in found] == [("5", "22")]


def test_parts_that_do_not_add_up_are_pointed_out() -> None:
    tree = city(counties=1, townships=1)
    definitions = catalogue(
        [element("all"), element("men", parts_of="all"), element("women", parts_of="all")],
        [indicator("ALL", "all", decimals=0)],
        card([item("ALL", "10", LinearRule(Decimal(0), Decimal(10)))]),
    )
    rows = [("all", "C1-1", "2026-10", 9), ("men", "C1-1", "2026-10", 5), ("women", "C1-1", "2026-10", 3)]
    found = check(assess(tree, facts(tree, rows), definitions, "card", OCTOBER))
    assert [(f.code, f.params["whole"], f.params["parts"]) for f in found] == [("check.parts", "9", "8")]


def test_a_sudden_zero_and_a_leap_stand_out_from_their_own_past() -> None:
    tree = city(counties=1, townships=2)
    definitions = catalogue(
        [element("a")],
        [indicator("A", "a", decimals=0)],
        card([item("A", "10", LinearRule(Decimal(0), Decimal(10)))]),
    )
    rows = [("a", f"C1-{town}", f"2026-{month:02}", 30 + month) for town in (1, 2) for month in range(1, 10)]
    rows += [("a", "C1-1", "2026-10", 0), ("a", "C1-2", "2026-10", 900)]
    found = {
        (tree.codes[f.position], f.code)
        for f in check(assess(tree, facts(tree, rows), definitions, "card", OCTOBER))
    }
    assert ("C1-1", "check.sudden_zero") in found
    assert ("C1-2", "check.outlier_history") in found


def test_exported_text_cannot_run_as_a_formula(small: Assessment) -> None:
    assert [safe_cell(text) for text in ("=1+1", "+1", "-1", "@x", "名称", None)] == [
        "'=1+1", "'+1", "'-1", "'@x", "名称", "",
    ]  # fmt: skip
    lines = ranking_csv(publication(small)).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("1,,1,1,C1,county,1县,100.00")


@pytest.mark.parametrize(
    ("met", "red_line", "expected"),
    [
        (True, False, "met"),
        (False, False, "watch"),
        (False, True, "below"),
        (False, None, "below"),
        (None, None, "none"),
        (None, False, "met"),
    ],
)
def test_the_standing_of_an_indicator(met: bool | None, red_line: bool | None, expected: str) -> None:
    assert standing({"met": met, "red_line": red_line}) == expected


def test_units_are_called_units(small: Assessment) -> None:
    card_of_units = replace(small.scorecard, subject="unit")
    definitions = replace(small.catalogue, scorecards={"card": card_of_units})
    told = explain(assess(small.tree, small.facts, definitions, "card", OCTOBER), small.tree.position("C1"))
    assert "在3个成员单位中列第" in told.sentence("zh")
    assert "在3个地区中列第" in explain(small, small.tree.position("C1")).sentence("zh")
