"""Clocks of due process: working days after a day, days of suspension left out. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from jingtu.engine.workdays import FARTHEST, Term, is_working_day, unannounced

ONE = dt.timedelta(days=1)


@dataclass(frozen=True)
class Suspension:
    """Days on which a clock stands still, both ends included; ``last`` None while it still does."""

    first: dt.date
    last: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether the clock stands still on the day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Clock:
    """``days`` working days after ``start``, which itself is not counted; suspended days are not counted either."""

    start: dt.date
    days: int
    suspensions: Sequence[Suspension] = field(default=())

    def __post_init__(self) -> None:
        if not 0 <= self.days <= FARTHEST:
            raise ValueError(f"{self.days} working days")

    def counts(self, day: dt.date) -> bool:
        """Whether the day is one that passes on this clock."""
        return (
            day > self.start and is_working_day(day) and not any(one.holds(day) for one in self.suspensions)
        )

    def used(self, day: dt.date) -> int:
        """How many days have passed at the end of ``day``; never less than on the day before."""
        length = (day - self.start).days
        return sum(self.counts(self.start + ONE * number) for number in range(1, length + 1))

    def left(self, day: dt.date) -> int:
        """How many days are left at the end of ``day``, none when the time is over."""
        return max(self.days - self.used(day), 0)

    def term(self) -> Term | None:
        """The last day, with the years whose holidays are not known; None while the clock stands still before it."""
        at, counted = self.start, 0
        for _ in range(2 * FARTHEST):
            if counted >= self.days:
                return Term(at, unannounced(self.start, at))
            at += ONE
            if any(one.last is None and one.holds(at) for one in self.suspensions):
                return None
            counted += self.counts(at)
        return None

    def due(self) -> dt.date | None:
        """The last day; None while the clock stands still before it."""
        term = self.term()
        return term.day if term else None

    def over(self, day: dt.date) -> bool:
        """Whether the last day has passed before ``day``."""
        due = self.due()
        return due is not None and day > due

    def stands_still(self, day: dt.date) -> bool:
        """Whether the clock is suspended on the day."""
        return any(one.holds(day) for one in self.suspensions)
