"""The disclosure rules applied to indicators: a value is shown where all counts of persons in it are.

A rate beside one of its counts gives the other, a change beside one of its two figures the other, a sum
beside its parts the rest. Published figures are therefore always made of published counts alone, and whoever
collects them knows no more than the counts that are shown (:mod:`jingtu.engine.disclosure`).
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from jingtu.core.facts.disclosure import Decision, decision
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import RegionTree
from jingtu.engine.catalogue import Catalogue
from jingtu.engine.disclosure import Mask
from jingtu.engine.evaluate import persons_counted
from jingtu.engine.formula import windows_of
from jingtu.engine.periods import Period


def decided(tree: RegionTree, end: date) -> Decision:
    """What is hidden of a tree as it was at the end of a period. A few small queries, then from memory."""
    return decision(tree, end if end < today() else None)


class CellGuard:
    """Which values of some places are hidden, in the order of the places (their regions' own ids)."""

    def __init__(self, ids: NDArray[np.int64], catalogue: Catalogue, decision: Decision) -> None:
        self._catalogue = catalogue
        self.decision = decision
        self._masks: dict[tuple[str, Period], Mask] = {}
        at = decision.tree.positions_of_ids(ids)
        self._outside = at < 0
        self._at = np.maximum(at, 0)

    def knows(self, indicator: str) -> bool:
        """Whether its catalogue has the indicator."""
        return indicator in self._catalogue.indicators

    def hidden(self, indicator: str, period: Period) -> Mask:
        """Where the indicator's value and its parts are hidden: a count of persons in it is, in the period
        itself or one it is compared with."""
        found = self._masks.get((indicator, period))
        if found is None:
            found = self._masks[indicator, period] = self._hidden(indicator, period)
        return found

    def _hidden(self, indicator: str, period: Period) -> Mask:
        definition = self._catalogue.indicators[indicator]
        counted = persons_counted(self._catalogue, definition)
        hidden = np.zeros(self._at.size, dtype=np.bool_)
        for reference, windows in windows_of(definition.formula).items():
            if reference.code in counted:
                for window in windows:
                    hidden |= self._cells(reference.code, window.period(period))
        return hidden

    def hidden_element(self, element: str, period: Period) -> Mask:
        """Where the element's own count is hidden."""
        if not self._catalogue.elements[element].person_based:
            return np.zeros(self._at.size, dtype=np.bool_)
        return self._cells(element, period)

    def _cells(self, element: str, period: Period) -> Mask:
        mask = self.decision.hidden(self._catalogue.elements[element], period)
        # A place that no longer stands in the tree is protected by no sum: nothing of it is shown.
        return mask[self._at] | self._outside
