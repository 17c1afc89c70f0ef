"""Working days against the announced calendars of 2025 and 2026, and what must hold for every day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.workdays import Term, add_working_days, is_announced, is_working_day, working_days_between

DAYS = st.dates(dt.date(2006, 1, 1), dt.date(2035, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "worked"),
    [
        ("2025-01-26", True),  # Sunday before the Spring Festival, made up
        ("2025-01-28", False),
        ("2025-09-28", True),  # Sunday before the National Day
        ("2025-10-01", False),
        ("2025-10-08", False),  # eighth day of National Day with Mid-Autumn
        ("2025-10-09", True),
        ("2025-10-11", True),  # Saturday, made up
        ("2026-02-14", True),  # Saturday, made up
        ("2026-02-16", False),
        ("2026-02-28", True),  # Saturday, made up
        ("2026-09-20", True),  # Sunday, made up
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # Saturday, made up
        ("2026-10-11", False),  # an ordinary Sunday
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_a_day_is_worked_as_announced(text: str, worked: bool) -> None:
    assert is_working_day(day(text)) is worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2025-09-26", 1, "2025-09-28"),  # Friday to the worked Sunday
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-09-30", 3, "2025-10-11"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-10-03", 0, "2026-10-08"),
        ("2026-10-10", 0, "2026-10-10"),
    ],
)
def test_terms_around_the_national_day(start: str, count: int, end: str) -> None:
    assert add_working_days(day(start), count) == Term(day(end))


def test_a_year_that_is_not_announced_counts_weekdays_and_says_so() -> None:
    assert not is_announced(2031)
    term = add_working_days(day("2031-09-30"), 1)
    assert term.day == day("2031-10-01")
    assert term.unannounced == (2031,)
    assert "2031" in term.warning_text("zh")
    assert "2031" in term.warning_text("en")
    assert add_working_days(day("2026-10-08"), 1).warning() is None


def test_a_term_that_runs_into_an_unknown_year_carries_the_warning() -> None:
    last = next(year for year in range(2026, 2040) if not is_announced(year))
    assert add_working_days(dt.date(last - 1, 12, 30), 5).unannounced == (last,)


def test_an_absurd_number_is_refused() -> None:
    with pytest.raises(ValueError, match="working days"):
        add_working_days(day("2026-01-01"), 10**9)


@given(DAYS, st.integers(-60, 60).filter(bool))
def test_counting_back_gives_the_number_added(start: dt.date, count: int) -> None:
    end = add_working_days(start, count).day
    assert is_working_day(end)
    assert (end > start) == (count > 0)
    if count > 0:
        assert working_days_between(start, end) == count


@given(DAYS, DAYS, DAYS)
def test_distances_add_up(first: dt.date, second: dt.date, third: dt.date) -> None:
    a, b, c = sorted((first, second, third))
    assert working_days_between(a, c) == working_days_between(a, b) + working_days_between(b, c)
    assert 0 <= working_days_between(a, b) <= (b - a).days


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_two_terms_one_after_the_other_are_one(start: dt.date, first: int, second: int) -> None:
    assert (
        add_working_days(add_working_days(start, first).day, second).day
        == add_working_days(start, first + second).day
    )
