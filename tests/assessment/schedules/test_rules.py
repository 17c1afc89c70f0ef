from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.schedules.rules import (
    PRESETS,
    Cadence,
    Timing,
    Verdict,
    due_of,
    due_until,
    due_within,
    periods_from,
    timing_problems,
    verdict,
)
from jingtu.engine.periods import Period

ZONE = ZoneInfo("Asia/Shanghai")
NINE = dt.time(9, 0)


def timing(cadence: Cadence, offset: int = 1, working: bool = False, wait: int = 0, *ranges: str) -> Timing:
    return Timing(cadence, offset, working, NINE, wait, ranges)


@pytest.mark.parametrize(
    ("cadence", "starts", "first"),
    [
        (Cadence.DAY, "2026-10-05", ["2026-10-05", "2026-10-06"]),
        (Cadence.WEEK, "2026-10-05", ["2026-W41", "2026-W42"]),
        (Cadence.DEKAD, "2026-10-11", ["2026-10-D2", "2026-10-D3"]),
        (Cadence.HALF_MONTH, "2026-10-20", ["2026-10-B2", "2026-11-B1"]),
        (Cadence.MONTH, "2026-12-31", ["2026-12", "2027-01"]),
        (Cadence.QUARTER, "2026-10-01", ["2026-Q4", "2027-Q1"]),
        (Cadence.HALF_YEAR, "2026-06-30", ["2026-H1", "2026-H2"]),
        (Cadence.YEAR, "2026-01-01", ["2026", "2027"]),
    ],
)
def test_every_rhythm_goes_on_from_the_period_that_holds_the_first_day(
    cadence: Cadence, starts: str, first: list[str]
) -> None:
    found = periods_from(timing(cadence), dt.date.fromisoformat(starts))
    assert [period.key for period in itertools.islice(found, 2)] == first


def test_odd_ranges_come_in_the_order_of_their_ends() -> None:
    odd = timing(Cadence.ODD, 1, False, 0, "2026-H1", "2026-01..2026-02", "2025-11..2025-12")
    assert [period.key for period in periods_from(odd, dt.date(2026, 1, 1))] == [
        "2026-01..2026-02",
        "2026-H1",
    ]


@pytest.mark.parametrize(
    ("period", "offset", "working", "wait", "at", "latest"),
    [
        ("2026-09", 5, False, 2, "2026-10-05", "2026-10-07"),
        # The National Day lies between; Saturday 10 October is worked.
        ("2026-09", 1, True, 2, "2026-10-08", "2026-10-10"),
        ("2026-10-04", 1, True, 0, "2026-10-08", "2026-10-08"),
        ("2026-W40", 0, True, 0, "2026-10-04", "2026-10-04"),
    ],
)
def test_a_period_is_due_so_many_days_after_it_ended(
    period: str, offset: int, working: bool, wait: int, at: str, latest: str
) -> None:
    due = due_of(timing(Cadence.MONTH, offset, working, wait), Period.parse(period), ZONE)
    assert due.at == dt.datetime.combine(dt.date.fromisoformat(at), NINE, ZONE)
    assert due.latest == dt.datetime.combine(dt.date.fromisoformat(latest), NINE, ZONE)
    assert due.unannounced == ()


def test_a_due_day_in_a_year_without_announced_holidays_says_so() -> None:
    due = due_of(timing(Cadence.MONTH, 5, True, 3), Period.parse("2031-09"), ZONE)
    assert due.unannounced == (2031,)


@given(
    st.sampled_from([one for one in Cadence if one is not Cadence.ODD]),
    st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31)),
    st.integers(0, 200),
    st.integers(0, 10),
    st.booleans(),
)
def test_what_fell_due_is_in_order_without_repetition_and_has_ended(
    cadence: Cadence, starts: dt.date, days: int, offset: int, working: bool
) -> None:
    until = dt.datetime.combine(starts + dt.timedelta(days=days), NINE, ZONE)
    found = due_until(timing(cadence, offset, working), starts, until, ZONE)
    assert [due.at for due in found] == sorted(due.at for due in found)
    assert len({due.period.key for due in found}) == len(found)
    for due in found:
        assert due.at <= until
        assert starts <= due.period.end <= due.at.date()
        assert due.latest >= due.at


@given(st.sampled_from([Cadence.DAY, Cadence.WEEK, Cadence.MONTH]), st.integers(0, 60))
def test_the_calendar_of_consecutive_spans_holds_everything_once(cadence: Cadence, cut: int) -> None:
    rhythm, starts = timing(cadence, 3, True), dt.date(2026, 8, 1)
    edges = [dt.datetime(2026, 9, 1, tzinfo=ZONE) + dt.timedelta(days=n) for n in (0, cut, 61)]
    whole = due_within(rhythm, starts, edges[0], edges[2], ZONE)
    parts = due_within(rhythm, starts, edges[0], edges[1], ZONE) + due_within(
        rhythm, starts, edges[1], edges[2], ZONE
    )
    assert parts == whole


def test_figures_are_waited_for_until_the_latest_moment() -> None:
    now = dt.datetime(2026, 10, 9, 9, tzinfo=ZONE)
    later = now + dt.timedelta(hours=1)
    assert verdict(0.95, 95, now, later) is Verdict.GO
    assert verdict(0.949, 95, now, later) is Verdict.WAIT
    assert verdict(0.0, 95, later, later) is Verdict.GO_INCOMPLETE
    assert verdict(0.0, 0, now, later) is Verdict.GO


def test_the_four_usual_rhythms_are_sound() -> None:
    assert [preset.cadence for preset in PRESETS.values()] == ["day", "week", "month", "quarter"]
    for preset in PRESETS.values():
        made = Timing(preset.cadence, preset.offset_days, preset.in_working_days, preset.at, preset.wait_days)
        assert timing_problems(made, preset.min_coverage) == []


@pytest.mark.parametrize(
    ("bad", "least", "column"),
    [
        (timing(Cadence.DAY, 61), 90, "offset_days"),
        (timing(Cadence.DAY, 1, False, 61), 90, "wait_days"),
        (timing(Cadence.DAY), 101, "min_coverage"),
        (timing(Cadence.ODD), 90, "ranges"),
        (timing(Cadence.ODD, 1, False, 0, "不是周期"), 90, "ranges"),
    ],
)
def test_a_timing_out_of_range_names_its_field(bad: Timing, least: int, column: str) -> None:
    assert {problem.column for problem in timing_problems(bad, least)} == {column}
