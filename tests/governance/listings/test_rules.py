"""The life of a listing as a table and as paths: no listing without notice and hearing, no end without a decision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from jingtu.governance.accountability.listings.rules import (
    BEFORE,
    BY_ACT,
    DECISIONS,
    ENDED,
    RUNNING,
    TABLE,
    Act,
    ListingState,
    Scored,
    Side,
    Stand,
    add_months,
    extension_problem,
    forecast,
    last_day,
    met,
    passes,
    refusal,
    score_problems,
)

DAY = dt.date(2026, 3, 2)
FAVOURABLE = {
    "prepares": True, "decides": True, "answers": True, "replied": True, "signed": True, "accepted": True,
}  # fmt: skip


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", ListingState)
def test_an_act_is_open_in_the_states_of_the_table_and_in_no_other(act: Act, state: ListingState) -> None:
    stand = Stand(state, DAY, **FAVOURABLE)
    assert (refusal(act, stand) is None) == (state in BY_ACT[act].sources)


def test_every_act_has_one_line_and_says_after_what_it_is_taken() -> None:
    assert len(BY_ACT) == len(TABLE) == len(Act)
    assert all(row.after for row in TABLE)


@pytest.mark.parametrize("act", Act)
def test_nobody_acts_without_the_right_of_the_side_the_act_lies_on(act: Act) -> None:
    state = sorted(BY_ACT[act].sources)[0]
    problem = refusal(act, Stand(state, DAY, replied=True, signed=True, accepted=True))
    assert problem is not None
    assert problem.code == "listings.not_permitted"


@pytest.mark.parametrize("act", sorted(DECISIONS))
def test_who_had_a_part_in_it_decides_nothing(act: Act) -> None:
    for state in BY_ACT[act].sources:
        problem = refusal(act, Stand(state, DAY, had_part=True, **FAVOURABLE))
        assert problem is not None
        assert problem.code == "listings.had_part"


def test_the_office_may_enter_what_came_on_paper_but_does_not_speak_for_the_place() -> None:
    assert refusal(Act.PROGRESS, Stand(ListingState.RECTIFYING, DAY, prepares=True)) is None
    problem = refusal(Act.REPLY, Stand(ListingState.NOTICED, DAY, prepares=True))
    assert problem is not None
    assert problem.code == "listings.not_permitted"


def test_the_hearing_waits_for_the_reply_or_the_end_of_its_time() -> None:
    until = DAY + dt.timedelta(days=7)
    stand = Stand(ListingState.NOTICED, DAY, prepares=True, answers=True, hear_until=until)
    early = refusal(Act.HEAR, stand)
    assert early is not None
    assert early.code == "listings.reply_open"
    after = Stand(
        ListingState.NOTICED, until + dt.timedelta(days=1), prepares=True, answers=True, hear_until=until
    )
    assert refusal(Act.HEAR, after) is None
    late = refusal(Act.REPLY, after)
    assert late is not None
    assert late.code == "listings.reply_over"


class Life(RuleBasedStateMachine):
    """One listing met by people with any rights on any day, its steps applied only when the rules allow them."""

    @initialize(term=st.integers(1, 24), each=st.integers(0, 12), more=st.integers(0, 24))
    def born(self, term: int, each: int, more: int) -> None:
        self.state, self.day = ListingState.PROPOSED, DAY
        self.term, self.each, self.cap = term, each, term + more
        self.extended, self.heard_on, self.noticed_on = 0, None, None  # type: ignore[var-annotated]
        self.hear_until: dt.date | None = None
        self.replied = self.accepted = self.ever_delisted = False
        self.decided_listing = self.decided_end = False
        self.came_from: list[ListingState] = []

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.day += dt.timedelta(days=days)

    @rule(
        act=st.sampled_from(Act), prepares=st.booleans(), decides=st.booleans(), answers=st.booleans(),
        part=st.booleans(), signed=st.booleans(), accepted=st.booleans(), months=st.integers(0, 14),
    )  # fmt: skip
    def somebody_acts(
        self, act: Act, prepares: bool, decides: bool, answers: bool, part: bool, signed: bool, accepted: bool,
        months: int,
    ) -> None:  # fmt: skip
        watch_until = self.day - dt.timedelta(days=1)
        stand = Stand(
            self.state, self.day, prepares, decides, answers, part, self.hear_until, self.replied,
            watch_until=watch_until, accepted=self.accepted, signed=signed,
        )  # fmt: skip
        if refusal(act, stand) is not None:
            return
        if act is Act.EXTEND:
            said = {"term": self.term, "extended": self.extended, "most_each": self.each, "cap": self.cap}
            if extension_problem(months, **said) is not None:
                return
            self.extended += months
        before, row = self.state, BY_ACT[act]
        if act is Act.SERVE:
            self.noticed_on, self.hear_until = self.day, self.day + dt.timedelta(days=7)
        if act is Act.REPLY:
            self.replied = True
        if act is Act.HEAR:
            self.heard_on = self.day
        if act is Act.INSPECT:
            self.accepted = accepted
        if act is Act.LIST:
            self.decided_listing = decides and not part
        if row.target in {
            ListingState.WATCH,
            ListingState.CLOSED,
            ListingState.RELAPSED,
            ListingState.RAISED,
        }:
            self.decided_end = decides and not part
        self.state = row.target or before
        self.came_from.append(before)

    @invariant()
    def listed_only_after_notice_and_hearing_by_a_decision(self) -> None:
        if getattr(self, "state", None) in RUNNING | {ListingState.WATCH, ListingState.CLOSED}:
            assert self.noticed_on is not None
            assert self.heard_on is not None
            assert self.hear_until is not None
            assert self.replied or self.heard_on > self.hear_until
            assert self.decided_listing

    @invariant()
    def nothing_leaves_the_list_without_a_decision(self) -> None:
        if getattr(self, "state", None) in {
            ListingState.WATCH,
            ListingState.CLOSED,
            ListingState.RELAPSED,
            ListingState.RAISED,
        }:
            assert self.decided_end

    @invariant()
    def the_cap_holds(self) -> None:
        if hasattr(self, "extended"):
            assert self.term + self.extended <= self.cap or not self.extended

    @invariant()
    def a_relapse_follows_a_watch_or_a_closed_case(self) -> None:
        if getattr(self, "state", None) is ListingState.RELAPSED:
            assert self.came_from[-1] in {ListingState.WATCH, ListingState.CLOSED}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_what_has_ended_stays_so_except_that_a_closed_case_may_relapse() -> None:
    for state in ENDED - {ListingState.CLOSED}:
        assert not [row.act for row in TABLE if state in row.sources]
    assert [row.act for row in TABLE if ListingState.CLOSED in row.sources] == [Act.RELAPSE]


def test_every_decision_lies_above_and_nothing_ends_on_another_side_once_it_is_listed() -> None:
    ending = [row for row in TABLE if row.sources & RUNNING and row.target in {ListingState.WATCH, *ENDED}]
    assert ending
    assert all(row.side is Side.DECIDES for row in ending)
    assert not BEFORE & RUNNING


@given(st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 120))
def test_a_term_never_ends_before_it_began_and_grows_with_its_months(day: dt.date, months: int) -> None:
    assert last_day(day, months) >= day
    assert last_day(day, months + 1) > last_day(day, months)


def test_a_year_from_the_first_of_march_ends_on_the_last_of_february() -> None:
    assert last_day(dt.date(2023, 3, 1), 12) == dt.date(2024, 2, 29)
    assert add_months(dt.date(2024, 1, 31), 1) == dt.date(2024, 2, 29)


@given(st.integers(1, 36), st.integers(0, 24), st.integers(0, 12), st.integers(1, 60), st.integers(-2, 20))
def test_no_extension_goes_beyond_the_cap(term: int, extended: int, each: int, cap: int, months: int) -> None:
    problem = extension_problem(months, term=term, extended=extended, most_each=each, cap=cap)
    assert (problem is None) == (1 <= months <= each and term + extended + months <= cap)


def test_the_forecast_is_the_line_through_entry_and_the_latest_value() -> None:
    start = dt.date(2026, 1, 1)
    values = [
        (start, Decimal(60)),
        (start + dt.timedelta(days=50), Decimal(1)),
        (start + dt.timedelta(days=100), Decimal(80)),
    ]
    assert forecast(values, start + dt.timedelta(days=200)) == Decimal("100.00")
    assert forecast(values[:1], start) is None
    falling = [(start, Decimal(10)), (start + dt.timedelta(days=10), Decimal(5))]
    assert forecast(falling, start + dt.timedelta(days=100)) == 0


def test_a_requirement_is_met_on_its_boundary_only_where_it_says_so() -> None:
    assert met(">= 95", Decimal(95)) is True
    assert met("> 95", Decimal(95)) is False
    assert met("", Decimal(1)) is None
    assert met(">= 1", None) is None


def test_scores_lie_between_nothing_and_the_points_and_decide_by_the_pass_mark() -> None:
    lines = [Scored("a", Decimal(60), Decimal(54)), Scored("b", Decimal(40), Decimal(36))]
    assert not score_problems(lines)
    assert passes(lines, Decimal(90))
    assert not passes(lines, Decimal("90.1"))
    wrong = [Scored("a", Decimal(60), Decimal(61)), Scored("b", Decimal(40), None)]
    assert [problem.column for problem in score_problems(wrong)] == ["score_a", "score_b"]
