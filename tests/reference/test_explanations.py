"""Explanations add up, and what they say is missing is exactly what is missing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from jingtu.engine.explain import explain
from tests.reference.card import holds, plain
from tests.reference.conftest import RUNS, Demo
from tests.reference.formulas import elements, parse
from tests.reference.gaps import fewest
from tests.reference.spans import span
from tests.reference.world import World


def steps(step: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [step] if step["kind"] == kind else []
    return found + [inner for child in step["children"] for inner in steps(child, kind)]


def own_facts(world: World, formula: str, region: str, period: str) -> list[tuple[str, str, str, Fraction]]:
    """The facts of the region itself that its part of a formula was made from."""
    node = parse(formula)
    kind = {"sum": "flow", "last": "stock"}.get(node[1]) if node[0] == "call" else None
    return sorted(
        (element, fact_period.start.isoformat(), ";".join("=".join(pair) for pair in category), value)
        for _, element, selection in elements(node)
        for (fact_period, category), value in world.used(
            element, region, span(period), selection, kind or world.kind(element)
        ).items()
    )


def listed_facts(step: dict[str, Any]) -> list[tuple[str, str, str, Fraction]]:
    return sorted(
        (
            fact["params"]["element"],
            span(fact["params"]["period"]).start.isoformat(),
            fact["params"]["category"],
            Fraction(fact["value"]),
        )
        for fact in step["children"]
        if fact["kind"] == "fact"
    )


def check_operand(world: World, operand: dict[str, Any], region: str) -> None:
    formula, period = operand["params"]["formula"], operand["params"]["period"]
    node = parse(formula)
    assert operand["value"] == plain(world.value(node, region, span(period)))
    assert listed_facts(operand) == own_facts(world, formula, region, period)
    children = [child for child in operand["children"] if child["kind"] == "child"]
    parts = Fraction(0)
    for child in children:
        code = child["params"]["region"]
        assert child["value"] == plain(world.value(node, code, span(period)))
        if not world.children[code]:
            assert listed_facts(child) == own_facts(world, formula, code, period)
        parts += Fraction(child["value"])
    additive = node[0] == "element" or (node[0] == "call" and node[1] in ("sum", "last"))
    if additive and operand["value"] is not None:
        given = sum((value for *_, value in listed_facts(operand)), Fraction(0))
        assert Fraction(operand["value"]) == parts + given
    # Those due that did not report are named, once each.
    silent = [
        (place, element)
        for _, element, _ in elements(node)
        if world.kind(element) != "reported"
        for place in world.below(region)
        if world.facts[element].get(place)
        and world.own(element, place, span(period), (), world.kind(element)) is None
    ]
    named = [
        (s["params"]["region"], s["params"].get("element"))
        for s in operand["children"]
        if s["kind"] == "missing"
    ]
    assert sorted(named) == sorted(silent)


def check_gap(
    world: World, gap: dict[str, Any], indicator: str, target: str, region: str, period: str
) -> int:
    """Compare the stated ways with the fewest units found by trying; returns how many there were."""
    node = world.formulas[indicator]
    value, _ = world.indicator(indicator, region, span(period))
    assert isinstance(value, Fraction)
    assert gap["met"] == holds(value, target)
    assert Fraction(gap["difference"]) == Fraction(target.split()[1]) - value
    if gap["met"]:
        assert gap["moves"] == []
        return 0
    wants_more = target[0] == ">"
    moves = {move["side"]: move for move in gap["moves"]}
    tried: dict[str, int | None] = {}
    call = node[1] if node[0] == "call" else ""
    if call in ("share", "per") or node[0] == "/":
        top_node, bottom_node = (node[2][0], node[2][1]) if call else (node[1], node[2])
        top, bottom = (world.value(part, region, span(period)) for part in (top_node, bottom_node))
        assert isinstance(top, Fraction)
        assert isinstance(bottom, Fraction)
        factor = {"share": Fraction(100), "": Fraction(1)}.get(call) or node[2][2][1]
        sign = 1 if wants_more else -1
        room = bottom - top if call == "share" else Fraction(10**9)
        limit = int(room if wants_more else top)
        tried["numerator"] = fewest(lambda n: (top + sign * n) / bottom * factor, target, limit)
    elif call in ("yoy", "pop", "since"):
        now = world.value(node[2][0], region, span(period))
        before = world.value(node[2][0], region, world.other(call, node[2], span(period)))
        assert isinstance(now, Fraction)
        assert isinstance(before, Fraction)
        sign = 1 if wants_more else -1
        limit = 10**9 if wants_more else int(now)
        tried["now"] = fewest(lambda n: (now + sign * n - before) / abs(before) * 100, target, limit)
    elif node[0] == "element" or call in ("sum", "last"):
        sign = 1 if wants_more else -1
        tried["value"] = fewest(lambda n: value + sign * n, target, 10**9 if wants_more else int(value))
    assert {side: int(move["amount"]) for side, move in moves.items()} == {
        side: units for side, units in tried.items() if units is not None
    }
    return len(moves)


@pytest.mark.parametrize("run", [run for run in RUNS if run[2] != "2026-08"], ids=" ".join)
def test_every_indicator_of_every_place_is_derived_down_to_its_facts(
    demo: Demo, run: tuple[str, str, str]
) -> None:
    assessment, card, world = demo.assessment(*run), demo.card(*run), demo.worlds[run[0]]
    gaps = 0
    some = 1 if len(card.subjects) < 50 else 7
    for position in assessment.subjects.tolist()[::some]:
        region = assessment.tree.codes[position]
        for code in card.codes:
            explanation = explain(assessment, position, code).plain()
            for operand in steps(explanation["steps"], "operand"):
                check_operand(world, operand, region)
            target = card.target(code)
            value, _ = card.value(code, region)
            assert (explanation["gap"] is None) == (target is None or isinstance(value, str))
            if explanation["gap"] is not None and target is not None:
                gaps += check_gap(world, explanation["gap"], code, target, region, run[2])
    assert gaps > len(card.subjects) / some / 2


@pytest.mark.parametrize("run", RUNS, ids=" ".join)
def test_every_total_is_the_sum_of_its_items_and_bonus(demo: Demo, run: tuple[str, str, str]) -> None:
    assessment, card = demo.assessment(*run), demo.card(*run)
    for position in assessment.subjects.tolist():
        region = assessment.tree.codes[position]
        result = card.results[region]
        explanation = explain(assessment, position).plain()
        [score] = steps(explanation["steps"], "score")
        items = {step["params"]["indicator"]: step for step in steps(explanation["steps"], "item")}
        bonus = [Decimal(step["value"]) for step in steps(explanation["steps"], "bonus")]
        for item, points, most in zip(card.items, result["points"], result["maxima"], strict=True):
            step = items[item["indicator"]]
            assert Decimal(step["value"]) == points
            assert Decimal(step["params"]["maximum"]) == most
            assert Decimal(step["params"]["lost"]) == most - points
        assert Decimal(score["params"]["before_veto"]) == result["before_veto"]
        assert sum(bonus, Decimal(0)) >= result["bonus"] == Decimal(score["params"]["bonus"])
        assert Decimal(score["value"]) == result["total"]
        assert [s["params"]["indicator"] for s in steps(explanation["steps"], "veto")] == result["vetoes"]
        if result["ranked"]:
            assert explanation["steps"]["value"] == str(card.ranks[region])
            assert f"列第{card.ranks[region]}位" in explanation["sentence"]["zh"]
            assert f"得{result['total']:.2f}分" in explanation["sentence"]["zh"]
