from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.runs.rules import (
    TABLE,
    FindingState,
    RunAction,
    RunFacts,
    RunState,
    Severity,
    allowed_actions,
    next_version,
    open_errors,
    reason_problem,
    refusal,
)
from jingtu.core.kernel.actor import Permission

PREPARER = frozenset({Permission.RUNS_PREPARE})
APPROVER = frozenset({Permission.RUNS_APPROVE})

# What a preparer and another person who approves may do in each state of a computed run without open errors.
OPEN_TO: dict[RunState, tuple[set[str], set[str]]] = {
    RunState.DRAFT: ({"compute", "check", "withdraw"}, set()),
    RunState.CHECKED: ({"compute", "check", "answer", "submit", "withdraw"}, {"override"}),
    RunState.IN_REVIEW: ({"withdraw"}, {"override", "open_appeal", "send_back", "publish"}),
    RunState.APPEAL: ({"compute", "withdraw"}, {"send_back", "publish"}),
    RunState.EMBARGOED: (set(), {"release", "withdraw"}),
    RunState.PUBLISHED: ({"correct"}, {"withdraw"}),
    RunState.SUPERSEDED: (set(), set()),
    RunState.WITHDRAWN: (set(), set()),
}


@pytest.mark.parametrize("state", RunState)
def test_who_may_do_what_in_each_state(state: RunState) -> None:
    preparer = RunFacts(state, computed=True, is_preparer=True, permissions=PREPARER)
    approver = RunFacts(state, computed=True, is_preparer=False, permissions=APPROVER)
    assert (set(allowed_actions(preparer)), set(allowed_actions(approver))) == OPEN_TO[state]


@pytest.mark.parametrize("state,action", list(itertools.product(RunState, RunAction)))
def test_without_a_post_nothing_is_open_and_the_state_is_not_told(state: RunState, action: RunAction) -> None:
    problem = refusal(action, RunFacts(state, True, False, frozenset()))
    assert problem is not None
    assert problem.code == "runs.not_permitted"


def test_the_preparer_who_also_approves_cannot_sign_their_own_run() -> None:
    both = RunFacts(RunState.IN_REVIEW, True, is_preparer=True, permissions=PREPARER | APPROVER)
    problem = refusal(RunAction.PUBLISH, both)
    assert problem is not None
    assert problem.code == "runs.same_person"


@pytest.mark.parametrize("action", [RunAction.SUBMIT, RunAction.OPEN_APPEAL, RunAction.PUBLISH])
def test_open_errors_hold_a_run_back(action: RunAction) -> None:
    source = next(iter(TABLE[action].sources))
    run = RunFacts(source, True, False, PREPARER | APPROVER, open_errors=2)
    problem = refusal(action, run)
    assert problem is not None
    assert problem.params["count"] == 2


def test_what_is_frozen_is_only_released_or_taken_back() -> None:
    frozen = {RunState.EMBARGOED, RunState.PUBLISHED, RunState.SUPERSEDED}
    leaving = {
        (action, state)
        for action, row in TABLE.items()
        for state in row.sources & frozen
        if row.target is not None
    }
    assert leaving == {
        (RunAction.WITHDRAW, RunState.PUBLISHED),
        (RunAction.WITHDRAW, RunState.EMBARGOED),
        (RunAction.RELEASE, RunState.EMBARGOED),
    }


@given(st.lists(st.sampled_from(RunAction), max_size=30), st.booleans())
def test_no_sequence_of_acts_publishes_without_review_by_another(
    actions: list[RunAction], is_preparer: bool
) -> None:
    state, reviewed = RunState.DRAFT, False
    for action in actions:
        run = RunFacts(state, True, is_preparer, PREPARER | APPROVER)
        if refusal(action, run) is None:
            state = TABLE[action].target or state
            kept = state in (RunState.APPEAL, RunState.PUBLISHED)
            reviewed = state is RunState.IN_REVIEW or (reviewed and kept)
    if state is RunState.PUBLISHED:
        assert reviewed
        assert not is_preparer


def test_a_reason_of_spaces_is_no_reason() -> None:
    assert reason_problem(RunAction.SEND_BACK, "      ") is not None
    assert reason_problem(RunAction.SEND_BACK, "数据有误") is None
    assert reason_problem(RunAction.SUBMIT, "") is None


def test_versions_count_up_from_one() -> None:
    assert next_version([]) == 1
    assert next_version([1, 3]) == 4


def test_only_open_errors_count() -> None:
    found = [
        (Severity.ERROR, FindingState.OPEN),
        (Severity.ERROR, FindingState.ANSWERED),
        (Severity.WARNING, FindingState.OPEN),
    ]
    assert open_errors(found) == 1
