"""Values of indicators over periods and places, computed now from the facts in force.

Everything here is draft-like: it needs FACTS_READ over the region asked for. Values of siblings come
from published runs (``runs.queries``), never from here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from jingtu.assessment.indicators.guard import CellGuard
from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.facts import store as facts_store
from jingtu.core.facts.disclosure import decision
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.catalogue import Catalogue, Indicator
from jingtu.engine.evaluate import Evaluator, IndicatorValues
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from jingtu.engine.rational import MISSING, NOT_APPLICABLE, STATE_NAMES, BoolArray, Rational
from jingtu.engine.rollup import ElementValues, FactView
from jingtu.engine.tree import RegionTree as EngineTree

LONGEST_SERIES = 60
KEPT_VIEWS = 8


@dataclass(frozen=True)
class Point:
    """An indicator of one place in one period. ``value`` is rounded to the indicator's decimals, None
    with the reason in ``state`` (ok, missing, not_applicable, below_minimum, suppressed). ``estimated``: it rests on
    figures of a region that was split, divided by the shares of its document. ``read`` of ``due`` regions gave all
    that the value rests on, which may be several months and other periods. ``lacking``: the months of which nobody
    stated a figure that the value adds up; it holds the other months only."""

    period: str
    label: str
    value: Decimal | None
    state: str
    qualifier: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    parts_hidden: bool = False
    reported: int = 0
    expected: int = 0
    estimated: bool = False
    read: int = 0
    due: int = 0
    lacking: tuple[Period, ...] = ()


@dataclass(frozen=True)
class ChildPoint:
    """The value of one place among its siblings."""

    region_id: int
    name: str
    point: Point


@dataclass(frozen=True, eq=False)
class Cube:
    """Facts in force of one subtree, ready to be evaluated; results are kept inside, never changed."""

    tree: EngineTree
    view: FactView
    evaluator: Evaluator
    catalogue: Catalogue
    batches: tuple[tuple[int, str], ...]


def cube(actor: Actor, region: Region) -> Cube:
    """The facts in force below a region with the definitions in force. Three reads, then from memory.

    Raises PermissionDenied without FACTS_READ over the region.
    """
    if not actor.can(Permission.FACTS_READ, region.pk):
        raise PermissionDenied(Permission.FACTS_READ)
    version = in_force()
    tree = region.tree
    batches = facts_store.state(tree.pk)
    key = (tree.pk, tree.fingerprint, batches, version.digest, region.pk)
    return _cubes.get(key, lambda: _build(actor, region, catalogue_of(version), batches))


def _build(actor: Actor, region: Region, catalogue: Catalogue, batches: tuple[tuple[int, str], ...]) -> Cube:
    engine = engine_tree(actor, region.tree)
    view = FactView(
        engine, facts_store.read(region.tree_id), catalogue.elements, engine.position_of_id(region.pk)
    )
    return Cube(engine, view, Evaluator(view), catalogue, batches)


def series(actor: Actor, indicator: str, region: Region, cadence: str, n: int, until: Period) -> list[Point]:
    """The indicator of a region for the ``n`` periods of a cadence up to ``until``, oldest first."""
    found = cube(actor, region)
    definition = definition_of(found.catalogue, indicator)
    guard = guard_of(actor, found, region)
    points = []
    for period in periods_until(cadence, n, until):
        point = point_of(found.evaluator.indicator(definition, period), 0, guard, actor.language)
        point = with_coverage(point, found.view, found.evaluator, definition, period)
        points.append(_before_it_stood(region, period, point))
    return points


class _Reading(NamedTuple):
    """A figure the indicator rests on: its period, what is rolled up, and which months each place stated."""

    asked: Period
    values: ElementValues
    months: BoolArray


def with_coverage(
    point: Point, view: FactView, evaluator: Evaluator, definition: Indicator, period: Period
) -> Point:
    """The point with how many gave all that it rests on, and the months of which nobody stated anything."""
    readings = _readings(view, evaluator, definition, period)
    read, due = _read_whole(readings)
    return replace(point, read=read, due=due, lacking=_lacking(readings))


def lacking_months(
    view: FactView, evaluator: Evaluator, definition: Indicator, period: Period
) -> tuple[Period, ...]:
    """The months of which nobody stated a figure that the indicator adds up over time, the earliest first."""
    return _lacking(_readings(view, evaluator, definition, period))


def _readings(view: FactView, evaluator: Evaluator, definition: Indicator, period: Period) -> list[_Reading]:
    return [
        _Reading(
            asked,
            view.values(reference.code, asked, reference.selection, kind),
            view.months_known(reference.code, asked, reference.selection, kind),
        )
        for reference, kind, asked in evaluator.readings(definition.formula, period)
    ]


def _read_whole(readings: Sequence[_Reading]) -> tuple[int, int]:
    """(regions that gave all of it, regions expected) below the view's own region, of the least covered figure the
    indicator rests on: every month of what adds up over time, and the other periods its formula looks at."""
    least = (0, 0)
    for _asked, values, months in readings:
        read = int(months.all(axis=1).sum()) if months.shape[1] else int(values.reported[0])
        due = int(values.expected[0])
        if due and (not least[1] or read * least[1] < least[0] * due):
            least = read, due
    return least


def _lacking(readings: Sequence[_Reading]) -> tuple[Period, ...]:
    found: set[Period] = set()
    for asked, _values, months in readings:
        known = months.any(axis=0)
        if known.any() and not known.all():
            found.update(asked.months[at] for at in np.flatnonzero(~known))
    return tuple(sorted(found))


def _before_it_stood(region: Region, period: Period, point: Point) -> Point:
    """Nothing is missing of a place that there was not yet: nobody owed its figures."""
    if region.valid_from is None or period.end >= region.valid_from or point.state != STATE_NAMES[MISSING]:
        return point
    return replace(point, state=STATE_NAMES[NOT_APPLICABLE], reported=0, expected=0)


def compare(
    actor: Actor, indicator: str, regions: Sequence[Region], cadence: str, n: int, until: Period
) -> dict[int, list[Point]]:
    """The same series for several regions, by own id; each must be within the actor's reach."""
    return {region.pk: series(actor, indicator, region, cadence, n, until) for region in regions}


