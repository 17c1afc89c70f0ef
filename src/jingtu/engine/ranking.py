"""Competition ranking (1-2-2-4) on exact values, with stated tie-breaks and groups.

Places without a rank (missing, not applicable, below the minimum denominator, insufficient
coverage) carry rank 0 and do not count among the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.rational import BoolArray, Rational, narrowed, times

Better = Literal["up", "down"]
Codes = NDArray[np.int64]
Ranks = NDArray[np.int32]

UNRANKED = 0


def order_codes(values: Rational, better: Better) -> Codes:
    """Dense places 0, 1, 2 … from the best value on; equal values share one; −1 without a value.

    Exact: doubles only pre-sort, neighbours too close for doubles are compared as fractions.
    """
    size = len(values)
    codes = np.full(size, -1, dtype=np.int64)
    where = np.flatnonzero(values.ok)
    if where.size == 0:
        return codes
    chosen = values.take(where)
    approximate = chosen.floats()
    order = np.argsort(approximate if better == "down" else -approximate, kind="stable")
    order = _mend_close_neighbours(chosen, approximate, order, better)
    ordered = chosen.take(order)
    left, right = ordered.take(slice(None, -1)), ordered.take(slice(1, None))
    differs = times(left.num, right.den) != times(right.num, left.den)
    dense = np.concatenate([[0], np.cumsum(differs)]).astype(np.int64)
    codes[where[order]] = dense
    return codes


def competition_ranks(
    keys: Sequence[Codes], eligible: BoolArray, groups: NDArray[np.int64] | None = None
) -> Ranks:
    """Ranks from 1 within each group: places whose keys are all equal share a rank, the next skips.

    ``keys`` are compared in order (total first, then tie-breaks), lower is better; −1 (no value)
    in a key is worse than any value. Places not ``eligible`` get 0.
    """
    ranks = np.zeros(len(eligible), dtype=np.int32)
    where = np.flatnonzero(eligible)
    if where.size == 0:
        return ranks
    columns = [np.where(key < 0, np.iinfo(np.int64).max, key)[where] for key in keys]
    if groups is not None:
        columns.insert(0, groups[where])
    order = np.lexsort(tuple(reversed(columns)))
    changed = np.zeros(where.size, dtype=bool)
    changed[0] = True
    for column in columns:
        ordered = column[order]
        changed[1:] |= ordered[1:] != ordered[:-1]
    starts = np.maximum.accumulate(np.where(changed, np.arange(where.size), 0))
    if groups is not None:
        ordered_groups = columns[0][order]
        new_group = np.concatenate([[True], ordered_groups[1:] != ordered_groups[:-1]])
        starts -= np.maximum.accumulate(np.where(new_group, np.arange(where.size), 0))
    ranks[where[order]] = (starts + 1).astype(np.int32)
    return ranks


def rank_values(
    values: Rational,
    better: Better,
    eligible: BoolArray | None = None,
    groups: NDArray[np.int64] | None = None,
    tie_breaks: Sequence[tuple[Rational, Better]] = (),
) -> Ranks:
    """Rank values directly; see :func:`competition_ranks`."""
    keys = [order_codes(values, better)]
    keys += [order_codes(other, other_better) for other, other_better in tie_breaks]
    mask = values.ok if eligible is None else values.ok & eligible
    return competition_ranks(keys, mask, groups)


def movement(before: Ranks, now: Ranks) -> NDArray[np.int32]:
    """Places gained since ``before`` (positive is better); 0 also where either rank is absent."""
    both = (before > UNRANKED) & (now > UNRANKED)
    return np.where(both, before - now, 0).astype(np.int32)


def shared(ranks: Ranks, index: int) -> bool:
    """Whether another place holds the same rank."""
    return bool(ranks[index] > UNRANKED and int((ranks == ranks[index]).sum()) > 1)


def _mend_close_neighbours(
    values: Rational, approximate: NDArray[np.float64], order: NDArray[np.int64], better: Better
) -> NDArray[np.int64]:
    """Sort exactly the runs whose doubles nearly coincide without being known equal."""
    if order.size < 2:
        return order
    sorted_floats = approximate[order]
    scale = np.maximum(np.abs(sorted_floats[1:]), np.abs(sorted_floats[:-1]))
    close = np.abs(np.diff(sorted_floats)) <= scale * 1e-12
    if not close.any():
        return order
    num, den = narrowed(values.num)[order], narrowed(values.den)[order]
    same = (num[1:] == num[:-1]) & (den[1:] == den[:-1])
    if not (close & ~same).any():
        return order
    mended = order.copy()
    bounds = np.flatnonzero(np.concatenate([[True], ~close, [True]]))
    sign = 1 if better == "down" else -1

    def exact(left: int, right: int) -> int:
        difference = int(values.num[left]) * int(values.den[right]) - int(values.num[right]) * int(
            values.den[left]
        )
        return sign * ((difference > 0) - (difference < 0))

    for start, end in pairwise(bounds):
        if end - start > 1:
            run = sorted((int(position) for position in order[start:end]), key=cmp_to_key(exact))
            mended[start:end] = run
    return mended
