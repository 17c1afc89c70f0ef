"""Copies of last period and round numbers: what is said, from when on, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue import CheckRule, plain
from jingtu.engine.catalogue.model import Catalogue, LinearRule
from jingtu.engine.checks import Finding, check
from jingtu.engine.elements import Element
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.snapshot import write_snapshot
from jingtu.engine.stored import SnapshotReader
from jingtu.engine.tree import RegionTree

from .worlds import card, catalogue, city, element, indicator, item

ELEMENTS = [element(f"e{number}") for number in range(10)]
MONTH, BEFORE = "2026-10", "2026-09"


def assessed(tree: RegionTree, made: Catalogue, table: FactTable) -> Assessment:
    return assess(tree, table, made, "card", Period.parse(MONTH))


def rule(kind: str, at_least: int, limit: str, severity: str = "warning") -> CheckRule:
    return CheckRule(f"r_{kind}", "规则", "Rule", kind, severity, at_least, Decimal(limit))  # type: ignore[arg-type]


def world(*rules: CheckRule, elements: list[Element] = ELEMENTS) -> Catalogue:
    found = [indicator(f"I{number}", one.code, unit="persons") for number, one in enumerate(elements)]
    items = [
        item(f"I{number}", "10", LinearRule(Decimal(0), Decimal(100))) for number in range(len(elements))
    ]
    made = catalogue(elements, found, card(items))
    return replace(made, checks={one.code: one for one in rules})


def facts(now: list[int], before: list[int], region: int = 3) -> list[FactRow]:
    """Figures of one township, and of another that never repeats itself."""
    rows = []
    for number, (value, earlier) in enumerate(zip(now, before, strict=True)):
        rows += [FactRow(f"e{number}", region, MONTH, value), FactRow(f"e{number}", region, BEFORE, earlier)]
        rows += [
            FactRow(f"e{number}", region + 1, MONTH, 31 + number),
            FactRow(f"e{number}", region + 1, BEFORE, 17 + number),
        ]
    return rows


def found(made: Catalogue, rows: list[FactRow], kind: str) -> list[Finding]:
    a = assessed(city(), made, FactTable.from_rows(rows))
    return [one for one in check(a) if one.code.startswith(f"check.{kind}")]


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ([13] * 10, [13] * 10, (10, 10)),
        ([13] * 9 + [14], [13] * 10, (9, 10)),  # nine in ten exactly
        ([13] * 8 + [14, 15], [13] * 10, None),
        ([13] * 7 + [0] * 3, [13] * 7 + [0] * 3, None),  # equal zeros are no figures, and seven are too few
        ([13] * 8 + [0] * 2, [13] * 8 + [5] * 2, (8, 8)),
        ([13] * 8 + [5] * 2, [13] * 8 + [0] * 2, (8, 8)),
    ],
)
def test_a_copy_is_told_by_the_share_of_equal_figures_that_are_not_zero(
    now: list[int], before: list[int], said: tuple[int, int] | None
) -> None:
    findings = found(world(rule("copied_period", 8, "0.9")), facts(now, before), "copied")
    assert [(one.params["same"], one.params["compared"]) for one in findings] == ([said] if said else [])
    assert all(one.position == 2 for one in findings)


def test_a_register_that_stays_is_no_copy() -> None:
    stocks = [element(f"e{number}", "stock") for number in range(10)]
    made = world(rule("copied_period", 8, "0.9"), elements=stocks)
    assert found(made, facts([13] * 10, [13] * 10), "copied") == []


def test_a_first_period_has_nothing_to_repeat() -> None:
    rows = [row for row in facts([13] * 10, [13] * 10) if row.period == MONTH]
    assert found(world(rule("copied_period", 8, "0.9")), rows, "copied") == []


@pytest.mark.parametrize(
    ("values", "at_least", "code"),
    [
        ([15, 20, 35, 40, 55, 60, 75, 80, 95, 10], 10, "check.round_fives"),
        ([15, 20, 35, 40, 55, 60, 75, 80, 95, 10], 11, None),  # too few figures to say anything
        ([5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 10, None),  # one digit says nothing
        ([13, 20, 37, 41, 52, 66, 78, 85, 91, 10], 10, None),  # three of ten: one honest region in three
        ([100, 200, 311, 423, 547, 600, 718, 829, 931, 142], 10, "check.round_hundreds"),
    ],
)
def test_round_numbers_are_held_against_what_counting_gives(
    values: list[int], at_least: int, code: str | None
) -> None:
    made = world(rule("round_numbers", at_least, "0.001"))
    rows = [row for row in facts(values, [0] * 10) if row.period == MONTH]
    assert [one.code for one in found(made, rows, "round")] == ([code] if code else [])


def test_honest_counts_are_named_about_as_seldom_as_the_rule_says() -> None:
    random = np.random.default_rng(7)
    tree = city(60, 10)
    rows = [
        FactRow(one.code, place + 1, MONTH, int(value))
        for one in ELEMENTS
        for place, value in enumerate(random.integers(10, 1000, tree.size))
    ]
    a = assessed(tree, world(rule("round_numbers", 10, "0.01")), FactTable.from_rows(rows))
    named = [one for one in check(a) if one.code.startswith("check.round")]
    # Two endings at one in a hundred each, over 661 regions: about 13 were the steps of the tail fine enough.
    assert 0 < len(named) <= 0.03 * tree.size


def test_round_numbers_of_the_past_alone_are_not_said_again() -> None:
    rows = facts([13] * 10, [15, 20, 35, 40, 55, 60, 75, 80, 95, 10])
    assert found(world(rule("round_numbers", 10, "0.001")), rows, "round") == []


def test_without_rules_nothing_is_said_and_nothing_published_moves() -> None:
    rows = facts([20] * 10, [20] * 10)
    silent = assessed(city(), world(), FactTable.from_rows(rows))
    assert check(silent) == []
    assert publication(silent)["findings"] == []
    assert "checks" not in plain(silent.catalogue)


def test_a_stored_assessment_finds_the_same(tmp_path: Path) -> None:
    made = world(rule("copied_period", 8, "0.9"), rule("round_numbers", 20, "0.001"))
    rows = facts([20] * 10, [20] * 10)
    content = publication(a := assessed(city(), made, FactTable.from_rows(rows)))
    written = write_snapshot(a, tmp_path, content)
    again = SnapshotReader(written.path).assessment()
    assert len(content["findings"]) == 2
    assert publication_hash(publication(again)) == publication_hash(content)


def test_the_sentences_accuse_nobody_and_say_the_numbers() -> None:
    made = world(rule("copied_period", 8, "0.9"), rule("round_numbers", 10, "0.001", "error"))
    a = assessed(city(), made, FactTable.from_rows(facts([20] * 10, [20] * 10)))
    copy, rounding = check(a)
    assert (copy.severity, rounding.severity) == ("warning", "error")
    assert copy.text("zh") == "1县1镇本期与上期均不为零的10个数字中有10个完全相同，请核实本期是否已重新统计"
    assert "20 of 20 figures of two digits or more over 2 periods end in 0 or 5" in rounding.text("en")
    for word in ("造假", "虚报", "抄袭", "fraud", "fake", "false"):
        assert word not in copy.text("zh") + rounding.text("zh") + copy.text("en") + rounding.text("en")


def test_the_catalogue_sets_the_checks_there_were_before() -> None:
    months = [f"2026-0{number}" for number in range(3, 10)]
    rows = [FactRow("e0", 3, month, 20 + number % 2) for number, month in enumerate(months)]
    rows += [FactRow("e0", 3, MONTH, 0), FactRow("e1", 3, MONTH, 1)]
    usual = found(world(), rows, "sudden_zero")
    assert {one.severity for one in usual} == {"warning"}
    strict = found(world(rule("sudden_zero", 5, "0", "error")), rows, "sudden_zero")
    assert {one.severity for one in strict} == {"error"}
    assert found(world(rule("sudden_zero", 50, "0")), rows, "sudden_zero") == []
