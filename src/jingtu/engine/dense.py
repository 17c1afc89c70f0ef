"""The bulk path: every region, many indicators, many months, at the speed of memory.

It covers what most indicators are, a ratio of two elements reported by leaves, and answers for
*all* levels at once: value, year-on-year change, state, requirement met, points and rank among
siblings. The exact path (:mod:`~jingtu.engine.evaluate`, :mod:`~jingtu.engine.scoring`,
:mod:`~jingtu.engine.ranking`) is the authority. Here decisions, points and ranks are computed on
whole numbers and are *equal* to it; ``value`` and ``yoy`` are doubles within a relative 1e-12.
Ratios whose numbers could overflow 64 bits are refused by name (:meth:`Ratio.check_room`).

Importing this module loads numba; small runs never do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jingtu.engine import kernel
from jingtu.engine.problems import refuse, register_texts
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "dense.too_large": (
            "指标“{code}”的数值过大，64位整数可能溢出，请改用精确计算",
            'the figures of "{code}" could overflow 64-bit integers; use the exact path',
        ),
    }
)

_OPERATORS = {None: 0, ">=": 1, ">": 2, "<=": 3, "<": 4, "==": 5}
_ROOM = 2**62


class DenseShape:
    """A tree prepared for bulk work: leaves in a row, inner regions as runs of them, siblings together."""

    def __init__(self, tree: RegionTree) -> None:
        positions = np.arange(tree.size)
        self.size = tree.size
        self.leaves: NDArray[np.int64] = np.flatnonzero(tree.last == positions)
        self.inner: NDArray[np.int64] = np.flatnonzero(tree.last != positions)
        starts = np.searchsorted(self.leaves, self.inner)
        ends = np.searchsorted(self.leaves, tree.last[self.inner], side="right")
        self.cuts: NDArray[np.int64] = np.unique(np.concatenate([starts, ends, [0, self.leaves.size]]))
        self.first: NDArray[np.int64] = np.searchsorted(self.cuts, starts)
        self.end: NDArray[np.int64] = np.searchsorted(self.cuts, ends)
        self.siblings: NDArray[np.int64] = np.argsort(tree.parent, kind="stable")
        changes = np.flatnonzero(np.diff(tree.parent[self.siblings])) + 1
        self.sibling_starts: NDArray[np.int64] = np.concatenate([[0], changes, [tree.size]])
        self.parent: NDArray[np.int64] = tree.parent.astype(np.int64)
        self.group_of: NDArray[np.int64] = np.empty(tree.size, dtype=np.int64)
        for group, (start, end) in enumerate(
            zip(self.sibling_starts[:-1], self.sibling_starts[1:], strict=True)
        ):
            self.group_of[self.siblings[start:end]] = group


@dataclass(frozen=True, eq=False)
class DenseFacts:
    """Leaf values, rows × leaves in pre-order; a row is one element of one month.

    ``values`` is int32 or int64; the smallest number of its type means *missing*.
    """

    values: NDArray[Any]

    @property
    def missing(self) -> int:
        """The number that stands for a missing value."""
        return int(np.iinfo(self.values.dtype).min)

    def save(self, path: Path) -> None:
        """Write the block as one plain array file."""
        np.save(path, self.values, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> DenseFacts:
        """Map a saved block into memory; pages are read when touched."""
        return cls(np.load(path, mmap_mode="r", allow_pickle=False))


def roll_up_all(
    shape: DenseShape, facts: DenseFacts, threads: int = 2
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Sums and numbers of reporting leaves for every inner region, rows × inner regions."""
    rows = facts.values.shape[0]
    sums = np.empty((rows, shape.inner.size), dtype=np.int64)
    counts = np.empty((rows, shape.inner.size), dtype=np.int32)

    def part(bounds: tuple[int, int]) -> None:
        start, end = bounds
        kernel.roll_up_rows(
            facts.values[start:end],
            facts.missing,
            shape.cuts,
            shape.first,
            shape.end,
            sums[start:end],
            counts[start:end],
        )

    _in_parts(part, rows, threads)
    return sums, counts


@dataclass(frozen=True, eq=False)
class DenseBlock:
    """One month of every element for all positions: ``sums`` and reporting leaves, elements × positions."""

    sums: NDArray[np.int64]
    counts: NDArray[np.int32]

    @cached_property
    def largest(self) -> NDArray[np.int64]:
        """The largest magnitude of every element."""
        most: NDArray[np.int64] = np.maximum(self.sums.max(axis=1), -self.sums.min(axis=1))
        return most

    @classmethod
    def gather(
        cls,
        shape: DenseShape,
        facts: DenseFacts,
        sums: NDArray[np.int64],
        counts: NDArray[np.int32],
        rows: slice,
    ) -> DenseBlock:
        """Put leaves and inner regions of some rows (one month) back into pre-order."""
        leaves = facts.values[rows]
        seen = leaves != facts.missing
        all_sums = np.empty((leaves.shape[0], shape.size), dtype=np.int64)
        all_counts = np.empty((leaves.shape[0], shape.size), dtype=np.int32)
        all_sums[:, shape.leaves] = np.where(seen, leaves, 0)
        all_counts[:, shape.leaves] = seen
        all_sums[:, shape.inner] = sums[rows]
        all_counts[:, shape.inner] = counts[rows]
        return cls(all_sums, all_counts)


