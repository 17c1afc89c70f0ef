"""The disclosure rules applied to the facts of one period: which cells of which indicator stay hidden."""

from __future__ import annotations

import numpy as np
from django.conf import settings

from jingtu.engine.catalogue import Catalogue
from jingtu.engine.disclosure import Counts, Mask, components, hidden_together, small
from jingtu.engine.evaluate import parts_of, references
from jingtu.engine.formula import Node, windows_of
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView


class CellGuard:
    """Masks over the local positions of a view, worked out when first asked for and then kept.

    ``limit``: counts of persons from 1 to ``limit - 1`` are small (0 or 1 switches suppression off).
    """

    def __init__(self, view: FactView, catalogue: Catalogue, limit: int | None = None) -> None:
        self._view = view
        self._limit = settings.SMALL_CELL_LIMIT if limit is None else limit
        self._elements_of: dict[str, tuple[str, ...]] = {
            code: tuple(
                dict.fromkeys(
                    reference.code
                    for reference, _ in references(indicator.formula)
                    if indicator.person_based or catalogue.elements[reference.code].person_based
                )
            )
            for code, indicator in catalogue.indicators.items()
        }
        self._formula_of = {code: indicator.formula for code, indicator in catalogue.indicators.items()}
        self._component = components(elements for elements in self._elements_of.values() if elements)
        for code, element in catalogue.elements.items():
            if element.person_based and code not in self._component:
                self._component[code] = len(self._component) + len(catalogue.elements)
        self._masks: dict[tuple[int, Period], Mask] = {}
        self._parent = np.where(
            np.arange(view.size) == 0,
            -1,
            view.tree.parent[view.base : view.base + view.size] - np.int32(view.base),
        ).astype(np.int32)

    def hidden(self, indicator: str, period: Period) -> Mask:
        """Where the counts of the indicator are hidden, those of the periods it compares with included."""
        hidden = self._nothing()
        for element, read in self._reads(indicator, self._formula_of.get(indicator), period):
            hidden |= self._mask(self._component[element], read)
        return hidden

    def hidden_element(self, element: str, period: Period) -> Mask:
        """Where the element's own count is hidden."""
        component = self._component.get(element)
        return self._nothing() if component is None else self._mask(component, period)

    def hidden_value(self, indicator: str, period: Period) -> Mask:
        """Where even the indicator's value is hidden: a count that is itself hidden, or a rate on a
        base so small that its few possible values tell the count. A change tells one of its two counts
        to whoever sees the other, so it is hidden where either is."""
        formula = self._formula_of.get(indicator)
        denominator = None if formula is None else parts_of(formula, period).of_role("denominator")
        if denominator is None:
            return self.hidden(indicator, period)
        bases = self._nothing()
        for element, read in self._reads(indicator, denominator.node, denominator.period):
            bases |= small(self._counts(element, read), self._limit)
        return bases

    def _reads(self, indicator: str, node: Node | None, period: Period) -> set[tuple[str, Period]]:
        """Which counts of persons, of which periods, a formula of the indicator needs at ``period``."""
        counted = self._elements_of.get(indicator, ())
        if node is None or not counted:
            return set()
        return {
            (reference.code, window.period(period))
            for reference, needed in windows_of(node).items()
            if reference.code in counted
            for window in needed
        }

    def _nothing(self) -> Mask:
        return np.zeros(self._view.size, dtype=np.bool_)

    def _counts(self, element: str, period: Period) -> Counts:
        values = self._view.values(element, period)
        whole = np.asarray(values.value // values.scale)
        limited = np.minimum(np.maximum(whole, 0), np.iinfo(np.int64).max // 4).astype(np.int64)
        return np.where(values.present, limited, -1)

    def _mask(self, component: int, period: Period) -> Mask:
        found = self._masks.get((component, period))
        if found is None:
            columns = [
                self._counts(element, period) for element, own in self._component.items() if own == component
            ]
            found = self._masks[component, period] = hidden_together(columns, self._parent, self._limit)
        return found
