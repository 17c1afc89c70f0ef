"""Where a figure should be on the way to a dated goal, and whether its series has turned.

A trajectory leads from a start value over milestones ("mechanism in one year, effect in two, turning
point in three"). A turning point is told by a stated rule from the series alone; both answers name the
periods they rest on and never say more than the data do.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from jingtu.engine.periods import Period

Interpolation = Literal["step", "linear"]
Better = Literal["up", "down"]
Standing = Literal["ahead", "on", "behind", "unknown", "before"]


@dataclass(frozen=True)
class Milestone:
    """A value to be reached by the end of a day."""

    day: date
    value: Fraction


@dataclass(frozen=True)
class Trajectory:
    """From ``start`` (the base period's last day and value) over milestones, the earliest first.

    ``step``: what was asked last holds until the day of the next milestone. ``linear``: straight in days
    between two of them. After the last milestone its value goes on holding. ValueError for milestones
    out of order.
    """

    start: Milestone
    milestones: tuple[Milestone, ...]
    interpolation: Interpolation
    better: Better
    tolerance: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        days = [point.day for point in (self.start, *self.milestones)]
        if not self.milestones or any(later <= earlier for earlier, later in itertools.pairwise(days)):
            raise ValueError("milestones must follow the start, each later than the one before")

    def asked_on(self, day: date) -> Fraction | None:
        """The value asked at the end of a day; None before the start."""
        points = (self.start, *self.milestones)
        if day < self.start.day:
            return None
        reached = [point for point in points if point.day <= day]
        last = reached[-1]
        if len(reached) == len(points) or self.interpolation == "step":
            return last.value
        following = points[len(reached)]
        part = Fraction((day - last.day).days, (following.day - last.day).days)
        return last.value + (following.value - last.value) * part

    def next_after(self, day: date) -> Milestone | None:
        """The first milestone after a day."""
        return next((point for point in self.milestones if point.day > day), None)

    def standing(self, value: Fraction | None, day: date) -> Progress:
        """How a value stands against what is asked at the end of a day.

        Behind: worse than asked by more than the tolerance. Ahead: better than asked by more than it;
        with steps, only when the next milestone's value is reached already. On: everything between.
        """
        asked = self.asked_on(day)
        if asked is None:
            return Progress("before", None, None)
        if value is None:
            return Progress("unknown", asked, None)
        gap = value - asked if self.better == "up" else asked - value
        if gap < -self.tolerance:
            return Progress("behind", asked, gap)
        if self.interpolation == "step":
            following = self.next_after(day)
            reached = following is not None and (
                value >= following.value if self.better == "up" else value <= following.value
            )
            return Progress("ahead" if reached and gap > 0 else "on", asked, gap)
        return Progress("ahead" if gap > self.tolerance else "on", asked, gap)


@dataclass(frozen=True)
class Progress:
    """A standing, the value asked, and the gap in the indicator's unit (positive: better than asked)."""

    standing: Standing
    asked: Fraction | None
    gap: Fraction | None


# -- turning points --------------------------------------------------------------------------------

TurnState = Literal["turned", "undone", "perhaps", "not_yet", "improving", "too_short"]


@dataclass(frozen=True)
class Observation:
    """One value of a series; ``low`` and ``high`` are the ends of its interval where it has one."""

    period: Period
    value: Fraction | None
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True)
class TurningRule:
    """``wrong_way`` steps for the worse (or more), then ``right_way`` steps for the better.

    ``better`` says which way is good. Both the way up and the way down must be more than noise: the
    intervals of their two ends do not overlap, or, for values without intervals, the values differ by
    more than ``noise``. A missing period breaks a run: nothing is assumed across it.
    """

    better: Better
    wrong_way: int = 2
    right_way: int = 2
    noise: Fraction = Fraction(0)

    @property
    def needed(self) -> int:
        """How many values in a row it takes to tell."""
        return self.wrong_way + self.right_way + 1


