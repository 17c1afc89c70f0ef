from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine.periods import Period, PeriodKind

days = st.dates(date(1905, 1, 1), date(2190, 12, 31))
calendar_kinds = st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.RANGE])


@st.composite
def periods(draw: st.DrawFn) -> Period:
    day = draw(days)
    kind = draw(st.sampled_from(list(PeriodKind)))
    if kind is PeriodKind.RANGE:
        return Period.of_months(day, day + timedelta(days=draw(st.integers(0, 1200))))
    return Period.of(kind, day)


@settings(max_examples=300, deadline=None)
@given(periods())
def test_key_and_chinese_label_read_back_to_the_same_period(period: Period) -> None:
    assert Period.parse(period.key) == period
    assert Period.parse(period.label("zh")) == period
    assert period.label("en")


@settings(max_examples=300, deadline=None)
@given(periods())
def test_previous_and_next_are_inverse(period: Period) -> None:
    assert period.next().previous() == period
    assert period.previous().next() == period
    assert period.previous() < period < period.next()
    assert period.last_year() < period
    assert period.last_year().kind is period.kind


@settings(max_examples=200, deadline=None)
@given(periods())
def test_neighbours_leave_no_gap_and_do_not_overlap(period: Period) -> None:
    if period.kind is not PeriodKind.YTD:
        assert period.next().start == period.end + timedelta(days=1)
        assert not period.overlaps(period.next())


@settings(max_examples=200, deadline=None)
@given(calendar_kinds, days)
def test_the_period_of_a_day_holds_that_day(kind: PeriodKind, day: date) -> None:
    period = Period.of(kind, day)
    if kind is PeriodKind.YTD:
        assert period.start <= day <= period.end
    else:
        assert Period.of(kind, period.start) == Period.of(kind, period.end) == period


@settings(max_examples=100, deadline=None)
@given(periods())
def test_days_tile_every_period(period: Period) -> None:
    pieces = period.split_into(PeriodKind.DAY)
    assert pieces[0].start == period.start
    assert pieces[-1].end == period.end
    assert len(pieces) == period.days