def distribution(actor: Actor, indicator: str, region: Region, period: Period) -> list[ChildPoint]:
    """The indicator of every child of a region in a period, in the order of the tree."""
    found = cube(actor, region)
    values = found.evaluator.indicator(definition_of(found.catalogue, indicator), period)
    guard = guard_of(actor, found, region)
    here = found.tree.position_of_id(region.pk)
    return [
        ChildPoint(
            int(found.tree.ids[child]),
            found.tree.names[child],
            point_of(values, int(child) - here, guard, actor.language),
        )
        for child in found.tree.children(here)
    ]


def definition_of(catalogue: Catalogue, code: str) -> Indicator:
    """The indicator of that code. Raises NotFound."""
    indicator = catalogue.indicators.get(code)
    if indicator is None:
        raise NotFound(code, "definition")
    return indicator


def periods_until(cadence: str, n: int, until: Period) -> list[Period]:
    """The ``n`` periods of a cadence up to ``until``, the oldest first."""
    last = until if until.kind == cadence else Period.of(cadence, until.end)
    periods = [last]
    while len(periods) < min(max(n, 1), LONGEST_SERIES):
        periods.append(periods[-1].previous())
    return periods[::-1]


def guard_of(actor: Actor, found: Cube, region: Region) -> CellGuard | None:
    """What the actor does not see of a cube because counts are small; None for who sees everything.

    A few small queries.
    """
    if actor.can(Permission.SMALL_CELLS_READ, region.pk):
        return None
    ids = found.tree.ids[found.view.base : found.view.base + found.view.size]
    return CellGuard(ids, found.catalogue, decision(region.tree, batches=found.batches))


def point_of(values: IndicatorValues, place: int, guard: CellGuard | None, language: Language) -> Point:
    """The value at a place of the cube, hidden where the guard hides it."""
    period = values.period
    shown = guard is None or not guard.hidden(values.indicator.code, period)[place]
    text = values.text(place) if shown else None
    return Point(
        period=period.key,
        label=period.label(language),
        value=Decimal(text) if text is not None else None,
        state=STATE_NAMES[int(values.exact.state[place])] if shown else "suppressed",
        qualifier=values.qualifier_at(place).value,
        numerator=_part(values.numerator, place) if shown else None,
        denominator=_part(values.denominator, place) if shown else None,
        parts_hidden=not shown,
        reported=int(values.reported[place]),
        expected=int(values.expected[place]),
    )


def _part(part: Rational | None, place: int) -> Decimal | None:
    fraction = part.fraction(place) if part is not None else None
    return None if fraction is None else Decimal(fraction.numerator) / Decimal(fraction.denominator)


class _Cubes:
    """Built cubes by everything they rest on, so an entry can never be stale."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[object, ...], Cube] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], build: Callable[[], Cube]) -> Cube:
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                return found
        built = build()
        with self._lock:
            self._entries[key] = built
            while len(self._entries) > KEPT_VIEWS:
                self._entries.popitem(last=False)
        return built


_cubes = _Cubes()
