"""Compiled loops of the dense path (numba). Imported only by :mod:`jingtu.engine.dense`.

All decisions (met or not, points, ranks) compare whole numbers; the caller has proved that no
product overflows 64 bits. Only ``value`` and ``yoy`` are doubles.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def roll_up_rows(values, missing, cuts, first, last, sums, counts):  # type: ignore[no-untyped-def]
    """Sums and counts of every inner region from the leaves' values, one row at a time.

    ``cuts`` are the leaf numbers where some region begins or ends; a region covers the pieces
    ``first[i] .. last[i]`` (exclusive end) between cuts.
    """
    rows = values.shape[0]
    pieces = cuts.shape[0] - 1
    running = np.zeros(pieces + 1, dtype=np.int64)
    seen = np.zeros(pieces + 1, dtype=np.int64)
    for row in range(rows):
        total = np.int64(0)
        present = np.int64(0)
        for piece in range(pieces):
            for leaf in range(cuts[piece], cuts[piece + 1]):
                value = values[row, leaf]
                here = value != missing
                total += np.int64(value) if here else np.int64(0)
                present += np.int64(here)
            running[piece + 1] = total
            seen[piece + 1] = present
        for region in range(first.shape[0]):
            sums[row, region] = running[last[region]] - running[first[region]]
            counts[row, region] = seen[last[region]] - seen[first[region]]


@njit(cache=True, nogil=True)
def assess_ratio(  # type: ignore[no-untyped-def]
    num, num_seen, den, den_seen, old_num, old_num_seen, old_den, old_den_seen,
    factor_num, factor_den, minimum, better, op, target_num, target_den,
    floor_num, floor_den, points, doubles_decide, order, starts, value, yoy, state, met, score, rank,
):  # fmt: skip
    """One ratio indicator for every position; see :class:`jingtu.engine.dense.Ratio`."""
    size = num.shape[0]
    # share = (v - floor) / (target - floor) with v = num*factor_num / (den*factor_den)
    span_num = target_num * floor_den - floor_num * target_den
    for i in range(size):
        value[i] = np.nan
        yoy[i] = np.nan
        met[i] = 0
        score[i] = 0
        if num_seen[i] == 0 or den_seen[i] == 0:
            state[i] = 1
            continue
        if den[i] == 0:
            state[i] = 2
            continue
        above, below = num[i] * factor_num, den[i] * factor_den
        if below < 0:
            above, below = -above, -below
        value[i] = above / below
        if old_num_seen[i] > 0 and old_den_seen[i] > 0 and old_den[i] != 0 and old_num[i] != 0:
            now, then = num[i] * old_den[i], old_num[i] * den[i]
            yoy[i] = 100.0 * (now - then) / then
        if den[i] < minimum:
            state[i] = 3
            continue
        state[i] = 0
        if op == 0:
            continue
        difference = above * target_den - target_num * below
        if (
            (op == 1 and difference >= 0)
            or (op == 2 and difference > 0)
            or (op == 3 and difference <= 0)
            or (op == 4 and difference < 0)
            or (op == 5 and difference == 0)
        ):
            met[i] = 1
        if span_num == 0:
            continue
        # points * share, half-up: share = (above*fd - fn*below) * td / (below * span_num)
        top = (above * floor_den - floor_num * below) * target_den
        bottom = below * span_num
        if bottom < 0:
            top, bottom = -top, -bottom
        if top <= 0:
            continue
        if top >= bottom:
            score[i] = points
        else:
            score[i] = (2 * top * points + bottom) // (2 * bottom)
    keys = np.empty(size, dtype=np.float64)
    members = np.empty(size, dtype=np.int64)
    for group in range(starts.shape[0] - 1):
        count = 0
        for place in range(starts[group], starts[group + 1]):
            position = order[place]
            rank[position] = 0
            if state[position] == 0 and better != 0:
                members[count] = position
                keys[count] = -better * value[position]
                count += 1
        if doubles_decide and count <= COUNTED:
            _rank_by_counting(keys, members, count, rank)
        else:
            _rank_by_sorting(num, den, better, doubles_decide, keys, members, count, rank)


COUNTED = 64
"""Up to so many siblings, counting the better ones is quicker than sorting."""


@njit(cache=True, nogil=True)
def _rank_by_counting(keys, members, count, rank):  # type: ignore[no-untyped-def]
    for k in range(count):
        key = keys[k]
        ahead = 0
        for other in range(count):
            ahead += keys[other] < key
        rank[members[k]] = ahead + 1


@njit(cache=True, nogil=True)
def _rank_by_sorting(  # type: ignore[no-untyped-def]
    num, den, better, doubles_decide, keys, members, count, rank
):  # fmt: skip
    """Doubles bring the members nearly into order; unless they decide, fractions settle it."""
    members = members[:count][np.argsort(keys[:count], kind="mergesort")]
    if not doubles_decide:
        for k in range(1, count):
            moving = members[k]
            j = k - 1
            while j >= 0 and _sign(num, den, moving, members[j]) * better > 0:
                members[j + 1] = members[j]
                j -= 1
            members[j + 1] = moving
    for k in range(count):
        if k > 0 and _sign(num, den, members[k], members[k - 1]) == 0:
            rank[members[k]] = rank[members[k - 1]]
        else:
            rank[members[k]] = k + 1


@njit(cache=True, nogil=True, inline="always")
def _sign(num, den, left, right):  # type: ignore[no-untyped-def]
    difference = num[left] * den[right] - num[right] * den[left]
    if (den[left] < 0) != (den[right] < 0):
        difference = -difference
    return (difference > 0) - (difference < 0)


@njit(cache=True, nogil=True)
def add_up(state, met, score, rank, sums):  # type: ignore[no-untyped-def]
    """Add one ratio's states (four), requirements met, points and ranks to ``sums``."""
    for i in range(state.shape[0]):
        sums[state[i]] += 1
        sums[4] += met[i]
        sums[5] += score[i]
        sums[6] += rank[i]
