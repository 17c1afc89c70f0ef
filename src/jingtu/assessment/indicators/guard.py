"""The disclosure rules applied to the facts of one period: which cells of which indicator stay hidden."""

from __future__ import annotations

import numpy as np
from django.conf import settings

from jingtu.engine.catalogue import Catalogue
from jingtu.engine.evaluate import parts_of, references
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView

from .disclosure import Counts, Mask, components, hidden_together, small

_ANY_PERIOD = Period.parse("2026-01")
"""How a formula reads does not depend on the period."""


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
        self._base_of = {
            code: tuple(
                reference.code
                for reference, _ in references(denominator.node)
                if reference.code in self._elements_of[code]
            )
            for code, indicator in catalogue.indicators.items()
            if (denominator := parts_of(indicator.formula, _ANY_PERIOD).of_role("denominator")) is not None
        }
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
        """Where numerator and denominator of the indicator are hidden."""
        elements = self._elements_of.get(indicator, ())
        return self._mask(self._component[elements[0]], period) if elements else self._nothing()

    def hidden_element(self, element: str, period: Period) -> Mask:
        """Where the element's own count is hidden."""
        component = self._component.get(element)
        return self._nothing() if component is None else self._mask(component, period)

    def hidden_value(self, indicator: str, period: Period) -> Mask:
        """Where even the indicator's value is hidden: a count that is itself hidden, or a rate on a
        base so small that its few possible values tell the count."""
        base = self._base_of.get(indicator)
        if base is None:
            return self.hidden(indicator, period)
        bases = self._nothing()
        for element in base:
            bases |= small(self._counts(element, period), self._limit)
        return bases

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
