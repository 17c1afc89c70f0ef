"""Confidence intervals by their definitions: sums of probabilities and bisection, no closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable


def wilson(count: int, of: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """All p for which |count/of − p| is at most z standard errors of p."""
    observed = count / of

    def outside(p: float) -> bool:
        return abs(observed - p) > z * math.sqrt(p * (1 - p) / of)

    low = 0.0 if count == 0 else _edge(outside, 0.0, observed)
    high = 1.0 if count == of else _edge(outside, 1.0, observed)
    return low, high


def poisson(events: int, exposure: float, per: float = 1.0, tail: float = 0.025) -> tuple[float, float]:
    """All rates under which neither as many nor as few events are rarer than ``tail``."""

    def at_most(count: int, mean: float) -> float:
        term = total = math.exp(-mean)
        for number in range(1, count + 1):
            term *= mean / number
            total += term
        return total

    low = 0.0
    if events:
        low = _edge(lambda mean: 1 - at_most(events - 1, mean) < tail, 0.0, float(events))
    high = _edge(lambda mean: at_most(events, mean) < tail, 5.0 * events + 20, float(events))
    return low / exposure * per, high / exposure * per


def rank_range(intervals: dict[str, tuple[float, float]], place: str, *, up: bool) -> tuple[int, int]:
    """1 + those certainly better … n − those certainly worse."""
    low, high = intervals[place]
    above = sum(other[0] > high for other in intervals.values())
    under = sum(other[1] < low for other in intervals.values())
    better, worse = (above, under) if up else (under, above)
    return 1 + better, len(intervals) - worse


def _edge(outside: Callable[[float], bool], out: float, inside: float) -> float:
    """Where a condition that holds at ``out`` and not at ``inside`` changes."""
    for _ in range(200):
        middle = (out + inside) / 2
        if outside(middle):
            out = middle
        else:
            inside = middle
    return (out + inside) / 2
