"""On which day a series meets, whatever its rule; which acts a state allows."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jingtu.engine.periods import Period
from jingtu.engine.workdays import is_working_day
from jingtu.governance.duties.meetings.rules import (
    KIND_OF,
    LAST,
    PRESETS,
    TABLE,
    TOOK_PLACE,
    Act,
    MeetingState,
    Outcome,
    Rhythm,
    Rule,
    Shift,
    after,
    open_acts,
    outcome,
    rule_problems,
    slot,
    slots,
    usual_day,
    working_day_near,
)

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))


def _monthly(rhythm: Rhythm) -> st.SearchStrategy[Rule]:
    shifts, months = st.sampled_from(Shift), st.integers(1, 3 if rhythm is Rhythm.QUARTER else 1)
    by_day = st.builds(Rule, st.just(rhythm), day=st.integers(1, 31), month=months, shift=shifts)
    by_weekday = st.builds(
        Rule,
        st.just(rhythm),
        weekday=st.integers(0, 4),
        nth=st.integers(1, LAST),
        month=months,
        shift=shifts,
    )
    return by_day | by_weekday


RULES = (
    st.builds(Rule, st.just(Rhythm.WEEK), weekday=st.integers(0, 4), shift=st.sampled_from(Shift))
    | st.builds(Rule, st.just(Rhythm.HALF_MONTH), day=st.integers(1, 16), shift=st.sampled_from(Shift))
    | _monthly(Rhythm.MONTH)
    | _monthly(Rhythm.QUARTER)
)


@given(RULES, DAYS)
def test_a_meeting_falls_on_a_working_day_of_its_own_period(wanted: Rule, day: dt.date) -> None:
    assert not rule_problems(wanted)
    period = Period.of(KIND_OF[wanted.rhythm], day)
    found = slot(wanted, period)
    assert period.start <= found.planned <= period.end
    if found.day is None:
        days = [period.start + dt.timedelta(days=n) for n in range((period.end - period.start).days + 1)]
        assert not any(is_working_day(each) for each in days)
        assert found.why is not None
        assert found.why.code == "meetings.no_working_day"
        return
    assert is_working_day(found.day)
    assert period.start <= found.day <= period.end
    assert (found.why is None) == (found.day == found.planned)


@given(RULES, DAYS, st.integers(0, 500))
def test_every_period_has_one_slot_and_none_is_left_out(wanted: Rule, first: dt.date, length: int) -> None:
    last = first + dt.timedelta(days=length)
    found = list(slots(wanted, first, last))
    keys = [one.period.key for one in found]
    assert len(keys) == len(set(keys))
    inner = Period.of(KIND_OF[wanted.rhythm], first).next()
    expected = set()
    while inner.end <= last:
        expected.add(inner.key)
        inner = inner.next()
    assert expected <= set(keys)
    assert all(first <= (one.day or one.planned) <= last for one in found)


@given(RULES, DAYS, st.integers(0, 300), st.integers(0, 300))
def test_looking_in_two_steps_finds_what_one_look_finds(
    wanted: Rule, first: dt.date, one: int, two: int
) -> None:
    middle = first + dt.timedelta(days=one)
    last = middle + dt.timedelta(days=1 + two)
    split = [*slots(wanted, first, middle), *slots(wanted, middle + dt.timedelta(days=1), last)]
    assert split == list(slots(wanted, first, last))


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2026-02", dt.date(2026, 2, 28)), ("2026-04", dt.date(2026, 4, 30)), ("2026-07", dt.date(2026, 7, 31))],
)
def test_the_31st_is_the_last_day_of_a_shorter_month(month: str, expected: dt.date) -> None:
    assert usual_day(Rule(Rhythm.MONTH, day=31), Period.parse(month)) == expected


def test_the_last_friday_is_the_last_one_in_months_of_four_and_of_five() -> None:
    last_friday = Rule(Rhythm.MONTH, weekday=4, nth=LAST)
    assert usual_day(last_friday, Period.parse("2026-07")) == dt.date(2026, 7, 31)
    assert usual_day(last_friday, Period.parse("2026-06")) == dt.date(2026, 6, 26)


def test_national_day_moves_the_meeting_and_says_why() -> None:
    found = slot(Rule(Rhythm.MONTH, day=1), Period.parse("2026-10"))
    assert found.planned == dt.date(2026, 10, 1)
    assert found.day == dt.date(2026, 10, 8)
    assert found.why is not None
    assert found.why.code == "meetings.off_holiday"
    assert "2026-10-08" in found.why.text("zh")


def test_a_week_that_is_all_holiday_has_no_meeting() -> None:
    found = slot(PRESETS["weekly"], Period.of("week", dt.date(2026, 2, 18)))
    assert found.day is None


@pytest.mark.parametrize(
    "wrong",
    [
        Rule(Rhythm.WEEK),
        Rule(Rhythm.WEEK, weekday=5),
        Rule(Rhythm.HALF_MONTH, day=17),
        Rule(Rhythm.MONTH),
        Rule(Rhythm.MONTH, weekday=1),
        Rule(Rhythm.MONTH, nth=2, day=3),
        Rule(Rhythm.QUARTER, day=1, month=4),
    ],
)
def test_a_rule_that_names_no_day_is_refused(wrong: Rule) -> None:
    assert rule_problems(wrong)


def test_presets_are_rules_that_hold() -> None:
    assert not [code for code, preset in PRESETS.items() if rule_problems(preset)]


def test_an_unannounced_year_is_said() -> None:
    assert slot(Rule(Rhythm.MONTH, day=8), Period.parse("2031-05")).years == (2031,)


class Course(RuleBasedStateMachine):
    """Any course of acts that the table lets through."""

    def __init__(self) -> None:
        super().__init__()
        self.state = MeetingState.PLANNED
        self.acts: list[Act] = []

    @rule(act=st.sampled_from(Act))
    def try_an_act(self, act: Act) -> None:
        found = after(self.state, act)
        if found is not None:
            self.state = found
            self.acts.append(act)

    @invariant()
    def nothing_is_held_without_an_invitation(self) -> None:
        if self.state in TOOK_PLACE:
            assert Act.INVITE in self.acts
            assert Act.CANCEL not in self.acts

    @invariant()
    def confirmed_means_handed_in_and_confirmed(self) -> None:
        if self.state is MeetingState.CONFIRMED:
            assert self.acts[-1] is Act.CONFIRM
            assert Act.MINUTE in self.acts

    @invariant()
    def the_end_is_the_end(self) -> None:
        if self.state in (MeetingState.CONFIRMED, MeetingState.CANCELLED):
            assert open_acts(self.state) == []


TestCourse = Course.TestCase


def test_a_meeting_off_a_holiday_stays_in_its_period_where_a_day_is_left() -> None:
    october = Period.parse("2026-10-B1")
    rule = Rule(Rhythm.HALF_MONTH, day=5)
    assert working_day_near(dt.date(2026, 10, 5), dt.date(2026, 9, 1), rule, october) == dt.date(2026, 10, 8)
    # Its day by the rule has passed: the next working day from now.
    assert working_day_near(dt.date(2026, 10, 5), dt.date(2026, 10, 9), rule, october) == dt.date(2026, 10, 9)
    assert working_day_near(dt.date(2026, 10, 1), dt.date(2026, 9, 1)) == dt.date(2026, 10, 8)


def test_every_state_but_the_last_two_leads_on() -> None:
    left = {state for state, _act in TABLE}
    assert set(MeetingState) - left == {MeetingState.CONFIRMED, MeetingState.CANCELLED}


@given(DAYS, st.none() | DAYS, DAYS)
def test_a_decision_done_by_its_day_is_never_late(due: dt.date, done: dt.date | None, day: dt.date) -> None:
    found = outcome(due, done, False, day)
    if done is not None and done <= min(due, day):
        assert found is Outcome.DONE
    if found is Outcome.OPEN:
        assert day <= due
    assert outcome(due, done, True, day) is Outcome.CANCELLED
