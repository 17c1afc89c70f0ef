"""How sure a single rate is: intervals and the range of ranks they leave open.

Meant for counts and for shares of counts. Composite scores get no interval: their items are not
one sample, and a figure in brackets would pretend they were.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.problems import refuse, register_texts

register_texts(
    {
        "interval.not_counts": (
            "区间估计需要非负整数，且分子不大于分母：{given}",
            "an interval needs whole counts that are not negative, numerator within denominator: {given}",
        ),
        "interval.no_exposure": (
            "区间估计需要大于零的暴露量（如人年）：{given}",
            "an interval needs an exposure (such as person-years) above zero: {given}",
        ),
    }
)


class Interval(NamedTuple):
    """Lower and upper end, both inside."""

    low: float
    high: float


def wilson(count: int, of: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for ``count`` out of ``of``, as a share between 0 and 1.

    InvalidInput for negative numbers, nothing out of nothing, or a count above ``of``.
    """
    if of <= 0 or not 0 <= count <= of:
        raise refuse("interval.not_counts", given=f"{count}/{of}")
    low, high = wilson_bounds(np.array([count]), np.array([of]), confidence)
    return Interval(float(low[0]), float(high[0]))


def wilson_bounds(
    counts: NDArray[np.int64], of: NDArray[np.int64], confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """:func:`wilson` on arrays; NaN where ``of`` is not positive or the count lies outside it."""
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2
    k, n = counts.astype(np.float64), of.astype(np.float64)
    usable = (n > 0) & (k >= 0) & (k <= n)
    n = np.where(usable, n, 1.0)
    k = np.where(usable, k, 0.0)
    centre = (k + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (k * (n - k) / n + z2 / 4)) / (n + z2)
    # The ends at 0 and n are exactly 0 and 1; rounding must not push them outside.
    low = np.where(k == 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(k == n, 1.0, np.minimum(centre + half, 1.0))
    return np.where(usable, low, math.nan), np.where(usable, high, math.nan)


def poisson_exact(events: int, exposure: float, per: float = 1.0, confidence: float = 0.95) -> Interval:
    """Garwood's exact interval for a rate of ``events`` in ``exposure``, per ``per`` units of it."""
    if events < 0:
        raise refuse("interval.not_counts", given=events)
    if not exposure > 0:
        raise refuse("interval.no_exposure", given=exposure)
    low, high = poisson_bounds(np.array([events]), np.array([exposure]), per, confidence)
    return Interval(float(low[0]), float(high[0]))


def poisson_bounds(
    events: NDArray[np.int64], exposure: NDArray[np.float64], per: float = 1.0, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """:func:`poisson_exact` on arrays; NaN where the exposure is not positive."""
    from scipy.special import gammaincinv  # slow to import, and most runs need no interval

    tail = (1 - confidence) / 2
    usable = (exposure > 0) & (events >= 0)
    k = np.where(usable, events, 0).astype(np.float64)
    rate = per / np.where(usable, exposure, 1.0)
    low = np.where(k == 0, 0.0, gammaincinv(np.maximum(k, 1.0), tail)) * rate
    high = gammaincinv(k + 1.0, 1 - tail) * rate
    return np.where(usable, low, math.nan), np.where(usable, high, math.nan)


def rank_ranges(
    low: NDArray[np.float64], high: NDArray[np.float64], higher_is_better: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Best and worst rank each place can hold: 1 + places certainly better, n − places certainly worse.

    "Certainly" means the two intervals do not touch. Places with NaN ends do not take part: 0, 0.
    """
    usable = ~(np.isnan(low) | np.isnan(high))
    best = np.zeros(len(low), dtype=np.int32)
    worst = np.zeros(len(low), dtype=np.int32)
    lows, highs = low[usable], high[usable]
    above = lows.size - np.searchsorted(np.sort(lows), highs, side="right")
    below = np.searchsorted(np.sort(highs), lows, side="left")
    better, poorer = (above, below) if higher_is_better else (below, above)
    best[usable] = better + 1
    worst[usable] = lows.size - poorer
    return best, worst
