"""The life of a notice as a machine that plays any sequence of acts, and its clocks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jingtu.engine.workdays import add_working_days
from jingtu.governance.duties.supervising.rules import (
    HIGHEST,
    TABLE,
    Hand,
    NoticeAction,
    NoticeFacts,
    NoticeState,
    due_after_return,
    due_problem,
    level_reached,
    reason_problem,
    refusal,
    reminder_due,
    usual_due,
)

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 11, 30))


class Life(RuleBasedStateMachine):
    """Anybody tries anything in any order; the last day moves on, never back."""

    def __init__(self) -> None:
        super().__init__()
        self.state = NoticeState.DRAFTED
        self.history = [NoticeState.DRAFTED]
        self.today = dt.date(2026, 3, 2)
        self.first_due = self.due = usual_due(self.today).day

    @rule(action=st.sampled_from(list(TABLE)), office=st.booleans(), unit=st.booleans())
    def act(self, action: NoticeAction, office: bool, unit: bool) -> None:
        if refusal(action, NoticeFacts(self.state, office, unit)) is not None:
            return
        row = TABLE[action]
        assert office if row.hand is Hand.OFFICE else unit
        before = self.due
        if action is NoticeAction.RETURN:
            self.due = due_after_return(self.due, self.today)
            assert self.due > self.today
        assert self.due >= before
        self.state = row.target
        self.history.append(self.state)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.today += dt.timedelta(days=days)

    @invariant()
    def nothing_is_answered_before_it_was_issued_nor_accepted_before_it_was_answered(self) -> None:
        for later, earlier in (
            (NoticeState.ANSWERED, NoticeState.ISSUED),
            (NoticeState.ACCEPTED, NoticeState.ANSWERED),
            (NoticeState.RETURNED, NoticeState.ANSWERED),
        ):
            if later in self.history:
                assert earlier in self.history[: self.history.index(later)]

    @invariant()
    def an_end_is_an_end(self) -> None:
        ends = (NoticeState.ACCEPTED, NoticeState.WITHDRAWN)
        assert all(state not in ends for state in self.history[:-1])


TestLife = Life.TestCase


@given(DAYS, st.integers(0, 60))
def test_levels_only_rise_as_days_pass(due: dt.date, later: int) -> None:
    day = due - dt.timedelta(days=20) + dt.timedelta(days=later)
    assert level_reached(due, day) <= level_reached(due, day + dt.timedelta(days=1))
    assert level_reached(due, due - dt.timedelta(days=20)) == 0
    assert level_reached(due, due) == 2
    assert level_reached(due, add_working_days(due, 1).day) == HIGHEST


@given(DAYS)
def test_a_level_is_sent_once_and_only_the_highest_again(due: dt.date) -> None:
    before = add_working_days(due, -2).day
    assert reminder_due(due, before, 0, None) == 1
    assert reminder_due(due, before, 1, before) == 0
    assert reminder_due(due, due, 1, before) == 2
    assert reminder_due(due, due, 2, due) == 0
    late = add_working_days(due, 1).day
    assert reminder_due(due, late, 2, due) == 3
    assert reminder_due(due, add_working_days(late, 4).day, 3, late) == 0
    assert reminder_due(due, add_working_days(late, 5).day, 3, late) == 3


@given(DAYS)
def test_whoever_is_asked_gets_a_working_day(today: dt.date) -> None:
    assert due_problem(today, today) is not None
    assert due_problem(add_working_days(today, 1).day, today) is None
    assert due_problem(usual_due(today).day, today) is None


@pytest.mark.parametrize("action", [action for action, row in TABLE.items() if row.needs_reason])
def test_acts_that_must_be_explained_want_words(action: NoticeAction) -> None:
    assert reason_problem(action, " ") is not None
    assert reason_problem(action, "补齐台账") is None
    assert reason_problem(action, "补齐\x00台账") is not None
