from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.appeals.rules import (
    OPEN_STATES,
    OUTCOMES,
    TABLE,
    AppealAction,
    AppealFacts,
    AppealState,
    allowed_actions,
    outcome_problem,
    read_claimed,
    reason_problem,
    refusal,
)
from jingtu.core.kernel.actor import Permission
from jingtu.engine.problems import Problem
from tests.engine.worlds import element

EXAMINER = frozenset({Permission.APPEALS_EXAMINE})
DECIDER = frozenset({Permission.APPEALS_EXAMINE, Permission.APPEALS_DECIDE})

# What the unit, an examiner and a decider may do in each state.
OPEN_TO: dict[AppealState, tuple[set[str], set[str], set[str]]] = {
    AppealState.FILED: ({"withdraw", "add"}, {"accept"}, {"accept", "dismiss"}),
    AppealState.ACCEPTED: ({"withdraw", "add"}, set(), {"decide"}),
    AppealState.UPHELD: (set(), set(), set()),
    AppealState.PARTLY: (set(), set(), set()),
    AppealState.REJECTED: (set(), set(), set()),
    AppealState.DISMISSED: (set(), set(), set()),
    AppealState.WITHDRAWN: (set(), set(), set()),
}


@pytest.mark.parametrize("state", AppealState)
def test_who_may_do_what_in_each_state(state: AppealState) -> None:
    unit = AppealFacts(state, frozenset(), of_the_unit=True, is_filer=True, entered_it=False)
    examiner = AppealFacts(state, EXAMINER, False, False, False)
    decider = AppealFacts(state, DECIDER, False, False, False)
    found = tuple(set(allowed_actions(one)) for one in (unit, examiner, decider))
    assert found == OPEN_TO[state]


@pytest.mark.parametrize("state,action", list(itertools.product(AppealState, TABLE)))
def test_without_a_post_nothing_is_open_and_the_state_is_not_told(
    state: AppealState, action: AppealAction
) -> None:
    problem = refusal(action, AppealFacts(state, frozenset(), False, True, True))
    assert problem is not None
    assert problem.code == "appeals.not_permitted"


@given(st.sampled_from(AppealState), st.sampled_from(list(TABLE)), st.booleans(), st.booleans())
def test_nobody_decides_their_own_appeal_or_their_own_number(
    state: AppealState, action: AppealAction, is_filer: bool, entered: bool
) -> None:
    allowed = refusal(action, AppealFacts(state, DECIDER, True, is_filer, entered)) is None
    if action in (AppealAction.ACCEPT, AppealAction.DISMISS, AppealAction.DECIDE):
        assert not (allowed and is_filer)
    if action is AppealAction.DECIDE:
        assert not (allowed and entered)
    assert not allowed or state in OPEN_STATES


@pytest.mark.parametrize("outcome", AppealState)
@pytest.mark.parametrize("corrections", [0, 1])
def test_an_appeal_is_upheld_by_correcting_something_and_rejected_by_correcting_nothing(
    outcome: AppealState, corrections: int
) -> None:
    fits = outcome in OUTCOMES and bool(corrections) == (outcome is not AppealState.REJECTED)
    assert (outcome_problem(outcome, corrections) is None) is fits


def test_a_decision_without_reasons_is_none() -> None:
    assert reason_problem(AppealAction.DECIDE, "  ") is not None
    assert reason_problem(AppealAction.DECIDE, "证据充分") is None
    assert reason_problem(AppealAction.ACCEPT, "") is None


@pytest.mark.parametrize(
    ("claimed", "stored"),
    [
        ("", ""),
        (" ", ""),
        ("95.00", "95"),
        ("９８．５％", "98.5%"),
        ("1149224.5 ％", "1149224.5%"),
        ("2‰", "2‰"),
        ("1,149,224", "1149224"),
        ("149，224", "149224"),
        ("+3.2", "3.2"),
        ("−4", "-4"),
        ("0", "0"),
        ("300+", "300+"),
        ("约１００", "≈100"),
        ("1.2万", "12000"),
    ],
)
def test_what_is_claimed_is_read_as_the_grid_reads_and_kept_in_one_spelling(
    claimed: str, stored: str
) -> None:
    assert read_claimed(claimed, None) == stored
    assert read_claimed(stored, None) == stored


@pytest.mark.parametrize(
    "claimed",
    [
        "abc", "约一百", "12人", "1.2.3", "--3", "%", "1234,567", "1,149224", "1,23", ",123", "1.", "5%%", "-", "无数据",
        "9" * 16, "0." + "1" * 40,
    ],
)  # fmt: skip
def test_what_is_claimed_is_a_figure_and_not_words(claimed: str) -> None:
    problem = read_claimed(claimed, None)
    assert isinstance(problem, Problem)
    assert claimed in problem.text("zh")


@pytest.mark.parametrize(
    ("claimed", "told"), [("98.5%", "percent"), ("3.5", "decimal"), ("-3", "below 0"), ("41", "41")]
)
def test_a_single_figure_is_claimed_as_its_element_can_hold_it(claimed: str, told: str) -> None:
    read = read_claimed(claimed, element("persons"))
    assert told in (read.text("en") if isinstance(read, Problem) else read)
