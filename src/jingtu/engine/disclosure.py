"""Which person-based counts a reader without the right to small cells does not see.

The one place where suppression is decided, for screens, explanations, exports and bulletins
alike. The decision belongs to the run and not to the reader: everybody without the right sees
the same cells, so two screens (or two readers) put together reveal no more than one.

*Primary*: a count from 1 to ``limit - 1``. Zero names nobody and stays.
*Complementary*: where a shown total has hidden parts, at least two parts are hidden and together
they reach the limit; where a total is hidden, at least one of its parts is.

Because published rates stay visible, a numerator could be had from rate and denominator. Counts
that meet in one indicator are therefore hidden together: elements linked by indicators form a
*component*, and all counts of a component share one mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def small(counts: Counts, limit: int) -> Mask:
    """Cells whose own value is small: 1 … limit - 1. Negative values stand for "missing"."""
    return (counts > 0) & (counts < limit)


def small_value(count: int, limit: int) -> bool:
    """Whether one count is small; as :func:`small`."""
    return 0 < count < limit


def complete(columns: Sequence[Counts], parent: NDArray[np.int32], hidden: Mask, limit: int) -> Mask:
    """Extend ``hidden`` until no hidden cell can be had by subtraction from its neighbours.

    ``columns``: counts over the positions of a tree in pre-order (negative: missing), all sharing
    the mask. ``parent``: position of each position's parent, -1 for the root. Returns a new mask.
    """
    mask = hidden.copy()
    if not mask.any():
        return mask
    order = np.argsort(parent, kind="stable")
    sorted_parents = parent[order]
    places = np.arange(parent.size)
    first = np.searchsorted(sorted_parents, places, "left").tolist()
    end = np.searchsorted(sorted_parents, places, "right").tolist()
    # Hidden cells are only ever added, so the loop ends; each round handles the families touched last.
    touched = np.union1d(parent[mask], np.flatnonzero(mask))
    pending = [int(family) for family in touched if family >= 0 and first[family] < end[family]]
    waiting = set(pending)
    while pending:
        family = heappop(pending)
        waiting.discard(family)
        children = order[first[family] : end[family]]
        for chosen in _to_hide(columns, children, bool(mask[family]), mask, limit):
            mask[chosen] = True
            for again in (family, chosen):
                if again not in waiting and first[again] < end[again]:
                    waiting.add(again)
                    heappush(pending, again)
    return mask


def _to_hide(
    columns: Sequence[Counts], children: NDArray[np.intp], total_hidden: bool, mask: Mask, limit: int
) -> list[int]:
    """The next children of one family to hide, smallest first (none when the family is safe)."""
    hidden = children[mask[children]]
    if not hidden.size and not total_hidden:
        return []
    shown = children[~mask[children]]
    carrying = np.zeros(shown.size, dtype=np.int64)
    for column in columns:
        carrying = np.maximum(carrying, column[shown])
    candidates = shown[carrying > 0]
    if not candidates.size:
        return []
    needed = 1 if total_hidden else 2
    enough = hidden.size >= needed and (
        total_hidden
        or all(
            _reaches(column[hidden], limit) for column in columns if bool(small(column[hidden], limit).any())
        )
    )
    if enough:
        return []
    first = np.lexsort((candidates, carrying[carrying > 0]))[0]
    return [int(candidates[first])]


def _reaches(counts: Counts, limit: int) -> bool:
    return int(counts[counts > 0].sum()) >= limit


def components(elements_of_indicators: Iterable[Iterable[str]]) -> dict[str, int]:
    """Number the groups of elements that meet, directly or through others, in indicators."""
    leader: dict[str, str] = {}

    def find(element: str) -> str:
        while leader[element] != element:
            leader[element] = leader[leader[element]]
            element = leader[element]
        return element

    for elements in elements_of_indicators:
        listed = list(elements)
        for element in listed:
            leader.setdefault(element, element)
        for element in listed[1:]:
            leader[find(element)] = find(listed[0])
    numbers: dict[str, int] = {}
    return {element: numbers.setdefault(find(element), len(numbers)) for element in leader}


def hidden_together(columns: Sequence[Counts], parent: NDArray[np.int32], limit: int) -> Mask:
    """Where the cells of one component stay hidden, over all positions of the tree: the small ones of any
    column and what must go with them."""
    hidden = np.zeros(parent.size, dtype=np.bool_)
    for column in columns:
        hidden |= small(column, limit)
    return complete(columns, parent, hidden, limit)
