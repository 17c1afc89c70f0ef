"""Counts of persons which readers without the right do not see exactly: the small, and what would tell them.

One decision per tree and its facts, for lists of facts and for everything computed from them. It looks at
the whole tree and all its periods, whatever page, run or reader asks, and at the facts as they were when
something was published from them, so that neither two places, two periods nor two versions give a count by
subtraction.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from jingtu.core.facts import queries, store
from jingtu.core.facts.standing import Part, Standing
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.reading import once
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.core.regions.timeline import identity
from jingtu.engine.disclosure import Counts, Mask, hidden_blocks, hidden_together, small
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.rollup import FactView, Selection, subtree_sums
from jingtu.engine.tree import RegionTree as EngineTree

EXACT = (Permission.SMALL_CELLS_READ, Permission.FACTS_IMPORT)
"""Whoever may read small counts in a region, or reports for it, sees its figures."""

KEPT = 4
SHORT = frozenset({PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.DEKAD, PeriodKind.HALF_MONTH})
CALENDAR = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR)

Published = Callable[[], Iterable[tuple[int, int, date]]]
"""From which tree's facts, after which batch, and up to which day figures were published. One query."""

_published: list[Published] = []


def register_published(source: Published) -> None:
    """Have earlier facts that stand behind published figures protected like those in force."""
    _published.append(source)


def decision(
    tree: RegionTree, on: date | None = None, batches: tuple[tuple[int, str], ...] | None = None
) -> Decision:
    """What is hidden of a tree as it is today, or as it was on a day. A few small queries, which a page asks
    once, then from memory. ``batches``: the facts in force, for who has asked for them already."""
    shape = engine_tree(SYSTEM, tree, on)
    batches = store.state(tree.pk) if batches is None else batches
    newest = batches[-1][0] if batches else 0
    earlier = tuple(sorted(pair for pair in _published_states().get(tree.pk, ()) if pair[0] < newest))
    with _lock:
        key = (tree.pk, identity(shape), batches, earlier, settings.SMALL_CELL_LIMIT)
        found = _known.get(key)
        if found is None:
            found = _known[key] = Decision(shape, store.standing(tree.pk, batches), batches, earlier)
            while len(_known) > KEPT:
                _known.popitem(last=False)
        _known.move_to_end(key)
    return found


def _published_states() -> Mapping[int, Collection[tuple[int, date]]]:
    def ask() -> dict[int, set[tuple[int, date]]]:
        found: dict[int, set[tuple[int, date]]] = {}
        for source in _published:
            for tree_id, upto, end in source():
                found.setdefault(tree_id, set()).add((upto, end))
        return found

    return once("facts.published", ask)


def hidden_rows(
    actor: Actor, tree: RegionTree, facts: FactTable, elements: Mapping[str, Element]
) -> NDArray[np.bool_]:
    """Which of the facts in force given here may not be shown exactly to this actor."""
    hidden = np.zeros(len(facts), dtype=bool)
    counting = [
        place
        for place, code in enumerate(facts.element_codes)
        if code in elements and elements[code].person_based
    ]
    concerned = np.isin(facts.element, counting)
    for permission in EXACT:
        if not concerned.any():
            return hidden
        trusted = queries.region_ids_in(actor, permission, tree)
        if trusted is None:
            return hidden
        concerned &= ~np.isin(facts.region_id, trusted)
    if not concerned.any():
        return hidden
    decided = decision(tree)
    at = decided.tree.positions_of_ids(facts.region_id)
    pairs = np.unique(np.stack([facts.element[concerned], facts.period[concerned]]), axis=1)
    for element, period in pairs.T.tolist():
        rows = concerned & (facts.element == element) & (facts.period == period)
        definition = elements[facts.element_codes[element]]
        mask = decided.hidden_stated(definition, facts.periods[period])
        hidden[rows] = np.where(
            at[rows] >= 0,
            mask[np.maximum(at[rows], 0)],
            # A region that has ended stands in no sum any more; its own small figures still name few.
            small(_whole(facts.value[rows], definition), settings.SMALL_CELL_LIMIT),
        )
    return hidden


def hidden_history(actor: Actor, region: Region, element: Element, values: Iterable[int | None]) -> bool:
    """Whether a value's past may not be shown exactly: one of its figures was a small count of persons."""
    if not element.person_based or any(actor.can(permission, region.pk) for permission in EXACT):
        return False
    return any(
        value is not None and 0 < value < settings.SMALL_CELL_LIMIT * element.scale for value in values
    )


