"""What a progress is, how those below add up to those above, and where a task stands in its plan. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .rules import WORKING, TaskState

WHOLE = 10_000
"""Progress is kept in hundredths of a percent."""
DEEPEST = 30
MOST_SIBLINGS = 99_999


def measured(start: Decimal, target: Decimal, value: Decimal) -> int:
    """How far a figure has come from where it started to its target, in hundredths of a percent, 0 to 10000.

    Rounded down: nothing is complete before it is. A target that equals its start is reached or not.
    """
    if start == target:
        return WHOLE if value == target else 0
    share = (value - start) / (target - start)
    return max(0, min(WHOLE, int(share * WHOLE)))


@dataclass(frozen=True)
class Rolled:
    """What is kept of a task for those above it.

    ``leaves``: tasks without live children below it (itself when it has none); ``next_due``: the earliest
    day on which something in it becomes late.
    """

    progress: int
    leaves: int
    done: int
    next_due: dt.date | None


@dataclass(frozen=True)
class Sums:
    """The live children of a task, added up; adding is all that an incremental change needs."""

    weight: int = 0
    weighted: int = 0
    leaves: int = 0
    done: int = 0
    next_due: dt.date | None = None
    count: int = 0

    def plus(self, weight: int, child: Rolled) -> Sums:
        """With one child more."""
        return Sums(
            self.weight + weight,
            self.weighted + weight * child.progress,
            self.leaves + child.leaves,
            self.done + child.done,
            earliest(self.next_due, child.next_due),
            self.count + 1,
        )


def earliest(*days: dt.date | None) -> dt.date | None:
    """The first of the days that are given."""
    return min((day for day in days if day is not None), default=None)


def mean(weighted: int, weight: int) -> int:
    """A weighted mean of integers, half up."""
    return (2 * weighted + weight) // (2 * weight)


def rolled(state: str, own: int, due: dt.date | None, children: Sums) -> Rolled:
    """A task's own line and its live children as one. Without live children it speaks for itself."""
    clock = due if state in WORKING else None
    if children.count:
        return Rolled(
            mean(children.weighted, children.weight),
            children.leaves,
            children.done,
            earliest(clock, children.next_due),
        )
    is_done = state == TaskState.DONE
    return Rolled(WHOLE if is_done else own, 1, int(is_done), clock)


def rolled_plan(children: Sums) -> Rolled:
    """A plan as its top tasks make it; nothing of nothing."""
    if not children.count:
        return Rolled(0, 0, 0, None)
    return Rolled(mean(children.weighted, children.weight), children.leaves, children.done, children.next_due)


# --- places in the tree


def child_path(parent: str, ordinal: int) -> str:
    """Where a task stands in its plan: five digits a level, so that text order is the order of the tree."""
    return f"{parent}{ordinal:05d}."


def number_of(path: str) -> str:
    """The path as people read it: ``00002.00013.`` is 2.13."""
    return ".".join(str(int(part)) for part in path.split(".") if part)


def ancestors_of(path: str) -> Sequence[str]:
    """The paths above, the top first, without the path itself."""
    return [path[:end] for end in range(6, len(path), 6)]
