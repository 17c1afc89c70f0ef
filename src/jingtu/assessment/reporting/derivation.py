"""Figures nobody has to type: what feeds derive, what is a fact already, what the units below have reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.urls import reverse

from jingtu.core.facts import store
from jingtu.core.facts.feeds import feeds_for
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.wall import reading_as_system
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.elements import Qualifier
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period

from .definition import Line
from .models import Report

Key = tuple[int, str]
"""Own id of the region, key of the cell."""


@dataclass(frozen=True)
class Figure:
    """A figure the form shows: of this period and locked, or of an earlier one in grey."""

    value: int
    qualifier: Qualifier = Qualifier.EXACT
    origin: str = ""
    link: str = ""
    reported: int = 0
    expected: int = 0


@dataclass(frozen=True)
class Figures:
    """What stands beside the cells: locked figures, the last period's, and those of a year ago."""

    locked: Mapping[Key, Figure]
    before: Mapping[Key, Figure]
    year_ago: Mapping[Key, Figure]

    def before_of(self, region_id: int) -> dict[str, int]:
        """The last period's figures of one region by cell."""
        return {key: figure.value for key, figure in self._before.get(region_id, {}).items()}

    def locked_of(self, region_id: int) -> dict[str, Figure]:
        """The locked figures of one region by cell."""
        return self._locked.get(region_id, {})

    @cached_property
    def _before(self) -> dict[int, dict[str, Figure]]:
        return _by_region(self.before)

    @cached_property
    def _locked(self) -> dict[int, dict[str, Figure]]:
        return _by_region(self.locked)


def _by_region(found: Mapping[Key, Figure]) -> dict[int, dict[str, Figure]]:
    regions: dict[int, dict[str, Figure]] = {}
    for (region_id, key), figure in found.items():
        regions.setdefault(region_id, {})[key] = figure
    return regions


def figures(
    actor: Actor,
    tree: RegionTree,
    lines: Sequence[Line],
    regions: Sequence[Region],
    period: Period,
    reports: Iterable[Report],
) -> Figures:
    """Everything known about the cells of these regions. For code that decided that the actor works on them.

    One read of the facts and one call of each feed, whatever the number of regions.
    """
    codes = {line.element for line in lines}
    ids = [region.pk for region in regions]
    before, year_ago = period.previous(), period.last_year()
    facts = store.read(tree.pk, None, codes, {period.key, before.key, year_ago.key}, ids)
    by_period: dict[str, dict[Key, tuple[Figure, int]]] = {}
    wanted = {(line.element, line.category): line.key for line in lines}
    for row in facts.rows():
        key = wanted.get((row.element, row.category))
        if key is not None and row.value is not None:
            figure = Figure(row.value, row.qualifier)
            by_period.setdefault(row.period, {})[(row.region_id, key)] = (figure, row.batch)
    locked = _given(by_period.get(period.key, {}), period, reports)
    below = [line for line in lines if line.kind == "below"]
    if below:
        locked |= _below(tree, below, regions, period)
    locked |= _fed(actor, tree, lines, ids, period)
    return Figures(
        locked,
        {key: figure for key, (figure, _) in by_period.get(before.key, {}).items()},
        {key: figure for key, (figure, _) in by_period.get(year_ago.key, {}).items()},
    )


def _given(
    present: Mapping[Key, tuple[Figure, int]], period: Period, reports: Iterable[Report]
) -> dict[Key, Figure]:
    """What stands as a fact already, unless it came from this very report."""
    own: dict[int, set[int]] = {report.region_id: set(report.batches) for report in reports}
    found: dict[Key, Figure] = {}
    for (region_id, key), (figure, batch) in present.items():
        if batch not in own.get(region_id, ()):
            link = fact_link(region_id, key, period)
            found[(region_id, key)] = Figure(figure.value, figure.qualifier, "given", link)
    return found


def fact_link(region_id: int, key: str, period: Period) -> str:
    """The page of one fact: who set it, when, from which file."""
    element, _, category = key.partition("|")
    query = {"region": region_id, "element": element, "period": period.key}
    if category:
        query["category"] = category
    return reverse("facts:history", query=query)


def _below(
    tree: RegionTree, lines: Sequence[Line], regions: Sequence[Region], period: Period
) -> dict[Key, Figure]:
    shape = engine_tree(SYSTEM, tree)
    facts = store.read(tree.pk, None, {line.element for line in lines}, {period.key})
    found: dict[Key, Figure] = {}
    for line in lines:
        rows = _cell(facts, line)
        at = shape.positions_of_ids(rows.region_id)
        rows, at = rows.where(at >= 0), at[at >= 0]
        for region in regions:
            place = int(shape.positions_of_ids(np.array([region.pk], dtype=np.int64))[0])
            if place < 0:
                continue
            here = (at > place) & (at <= int(shape.last[place]))
            children = int((shape.parent == place).sum())
            if here.any():
                exact = not rows.qualifier[here].any()
                found[(region.pk, line.key)] = Figure(
                    int(rows.value[here].sum()),
                    Qualifier.EXACT if exact else Qualifier.APPROX,
                    "below",
                    reverse(
                        "facts:browse",
                        query={
                            "tree": tree.slug,
                            "region": region.pk,
                            "element": line.element,
                            "period": period.key,
                        },
                    ),
                    int(here.sum()),
                    children,
                )
    return found


def _cell(facts: FactTable, line: Line) -> FactTable:
    chosen = facts.select([line.element])
    categories = np.array([text == line.category for text in chosen.categories], dtype=bool)
    return chosen.where(categories[chosen.category]) if len(chosen) else chosen


def _fed(
    actor: Actor, tree: RegionTree, lines: Sequence[Line], ids: Sequence[int], period: Period
) -> dict[Key, Figure]:
    wanted = {(line.element, line.category): line.key for line in lines if line.kind == "typed"}
    found: dict[Key, Figure] = {}
    for feed in feeds_for([line.element for line in lines]):
        with reading_as_system("a derived figure is the same for everybody who fills in the form"):
            known = feed.derive(actor, tree, ids, period)
        for (region_id, element, category), derived in known.items():
            key = wanted.get((element, category))
            if key is not None:
                found[(region_id, key)] = Figure(derived.value, derived.qualifier, "feed", derived.link)
    return found