@dataclass(frozen=True)
class Ratio:
    """value = numerator × factor / denominator, compared with a target and scored from floor to target.

    ``numerator`` and ``denominator`` are rows of a block (−1: no denominator, a plain count);
    ``factor`` includes the elements' scales; ``minimum`` is in units of the denominator row;
    ``better`` is 1 (higher), −1 (lower) or 0 (not ranked); ``points`` are scaled whole numbers.
    """

    code: str
    numerator: int
    denominator: int
    factor: Fraction = Fraction(1)
    minimum: int = 0
    better: int = 1
    op: str | None = None
    target: Fraction = Fraction(0)
    floor: Fraction = Fraction(0)
    points: int = 0

    def check_room(self, most_num: int, most_den: int) -> None:
        """InvalidInput when a product of the kernel could overflow with figures of these sizes."""
        most_den = max(most_den, 1)
        above, below = most_num * self.factor.numerator, most_den * self.factor.denominator
        span = abs(
            self.target.numerator * self.floor.denominator - self.floor.numerator * self.target.denominator
        )
        needed = [
            most_num * most_den,
            above * self.target.denominator + abs(self.target.numerator) * below,
            2
            * max(self.points, 1)
            * (above * self.floor.denominator + abs(self.floor.numerator) * below)
            * self.target.denominator
            + below * span,
            2 * below * span,
        ]
        if max(needed) >= _ROOM:
            raise refuse("dense.too_large", code=self.code)

    def doubles_decide(self, most_num: int, most_den: int) -> bool:
        """Whether the doubles of values of this size are ordered, and equal, exactly as the fractions are.

        Both sides fit a double, so a value is the correctly rounded quotient; and two different
        quotients differ by more than one part in 2⁵², so they do not round to one double.
        """
        most_den = max(most_den, 1)
        sides = max(most_num * abs(self.factor.numerator), most_den * self.factor.denominator)
        return sides <= 2**53 and most_num * most_den < 2**52


_Row = tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.uint8],
    NDArray[np.uint8],
    NDArray[np.int64],
    NDArray[np.int32],
]


@dataclass(frozen=True, eq=False)
class DenseResult:
    """Everything about one month, each array ratios × positions.

    ``state`` as in :mod:`~jingtu.engine.rational`; ``met`` 0/1; ``score`` scaled points;
    ``rank`` among siblings, 0 without one.
    """

    value: NDArray[np.float64]
    yoy: NDArray[np.float64]
    state: NDArray[np.uint8]
    met: NDArray[np.uint8]
    score: NDArray[np.int64]
    rank: NDArray[np.int32]

    @classmethod
    def room(cls, ratios: int, positions: int) -> DenseResult:
        """Arrays without content, to be written."""
        size = (ratios, positions)
        return cls(
            np.empty(size),
            np.empty(size),
            np.empty(size, dtype=np.uint8),
            np.empty(size, dtype=np.uint8),
            np.empty(size, dtype=np.int64),
            np.empty(size, dtype=np.int32),
        )

    def row(self, index: int) -> _Row:
        """The arrays of one ratio."""
        return (
            self.value[index],
            self.yoy[index],
            self.state[index],
            self.met[index],
            self.score[index],
            self.rank[index],
        )

    def to_arrow(self, codes: Sequence[str], region_ids: NDArray[np.int64]) -> pa.Table:
        """One row per ratio and position, ratio by ratio; NaN becomes null."""
        count, size = self.state.shape
        places = np.repeat(np.arange(count, dtype=np.int16), size)
        columns = {
            "indicator": pa.DictionaryArray.from_arrays(pa.array(places), pa.array(list(codes))),
            "region_id": pa.array(np.tile(region_ids, count)),
            "value": pa.array(self.value.ravel(), from_pandas=True),
            "yoy": pa.array(self.yoy.ravel(), from_pandas=True),
            "state": pa.array(self.state.ravel()),
            "met": pa.array(self.met.ravel()),
            "score": pa.array(self.score.ravel()),
            "rank": pa.array(self.rank.ravel()),
        }
        return pa.table(columns)

    @property
    def total(self) -> NDArray[np.int64]:
        """Sum of the scaled points of every position."""
        total: NDArray[np.int64] = self.score.sum(axis=0)
        return total


def assess_month(
    shape: DenseShape,
    now: DenseBlock,
    last_year: DenseBlock | None,
    ratios: Sequence[Ratio],
    threads: int = 2,
) -> DenseResult:
    """Compute all ratios of one month for all positions; ``last_year`` None leaves yoy NaN."""
    month = _Month(shape, now, last_year, ratios)
    result = DenseResult.room(len(ratios), shape.size)

    def part(bounds: tuple[int, int]) -> None:
        for index in range(*bounds):
            month.compute(index, result.row(index))

    _in_parts(part, len(ratios), threads)
    return result


