"""From facts to the value of an element for every region and a period.

Regions are numbered in pre-order, so a subtree is one run of positions and rolling up is a
difference of two running sums. Arrays here are *local*: index 0 is the region the view was made
for (``within``), the last index its last descendant.

Which facts stand for a period is decided in one place, :meth:`FactView.chosen_rows`; sums,
coverage, explanations and checks all start from the rows it returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.facttable import RETRACTED, FactTable
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier
from jingtu.engine.rational import BoolArray, IntArray, Rational, integers
from jingtu.engine.tree import RegionTree

Selection = tuple[tuple[str, str], ...]  # (dimension, value) pairs, sorted
Rows = NDArray[np.int64]
ValueKey = tuple[str, Selection, Period, ElementKind]

_SAFE_TOTAL = float(2**61)


@dataclass(frozen=True, eq=False)
class ElementValues:
    """One element for one period, over the local positions.

    ``value`` is scaled by the element's decimals; ``reported`` counts regions of the subtree with
    a fact (0 = missing), ``expected`` those that are due; ``qualifier`` is None when all is exact.
    """

    value: IntArray
    reported: NDArray[np.int32]
    expected: NDArray[np.int32]
    qualifier: NDArray[np.int8] | None
    scale: int

    @property
    def present(self) -> BoolArray:
        """Where anything was reported."""
        return self.reported > 0

    def rational(self) -> Rational:
        """The exact values."""
        return integers(self.value, self.present, self.scale)


def subtree_sums(own: IntArray, last: NDArray[np.int32]) -> IntArray:
    """For every position the sum over its subtree; ``last`` holds each position's last descendant."""
    running = np.concatenate([np.zeros(1, dtype=own.dtype), np.cumsum(own)])
    sums: IntArray = running[last + 1] - running[:-1]
    return sums


def category_pairs(category: str) -> Selection:
    """``"age=u25;sex=f"`` as sorted pairs; ``""`` as none."""
    if not category:
        return ()
    pairs = (part.partition("=") for part in category.split(";"))
    return tuple(sorted((name.strip(), value.strip()) for name, _, value in pairs))