class Decision:
    """Which cells of a tree stay hidden, element by element, worked out when first asked for and then kept."""

    def __init__(
        self,
        tree: EngineTree,
        facts: Standing,
        batches: Sequence[tuple[int, str]] = (),
        published: Sequence[tuple[int, date]] = (),
    ) -> None:
        self.tree = tree
        self._facts = facts
        self._batches = batches
        self._published = published
        self._known: dict[tuple[str, ElementKind, int], _Cells] = {}

    def hidden(self, element: Element, period: Period) -> Mask:
        """Where the element's count over a subtree is hidden, by the tree's positions."""
        return self._cells(element).hidden(period)[: self.tree.size]

    def hidden_stated(self, element: Element, period: Period) -> Mask:
        """Where the figure that a region itself states is hidden."""
        return self._cells(element).hidden_stated(period)

    def _cells(self, element: Element) -> _Cells:
        key = (element.code, element.kind, element.scale)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._decided(element)
        return found

    def _decided(self, element: Element) -> _Cells:
        """Shared with every state of the tree in which this element's facts are the same."""
        part = self._facts.part(element.code)
        if part is None:
            return _Cells(self.tree, element, [(FactTable.empty(), None)])
        published = [(upto, end) for upto, end in self._published if upto < part.newest]
        if published:
            return _Cells(self.tree, element, self._tables(part, element, published))
        key = (identity(self.tree), element.kind, element.scale, settings.SMALL_CELL_LIMIT)
        with _lock:
            shared = _by_part.setdefault(part, {})
        if key not in shared:
            shared.setdefault(key, _Cells(self.tree, element, [(part.facts, None)]))
        return shared[key]

    @cached_property
    def _history(self) -> FactTable:
        """Every row ever stored, in the order of storing."""
        batches = [store.read_batch(sha256, sequence) for sequence, sha256 in self._batches]
        return FactTable.stacked([FactTable.empty(), *batches])

    def _tables(
        self, part: Part, element: Element, published: Sequence[tuple[int, date]]
    ) -> list[tuple[FactTable, date | None]]:
        """The element's facts in force, and as they were where something else was published from them."""
        found: list[tuple[FactTable, date | None]] = [(part.facts, None)]
        rows = self._history.select([element.code])
        starts = np.array([period.start.toordinal() for period in rows.periods], dtype=np.int64)
        for upto, end in published:
            later = rows.batch > upto
            if (starts[rows.period[later]] <= end.toordinal()).any():
                found.append((FactTable.concat([rows.where(~later)]), end))
        return found


