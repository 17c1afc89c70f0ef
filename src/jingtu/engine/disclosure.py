"""Which person-based counts a reader without the right to small cells does not see.

The decision belongs to the figures of a whole tree, never to a reader, a page or a run: whoever looks
from the city, from a county or at another period meets the same hidden cells, so no two views can be
subtracted from one another.

*Primary*: a count from 1 to ``limit - 1``. Zero names nobody and is no reason to hide.
*Over time*: a small count hides its place's whole block, the shortest calendar period around it (quarter,
half-year, year) whose own count is not small; where even the year's is, the year and whatever holds it.
What is shown of a place is therefore always a union of whole blocks, and neither a quarter less two months
nor two years to date tell a month.
*Over places*: others of the same total are hidden over the same block, until every small count could be
moved up and down by at least ``limit`` in all without any shown number changing. Inside a block the hidden
cells form a table of places by pieces of time with known margins; a cell of it can move by the least of
its row, the other rows, its column and the other columns (the bounds of Fréchet).

A rate is shown only where all counts it is made of are shown, so no rate gives a count back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Places = NDArray[np.int32]


def small(counts: Counts, limit: int) -> Mask:
    """Cells whose own value is small: 1 … limit - 1. Negative values stand for "missing"."""
    return (counts > 0) & (counts < limit)


def hidden_together(columns: Sequence[Counts], parent: Places, limit: int) -> Mask:
    """Which places to hide when one period is looked at alone: those with a small count in any column and
    what must go with them. ``parent``: each place's parent, -1 for the root, in any order."""
    values = np.stack([np.maximum(column, 0) for column in columns])[:, :, None]
    needy = small(values, limit)
    start: Mask = np.asarray(needy.any(axis=(0, 2)))
    return _Table(values, parent, limit, bounded=False).close(start, needy)


def hidden_blocks(values: Counts, parent: Places, nodes: Sequence[NDArray[np.int64]], limit: int) -> Counts:
    """For every place and piece of time how long a block hides it: 0 shown, else 1 + the place in ``nodes``
    of the block's calendar. The last number, ``len(nodes) + 1``, stands for a block of the longest calendar
    whose own count is hidden too, with every longer period that holds it.

    ``values``: columns × places × pieces, nothing negative; all columns share the decision. ``nodes``: from
    the shortest calendar to the longest, the number of the block each piece belongs to.
    """
    level = np.zeros(values.shape[1:], dtype=np.int64)
    needy = small(values, limit)
    if not needy.any():
        return level
    least = np.full(values.shape, len(nodes) + 1, dtype=np.int64)
    for number in range(len(nodes), 0, -1):
        least = np.where(_sums(values, nodes[number - 1]) >= limit, number, least)
    least = np.where(needy, least, 0)
    longest = nodes[-1] if nodes else np.arange(values.shape[2])
    # The longest first: what they hide can serve the shorter ones too.
    for number in range(len(nodes) + 1, 0, -1):
        endless = number > len(nodes)
        blocks = longest if endless else nodes[number - 1]
        for block in np.unique(blocks).tolist():
            inside = np.flatnonzero(blocks == block)
            own = least[:, :, inside] == number
            if not own.any():
                continue
            hidden = (level[:, inside] >= number).any(axis=1) | own.any(axis=(0, 2))
            table = _Table(values[:, :, inside], parent, limit, bounded=not endless)
            hidden = table.close(hidden, own)
            level[np.ix_(hidden, inside)] = np.maximum(level[np.ix_(hidden, inside)], number)
    return level


def _sums(values: Counts, blocks: NDArray[np.int64]) -> Counts:
    """For every piece the sum over its block."""
    found = np.zeros_like(values)
    for block in np.unique(blocks).tolist():
        inside = blocks == block
        found[:, :, inside] = values[:, :, inside].sum(axis=2, keepdims=True)
    return found