class FactView:
    """The facts of one subtree, indexed by element, category and period."""

    def __init__(
        self,
        tree: RegionTree,
        facts: FactTable,
        elements: Mapping[str, Element],
        within: int = 0,
        expected: str = "ever",
        reported_elsewhere: Collection[str] = (),
    ) -> None:
        self.tree = tree
        self.reported_elsewhere = reported_elsewhere
        self.expected_rule = expected
        self.elements = elements
        self.base = within
        self.size = int(tree.last[within]) - within + 1
        self.last: NDArray[np.int32] = tree.last[within : within + self.size] - np.int32(within)
        self.facts = facts
        self.periods = facts.periods
        self.categories = tuple(category_pairs(text) for text in facts.categories)

        position = tree.positions_of_ids(facts.region_id).astype(np.int64)
        stated = facts.value != RETRACTED
        inside = np.flatnonzero((position >= within) & (position < within + self.size) & stated)
        order = np.lexsort(
            (position[inside], facts.category[inside], facts.period[inside], facts.element[inside])
        )
        self.row: Rows = inside[order].astype(np.int64)  # place in the fact table
        self.position: Rows = position[self.row] - within
        self.value: NDArray[np.int64] = facts.value[self.row]
        self.outside = len(facts) - len(inside)
        self.qualifier: NDArray[np.int8] = facts.qualifier[self.row]
        self.groups = self._group()
        self._values: dict[ValueKey, ElementValues] = {}
        self._expected: dict[str, NDArray[np.int32]] = {}

    # -- reading --------------------------------------------------------------------------------

    def values(
        self,
        element: str,
        period: Period,
        selection: Selection = (),
        kind: ElementKind | None = None,
    ) -> ElementValues:
        """The element rolled up; ``kind`` overrides how it adds up over time (``sum``, ``last``)."""
        definition = self.elements[element]
        kind = kind or definition.kind
        key = (element, selection, period, kind)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._compute(definition, period, selection, kind)
        return found

    def chosen_rows(
        self,
        element: str,
        period: Period,
        selection: Selection = (),
        kind: ElementKind | None = None,
        place: int | None = None,
    ) -> Rows:
        """Which rows of this view stand for the element in the period, at most one reading a region.

        A flow takes the fact given for exactly the period, else the coarsest ones inside it that do
        not overlap; a stock the last fact inside the period; a reported element only the fact of
        exactly those days. Where an element is given by categories only, its total is their sum.
        With a ``place`` (local) only its own rows: what stands for a region depends on no other.
        """
        kind = kind or self.elements[element].kind
        if kind is ElementKind.REPORTED:
            candidates = [p for p in self._periods_of(element) if self.periods[p].same_days(period)]
        else:
            candidates = [p for p in self._periods_of(element) if period.contains(self.periods[p])]
        if not candidates:
            return _NONE
        if kind is ElementKind.FLOW:
            candidates.sort(
                key=lambda p: (
                    -self.periods[p].days,
                    self.periods[p].kind is not period.kind,
                    self.periods[p],
                )
            )
        else:
            # The latest end first; of those ending together the one covering most.
            candidates.sort(
                key=lambda p: (
                    -self.periods[p].end.toordinal(),
                    -self.periods[p].days,
                    self.periods[p].kind is not period.kind,
                )
            )
        if len(candidates) == 1:
            return self._rows_at(element, candidates[0], selection, place)
        pieces: list[Rows] = []
        taken: list[tuple[Period, BoolArray]] = []
        for candidate in candidates:
            rows = self._rows_at(element, candidate, selection, place)
            own_period = self.periods[candidate]
            rivals = [
                claimed
                for other, claimed in taken
                if kind is not ElementKind.FLOW or other.overlaps(own_period)
            ]
            for claimed in rivals:
                rows = rows[~claimed[self.position[rows]]]
            if rows.size:
                mask = np.zeros(self.size, dtype=bool)
                mask[self.position[rows]] = True
                taken.append((own_period, mask))
                pieces.append(rows)
        return np.concatenate(pieces) if pieces else _NONE

    def months_known(
        self,
        element: str,
        period: Period,
        selection: Selection = (),
        kind: ElementKind | None = None,
    ) -> BoolArray:
        """Which months of the period (across) each position (down) states a fact of, where the facts add up over
        time: a quarter of which one month is there counts as reported, and its sum is a part only.

        No columns for everything else, for periods that hold no two months, and for what is not given month by month,
        such as a survey twice a year: there one fact is the whole.
        """
        adds = (kind or self.elements[element].kind) is ElementKind.FLOW
        months = period.months if adds and len(period.months) > 1 and self._comes_monthly(element) else ()
        known: BoolArray = np.zeros((self.size, len(months)), dtype=bool)
        if months:
            rows = self.chosen_rows(element, period, selection, kind)
            stated = self.facts.period[self.row[rows]]
            for place in np.unique(stated).tolist():
                covered = np.flatnonzero([self.periods[place].overlaps(month) for month in months])
                known[np.ix_(self.position[rows[stated == place]], covered)] = True
        return known

    def expected(self, element: str) -> NDArray[np.int32]:
        """How many regions of each subtree are due to report the element."""
        found = self._expected.get(element)
        if found is None:
            due = self.due(element).astype(np.int64)
            found = self._expected[element] = subtree_sums(due, self.last).astype(np.int32)
        return found

    def due(self, element: str) -> BoolArray:
        """Which positions are themselves due to report the element.

        By the rule ``ever``, those with any fact of it in the table; by ``leaves``, every leaf. An
        element nobody ever reported, here or in ``reported_elsewhere``, is due from the leaves.
        """
        due: BoolArray = np.zeros(self.size, dtype=bool)
        if self.expected_rule == "ever":
            for by_category in self.groups.get(element, {}).values():
                for start, end in by_category.values():
                    due[self.position[start:end]] = True
        if not due.any() and element not in self.reported_elsewhere:
            due = self.last == np.arange(self.size)
        return due

    def all_rows(self, element: str) -> Rows:
        """Every row of the element, whatever its period."""
        runs = [run for by_period in self.groups.get(element, {}).values() for run in by_period.values()]
        return np.concatenate([np.arange(start, end) for start, end in runs]) if runs else _NONE

    def row_of(self, element: str, place: int, period: str, category: str) -> int | None:
        """The row of one fact (a local place, a period key, a category), None when there is none."""
        for period_place, by_category in self.groups.get(element, {}).items():
            if self.facts.period_keys[period_place] != period:
                continue
            for category_place, (start, end) in by_category.items():
                if self.facts.categories[category_place] == category:
                    row, after = self._own_run((start, end), place)
                    return row if row < after else None
        return None

    def own_at(self, key: ValueKey, place: int) -> tuple[int, bool]:
        """What one region itself states for a value: the amount, and whether it states anything."""
        element, selection, period, kind = key
        rows = self.chosen_rows(element, period, selection, kind, place)
        return sum(self.value[rows].tolist()), bool(rows.size)

    def states(self, element: str, place: int) -> bool:
        """Whether a region itself has any fact of the element, whatever its period."""
        runs = (run for by_category in self.groups.get(element, {}).values() for run in by_category.values())
        return any(start < end for start, end in (self._own_run(run, place) for run in runs))

    def counts(self, element: str) -> dict[str, int]:
        """How many facts of the element there are in each period, by its key."""
        return {
            self.facts.period_keys[period]: sum(end - start for start, end in by_category.values())
            for period, by_category in self.groups.get(element, {}).items()
        }

    def has_qualifiers(self, element: str) -> bool:
        """Whether any fact of the element is not exact."""
        exact = QUALIFIERS.index(Qualifier.EXACT)
        return any(
            bool((self.qualifier[start:end] != exact).any())
            for by_category in self.groups.get(element, {}).values()
            for start, end in by_category.values()
        )

    def cached(self, element: str) -> list[tuple[ValueKey, ElementValues]]:
        """The values of the element computed so far."""
        return [(key, values) for key, values in self._values.items() if key[0] == element]

    def keep_cached(self, periods: Collection[Period]) -> None:
        """Forget the values computed so far for any other period."""
        self._values = {key: values for key, values in self._values.items() if key[2] in periods}

    def replace_cached(self, key: ValueKey, values: ElementValues) -> None:
        """Put corrected values in the place of computed ones."""
        self._values[key] = values

    @property
    def reported_elements(self) -> list[str]:
        """Elements with any fact in this view, sorted."""
        return sorted(self.groups)

    @property
    def used_periods(self) -> list[int]:
        """Places (in ``periods``) of the periods that have facts in this subtree."""
        return sorted({period for by_period in self.groups.values() for period in by_period})

    def used_rows(self, elements: Collection[str]) -> Rows:
        """Rows that any value computed so far for these elements was made from, ascending."""
        used = np.zeros(self.row.size, dtype=bool)
        for element, selection, period, kind in self._values:
            if element in elements:
                used[self.chosen_rows(element, period, selection, kind)] = True
        return np.flatnonzero(used)

    def has_facts(self, period: Period, elements: Iterable[str]) -> bool:
        """Whether any of the elements has a fact inside the period."""
        return any(
            period.contains(self.periods[place]) for code in elements for place in self._periods_of(code)
        )

    def rows_by_position(self) -> Rows:
        """Every row of the view in the order of the regions."""
        runs = [
            np.arange(start, end)
            for by_period in self.groups.values()
            for by_category in by_period.values()
            for start, end in by_category.values()
        ]
        rows = np.concatenate(runs) if runs else _NONE
        return rows[np.argsort(self.position[rows], kind="stable")]

    def table_rows(self, rows: Rows) -> Rows:
        """Places in the fact table of rows of this view."""
        return self.row[rows]

    # -- inside ---------------------------------------------------------------------------------

    def _group(self) -> dict[str, dict[int, dict[int, tuple[int, int]]]]:
        """element code → period place → category place → run of rows."""
        groups: dict[str, dict[int, dict[int, tuple[int, int]]]] = defaultdict(dict)
        if not self.row.size:
            return groups
        element = self.facts.element[self.row]
        period = self.facts.period[self.row]
        category = self.facts.category[self.row]
        changed = (np.diff(element) != 0) | (np.diff(period) != 0) | (np.diff(category) != 0)
        starts = np.concatenate([[0], np.flatnonzero(changed) + 1])
        ends = np.concatenate([starts[1:], [self.row.size]])
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            code = self.facts.element_codes[int(element[start])]
            by_category = groups[code].setdefault(int(period[start]), {})
            by_category[int(category[start])] = (start, end)
        return groups

    def _comes_monthly(self, element: str) -> bool:
        """Whether there are facts of two months that follow each other."""
        given = {self.periods[place] for place in self._periods_of(element)}
        months = {period for period in given if period.kind is PeriodKind.MONTH}
        return any(month.next() in months for month in months)

    def _periods_of(self, element: str) -> list[int]:
        return list(self.groups.get(element, {}))

    def _rows_at(self, element: str, period: int, selection: Selection, only: int | None) -> Rows:
        """Rows of one period: the exact category, else the coarsest breakdown that includes it."""
        wanted = set(selection)
        breakdowns: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
        for category, run in self.groups[element].get(period, {}).items():
            pairs = self.categories[category]
            if wanted.issubset(pairs):
                breakdowns[tuple(name for name, _ in pairs)].append(run)
        pieces: list[Rows] = []
        claimed: BoolArray | None = None
        for names in sorted(breakdowns, key=lambda names: (len(names), names)):
            if only is not None:
                breakdowns[names] = [self._own_run(run, only) for run in breakdowns[names]]
            rows = np.concatenate([np.arange(start, end, dtype=np.int64) for start, end in breakdowns[names]])
            if claimed is not None:
                rows = rows[~claimed[self.position[rows]]]
            pieces.append(rows)
            if len(breakdowns) > 1:
                claimed = np.zeros(self.size, dtype=bool) if claimed is None else claimed
                claimed[self.position[rows]] = True
        if not pieces:
            return _NONE
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _own_run(self, run: tuple[int, int], place: int) -> tuple[int, int]:
        """The part of a run that belongs to one place: one row, or none."""
        start, end = run
        at = start + int(np.searchsorted(self.position[start:end], place))
        return (at, at + 1) if at < end and self.position[at] == place else (at, at)

    def _compute(
        self, definition: Element, period: Period, selection: Selection, kind: ElementKind
    ) -> ElementValues:
        rows = self.chosen_rows(definition.code, period, selection, kind)
        positions, amounts = self.position[rows], self.value[rows]
        reporting = np.zeros(self.size, dtype=bool)
        reporting[positions] = True
        exact = float(np.abs(amounts.astype(np.float64)).sum()) < _SAFE_TOTAL
        own: Any = np.zeros(self.size, dtype=np.int64 if exact else object)
        np.add.at(own, positions, amounts if exact else amounts.astype(object))
        qualifier = self._qualifiers(rows, rolled=kind is not ElementKind.REPORTED)
        if kind is ElementKind.REPORTED:
            due = self.due(definition.code).astype(np.int32)
            return ElementValues(own, reporting.astype(np.int32), due, qualifier, definition.scale)
        return ElementValues(
            subtree_sums(own, self.last),
            subtree_sums(reporting.astype(np.int64), self.last).astype(np.int32),
            self.expected(definition.code),
            qualifier,
            definition.scale,
        )

    def _qualifiers(self, rows: Rows, *, rolled: bool) -> NDArray[np.int8] | None:
        """What the facts' qualifiers make of the sums: the one that occurs, or ≈ for a mixture."""
        codes = self.qualifier[rows]
        kinds = [code for code in np.unique(codes).tolist() if QUALIFIERS[code] is not Qualifier.EXACT]
        if not kinds:
            return None
        merged = np.full(self.size, QUALIFIERS.index(Qualifier.EXACT), dtype=np.int8)
        seen = np.zeros(self.size, dtype=np.int8)
        for code in kinds:
            marks = np.zeros(self.size, dtype=np.int64)
            marks[self.position[rows[codes == code]]] = 1
            touched = (subtree_sums(marks, self.last) if rolled else marks) > 0
            merged[touched] = code
            seen += touched.astype(np.int8)
        merged[seen > 1] = QUALIFIERS.index(Qualifier.APPROX)
        return merged


_NONE: Rows = np.empty(0, dtype=np.int64)
