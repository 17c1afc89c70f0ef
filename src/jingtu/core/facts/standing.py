"""The facts in force, element by element. A state is known by the exact list of batches it comes from, so none
can be stale; what a further batch does not touch is shared from one state to the next, down to its identity."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.facttable import FactTable

Batches = tuple[tuple[int, str], ...]
"""Sequence number and content hash of each batch, the oldest first."""

CACHED_STATES = 8
FEW = 64  # so many rows are laid over the rest by looking for each one, without sorting everything
SPARSE = 16  # one row of so many or less is found by searching, not by looking at all


class Part:
    """The facts of one element, ordered by region. The same object stands for the same facts in every state that
    has them, so what was worked out from a part may be kept with it."""

    def __init__(self, pieces: Sequence[FactTable], newest: int) -> None:
        """``newest``: the sequence number of the last batch that has anything to say on the element."""
        self.newest = newest
        self._pieces = tuple(pieces)
        self._lock = threading.Lock()

    @property
    def facts(self) -> FactTable:
        """Each key once, as the last batch has it; put together when first asked for."""
        if len(self._pieces) > 1:
            with self._lock:
                if len(self._pieces) > 1:
                    self._pieces = (_merged(self._pieces),)
        return self._pieces[0]

    def followed_by(self, rows: FactTable) -> Part:
        """The part after one more batch."""
        return Part((*self._pieces, rows), int(rows.batch.max()))

    def becomes(self, facts: FactTable) -> None:
        """Hold the same facts in memory that another table shares."""
        self._pieces = (facts,)


NOTHING = Part((FactTable.empty(),), 0)
"""What is known of an element no batch speaks of."""


class Standing:
    """The facts of a tree after some batch."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self._whole: FactTable | None = None

    def part(self, element: str) -> Part | None:
        """The facts of one element; None where no batch has any."""
        return self._parts.get(element)

    def whole(self) -> FactTable:
        """All facts in one table, element by element."""
        whole = self._whole
        if whole is None:
            tables = [part.facts for part in self._parts.values()]
            whole = self._whole = FactTable.stacked(tables) if tables else FactTable.empty()
            start = 0
            for part, facts in zip(self._parts.values(), tables, strict=True):
                part.becomes(whole.where(slice(start, start + len(facts))))
                start += len(facts)
        return whole

    def select(
        self,
        elements: Collection[str] | None = None,
        periods: Collection[str] | None = None,
        region_ids: Collection[int] | NDArray[np.int64] | None = None,
    ) -> FactTable:
        """The facts of these elements, periods and regions; None takes all of them."""
        if elements is None and periods is None and region_ids is None:
            return self.whole()
        if region_ids is not None and not isinstance(region_ids, np.ndarray):
            region_ids = np.array(list(region_ids), dtype=np.int64)
        chosen = [
            _narrowed(part.facts, periods, region_ids)
            for code, part in self._parts.items()
            if elements is None or code in elements
        ]
        return FactTable.stacked(chosen) if chosen else FactTable.empty()

    def followed_by(self, batches: Iterable[FactTable]) -> Standing:
        """The state after further batches; parts they do not touch stay the same objects."""
        parts = dict(self._parts)
        for batch in batches:
            for code, rows in _split(batch):
                parts[code] = parts.get(code, NOTHING).followed_by(rows)
        return Standing(parts)

    def forget_whole(self) -> None:
        """Keep the parts only."""
        self._whole = None


class Standings:
    """The states of this process, the least used forgotten."""

    def __init__(self, read: Callable[[str, int], FactTable]) -> None:
        """``read``: the rows of a batch by its hash, given its sequence number."""
        self._read = read
        self._states: OrderedDict[tuple[int, Batches], Standing] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tree_id: int, batches: Batches) -> Standing:
        """The state of a tree after these batches."""
        with self._lock:
            found = self._states.get((tree_id, batches))
            if found is not None:
                self._states.move_to_end((tree_id, batches))
                return found
            start, before = self._longest_prefix(tree_id, batches)
        made = before.followed_by(self._read(sha256, sequence) for sequence, sha256 in batches[start:])
        with self._lock:
            # Whoever was faster has handed out parts already; there shall be one of each.
            made = self._states.setdefault((tree_id, batches), made)
            before.forget_whole()
            while len(self._states) > CACHED_STATES:
                self._states.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._states.clear()

    def _longest_prefix(self, tree_id: int, batches: Batches) -> tuple[int, Standing]:
        best = (0, Standing({}))
        for (other_tree, known), standing in self._states.items():
            if other_tree == tree_id and len(known) > best[0] and batches[: len(known)] == known:
                best = (len(known), standing)
        return best


def overlay(before: FactTable, batch: FactTable) -> FactTable:
    """``before`` with the rows of one more batch: equal keys replaced, retracted keys gone."""
    if len(before) == 0 or len(batch) > FEW:
        return FactTable.concat([before, batch])
    gone = np.zeros(len(before), dtype=bool)
    for row in batch.rows():
        same = before.region_id == row.region_id
        for codes, column, text in (
            (before.element_codes, before.element, row.element),
            (before.period_keys, before.period, row.period),
            (before.categories, before.category, row.category),
        ):
            same &= column == (codes.index(text) if text in codes else -1)
        gone |= same
    kept = before.where(~gone) if gone.any() else before
    added = FactTable.concat([batch])
    return FactTable.stacked([kept, added]) if len(added) else kept


def _merged(pieces: Sequence[FactTable]) -> FactTable:
    first, *rest = pieces
    if sum(len(piece) for piece in rest) > FEW:
        return _ordered(FactTable.concat(pieces))
    for piece in rest:
        first = overlay(first, piece)
    return _ordered(first)


def _ordered(facts: FactTable) -> FactTable:
    """By region; the facts of one region in the order of storing."""
    if (facts.region_id[1:] >= facts.region_id[:-1]).all():
        return facts
    return facts.where(np.argsort(facts.region_id, kind="stable"))


def _split(batch: FactTable) -> list[tuple[str, FactTable]]:
    """The rows of each element, in the order of storing."""
    order = np.argsort(batch.element, kind="stable")
    ordered = batch.where(order.astype(np.int64))
    bounds = np.searchsorted(ordered.element, np.arange(len(batch.element_codes) + 1)).tolist()
    found = []
    for number, code in enumerate(batch.element_codes):
        start, end = bounds[number : number + 2]
        if start < end:
            found.append((code, ordered.where(slice(start, end))))
    return found


def _narrowed(
    facts: FactTable, periods: Collection[str] | None, region_ids: NDArray[np.int64] | None
) -> FactTable:
    """As :meth:`FactTable.select`, by searching where few regions are asked for."""
    if region_ids is not None and region_ids.size * SPARSE < len(facts):
        wanted = np.unique(region_ids)
        if not wanted.size:
            return facts.where(slice(0, 0))
        first = np.searchsorted(facts.region_id, wanted, "left")
        end = np.searchsorted(facts.region_id, wanted, "right")
        runs = [np.arange(start, stop) for start, stop in zip(first.tolist(), end.tolist(), strict=True)]
        facts, region_ids = facts.where(np.concatenate(runs).astype(np.int64)), None
    return facts.select(None, periods, region_ids)
