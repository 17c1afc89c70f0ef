"""Calendar periods by their definitions, from the standard library alone."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache


@dataclass(frozen=True, eq=False)
class Span:
    """First and last day, and how it is counted ("month", "quarter", "year", "ytd", "range", "day" …).

    Made only by the functions below, which give the same object for the same period.
    """

    kind: str
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def months(self) -> int:
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: Span) -> bool:
        return self.start <= other.end and other.start <= self.end

    @cache  # noqa: B019
    def moved(self, months: int) -> Span:
        """The same number of whole months, ``months`` later."""
        return whole_months(self.kind, *_add(self.start, months), self.months)

    @cache  # noqa: B019
    def previous(self) -> Span:
        """The period before; for the cumulative figure the one a month earlier."""
        if self.kind in _DAYS:
            return self.shifted(-_DAYS[self.kind])
        if self.kind == "ytd":
            year, month = _add(self.end, -1)
            return whole_months("ytd", year, 1, month)
        return self.moved(-self.months)

    def shifted(self, days: int) -> Span:
        """As many days, earlier or later."""
        return counted(self.kind, self.start + timedelta(days=days), self.days)

    def last_year(self) -> Span:
        if self.kind == "week":
            year, week, _ = self.start.isocalendar()
            last = date(year - 1, 12, 28).isocalendar().week
            return counted("week", date.fromisocalendar(year - 1, min(week, last), 1), 7)
        if self.kind == "day":
            year, month = _add(self.start, -12)
            return counted("day", date(year, month, min(self.start.day, monthrange(year, month)[1])), 1)
        return self.moved(-12)

    def year_to_date(self) -> Span:
        return whole_months("ytd", self.end.year, 1, self.end.month)

    def in_year(self, year: int) -> Span:
        """The same part of another year."""
        return self.moved((year - self.start.year) * 12)


_DAYS = {"day": 1, "week": 7}


@cache
def counted(kind: str, start: date, days: int) -> Span:
    """So many days from one day on."""
    return Span(kind, start, start + timedelta(days=days - 1))


@cache
def whole_months(kind: str, year: int, month: int, count: int) -> Span:
    """``count`` months from one month on."""
    last_year, last_month = _add(date(year, month, 1), count - 1)
    last = date(last_year, last_month, monthrange(last_year, last_month)[1])
    return Span(kind, date(year, month, 1), last)


@cache
def span(key: str) -> Span:
    """The period a key names."""
    numbers = [int(digits) for digits in re.findall(r"\d+", key)]
    if re.fullmatch(r"\d{4}-\d\d", key):
        return whole_months("month", *numbers, 1)
    if re.fullmatch(r"\d{4}-Q\d", key):
        return whole_months("quarter", numbers[0], 3 * numbers[1] - 2, 3)
    if re.fullmatch(r"\d{4}-H\d", key):
        return whole_months("half_year", numbers[0], 6 * numbers[1] - 5, 6)
    if re.fullmatch(r"\d{4}", key):
        return whole_months("year", numbers[0], 1, 12)
    if re.fullmatch(r"\d{4}-YTD\d\d", key):
        return whole_months("ytd", numbers[0], 1, numbers[1])
    if re.fullmatch(r"\d{4}\.\.\d{4}", key):
        return whole_months("range", numbers[0], 1, 12 * (numbers[1] - numbers[0] + 1))
    if re.fullmatch(r"\d{4}-\d\d\.\.\d{4}-\d\d", key):
        year, month, last_year, last_month = numbers
        return whole_months("range", year, month, (last_year - year) * 12 + last_month - month + 1)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", key):
        return counted("day", date(*numbers), 1)
    if re.fullmatch(r"\d{4}-W\d\d", key):
        return counted("week", date.fromisocalendar(*numbers, 1), 7)
    raise ValueError(key)


def _add(day: date, months: int) -> tuple[int, int]:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month + 1
