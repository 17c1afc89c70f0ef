"""The tests behind sudden changes, on arrays: periods × places, NaN or −1 where nothing is known.

*Values* (rates, averages): the distance of the newest value from the median of the earlier ones, in
robust standard deviations, ``z = (x − median) / max(1.4826 × MAD, floor)``. The floor keeps a constant
series from making every step an outlier.

*Counts*: if nothing changed, the newest count ``x`` and the sum ``S`` of ``h`` earlier ones share one
rate. Given their total ``T = S + x`` the newest is then binomial ``(T, 1/(h+1))`` whatever the rate, so
the chance of a count at least (or at most) as large is exact for short histories too (the conditional
test of two Poisson rates). Counts that vary more than Poisson ones follow a negative binomial with
variance ``μ + μ²/k``; given the total the newest is then beta-binomial ``(T, k, hk)``, and ``k → ∞`` gives
the binomial back. ``1/k`` is estimated by moments, ``max(0, Σ(s² − m) / Σ(m² − s²/h))`` over the places
judged together, ``m`` and ``s²`` being each place's mean and variance (``m² − s²/h`` estimates ``μ²``
without bias).
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, gammaln

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Side = Literal["up", "down", "both"]

MAD_TO_DEVIATION = 1.4826
_NEGLIGIBLE = 1e-15
_CHUNK = 512


class RobustDistance(NamedTuple):
    """Median of the earlier values, the deviation used, and the signed distance; NaN where unknown."""

    median: Floats
    deviation: Floats
    distance: Floats


class CountChange(NamedTuple):
    """Expected count, chance of one as extreme (1 where nothing is known), and 1/k (0: Poisson)."""

    expected: Floats
    chance: Floats
    dispersion: float


def robust_distance(history: Floats, newest: Floats, floor: Floats, least: int) -> RobustDistance:
    """How far the newest values are from their own past; NaN with fewer than ``least`` earlier values."""
    median = np.full(len(newest), np.nan)
    deviation = np.full(len(newest), np.nan)
    usable = (np.isfinite(history).sum(axis=0) >= least) & np.isfinite(newest)
    if usable.any():
        past = history[:, usable]
        median[usable] = np.nanmedian(past, axis=0)
        spread = MAD_TO_DEVIATION * np.nanmedian(np.abs(past - median[usable]), axis=0)
        deviation[usable] = np.maximum(spread, floor[usable])
    return RobustDistance(median, deviation, (newest - median) / deviation)


def count_change(history: Counts, newest: Counts, side: Side, least: int) -> CountChange:
    """How likely a count as extreme as the newest is if nothing changed. See the head of this module."""
    known = history >= 0
    periods = known.sum(axis=0)
    sums = np.where(known, history, 0).sum(axis=0)
    usable = (periods >= least) & (newest >= 0)
    expected = np.full(len(newest), np.nan)
    chance = np.ones(len(newest))
    dispersion = moment_dispersion(history[:, usable]) if usable.any() else 0.0
    if usable.any():
        h, earlier, now = periods[usable], sums[usable], newest[usable]
        expected[usable] = earlier / h
        chance[usable] = _chances(now, earlier, h, dispersion, side)
    return CountChange(expected, chance, dispersion)


def moment_dispersion(history: Counts) -> float:
    """``1/k`` by moments over all places together; 0 where the counts vary no more than Poisson ones."""
    known = history >= 0
    periods = known.sum(axis=0)
    enough = periods >= 2
    if not enough.any():
        return 0.0
    values = np.where(known, history, 0)[:, enough].astype(np.float64)
    h = periods[enough]
    mean = values.sum(axis=0) / h
    squares = (np.where(known[:, enough], values - mean, 0.0) ** 2).sum(axis=0)
    variance = squares / (h - 1)
    below = float((mean**2 - variance / h).sum())
    return max(0.0, float((variance - mean).sum()) / below) if below > 0 else 0.0


def upper_chance(newest: int, total: int, periods: int, dispersion: float = 0.0) -> float:
    """P(X ≥ newest) given the total of ``periods`` earlier counts and the newest one."""
    if newest <= 0:
        return 1.0
    if dispersion <= 0:
        return float(bdtrc(newest - 1, total, 1 / (periods + 1)))
    return _beta_binomial(range(newest, total + 1), total, 1 / dispersion, periods / dispersion)


def lower_chance(newest: int, total: int, periods: int, dispersion: float = 0.0) -> float:
    """P(X ≤ newest), as :func:`upper_chance`."""
    if newest >= total:
        return 1.0
    if dispersion <= 0:
        return float(bdtr(newest, total, 1 / (periods + 1)))
    return _beta_binomial(range(newest, -1, -1), total, 1 / dispersion, periods / dispersion)


def _chances(newest: Counts, earlier: Counts, periods: Counts, dispersion: float, side: Side) -> Floats:
    total, share = earlier + newest, 1 / (periods + 1)
    with np.errstate(invalid="ignore"):
        upper = np.where(newest > 0, bdtrc(np.maximum(newest - 1, 0), total, share), 1.0)
        lower = np.where(newest < total, bdtr(newest, total, share), 1.0)
    if dispersion > 0:
        # A spread-out count reaches far values more easily than a Poisson one, so only what is unlikely
        # for the latter needs the longer sum.
        for tail, of in ((upper, upper_chance), (lower, lower_chance)):
            for place in np.flatnonzero(tail < _WORTH_A_SUM).tolist():
                tail[place] = of(int(newest[place]), int(total[place]), int(periods[place]), dispersion)
    match side:
        case "up":
            return upper
        case "down":
            return lower
        case "both":
            both: Floats = np.minimum(1.0, 2 * np.minimum(upper, lower))
            return both


_WORTH_A_SUM = 0.2


def _beta_binomial(values: range, total: int, a: float, b: float) -> float:
    """The mass of a beta-binomial over ``values``, walking away from its middle until nothing is left."""
    chance = 0.0
    constant = gammaln(total + 1) + gammaln(a + b) - gammaln(a) - gammaln(b) - gammaln(total + a + b)
    for start in range(0, len(values), _CHUNK):
        x = np.array(values[start : start + _CHUNK], dtype=np.float64)
        logs = constant - gammaln(x + 1) - gammaln(total - x + 1) + gammaln(x + a) + gammaln(total - x + b)
        part = float(np.exp(logs).sum())
        chance += part
        if part < _NEGLIGIBLE * max(chance, math.ulp(0.0)):
            break
    return min(1.0, chance)