class _Month:
    """One month's blocks and the proof that the kernel may work on them."""

    def __init__(
        self, shape: DenseShape, now: DenseBlock, last_year: DenseBlock | None, ratios: Sequence[Ratio]
    ) -> None:
        self.shape, self.now, self.last_year, self.ratios = shape, now, last_year, ratios
        most = now.largest if last_year is None else np.maximum(now.largest, last_year.largest)
        self.largest = [
            (int(most[ratio.numerator]), int(most[ratio.denominator]) if ratio.denominator >= 0 else 1)
            for ratio in ratios
        ]
        for ratio, figures in zip(ratios, self.largest, strict=True):
            ratio.check_room(*figures)
        self.nothing = np.zeros(shape.size, dtype=np.int32)
        self.ones = np.ones(shape.size, dtype=np.int64)
        self.ones_seen = np.ones(shape.size, dtype=np.int32)

    def compute(self, index: int, into: _Row) -> None:
        """Write one ratio's results for every position."""
        ratio = self.ratios[index]
        kernel.assess_ratio(
            *self._figures(self.now, ratio.numerator),
            *self._figures(self.now, ratio.denominator),
            *self._figures(self.last_year, ratio.numerator),
            *self._figures(self.last_year, ratio.denominator),
            ratio.factor.numerator,
            ratio.factor.denominator,
            ratio.minimum,
            ratio.better,
            _OPERATORS[ratio.op],
            ratio.target.numerator,
            ratio.target.denominator,
            ratio.floor.numerator,
            ratio.floor.denominator,
            ratio.points,
            ratio.doubles_decide(*self.largest[index]),
            self.shape.siblings,
            self.shape.sibling_starts,
            *into,
        )

    def _figures(self, block: DenseBlock | None, index: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        if block is None:
            return self.ones, self.nothing
        if index < 0:
            return self.ones, self.ones_seen
        return block.sums[index], block.counts[index]


@dataclass(frozen=True)
class Checksum:
    """Whole-number sums over all ratios and positions: equal sums mean (in practice) equal results."""

    states: tuple[int, int, int, int]
    met: int
    score: int
    rank: int


@dataclass(frozen=True, eq=False)
class MonthResult:
    """One month of a series: the kept positions (in their order), and sums over all of them."""

    month: int
    kept: DenseResult
    checksum: Checksum


def assess_series(
    shape: DenseShape,
    facts: DenseFacts,
    ratios: Sequence[Ratio],
    elements: int,
    keep: NDArray[np.int64],
    threads: int = 2,
) -> Iterator[MonthResult]:
    """All months in turn, each compared with the same month a year before, reduced as they are made.

    ``facts`` holds ``elements`` rows a month, months in order; every ratio is computed for every
    position, but only the positions in ``keep`` are handed out. Memory does not grow with the months.
    """
    year: deque[DenseBlock] = deque(maxlen=13)
    for number in range(facts.values.shape[0] // elements):
        rows = DenseFacts(facts.values[number * elements : (number + 1) * elements])
        year.append(DenseBlock.gather(shape, rows, *roll_up_all(shape, rows, threads), slice(None)))
        month = _Month(shape, year[-1], year[0] if len(year) == 13 else None, ratios)
        kept, sums = _reduced(month, keep, threads)
        ok, missing, not_applicable, few, met, score, rank = sums.sum(axis=0).tolist()
        yield MonthResult(number, kept, Checksum((ok, missing, not_applicable, few), met, score, rank))


def _reduced(month: _Month, keep: NDArray[np.int64], threads: int) -> tuple[DenseResult, NDArray[np.int64]]:
    """Results of the kept positions, and the sums of every ratio. One ratio at a time stays in the cache."""
    count = len(month.ratios)
    kept = DenseResult.room(count, len(keep))
    sums = np.zeros((count, 7), dtype=np.int64)

    def part(bounds: tuple[int, int]) -> None:
        room = DenseResult.room(1, month.shape.size).row(0)
        _, _, state, met, score, rank = room
        for index in range(*bounds):
            month.compute(index, room)
            kernel.add_up(state, met, score, rank, sums[index])
            pairs: Iterable[tuple[NDArray[Any], NDArray[Any]]] = zip(kept.row(index), room, strict=True)
            for target, source in pairs:
                target[:] = source[keep]

    _in_parts(part, count, threads)
    return kept, sums


def _in_parts(work: Any, count: int, threads: int) -> None:
    """Run ``work((start, end))`` over slices of ``range(count)``; the kernels release the GIL."""
    pieces = max(1, min(threads, count))
    bounds = [(count * k // pieces, count * (k + 1) // pieces) for k in range(pieces)]
    if pieces == 1:
        work(bounds[0])
        return
    with ThreadPoolExecutor(pieces) as pool:
        list(pool.map(work, bounds))