class _Table:
    """The cells of one block: columns × places × pieces of time, and how far hidden ones can move.

    ``bounded``: the sum of a hidden place over the block is shown.
    """

    def __init__(self, values: Counts, parent: Places, limit: int, *, bounded: bool) -> None:
        self.values = values
        self.limit = limit
        self.bounded = bounded
        self.parent = parent.astype(np.int64)
        self.row = values.sum(axis=2)
        self.carrying = self.row.max(axis=0)
        self.depth = _depths(self.parent)
        self.by_depth = [np.flatnonzero(self.depth == depth) for depth in range(int(self.depth.max()) + 1)]
        order = np.argsort(self.parent, kind="stable")
        places = np.arange(self.parent.size)
        self._order = order
        self._first = np.searchsorted(self.parent[order], places, "left")
        self._end = np.searchsorted(self.parent[order], places, "right")

    def children(self, place: int) -> NDArray[np.int64]:
        """The places just below one."""
        return self._order[self._first[place] : self._end[place]].astype(np.int64)

    def close(self, hidden: Mask, needy: Mask) -> Mask:
        """Add places to ``hidden`` until every ``needy`` cell can move far enough. Returns a new mask."""
        hidden = hidden.copy()
        while True:
            bare = self._bare(hidden)
            if bare.size:
                for place in bare.tolist():
                    hidden[self._part(place)] = True
                continue
            short = self._short(hidden, needy)
            if not short:
                return hidden
            for cluster, lacking in short.items():
                hidden[self._next(hidden, cluster, lacking)] = True

    def _bare(self, hidden: Mask) -> NDArray[np.int64]:
        """Hidden places with a count of which no part is hidden: the parts would tell it."""
        covered = np.zeros(hidden.size, dtype=bool)
        covered[self.parent[hidden & (self.parent >= 0)]] = True
        divided = np.zeros(hidden.size, dtype=bool)
        divided[self.parent[(self.parent >= 0) & (self.carrying > 0)]] = True
        return np.flatnonzero(hidden & divided & ~covered)

    def _part(self, place: int) -> int:
        """The smallest part that is not small itself, else the largest."""
        parts = self.children(place)
        amounts = self.carrying[parts]
        enough = parts[amounts >= self.limit]
        if enough.size:
            return int(enough[np.lexsort((enough, self.carrying[enough]))[0]])
        return int(parts[np.lexsort((parts, -amounts))[0]])

    def _short(self, hidden: Mask, needy: Mask) -> dict[int, list[tuple[int, int, int, list[int]]]]:
        """Needy cells that cannot move far enough, by the place whose shown total binds them: (column, place,
        piece, what is lacking in own row, other rows, own column, other columns)."""
        cluster = np.full(hidden.size, -1, dtype=np.int64)
        for places in self.by_depth[1:]:
            above = self.parent[places]
            cluster[places] = np.where(hidden[above], cluster[above], above)
        covered = np.zeros(hidden.size, dtype=bool)
        covered[self.parent[hidden & (self.parent >= 0)]] = True
        by_place = self.values.transpose(1, 0, 2)
        moving = np.where((hidden & ~covered)[:, None, None], by_place, 0)
        for places in self.by_depth[:0:-1]:
            np.add.at(moving, self.parent[places], moving[places] * hidden[places, None, None])
        # Shown places pass nothing on, and what they hold of others is the pool their total binds.
        pool = np.zeros_like(by_place)
        top = np.flatnonzero(hidden & (cluster == self.parent) & (self.parent >= 0))
        np.add.at(pool, self.parent[top], moving[top])
        column, place, piece = np.nonzero(needy)
        bound = cluster[place]
        under = bound >= 0
        at_piece = pool[bound, column, piece]
        lacking = np.zeros((4, column.size), dtype=np.int64)
        lacking[2] = np.where(under, self.limit - at_piece, 0)
        if self.bounded:
            own = moving.sum(axis=2)[place, column]
            total = pool.sum(axis=2)[bound, column]
            lacking[0] = self.limit - own
            lacking[1] = np.where(under, self.limit - (total - own), 0)
            lacking[3] = np.where(under, self.limit - (total - at_piece), 0)
        found: dict[int, list[tuple[int, int, int, list[int]]]] = {}
        short = np.flatnonzero((lacking > 0).any(axis=0))
        cells = (bound[short], column[short], place[short], piece[short])
        for f, k, a, t, lack in zip(*(each.tolist() for each in (*cells, lacking.T[short])), strict=True):
            found.setdefault(f, []).append((k, a, t, lack))
        return found

    def _next(self, hidden: Mask, cluster: int, lacking: list[tuple[int, int, int, list[int]]]) -> int:
        """The place to hide next: a part of a hidden one if that helps, else one more under the total that
        binds, of those that help alike the smallest; where none helps, the total itself."""
        inside = self._hidden_below(hidden, cluster)
        for families in (inside, [cluster] if cluster >= 0 else []):
            candidates = [
                int(child)
                for family in families
                for child in self.children(family).tolist()
                if not hidden[child] and self.carrying[child] > 0
            ]
            scored = [(-self._help(place, lacking), int(self.carrying[place]), place) for place in candidates]
            best = min(scored, default=(0, 0, -1))
            if best[0] < 0:
                return best[2]
        if cluster >= 0:
            return cluster
        raise ArithmeticError("a block too small for its own counts")

    def _hidden_below(self, hidden: Mask, cluster: int) -> list[int]:
        pending = (
            [int(place) for place in self.by_depth[0] if hidden[place]]
            if cluster < 0
            else [int(child) for child in self.children(cluster) if hidden[child]]
        )
        found = []
        while pending:
            place = pending.pop()
            found.append(place)
            pending += [int(child) for child in self.children(place) if hidden[child]]
        return found

    def _help(self, place: int, lacking: list[tuple[int, int, int, list[int]]]) -> int:
        """How much of what is lacking hiding one place would bring."""
        above = {place}
        at = int(self.parent[place])
        while at >= 0:
            above.add(at)
            at = int(self.parent[at])
        score = 0
        for k, a, t, (own, others, column, rest) in lacking:
            row, here = int(self.row[k, place]), int(self.values[k, place, t])
            if a in above:
                score += min(row, max(own, 0))
            else:
                score += min(row if self.bounded else here, max(others, 0))
            score += min(here, max(column, 0)) + min(row - here, max(rest, 0))
        return score


def _depths(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """How far each place stands below the root, whatever the order of the places."""
    depth = np.zeros(parent.size, dtype=np.int64)
    at = parent.copy()
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, parent[np.maximum(at, 0)], -1)
    return depth
