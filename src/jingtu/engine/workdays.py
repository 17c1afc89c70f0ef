"""Working days in China: weekdays without public holidays, with the weekend days that are worked instead.

The State Council announces holidays and make-up days year by year; the library knows the years announced
so far. For any other year weekdays are counted, and :class:`Term` says so: whoever shows the date shows
the warning with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from jingtu.engine.problems import Language, Problem, register_texts

FARTHEST = 3660
"""No term of an office is longer than ten years of days; a larger number is a mistake."""

register_texts(
    {
        "workdays.not_announced": (
            "{years}年的放假和调休安排尚未公布，暂按周一至周五计算，公布后日期可能变化。",
            "The public holidays of {years} have not been announced yet; Monday to Friday are counted, "
            "and the date may change.",
        ),
    }
)


@dataclass(frozen=True)
class Term:
    """A last day, and the years (if any) whose holidays were not known when it was worked out."""

    day: date
    unannounced: tuple[int, ...] = ()

    def warning(self) -> Problem | None:
        """What to say beside the date; None when every year is known."""
        if not self.unannounced:
            return None
        return Problem("workdays.not_announced", {"years": "、".join(map(str, self.unannounced))})

    def warning_text(self, language: Language) -> str:
        """The warning in words, empty when there is none."""
        problem = self.warning()
        return problem.text(language) if problem else ""


@lru_cache(maxsize=4096)
def is_announced(year: int) -> bool:
    """Whether the holidays and make-up days of the year are known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date) -> bool:
    """Whether offices work that day; for a year not announced, whether it is a weekday."""
    if is_announced(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def add_working_days(day: date, count: int) -> Term:
    """The ``count``-th working day after ``day`` (before it when negative); ``day`` itself is not counted.

    With 0, ``day`` when it is a working day, otherwise the next one. Raises ValueError beyond
    :data:`FARTHEST`.
    """
    if abs(count) > FARTHEST:
        raise ValueError(f"{count} working days")
    step = timedelta(days=-1 if count < 0 else 1)
    at, left = day, abs(count)
    if not count:
        while not is_working_day(at):
            at += step
    while left:
        at += step
        left -= is_working_day(at)
    return Term(at, unannounced(day, at))


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after ``first`` up to and with ``last``; negative when ``last`` is earlier.

    So ``working_days_between(d, add_working_days(d, n).day) == n``.
    """
    if last < first:
        return -working_days_between(last - timedelta(days=1), first - timedelta(days=1))
    return sum(is_working_day(first + timedelta(days=number)) for number in range(1, (last - first).days + 1))


def unannounced(first: date, last: date) -> tuple[int, ...]:
    """The years touched between two days whose holidays are not known."""
    low, high = sorted((first.year, last.year))
    return tuple(year for year in range(low, high + 1) if not is_announced(year))
