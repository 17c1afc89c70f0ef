"""The life of a listing as a table and as paths: no listing without notice and hearing, no end without a decision."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
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
    Side,
    Stand,
    day_problem,
    refusal,
)
from jingtu.governance.accountability.listings.terms import (
    Scored,
    add_months,
    extension_problem,
    forecast,
    last_day,
    met,
    passes,
    score_problems,
)
from jingtu.governance.accountability.listings.visibility import Course
from jingtu.governance.accountability.measures.clocks import Clock

DAY = dt.date(2026, 3, 2)
FAVOURABLE = {
    "prepares": True, "decides": True, "answers": True, "replied": True, "signed": True, "accepted": True,
}  # fmt: skip


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", ListingState)
def test_an_act_is_open_in_the_states_of_the_table_and_in_no_other(act: Act, state: ListingState) -> None:
    stand = Stand(
        state, DAY, suspended=act is Act.RESUME, objected=act in (Act.REVIEW, Act.REVOKE), **FAVOURABLE
    )
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


def test_for_a_place_without_an_account_the_office_enters_what_it_says_and_the_day_it_came_counts() -> None:
    until = DAY + dt.timedelta(days=7)
    late = until + dt.timedelta(days=3)
    stand = Stand(ListingState.NOTICED, late, prepares=True, on_paper=True, hear_until=until, spoken_on=until)
    assert refusal(Act.REPLY, stand) is None
    over = refusal(Act.REPLY, replace(stand, spoken_on=late))
    assert over is not None
    assert over.code == "listings.reply_over"
    objecting = Stand(
        ListingState.LISTED, late, prepares=True, on_paper=True, object_until=until, spoken_on=until
    )
    assert refusal(Act.OBJECT, objecting) is None
    assert refusal(Act.OBJECT, replace(objecting, on_paper=False)) is not None


@pytest.mark.parametrize("act", [Act.CLASSIFY, Act.CRITERIA])
@pytest.mark.parametrize("state", [ListingState.NOTICED, ListingState.HEARD])
def test_what_the_notice_told_is_not_changed_without_a_new_one(act: Act, state: ListingState) -> None:
    problem = refusal(act, Stand(state, DAY, **FAVOURABLE))
    assert problem is not None
    assert problem.code == "listings.told_already"
    assert refusal(Act.RECALL, Stand(state, DAY, **FAVOURABLE)) is None
    assert BY_ACT[Act.RECALL].target is ListingState.PROPOSED


def test_the_hearing_waits_while_the_clock_stands_still() -> None:
    stand = Stand(ListingState.NOTICED, DAY, prepares=True, answers=True, suspended=True)
    still = refusal(Act.HEAR, stand)
    assert still is not None
    assert still.code == "listings.suspended"
    assert refusal(Act.REPLY, stand) is None


def test_an_objection_is_reviewed_by_another_than_who_listed_and_before_more_time_is_given() -> None:
    stand = Stand(ListingState.RECTIFYING, DAY, decides=True, objected=True, decided_it=True)
    for act in (Act.REVIEW, Act.REVOKE):
        own = refusal(act, stand)
        assert own is not None
        assert own.code == "listings.reviews_own"
        assert refusal(act, replace(stand, decided_it=False)) is None
    waits = refusal(Act.EXTEND, replace(stand, decided_it=False))
    assert waits is not None
    assert waits.code == "listings.objection_open"


@given(st.integers(-30, 30), st.integers(-30, 30))
def test_an_entered_day_lies_neither_ahead_nor_before_what_it_rests_on(entered: int, earliest: int) -> None:
    day, least = DAY + dt.timedelta(days=entered), DAY + dt.timedelta(days=earliest)
    problem = day_problem(day, "held_on", today=DAY, earliest=least)
    assert (problem is None) == (least <= day <= DAY)


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


HEARING_DAYS = 5
LEFT = {
    ListingState.WATCH, ListingState.CLOSED, ListingState.RELAPSED, ListingState.RAISED, ListingState.REVOKED,
}  # fmt: skip


class Life(RuleBasedStateMachine):
    """One listing met by people with any rights on any day, its steps applied only when the rules allow them."""

    @initialize(term=st.integers(1, 24), each=st.integers(0, 12), more=st.integers(0, 24))
    def born(self, term: int, each: int, more: int) -> None:
        self.state, self.day = ListingState.PROPOSED, DAY
        self.term, self.each, self.cap = term, each, term + more
        self.extended = 0
        self.heard_on: dt.date | None = None
        self.noticed_on: dt.date | None = None
        self.hear_until: dt.date | None = None
        self.replied = self.accepted = self.decided_listing = self.decided_end = False
        self.content = self.told = 0
        self.course = Course(())
        self.came_from: list[ListingState] = []

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.day += dt.timedelta(days=days)

    @rule(
        act=st.sampled_from(Act), prepares=st.booleans(), decides=st.booleans(), answers=st.booleans(),
        part=st.booleans(), own=st.booleans(), paper=st.booleans(), signed=st.booleans(), accepted=st.booleans(),
        months=st.integers(0, 14), back=st.integers(-3, 60),
    )  # fmt: skip
    def somebody_acts(
        self, act: Act, prepares: bool, decides: bool, answers: bool, part: bool, own: bool, paper: bool, signed: bool,
        accepted: bool, months: int, back: int,
    ) -> None:  # fmt: skip
        entered = self.day - dt.timedelta(days=back)
        on_entered_day = act in (Act.HEAR, Act.INSPECT)
        if on_entered_day and day_problem(entered, "held_on", today=self.day, earliest=self.course.moved_on):
            return
        stand = Stand(
            self.state, self.day, prepares, decides, answers, part, own, paper, None, self.hear_until,
            suspended=self.course.suspended, replied=self.replied, objected=self.course.objected,
            watch_until=self.day - dt.timedelta(days=1), accepted=self.accepted, signed=signed,
        )  # fmt: skip
        if refusal(act, stand) is not None:
            return
        if act is Act.EXTEND:
            said = {"term": self.term, "extended": self.extended, "most_each": self.each, "cap": self.cap}
            if extension_problem(months, **said) is not None:
                return
            self.extended += months
        before, row = self.state, BY_ACT[act]
        day = entered if on_entered_day else self.day
        self.course = Course((*self.course.steps, (act.value, 1, day)))
        self._remember(act, accepted, decides and not part)
        if row.target in LEFT:
            self.decided_end = decides and not part
        self.state = row.target or before
        self.came_from.append(before)

    def _remember(self, act: Act, accepted: bool, decides: bool) -> None:
        if act is Act.SERVE:
            self.noticed_on, self.told = self.day, self.content
        if act in (Act.SERVE, Act.SUSPEND, Act.RESUME) and self.noticed_on is not None:
            self.hear_until = Clock(self.noticed_on, HEARING_DAYS, self.course.suspensions()).due()
        if act is Act.RECALL:
            self.hear_until, self.replied, self.heard_on = None, False, None
        if act in (Act.CLASSIFY, Act.CRITERIA):
            self.content += 1
        if act is Act.REPLY:
            self.replied = True
        if act is Act.HEAR:
            self.heard_on = self.day
        if act is Act.INSPECT:
            self.accepted = accepted
        if act is Act.LIST:
            self.decided_listing = decides

    @invariant()
    def listed_only_after_notice_and_hearing_by_a_decision(self) -> None:
        if getattr(self, "state", None) in RUNNING | LEFT:
            assert self.noticed_on is not None
            assert self.heard_on is not None
            assert self.replied or (self.hear_until is not None and self.heard_on > self.hear_until)
            assert self.decided_listing

    @invariant()
    def what_is_decided_is_what_was_told(self) -> None:
        if getattr(self, "state", None) in RUNNING | LEFT | {ListingState.NOTICED, ListingState.HEARD}:
            assert self.told == self.content

    @invariant()
    def nothing_leaves_the_list_without_a_decision(self) -> None:
        if getattr(self, "state", None) in LEFT:
            assert self.decided_end

    @invariant()
    def no_clock_runs_backwards(self) -> None:
        moving = {row.act.value for row in TABLE if row.target is not None}
        days = [on for act, _person, on in getattr(self, "course", Course(())).steps if act in moving]
        assert days == sorted(days)

    @invariant()
    def suspended_days_are_not_counted(self) -> None:
        if getattr(self, "state", None) is ListingState.NOTICED and self.hear_until is not None:
            clock = Clock(self.noticed_on or DAY, HEARING_DAYS, self.course.suspensions())
            counted = [
                self.noticed_on + dt.timedelta(days=number)
                for number in range(1, (self.hear_until - self.noticed_on).days + 1)
                if clock.counts(self.noticed_on + dt.timedelta(days=number))
            ]
            assert len(counted) == HEARING_DAYS

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
