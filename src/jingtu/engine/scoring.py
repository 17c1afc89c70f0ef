"""From values to points: the scorecard's rules as pure functions on exact values.

Every rule turns values into *shares* of an item's points, between 0 and 1 (bonuses into points).
Points are rounded half-up at the scorecard's digits once, per item; totals add rounded points.
Points are carried as whole numbers × 10**digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.catalogue.model import Policy
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.ranking import Ranks
from jingtu.engine.rational import BoolArray, Rational, constant
from jingtu.engine.targets import Marks

Number = Decimal | Fraction | int
Scaled = NDArray[np.int64]


def meets(values: Rational, threshold: Threshold) -> BoolArray:
    """Where the exact value satisfies the threshold; False where there is no value."""
    sign = rational.compare(values, constant(threshold.value, len(values)))
    match threshold.op:
        case ">=":
            answer = sign >= 0
        case ">":
            answer = sign > 0
        case "<=":
            answer = sign <= 0
        case "<":
            answer = sign < 0
        case _:
            answer = sign == 0
    return np.asarray(answer & values.ok)


def meets_marked(
    values: Rational, usual: Threshold | None, marks: Marks | None
) -> tuple[BoolArray | None, BoolArray | None]:
    """As :func:`meets`, with what is asked of single places; None when nothing is asked of anybody.

    The second array says of whom something is asked; None: of everybody.
    """
    if marks is None:
        return (None if usual is None else meets(values, usual)), None
    met = np.zeros(len(values), dtype=bool)
    asked = np.ones(len(values), dtype=bool)
    for threshold, _, places in marks.by_threshold(usual):
        if threshold is None:
            asked[places] = False
        else:
            met[places] = meets(values.take(places), threshold)
    return met, asked


def threshold_share(values: Rational, threshold: Threshold, met: Number = 1, unmet: Number = 0) -> Rational:
    """``met`` where the requirement is met, ``unmet`` elsewhere."""
    return _pick(values, [(meets(values, threshold), met)], unmet)


def steps_share(
    values: Rational, steps: Sequence[tuple[Threshold, Number]], otherwise: Number = 0
) -> Rational:
    """The share of the first step whose condition holds."""
    return _pick(values, [(meets(values, when), share) for when, share in steps], otherwise)


def linear_share(values: Rational, floor: Number, target: Number) -> Rational:
    """0 at ``floor``, 1 at ``target``, straight between; a floor above the target scores low values."""
    size = len(values)
    span = Fraction(target) - Fraction(floor)
    share = rational.divide(rational.subtract(values, constant(floor, size)), constant(span, size))
    return clamped(share)


def share_by_place(parts: Sequence[tuple[Any, Rational]], size: int) -> Rational:
    """One array put together from (places, shares there); the places together are all of them."""
    wide = any(share.num.dtype == object or share.den.dtype == object for _, share in parts)
    kind: Any = object if wide else np.int64
    num, den = np.zeros(size, dtype=kind), np.ones(size, dtype=kind)
    state = np.zeros(size, dtype=np.uint8)
    for places, share in parts:
        num[places], den[places], state[places] = share.num, share.den, share.state
    return Rational(num, den, state)


def deduction_share(
    values: Rational, per_event: Number, points: Number, cap: Number | None = None
) -> Rational:
    """Full points less ``per_event`` for each event, losing at most ``cap`` (all points without one)."""
    full = Fraction(points)
    most = full if cap is None else min(Fraction(cap), full)
    if full == 0:
        return constant(0, len(values))
    lost = rational.multiply(values, constant(Fraction(per_event), len(values)))
    lost = rational.minimum(rational.maximum(lost, constant(0, len(values))), constant(most, len(values)))
    return rational.subtract(constant(1, len(values)), rational.divide(lost, constant(full, len(values))))


def rank_share(ranks: Ranks, best: Number = 1, worst: Number = 0) -> Rational:
    """``best`` for rank 1, ``worst`` for the last possible rank, in equal steps; unranked is missing."""
    ranked = ranks > 0
    last = max(int(ranked.sum()) - 1, 1)
    step = (Fraction(best) - Fraction(worst)) / last
    places = rational.integers(ranks.astype(np.int64) - 1, ranked)
    return rational.subtract(
        constant(best, len(ranks)), rational.multiply(places, constant(step, len(ranks)))
    )


def bonus_points(values: Rational, per_unit: Number, cap: Number) -> Rational:
    """``per_unit`` points for each unit, from 0 to ``cap``; no value earns nothing."""
    size = len(values)
    zero = constant(0, size)
    earned = rational.multiply(_or_zero(values), constant(per_unit, size))
    return rational.minimum(rational.maximum(earned, zero), constant(cap, size))


def clamped(share: Rational) -> Rational:
    """A share kept between 0 and 1."""
    size = len(share)
    return rational.minimum(rational.maximum(share, constant(0, size)), constant(1, size))


def item_maxima(
    points: Sequence[Decimal], sections: Sequence[int], dropped: BoolArray, digits: int
) -> Scaled:
    """What each item is worth to each place once dropped items' points went to the others.

    ``dropped`` is places × items. Points of a dropped item go to the remaining items of its section
    in proportion to theirs; those of a section dropped whole, to all remaining items. The sum over
    a place's items stays the card's total exactly (largest remainder at ``digits``); 0 everywhere
    only when everything was dropped.
    """
    maxima = np.zeros(dropped.shape, dtype=np.int64)
    if dropped.shape[0] == 0 or dropped.shape[1] == 0:
        return maxima
    patterns, which = np.unique(dropped, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        maxima[which.reshape(-1) == number] = _maxima_of(points, sections, pattern.tolist(), digits)
    return maxima


def points_of(share: Rational, maxima: Scaled, digits: int) -> Scaled:
    """Share × what the item is worth, rounded half-up at ``digits``; 0 where the share has no value."""
    worth = Rational(
        maxima, np.full(len(maxima), 10**digits, dtype=np.int64), np.zeros(len(maxima), np.uint8)
    )
    return rational.round_half_up(rational.multiply(share, worth), digits)


def apply_policy(share: Rational, where: BoolArray, policy: Policy) -> tuple[Rational, BoolArray]:
    """Give places without a usable value what the item's policy says; returns shares and who drops it."""
    if policy == "redistribute":
        return _replace(share, where, 0), where
    return _replace(share, where, 1 if policy == "full" else 0), np.zeros(len(where), dtype=bool)