class _Cells:
    """The counts of one element: places and the figures inner regions state themselves, by periods."""

    def __init__(
        self, tree: EngineTree, element: Element, tables: Sequence[tuple[FactTable, date | None]]
    ) -> None:
        self.size = tree.size
        self.element = element
        self.limit = settings.SMALL_CELL_LIMIT
        self.views = [(FactView(tree, facts, {element.code: element}), end) for facts, end in tables]
        inner = tree.last > np.arange(tree.size)
        stating = np.zeros(tree.size, dtype=bool)
        for view, _end in self.views:
            stating[view.position] = True
        self.rolled = element.kind is not ElementKind.REPORTED
        # What an inner region states itself is one more part of its total.
        self.stated = np.flatnonzero(stating & inner) if self.rolled else np.empty(0, dtype=np.int64)
        self.parent = np.concatenate([tree.parent, self.stated]).astype(np.int32)
        self.selections: list[Selection] = sorted(
            {
                (),
                *(
                    view.categories[number]
                    for view, _ in self.views
                    for number in np.unique(view.facts.category[view.row]).tolist()
                ),
            }
        )
        self._masks: dict[Period, Mask] = {}

    def hidden(self, period: Period) -> Mask:
        """Places, then the stated figures, that stay hidden in a period."""
        found = self._masks.get(period)
        if found is None:
            found = self._masks[period] = self._hidden(period)
        return found

    def hidden_stated(self, period: Period) -> Mask:
        """Positions whose own stated figure stays hidden."""
        mask = self.hidden(period)
        own = mask[: self.size].copy()
        own[self.stated] = mask[self.size :]
        return own

    def _hidden(self, period: Period) -> Mask:
        if self.limit < 2:
            return np.zeros(self.parent.size, dtype=bool)
        if self.element.kind is ElementKind.FLOW:
            return self._hidden_flow(period)
        mask = hidden_together(self._columns(period), self.parent, self.limit)
        if self.element.kind is ElementKind.STOCK:
            for source, carrying in self._sources(period).items():
                mask |= carrying & self.hidden(source)
        return mask

    def _sources(self, period: Period) -> dict[Period, Mask]:
        """For a stock the earlier periods whose last figure stands for a longer one, and for which places."""
        found: dict[Period, Mask] = {}
        for view, _end in self.views:
            rows = view.chosen_rows(self.element.code, period)
            periods = view.facts.period[view.table_rows(rows)]
            for number in np.unique(periods).tolist():
                source = view.periods[number]
                if source.same_days(period):
                    continue
                marks = np.zeros(view.size, dtype=np.int64)
                marks[view.position[rows[periods == number]]] = 1
                carrying = subtree_sums(marks, view.last) > 0
                both = np.concatenate([carrying, marks[self.stated] > 0])
                found[source] = found.get(source, np.zeros_like(both)) | both
        return found

    # -- a flow: one decision over all its pieces of time ------------------------------------------

    @cached_property
    def _pieces(self) -> list[Period]:
        """The shortest whole calendar periods the element is known for, without gaps."""
        periods = {period for view, _ in self.views for period in self._periods_of(view)}
        kinds = {PeriodKind.MONTH if period.kind in SHORT else period.kind for period in periods}
        kind = next((kind for kind in CALENDAR if kind in kinds), None)
        if kind is None:
            return []
        first, last = min(p.start for p in periods), max(p.end for p in periods)
        pieces = [Period.of(kind, first)]
        while pieces[-1].end < last:
            pieces.append(pieces[-1].next())
        return pieces

    def _periods_of(self, view: FactView) -> set[Period]:
        return {view.periods[place] for place in view.used_periods}

    @cached_property
    def _blocks(self) -> list[NDArray[np.int64]]:
        longer = CALENDAR[CALENDAR.index(PeriodKind(self._pieces[0].kind)) + 1 :]
        return [
            np.array([Period.of(kind, piece.start).start.toordinal() for piece in self._pieces])
            for kind in longer
        ]

    @cached_property
    def _values(self) -> Counts:
        """Columns × places × pieces."""
        return np.stack([np.stack(self._columns(piece)) for piece in self._pieces], axis=2)

    @cached_property
    def _levels(self) -> Counts:
        return hidden_blocks(self._values, self.parent, self._blocks, self.limit)

    def _hidden_flow(self, period: Period) -> Mask:
        mask = np.zeros(self.parent.size, dtype=bool)
        columns = self._columns(period)
        touched = np.array([piece.overlaps(period) for piece in self._pieces], dtype=bool)
        inside = np.array([period.contains(piece) for piece in self._pieces], dtype=bool)
        if touched.any():
            levels = self._levels
            endless = len(self._blocks) + 1
            mask |= (levels[:, touched] == endless).any(axis=1)
            mask |= (levels[:, touched & ~inside] > 0).any(axis=1)
            for number, blocks in enumerate(self._blocks, start=1):
                cut = inside & np.isin(blocks, blocks[~inside])
                mask |= (levels[:, cut] == number).any(axis=1)
        if period.kind in SHORT and self._small_inside(touched):
            mask[:] = True
        whole = self._values[:, :, inside].sum(axis=2) if inside.any() else 0
        if (np.stack(columns) != whole).any():
            # Figures stated for longer periods do not follow from the pieces.
            mask |= hidden_together(columns, self.parent, self.limit)
        return mask

    def _small_inside(self, touched: Mask) -> bool:
        """Whether any figure of less than a month, in the months touched, is small anywhere: then none is
        shown, since such periods overlap each other in every way."""
        months = [piece for piece, here in zip(self._pieces, touched, strict=True) if here]
        return any(
            small(column, self.limit).any()
            for view, _ in self.views
            for period in self._periods_of(view)
            if period.kind in SHORT and any(month.overlaps(period) for month in months)
            for column in self._columns(period)
        )

    # -- counting -----------------------------------------------------------------------------------

    def _columns(self, period: Period) -> list[Counts]:
        """Counts by place in a period: in all and by category, now and as they stood before."""
        columns: list[Counts] = []
        for view, end in self.views:
            for selection in self.selections:
                if end is not None and period.end > end:
                    column = np.zeros(self.parent.size, dtype=np.int64)
                else:
                    column = self._column(view, period, selection)
                columns.append(column)
        return columns

    def _column(self, view: FactView, period: Period, selection: Selection) -> Counts:
        rows = view.chosen_rows(self.element.code, period, selection)
        own = np.zeros(view.size, dtype=np.int64)
        np.add.at(own, view.position[rows], np.maximum(view.value[rows], 0))
        total = subtree_sums(own, view.last) if self.rolled else own
        return _whole(np.concatenate([total, own[self.stated]]), self.element)


def _whole(values: Counts, element: Element) -> Counts:
    """Rounded up: a part of a person is no less telling than a whole one."""
    whole: Counts = -(-np.maximum(values, 0) // element.scale)
    return whole


# By everything they rest on, so none can be stale.
_known: OrderedDict[tuple[object, ...], Decision] = OrderedDict()
_by_part: WeakKeyDictionary[Part, dict[tuple[object, ...], _Cells]] = WeakKeyDictionary()
_lock = threading.Lock()
