"""An element's counts rolled up, for the places of one level: kept with the facts they come from.

What is kept here belongs to no reader: it is worked out for a whole level of the tree. Callers decide which of
these places their reader may see, and what of them is hidden because counts are small.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from jingtu.core.facts.standing import NOTHING, Part, Standing
from jingtu.core.regions.timeline import identity
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.periods import Period
from jingtu.engine.rollup import ElementValues, FactView, Selection, ValueKey
from jingtu.engine.tree import RegionTree as EngineTree

KEPT_PLACES = 4096
"""Levels of more places are rolled up each time: what was kept of them would soon fill the memory."""
KEPT_VALUES = 240
"""So many periods and selections are kept of one element, the oldest forgotten: whoever asks decides which."""
KEPT_ROWS = 4_000_000
"""So many facts are kept sorted for rolling up, the least used forgotten."""

Values = dict[ValueKey, ElementValues]


class LevelView:
    """The counts of some places of a level, as an :class:`~jingtu.engine.evaluate.Evaluator` reads them."""

    def __init__(
        self,
        tree: EngineTree,
        facts: Standing,
        elements: Mapping[str, Element],
        level: str,
        within: int = 0,
    ) -> None:
        """``within``: the position whose subtree the places lie in."""
        self.elements = elements
        self.positions: NDArray[np.int32] = tree.at_level(level, within)
        self.size = int(self.positions.size)
        self._tree, self._facts, self._level = tree, facts, level
        self._all = tree.at_level(level)
        first = int(np.searchsorted(self._all, self.positions[0])) if self.size else 0
        self._own = slice(first, first + self.size)

    def values(
        self,
        element: str,
        period: Period,
        selection: Selection = (),
        kind: ElementKind | None = None,
    ) -> ElementValues:
        """The element rolled up, place by place; as :meth:`FactView.values`."""
        definition = self.elements[element]
        part = self._facts.part(element) or NOTHING
        key = (element, selection, period, kind or definition.kind)
        if self._all.size > KEPT_PLACES:
            return _taken(_view_of(part, self._tree, definition), key, self.positions)
        kept = _kept_of(part, (identity(self._tree), self._level, definition.kind, definition.scale))
        found = kept.get(key)
        if found is None:
            view = _view_of(part, self._tree, definition)
            found = _taken(view, key, self._all)
            with _lock:
                kept[key] = found
                while len(kept) > KEPT_VALUES:
                    del kept[next(iter(kept))]
        return _cut(found, self._own)


def _taken(view: FactView, key: ValueKey, places: NDArray[np.int32]) -> ElementValues:
    element, selection, period, kind = key
    found = _cut(view.values(element, period, selection, kind), places)
    view.keep_cached(())
    return found


def _cut(values: ElementValues, at: NDArray[np.int32] | slice) -> ElementValues:
    return ElementValues(
        values.value[at],
        values.reported[at],
        values.expected[at],
        None if values.qualifier is None else values.qualifier[at],
        values.scale,
    )


def _kept_of(part: Part, of: tuple[object, ...]) -> Values:
    with _lock:
        return _kept.setdefault(part, {}).setdefault(of, {})


def _view_of(part: Part, tree: EngineTree, element: Element) -> FactView:
    key = (part, identity(tree), element.kind, element.scale)
    with _lock:
        found = _views.get(key)
        if found is not None:
            _views.move_to_end(key)
            return found
    found = FactView(tree, part.facts, {element.code: element})
    with _lock:
        _views[key] = found
        while len(_views) > 1 and sum(len(view.row) for view in _views.values()) > KEPT_ROWS:
            _views.popitem(last=False)
    return found


# By the part itself, so none can be stale: a further batch makes new parts of the elements it touches.
_kept: WeakKeyDictionary[Part, dict[tuple[object, ...], Values]] = WeakKeyDictionary()
_views: OrderedDict[tuple[object, ...], FactView] = OrderedDict()
_lock = threading.Lock()
