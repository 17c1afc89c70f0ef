"""How much of what a card needs has come in for a period: figures that used to come and came again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.facts import store
from jingtu.core.regions.models import Region
from jingtu.engine.formula import elements_of
from jingtu.engine.periods import Period

BACK = 3
"""So many earlier periods say who reports what; who was silent in all of them is not waited for."""


@dataclass(frozen=True)
class Coverage:
    """Figures expected (region and element that reported lately) and how many of them are there."""

    reported: int
    expected: int

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when nothing can be expected but something is there."""
        if not self.expected:
            return 1.0 if self.reported else 0.0
        return self.reported / self.expected

    @property
    def percent(self) -> float:
        """In per cent, rounded down so that "100" means all."""
        return int(self.share * 1000) / 10


def coverage_of(region: Region, scorecard: str, period: Period) -> Coverage:
    """The coverage of a card's elements below a region for a period."""
    version = newest()
    card = catalogue_of(version).scorecards.get(scorecard) if version else None
    if version is None or card is None:
        return Coverage(0, 0)
    catalogue = catalogue_of(version)
    wanted: set[str] = set()
    for code in card.indicators:
        wanted.update(elements_of(catalogue.indicators[code].formula))
    inside = Region.objects.filter(
        tree_id=region.tree_id, position__gte=region.position, position__lte=region.last
    ).values_list("pk", flat=True)
    facts = store.read(region.tree_id, None, sorted(wanted), None, list(inside))
    keys = [Period.parse(key) for key in facts.period_keys]

    def came(within: Period) -> set[tuple[int, int]]:
        held = [index for index, key in enumerate(keys) if within.contains(key)]
        rows = np.isin(facts.period, held)
        return set(zip(facts.region_id[rows].tolist(), facts.element[rows].tolist(), strict=True))

    expected: set[tuple[int, int]] = set()
    earlier = period
    for _ in range(BACK):
        earlier = earlier.previous()
        expected |= came(earlier)
    present = came(period)
    return Coverage(len(present & expected) if expected else len(present), len(expected))