def cap_total(totals: Scaled, where: BoolArray, cap: Number, digits: int) -> Scaled:
    """Totals held at ``cap`` where a veto applies."""
    most = int(rational.round_half_up(constant(Fraction(cap), 1), digits)[0])
    return np.where(where, np.minimum(totals, most), totals)


def _maxima_of(
    points: Sequence[Decimal], sections: Sequence[int], dropped: list[bool], digits: int
) -> list[int]:
    exact = [Fraction(value) for value in points]
    kept = [index for index, gone in enumerate(dropped) if not gone]
    if not kept:
        return [0] * len(exact)
    worth = [Fraction(0) if gone else value for value, gone in zip(exact, dropped, strict=True)]
    homeless = Fraction(0)
    for section in dict.fromkeys(sections):
        members = [index for index in kept if sections[index] == section]
        freed = sum(
            (exact[i] for i, gone in enumerate(dropped) if gone and sections[i] == section), Fraction(0)
        )
        if not members:
            homeless += freed
        else:
            _share_out(worth, members, freed)
    _share_out(worth, kept, homeless)
    scale = 10**digits
    scaled = [value * scale for value in worth]
    whole = [int(value) for value in scaled]
    # int() cut every part off: the units lost go to the largest remainders, first item first.
    rest = int(sum(exact, Fraction(0)) * scale) - sum(whole)
    for index in sorted(kept, key=lambda i: (whole[i] - scaled[i], i))[:rest]:
        whole[index] += 1
    return whole


def _share_out(worth: list[Fraction], members: list[int], amount: Fraction) -> None:
    base = sum((worth[index] for index in members), Fraction(0))
    if amount == 0:
        return
    for index in members:
        part = worth[index] / base if base else Fraction(1, len(members))
        worth[index] += amount * part


def _pick(values: Rational, cases: Sequence[tuple[BoolArray, Number]], otherwise: Number) -> Rational:
    """Per value the number of the first case that holds."""
    result = constant(Fraction(otherwise), len(values))
    for holds, number in reversed(cases):
        other = constant(Fraction(number), len(values))
        result = Rational(
            np.where(holds, other.num, result.num), np.where(holds, other.den, result.den), result.state
        )
    return Rational(result.num, result.den, values.state)


def _replace(share: Rational, where: BoolArray, number: int) -> Rational:
    return Rational(
        np.where(where, number, share.num),
        np.where(where, 1, share.den),
        np.where(where, np.uint8(rational.OK), share.state),
    )


def _or_zero(values: Rational) -> Rational:
    return _replace(values, ~values.ok, 0)
