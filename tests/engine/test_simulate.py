from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.assess import assess
from jingtu.engine.catalogue.model import LinearRule
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.facttable import FactTable
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.simulate import Changes, Figure, moves, read_points, read_rule, rule_words, simulate
from tests.engine.worlds import facts, small_world

OCTOBER = Period.parse("2026-10")
TREE, DEFINITIONS, TABLE = small_world()
GROUND = assess(TREE, TABLE, DEFINITIONS, "card", OCTOBER, ledger=Ledger())


def test_no_change_gives_the_result_itself() -> None:
    again = simulate(GROUND, DEFINITIONS, GROUND.scorecard, GROUND.subjects, Changes())
    assert again.totals.tolist() == GROUND.current.card.totals.tolist()
    assert again.ranks.tolist() == GROUND.current.card.ranks.tolist()


@given(st.sampled_from(["C1-1", "C2-1", "C3-1"]), st.sampled_from(["good", "incidents"]), st.integers(0, 50))
def test_a_changed_figure_gives_what_assessing_the_changed_facts_gives(
    place: str, element: str, value: int
) -> None:
    figure = Figure(element, TREE.position(place), value)
    after = simulate(GROUND, DEFINITIONS, GROUND.scorecard, GROUND.subjects, Changes(figures=[figure]))
    more = facts(TREE, [(element, place, "2026-10", value)])
    anew = assess(TREE, FactTable.concat([TABLE, more]), DEFINITIONS, "card", OCTOBER, ledger=Ledger())
    assert after.totals.tolist() == anew.current.card.totals.tolist()
    assert after.ranks.tolist() == anew.current.card.ranks.tolist()


@given(st.decimals(0, 100, places=2))
def test_points_move_totals_and_leave_the_assessment_alone(points: Decimal) -> None:
    before = GROUND.current.card.totals.tolist()
    code = GROUND.scorecard.items[0].indicator
    after = simulate(GROUND, DEFINITIONS, GROUND.scorecard, GROUND.subjects, Changes(points={code: points}))
    assert int(after.maxima[0].sum()) == int(
        (sum(item.points for item in GROUND.scorecard.items[1:]) + points) * 100
    )
    assert GROUND.current.card.totals.tolist() == before


def test_places_come_by_their_new_rank_with_what_they_gained() -> None:
    after = simulate(GROUND, DEFINITIONS, GROUND.scorecard, GROUND.subjects, Changes())
    found = moves(GROUND.subjects, [("1.00", 3), ("2.00", 2), ("3.00", 1)], after)
    assert [move.new_rank for move in found] == sorted(move.new_rank or 99 for move in found)
    assert all(move.gained == (move.old_rank or 0) - (move.new_rank or 0) for move in found)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.001", "NaN", "1e9"])
def test_points_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_points(text)


@pytest.mark.parametrize("text", ["linear 60", "linear 60 60", "steps 1 2", "rank -1 0", "linear NaN 2", ""])
def test_rules_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_rule(text)


@pytest.mark.parametrize("text", ["linear 60 95", "threshold 1 0.5", "deduction 0.5 4", "rank 1 0.7"])
def test_a_rule_reads_as_it_is_written(text: str) -> None:
    assert rule_words(read_rule(text), None) == text


def test_a_linear_rule_without_a_goal_says_the_target_s() -> None:
    assert rule_words(LinearRule(Decimal(0)), Threshold.parse(">= 90")) == "linear 0 90"