@dataclass(frozen=True)
class Turning:
    """What a series shows. ``at`` is the worst period; ``against`` and ``towards`` are the periods whose
    steps decided, the earliest first.

    ``turned``: it turned and has stayed better than its worst. ``undone``: it turned, and later came back
    to its worst or beyond. ``perhaps``: after its worst it goes the right way, but not often or not far
    enough. ``not_yet``: it does not go the right way. ``improving``: every step went the right way, so no
    turn is in the data. ``too_short``: fewer values in a row than the rule needs.
    """

    state: TurnState
    at: Period | None = None
    against: tuple[Period, ...] = ()
    towards: tuple[Period, ...] = ()


def find_turning(series: Sequence[Observation], rule: TurningRule) -> Turning:
    """The latest turn of a series (oldest first) by the rule."""
    runs = _runs(series)
    found: Turning | None = None
    for run in runs:
        for peak in range(rule.wrong_way, len(run)):
            turn = _turn_at(run, peak, rule)
            if turn is not None:
                found = turn
    if found is not None:
        return _undone_since(series, found, rule)
    last = runs[-1] if runs else []
    if len(last) < rule.needed:
        return Turning("too_short")
    steps = [_step(earlier, later, rule) for earlier, later in itertools.pairwise(last)]
    if all(step > 0 for step in steps):
        return Turning("improving", towards=tuple(point.period for point in last[1:]))
    right = 0
    while right < len(steps) and steps[-1 - right] > 0:
        right += 1
    peak = len(last) - 1 - right
    if right and _wrong_run(last, peak, rule):
        return _described("perhaps", last, peak, rule, right)
    return Turning("not_yet")


def _runs(series: Sequence[Observation]) -> list[list[Observation]]:
    """Stretches of consecutive periods that all have a value."""
    runs: list[list[Observation]] = [[]]
    for point in series:
        if point.value is None:
            runs.append([])
            continue
        if runs[-1] and runs[-1][-1].period.next() != point.period:
            runs.append([])
        runs[-1].append(point)
    return [run for run in runs if run]


def _turn_at(run: list[Observation], peak: int, rule: TurningRule) -> Turning | None:
    if not _wrong_run(run, peak, rule):
        return None
    right = 0
    while peak + right + 1 < len(run) and _step(run[peak + right], run[peak + right + 1], rule) > 0:
        right += 1
        if right >= rule.right_way and _more_than_noise(run[peak], run[peak + right], rule):
            return _described("turned", run, peak, rule, right)
    return None


def _wrong_run(run: list[Observation], peak: int, rule: TurningRule) -> bool:
    """Whether the steps up to ``peak`` went the wrong way often and far enough."""
    first = peak - rule.wrong_way
    if first < 0:
        return False
    steps = [_step(run[at], run[at + 1], rule) for at in range(first, peak)]
    return all(step < 0 for step in steps) and _more_than_noise(run[first], run[peak], rule)


def _described(state: TurnState, run: list[Observation], peak: int, rule: TurningRule, right: int) -> Turning:
    against = tuple(point.period for point in run[peak - rule.wrong_way : peak + 1])
    towards = tuple(point.period for point in run[peak + 1 : peak + right + 1])
    return Turning(state, run[peak].period, against, towards)


def _undone_since(series: Sequence[Observation], turn: Turning, rule: TurningRule) -> Turning:
    worst = next(point for point in series if point.period == turn.at)
    decided = turn.towards[-1]
    back = any(
        point.value is not None and point.period > decided and _step(worst, point, rule) <= 0
        for point in series
    )
    return Turning("undone", turn.at, turn.against, turn.towards) if back else turn


def _step(earlier: Observation, later: Observation, rule: TurningRule) -> Fraction:
    """How far it went the right way (negative: the wrong way)."""
    if earlier.value is None or later.value is None:
        raise ValueError("only values can be compared")
    change = later.value - earlier.value
    return change if rule.better == "up" else -change


def _more_than_noise(one: Observation, other: Observation, rule: TurningRule) -> bool:
    if one.low is not None and one.high is not None and other.low is not None and other.high is not None:
        return one.high < other.low or other.high < one.low
    return abs(_step(one, other, rule)) > rule.noise
