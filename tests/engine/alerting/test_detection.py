"""Alert rules over small worlds: what each kind notices, and what must not raise anything."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from jingtu.engine.alerting import Signal, detect
from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue.model import AlertRule, Catalogue, ThresholdRule
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.targets import NO_TARGETS, Target, TargetTable
from tests.engine import worlds

MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
Cells = dict[str, list[int | None]]
"""Element @ region → a value for each month from January, None for no report."""


def rule(kind: str, **more: object) -> AlertRule:
    more.setdefault("levels", ("county",))
    return AlertRule(
        code=kind,
        name_zh="规则",
        name_en="Rule",
        kind=kind,  # type: ignore[arg-type]
        severity="warning",
        cadence=("month",),
        owner="analyst",
        due_days=5,
        **more,  # type: ignore[arg-type]
    )


def catalogue() -> Catalogue:
    return worlds.catalogue(
        [
            worlds.element("done"),
            worlds.element("due"),
            worlds.element("cases"),
        ],
        [
            worlds.indicator("RATE", "share(done, due)", "up", ">= 90", red_line="< 60", min_denominator=5),
            worlds.indicator("CASES", "sum(cases)", "down", unit="persons", decimals=0),
        ],
        worlds.card(
            [worlds.item("RATE", "10", ThresholdRule()), worlds.item("CASES", "10", ThresholdRule())]
        ),
    )


def world(cells: Cells, shuffled: int = 0, targets: TargetTable = NO_TARGETS) -> Assessment:
    tree = worlds.city(counties=2, townships=2)
    rows = [
        (name.split("@")[0], name.split("@")[1], MONTHS[number], value)
        for name, values in cells.items()
        for number, value in enumerate(values)
        if value is not None
    ]
    if shuffled:
        random.Random(shuffled).shuffle(rows)
    last = max(number for values in cells.values() for number in range(len(values)))
    period = Period.parse(MONTHS[last])
    return assess(tree, worlds.facts(tree, rows), catalogue(), "card", period, targets=targets)


def rates(*values: int | None, place: str = "C1") -> Cells:
    due = [None if value is None else 100 for value in values]
    return {f"done@{place}": list(values), f"due@{place}": due}


def names(signals: list[Signal], assessment: Assessment) -> list[str]:
    return [assessment.tree.codes[signal.position] for signal in signals]


@pytest.mark.parametrize(("value", "raised"), [(59, True), (60, False), (95, False)])
def test_a_red_line_is_crossed_only_beyond_it(value: int, raised: bool) -> None:
    found = detect(world(rates(value)), [rule("red_line")])
    assert bool(found) is raised
    if raised:
        assert found[0].subject == "RATE"
        assert found[0].strength == 1
        assert found[0].text(catalogue()) == "“RATE率”为59.00%，触及红线（＜60%）"
        assert found[0].text(catalogue(), "en") == "“RATE rate” is 59.00%, across the red line (<60%)"


def test_a_rate_on_too_small_a_base_raises_nothing() -> None:
    assert not detect(world({"done@C1": [1], "due@C1": [4]}), [rule("red_line")])


@pytest.mark.parametrize(
    ("values", "length"),
    [
        ([90, 88, 86, 84], 3),
        ([95, 90, 88, 86, 84], 4),
        ([90, 88, 88, 84], 0),
        ([90, 88, None, 84, 82], 0),
        ([84, 86, 88, 90], 0),
        ([88, 86, 84], 0),
    ],
)
def test_falls_in_a_row(values: list[int | None], length: int) -> None:
    found = detect(world(rates(*values)), [rule("worsening", periods=3, indicators=("RATE",))])
    assert [int(signal.strength) for signal in found] == ([length] if length else [])
    if found:
        assert len(found[0].evidence["series"]) == length + 1


def test_rises_of_what_should_fall() -> None:
    found = detect(world({"cases@C1": [1, 2, 3, 5]}), [rule("worsening", periods=3)])
    assert [signal.code for signal in found] == ["alert.rising"]
    assert "1 → 2 → 3 → 5" in found[0].text(catalogue(), "en")


@pytest.mark.parametrize(
    ("values", "raised"),
    [
        ([89, 87, 85, 80], True),
        ([96, 94, 92, 91], False),  # further from nothing: the target is met
        ([92, 88, 87, 86], True),
        ([80, 82, 81, 80], False),
        ([80, None, 79, 78], False),
    ],
)
def test_a_gap_that_grows(values: list[int | None], raised: bool) -> None:
    found = detect(world(rates(*values)), [rule("gap_growing", periods=3)])
    assert bool(found) is raised


def asked_of(place: str, requirement: str = "", red_line: str = "") -> TargetTable:
    wanted = [Threshold.parse(text) if text else None for text in (requirement, red_line)]
    return TargetTable(
        [
            Target(
                "RATE", "place", "2026", "each", ("county", place), requirement=wanted[0], red_line=wanted[1]
            )
        ]
    )


def test_a_gap_is_measured_from_the_target_in_force_for_the_place_and_period() -> None:
    falling = rates(98, 97, 96, 95)  # above the catalogue's 90 all the time
    assert not detect(world(falling), [rule("gap_growing", periods=3)])
    found = detect(world(falling, targets=asked_of("C1", ">= 99")), [rule("gap_growing", periods=3)])
    assert [(signal.evidence["threshold"], signal.strength) for signal in found] == [(">= 99", 4.0)]
    lenient = asked_of("C1", ">= 50")
    assert not detect(world(rates(88, 86, 84, 82), targets=lenient), [rule("gap_growing", periods=3)])
    elsewhere = asked_of("C2", ">= 99")
    assert not detect(world(falling, targets=elsewhere), [rule("gap_growing", periods=3)])


def test_a_dated_red_line_is_the_one_that_counts() -> None:
    line = asked_of("C1", red_line="< 80")
    found = detect(world(rates(70), targets=line), [rule("red_line")])
    assert [signal.evidence["threshold"] for signal in found] == ["< 80"]
    assert not detect(world(rates(70)), [rule("red_line")])


def test_missing_reports_name_place_and_figures() -> None:
    cells = {
        "cases@C1-1": [3, 4],
        "done@C1-1": [3, 4],
        "due@C1-1": [5, 5],
        "cases@C1-2": [2, None],
        "done@C1-2": [2, None],
        "due@C1-2": [3, 3],
    }
    assessment = world(cells)
    found = detect(assessment, [rule("missing_report", levels=())])
    assert names(found, assessment) == ["C1-2"]
    assert found[0].evidence["elements"] == ["cases", "done"]
    assert found[0].strength == 2
    assert not detect(assessment, [rule("missing_report", levels=(), elements=("due",))])


def test_what_nobody_has_reported_yet_is_not_missing() -> None:
    cells: Cells = {"cases@C1-1": [3, None], "cases@C2-1": [3, None], "due@C1-1": [5, 5], "done@C1-1": [5, 5]}
    assert not detect(world(cells), [rule("missing_report", levels=())])


@pytest.mark.parametrize(("silent", "raised"), [(1, False), (2, True), (4, True)])
def test_inactivity(silent: int, raised: bool) -> None:
    months = 6
    cells: Cells = {
        "cases@C1-1": [1] * (months - silent) + [None] * silent,
        "cases@C2-1": [1] * months,
    }
    assessment = world(cells)
    found = detect(assessment, [rule("inactivity", periods=2, levels=("county",))])
    assert names(found, assessment) == (["C1"] if raised else [])
    if raised:
        assert found[0].evidence["length"] == silent


def test_a_place_that_never_reported_is_not_inactive() -> None:
    assert not detect(
        world({"cases@C1-1": [1] * 6}), [rule("inactivity", periods=2, levels=("county", "township"))]
    )


@pytest.mark.parametrize(
    ("values", "raised"),
    [
        ([0, 0, 0, 0, 0, 0, 1], True),
        ([0, 0, 0, 0, 0, 1, 1], False),
        ([0, 0, 0, None, 0, 0, 1], False),
        ([0, 0, 0, 0, 0, 0, 0], False),
        ([0, 0, 1], False),
    ],
)
def test_the_first_case_of_a_quiet_place(values: list[int | None], raised: bool) -> None:
    found = detect(world({"cases@C1": values}), [rule("first_case", periods=6, indicators=("CASES",))])
    assert bool(found) is raised


def test_a_count_that_leaps() -> None:
    watch = rule("sudden_change", indicators=("CASES",), periods=8, significance=Decimal("0.001"))
    leap: Cells = {"cases@C1": [5, 6, 4, 5, 5, 7, 4, 5, 22], "cases@C2": [5, 6, 4, 5, 5, 7, 4, 5, 7]}
    assessment = world(leap)
    found = detect(assessment, [watch])
    assert names(found, assessment) == ["C1"]
    assert found[0].evidence["expected"] == "5.1"
    fall: Cells = {"cases@C1": [22, 25, 21, 20, 24, 22, 21, 23, 2]}
    assert not detect(world(fall), [watch])
    assert detect(world(fall), [rule("sudden_change", indicators=("CASES",), periods=8, side="both")])


def test_a_rate_that_drops() -> None:
    watch = rule("sudden_change", indicators=("RATE",), periods=8, distance=Decimal(4))
    assert detect(world(rates(88, 89, 90, 88, 89, 90, 89, 60)), [watch])
    # 5 points are within what 100 people vary by themselves.
    assert not detect(world(rates(88, 89, 90, 88, 89, 90, 89, 84)), [watch])
    assert not detect(world(rates(88, 89, None, None, 89, 90, 89, 60)), [watch])


def test_missing_figures_raise_no_alert_about_values() -> None:
    cells = rates(88, 89, 90, 88, 89, 90, 89, None) | {"cases@C1": [1, 2, 3, 4, 5, 6, 7, None]}
    cells |= {"cases@C2": [0] * 8}
    kinds = ("red_line", "worsening", "gap_growing")
    assert not detect(world(cells), [rule(kind) for kind in kinds])
    named = [rule(kind, indicators=("RATE", "CASES"), periods=6, side="both") for kind in ("sudden_change",)]
    assert not detect(world(cells), [*named, rule("first_case", indicators=("CASES",), periods=6)])


def test_the_order_of_the_facts_does_not_matter() -> None:
    cells = (
        rates(90, 88, 86, 55)
        | rates(99, 80, 70, 61, place="C2-1")
        | {"cases@C1": [1, 2, 3, 9], "cases@C2-2": [0, 0, 0, None]}
    )
    rules = [rule(kind) for kind in ("red_line", "worsening", "gap_growing")]
    rules.append(rule("missing_report", levels=()))
    first = detect(world(cells), rules)
    assert first
    for seed in (1, 2):
        again = detect(world(cells, seed), rules)
        assert [(s.rule.code, s.position, s.subject, s.evidence) for s in again] == [
            (s.rule.code, s.position, s.subject, s.evidence) for s in first
        ]


def test_a_rule_of_another_rhythm_says_nothing() -> None:
    from dataclasses import replace

    assert not detect(world(rates(10)), [replace(rule("red_line"), cadence=("quarter",))])
