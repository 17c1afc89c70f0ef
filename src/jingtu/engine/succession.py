"""Figures of a region that was split, divided among what it became by the shares its document states.

Estimates for the eye, so that earlier periods can be set beside today's: nothing is ranked or published by them.
Whole numbers stay whole, and the parts of every figure add up to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.qualifiers import Qualifier

ROUNDED_OFF = Fraction(1, 1000)
"""Shares a document rounds may miss the whole by this much (thirds as 33.3 %)."""


@dataclass(frozen=True)
class Merged:
    """On a day a region went over into another, figures and all."""

    day: date
    source: int
    target: int


@dataclass(frozen=True)
class Divided:
    """On a day a region was split. ``shares``: own id of what it became (its own, where it went on) → its part of
    the figures; together 1."""

    day: date
    source: int
    shares: Mapping[int, Fraction]


def shares_of(source: int, goes_on: bool, stated: Mapping[int, Decimal | None]) -> dict[int, Fraction] | None:
    """The part of everybody who came out of a split; None where the document does not say.

    What the stated shares leave belongs to the region that was split, if it goes on; otherwise they must make up
    the whole (but for rounding).
    """
    known = {part: Fraction(share) for part, share in stated.items() if share is not None}
    total = sum(known.values(), Fraction(0))
    if not known or len(known) < len(stated) or total > 1:
        return None
    if goes_on:
        return {source: 1 - total, **known}
    if 1 - total > ROUNDED_OFF:
        return None
    return {part: share / total for part, share in known.items()}


def apportion(amount: int, shares: Sequence[Fraction]) -> list[int]:
    """A whole number in whole parts by shares that make up 1; what rounding leaves goes to the largest remainders,
    of equal ones to the first."""
    size, sign = abs(amount), -1 if amount < 0 else 1
    exact = [size * share for share in shares]
    parts = [int(part) for part in exact]
    order = sorted(range(len(shares)), key=lambda at: (parts[at] - exact[at], at))
    for at in order[: size - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]


def divided(
    facts: FactTable, elements: Mapping[str, Element], steps: Iterable[Merged | Divided]
) -> tuple[FactTable, FactTable]:
    """The facts with everything that was stated for split regions before their day divided, and the divided rows.

    ``steps`` in the order of their days. A split divides what had been merged into the region before too. What is
    given for one region and never added up is left out; a figure stated for a part itself stands.
    """
    absorbed: dict[int, set[int]] = defaultdict(set)
    table, estimates = facts, FactTable.empty()
    for step in steps:
        if isinstance(step, Merged):
            absorbed[step.target] |= {step.source} | absorbed[step.source]
            continue
        sources = {step.source} | absorbed[step.source]
        earlier = [place for place, period in enumerate(table.periods) if period.end < step.day]
        taken = np.isin(table.region_id, list(sources)) & np.isin(table.period, earlier)
        rows = _parts(table.where(taken), elements, step)
        again = np.isin(estimates.region_id, list(sources)) & ~_after(estimates, step.day)
        estimates = FactTable.concat([estimates.where(~again), rows])
        table = FactTable.concat([rows, table.where(~taken)])
    return table, estimates


def _after(table: FactTable, day: date) -> NDArray[np.bool_]:
    later = [place for place, period in enumerate(table.periods) if period.end >= day]
    return np.isin(table.period, later)


def _parts(table: FactTable, elements: Mapping[str, Element], step: Divided) -> FactTable:
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in table.rows():
        element = elements.get(row.element)
        if element is not None and element.kind is not ElementKind.REPORTED and row.value is not None:
            sums[row.element, row.period, row.category] += row.value
    targets = list(step.shares)
    return FactTable.from_rows(
        FactRow(element, target, period, part, category, Qualifier.APPROX)
        for (element, period, category), amount in sums.items()
        for target, part in zip(targets, apportion(amount, list(step.shares.values())), strict=True)
    )
