"""The machine of a measure, as a table and walked at random; clocks with working days and suspension."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jingtu.engine.workdays import add_working_days
from jingtu.governance.accountability.measures.clocks import Clock, Suspension
from jingtu.governance.accountability.measures.rules import (
    ANSWERING,
    CLOSED,
    DECIDING,
    KEEPING,
    STILLING,
    TABLE,
    Act,
    Deciding,
    ProposalState,
    Standing,
    State,
    act_problem,
    decision_problem,
    result_of,
    shown_count,
    shown_counts,
    term_end,
)

DAY = dt.date(2026, 9, 1)
ALL_RIGHTS = {"keeps": True, "decides": True, "speaks_for_it": True}
EXPECTED = {
    State.OPENED: {"notice", "drop"},
    State.NOTICED: {"serve", "drop"},
    State.SERVED: {"reply", "hear", "suspend", "drop"},
    State.REPLIED: {"reply", "hear", "suspend", "decide", "drop"},
    State.DECIDED: {"serve_decision"},
    State.IN_FORCE: {"suspend", "effect", "object", "lift"},
    State.OBJECTED: {"suspend", "effect", "uphold", "change", "revoke"},
    State.DROPPED: set(),
    State.REVOKED: set(),
    State.ENDED: set(),
}


@pytest.mark.parametrize("state", list(State))
def test_what_somebody_with_every_right_may_do_in_each_state(state: State) -> None:
    """While the time to reply still runs."""
    standing = Standing(state, **ALL_RIGHTS, reply=Clock(DAY, 5))
    allowed = {act.value for act in TABLE if act_problem(act, standing, DAY) is None}
    assert allowed == EXPECTED[state]


def test_what_ended_before_its_review_may_still_be_reviewed_and_stays_ended() -> None:
    owed = Standing(State.ENDED, **ALL_RIGHTS, objected=True)
    assert {act.value for act in TABLE if act_problem(act, owed, DAY) is None} == {
        "uphold", "change", "revoke",
    }  # fmt: skip
    assert [result_of(act, State.ENDED) for act in (Act.UPHOLD, Act.CHANGE, Act.REVOKE)] == [
        State.ENDED, State.ENDED, State.REVOKED,
    ]  # fmt: skip


@pytest.mark.parametrize("act", [Act.SUSPEND, Act.RESUME])
def test_clocks_stand_still_for_a_reply_by_the_keeper_and_a_term_only_by_a_decision(act: Act) -> None:
    for state, keeps, decides in (
        (State.SERVED, True, False),
        (State.REPLIED, True, False),
        (State.IN_FORCE, False, True),
        (State.OBJECTED, False, True),
    ):
        stood = act is Act.RESUME
        keeper = Standing(state, keeps=True, prepared_it=True, suspended=stood)
        decider = Standing(state, decides=True, suspended=stood)
        assert (act_problem(act, keeper, DAY) is None) is keeps
        assert (act_problem(act, decider, DAY) is None) is decides
        assert act_problem(act, replace(decider, concerned=True), DAY) is not None


def test_without_a_reply_a_decision_waits_for_the_day_after_the_last() -> None:
    clock = Clock(DAY, 5)
    standing = Standing(State.SERVED, **ALL_RIGHTS, reply=clock)
    last = clock.due()
    assert last is not None
    refused = act_problem(Act.DECIDE, standing, last)
    assert refused is not None
    assert refused.code == "measures.reply_open"
    assert act_problem(Act.DECIDE, standing, last + dt.timedelta(days=1)) is None
    late = act_problem(Act.REPLY, standing, last + dt.timedelta(days=1))
    assert late is not None
    assert late.code == "measures.reply_over"


def test_a_suspended_clock_lets_nobody_decide_without_a_reply() -> None:
    clock = Clock(DAY, 5, [Suspension(DAY + dt.timedelta(days=2))])
    standing = Standing(State.SERVED, **ALL_RIGHTS, reply=clock, suspended=True)
    refused = act_problem(Act.DECIDE, standing, DAY + dt.timedelta(days=300))
    assert refused is not None
    assert refused.code == "measures.clock_stands"


@pytest.mark.parametrize("act", sorted(DECIDING | KEEPING | STILLING | ANSWERING))
def test_every_act_needs_its_own_right(act: Act) -> None:
    for state in TABLE[act][0]:
        refused = act_problem(act, Standing(state, reply=Clock(DAY, 1), objected=True), DAY)
        assert refused is not None
        assert refused.code == "measures.not_permitted"


def test_who_prepared_the_file_does_not_decide_and_who_decided_does_not_review() -> None:
    replied = Standing(State.REPLIED, **ALL_RIGHTS, prepared_it=True)
    found = act_problem(Act.DECIDE, replied, DAY)
    assert found is not None
    assert found.code == "measures.same_person"
    objected = Standing(State.OBJECTED, **ALL_RIGHTS, decided_it=True)
    found = act_problem(Act.UPHOLD, objected, DAY)
    assert found is not None
    assert found.code == "measures.own_decision"


def test_a_proposal_is_taken_only_with_its_file_and_by_another() -> None:
    assert decision_problem(Deciding(ProposalState.OPEN, True, False), takes=False) is None
    for state, prepared, code in (
        (ProposalState.OPEN, False, "measures.no_file"),
        (ProposalState.FILED, True, "measures.same_person"),
        (ProposalState.TAKEN, False, "measures.decided_already"),
    ):
        found = decision_problem(Deciding(state, True, prepared), takes=True)
        assert found is not None
        assert found.code == code


def test_a_term_ends_on_the_day_of_the_same_number() -> None:
    assert term_end(dt.date(2026, 9, 10), 6) == dt.date(2027, 3, 10)
    assert term_end(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert term_end(dt.date(2026, 11, 30), 13) == dt.date(2027, 12, 30)


def test_small_counts_of_persons_are_not_given() -> None:
    assert [shown_count(count) for count in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]
    assert shown_counts([0, 7])
    assert shown_counts([2, 3])
    assert not shown_counts([2, 7])


# --- clocks

days = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
lengths = st.integers(0, 40)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    start = draw(days)
    stood = []
    for _ in range(draw(st.integers(0, 3))):
        first = start + dt.timedelta(days=draw(st.integers(0, 60)))
        stood.append(Suspension(first, first + dt.timedelta(days=draw(st.integers(0, 20)))))
    return Clock(start, draw(lengths), stood)


@given(days, lengths)
def test_without_suspension_a_clock_is_plain_working_days(start: dt.date, count: int) -> None:
    expected = add_working_days(start, count).day if count else start
    assert Clock(start, count).due() == expected


@given(clocks(), st.integers(0, 90))
def test_a_clock_never_runs_backwards(clock: Clock, after: int) -> None:
    day = clock.start + dt.timedelta(days=after)
    assert 0 <= clock.used(day + dt.timedelta(days=1)) - clock.used(day) <= 1


@given(clocks())
def test_the_last_day_is_the_first_on_which_all_days_are_used(clock: Clock) -> None:
    due = clock.due()
    assert due is not None
    assert clock.used(due) == clock.days
    assert not clock.over(due)
    assert clock.over(due + dt.timedelta(days=1))
    if clock.days:
        assert clock.used(due - dt.timedelta(days=1)) == clock.days - 1


@given(clocks(), st.integers(0, 30), st.integers(0, 15))
def test_suspended_days_are_not_counted(clock: Clock, after: int, length: int) -> None:
    first = clock.start + dt.timedelta(days=after)
    more = Suspension(first, first + dt.timedelta(days=length))
    stood = Clock(clock.start, clock.days, [*clock.suspensions, more])
    lost = sum(clock.counts(first + dt.timedelta(days=number)) for number in range(length + 1))
    end = more.last
    assert end is not None
    assert clock.used(end) - stood.used(end) == lost
    before, now = clock.due(), stood.due()
    assert before is not None
    assert now is not None
    assert now >= before


def test_while_it_stands_still_a_clock_has_no_last_day() -> None:
    assert Clock(DAY, 5, [Suspension(DAY + dt.timedelta(days=1))]).due() is None
    assert Clock(DAY, 1, [Suspension(DAY + dt.timedelta(days=5))]).due() == add_working_days(DAY, 1).day


# --- walked at random


class Walk(RuleBasedStateMachine):
    """Somebody tries any act on any day; time goes on; clocks are suspended and run again."""

    @initialize(days=st.integers(3, 10))
    def opened(self, days: int) -> None:
        self.day = DAY
        self.standing = Standing(State.OPENED, **ALL_RIGHTS)
        self.days, self.served, self.decided, self.replied = days, None, False, False
        self.stood: list[Suspension] = []
        self.used = 0

    def _clock(self) -> Clock | None:
        return Clock(self.served, self.days, tuple(self.stood)) if self.served else None

    @rule(length=st.integers(0, 12))
    def time_passes(self, length: int) -> None:
        self.day += dt.timedelta(days=length)

    @rule(act=st.sampled_from(sorted(TABLE)))
    def tried(self, act: Act) -> None:
        suspended = bool(self.stood) and self.stood[-1].last is None
        found = replace(self.standing, reply=self._clock(), objection=Clock(DAY, 900), suspended=suspended)
        if act_problem(act, found, self.day) is not None:
            return
        if act is Act.DECIDE:
            clock = self._clock()
            assert clock is not None
            assert self.replied or clock.used(self.day) >= self.days
            self.decided = True
        self.decided = self.decided or act is Act.DROP
        if act is Act.SERVE:
            self.served = self.day
        if act is Act.SUSPEND:
            self.stood.append(Suspension(self.day))
        if act is Act.RESUME:
            first = self.stood[-1].first
            self.stood[-1] = Suspension(first, max(first, self.day - dt.timedelta(days=1)))
        self.replied = self.replied or act is Act.REPLY
        self.standing = replace(
            self.standing, state=result_of(act, self.standing.state), ends_on=self.day + dt.timedelta(days=30)
        )

    @invariant()
    def none_leaves_without_a_decision(self) -> None:
        if hasattr(self, "standing") and self.standing.state in CLOSED:
            assert self.decided

    @invariant()
    def nothing_is_decided_before_the_notice_was_served(self) -> None:
        late = {State.DECIDED, State.IN_FORCE, State.OBJECTED, State.REVOKED, State.ENDED}
        if hasattr(self, "standing") and self.standing.state in late:
            assert self.served is not None

    @precondition(lambda self: getattr(self, "served", None) is not None)
    @invariant()
    def the_clock_never_runs_backwards(self) -> None:
        clock = self._clock()
        assert clock is not None
        used = clock.used(self.day)
        # The day of a suspension no longer counts from its beginning on; it is lost once, never more.
        assert used >= self.used - 1
        self.used = used


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
