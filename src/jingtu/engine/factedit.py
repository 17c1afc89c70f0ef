"""Changing the facts under a view one at a time, without sorting everything again.

The rows of one element, period and category stay one run ordered by region, which is all the view
relies on. A run that must grow beyond its room moves to the end of the arrays with room to spare,
so what a change costs depends on its run and not on the table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.facttable import RETRACTED, FactRow
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import QUALIFIERS
from jingtu.engine.rollup import FactView, category_pairs

_OF_VIEW = ("row", "position", "value", "qualifier")
_OF_TABLE = ("element", "region_id", "period", "category", "value", "qualifier", "source_row", "batch")
_Group = tuple[str, int, int]


class FactEditor:
    """Owns the facts of a view from now on; the table the view was made from stays as it is."""

    def __init__(self, view: FactView) -> None:
        self._view = view
        view.facts = replace(view.facts, value=view.facts.value.copy())
        self._used = len(view.row)
        self._stated = len(view.facts)
        self._room: dict[_Group, int] = {}
        self._columns: dict[str, NDArray[Any]] = {}

    def replace(self, row: int, value: int) -> None:
        """Another value for a row of the view."""
        self._view.value[row] = value
        self._view.facts.value[self._view.row[row]] = value

    def withdraw(self, fact: FactRow, place: int) -> None:
        """Take one fact of a (local) place away; its row of the table states nothing any more."""
        view, group = self._view, self._group(fact)
        code, period, category = group
        start, end = view.groups[code][period][category]
        at = start + int(np.searchsorted(view.position[start:end], place))
        view.facts.value[view.row[at]] = RETRACTED
        for name in _OF_VIEW:
            column = getattr(view, name)
            column[at : end - 1] = column[at + 1 : end]
        self._room.setdefault(group, end)
        view.groups[code][period][category] = (start, end - 1)
        if end - 1 == start:
            del view.groups[code][period][category], self._room[group]
            if not view.groups[code][period]:
                del view.groups[code][period]
            if not view.groups[code]:
                del view.groups[code]

    def add(self, fact: FactRow, place: int) -> None:
        """One more fact, of a (local) place that has none for this element, period and category."""
        view, group = self._view, self._group(fact)
        code, period, category = group
        by_category = view.groups[code].setdefault(period, {})
        start, end = by_category.get(category, (self._used, self._used))
        if end >= self._room.get(group, end):
            start, end = self._moved_to_the_end(group, start, end)
        at = start + int(np.searchsorted(view.position[start:end], place))
        for name in _OF_VIEW:
            column = getattr(view, name)
            column[at + 1 : end + 1] = column[at:end]
        by_category[category] = (start, end + 1)
        view.row[at], view.position[at] = self._append(fact, group), place
        view.value[at] = RETRACTED if fact.value is None else fact.value
        view.qualifier[at] = QUALIFIERS.index(fact.qualifier)

    # -- inside ---------------------------------------------------------------------------------

    def _group(self, fact: FactRow) -> _Group:
        """Element, place of the period and place of the category, made known where they are new."""
        facts, view = self._view.facts, self._view
        if fact.element not in facts.element_codes:
            facts = replace(facts, element_codes=(*facts.element_codes, fact.element))
        if fact.period not in facts.period_keys:
            facts = replace(facts, period_keys=(*facts.period_keys, fact.period))
            view.periods = (*view.periods, Period.parse(fact.period))
        if fact.category not in facts.categories:
            facts = replace(facts, categories=(*facts.categories, fact.category))
            view.categories = (*view.categories, category_pairs(fact.category))
        view.facts = facts
        return fact.element, facts.period_keys.index(fact.period), facts.categories.index(fact.category)

    def _moved_to_the_end(self, group: _Group, start: int, end: int) -> tuple[int, int]:
        view, size = self._view, end - start
        room = size + size // 2 + 16
        begin = self._used
        for name in _OF_VIEW:
            column = _with_room(getattr(view, name), begin, begin + room)
            column[begin : begin + size] = column[start:end]
            setattr(view, name, column)
        self._used = self._room[group] = begin + room
        return begin, begin + size

    def _append(self, fact: FactRow, group: _Group) -> int:
        """A row of the table for the fact; returns its place."""
        facts, at = self._view.facts, self._stated
        cells = {
            "element": facts.element_codes.index(fact.element), "region_id": fact.region_id,
            "period": group[1], "category": group[2], "value": fact.value,
            "qualifier": QUALIFIERS.index(fact.qualifier), "source_row": fact.source_row, "batch": fact.batch,
        }  # fmt: skip
        for name in _OF_TABLE:
            # The first time this copies the column, which others may hold.
            column = _with_room(self._columns.get(name, getattr(facts, name)), at, at + 1)
            column[at] = cells[name]
            self._columns[name] = column
        self._stated += 1
        # The very columns with one row more, so that a value replaced later is replaced in both.
        shown: dict[str, Any] = {name: self._columns[name][: at + 1] for name in _OF_TABLE}
        self._view.facts = replace(facts, **shown)
        return at


def _with_room(column: NDArray[Any], used: int, needed: int) -> NDArray[Any]:
    """The column itself where it is long enough, else a longer copy of what is used of it."""
    if len(column) >= needed:
        return column
    longer = np.zeros(needed + needed // 8 + 64, dtype=column.dtype)
    longer[:used] = column[:used]
    return longer
