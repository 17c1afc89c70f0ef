"""One indicator by place and period: every county of a province over twelve months in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jingtu.core.facts import store as facts_store
from jingtu.core.facts.disclosure import decision
from jingtu.core.facts.rolled import LevelView
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.periods import Period
from jingtu.engine.problems import refuse

from ..guard import CellGuard
from ..store import catalogue_of, in_force
from .values import Point, definition_of, periods_until, point_of

MOST_POINTS = 50_000


@dataclass(frozen=True)
class PlaceSeries:
    """One place and its values, period by period."""

    region_id: int
    code: str
    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class IndicatorTable:
    """Places in the order of the tree, periods from the oldest on."""

    periods: Sequence[Period]
    places: Sequence[PlaceSeries]


def table(
    actor: Actor, indicator: str, region: Region, level: str, cadence: str, n: int, until: Period
) -> IndicatorTable:
    """The indicator of every place of a level inside a region for the ``n`` periods of a cadence up to ``until``,
    computed from the facts in force. A constant number of queries.

    Raises PermissionDenied without FACTS_READ over the region, NotFound for an unknown indicator, InvalidInput
    when the level does not occur there or the table would be too large to be one answer.
    """
    if not actor.can(Permission.FACTS_READ, region.pk):
        raise PermissionDenied(Permission.FACTS_READ)
    if region.position is None:
        raise NotFound(region.pk, "region")
    catalogue = catalogue_of(in_force())
    definition = definition_of(catalogue, indicator)
    tree = engine_tree(actor, region.tree)
    batches = facts_store.state(region.tree_id)
    view = LevelView(
        tree,
        facts_store.standing(region.tree_id, batches),
        catalogue.elements,
        level,
        region.position,
    )
    periods = periods_until(cadence, n, until)
    if not view.size:
        raise refuse("indicators.no_such_level", column="level", level=level, region=region.name)
    if view.size * len(periods) > MOST_POINTS:
        raise refuse(
            "indicators.table_too_large",
            column="level",
            places=view.size,
            periods=len(periods),
            limit=MOST_POINTS,
        )
    guard = None
    if not actor.can(Permission.SMALL_CELLS_READ, region.pk):
        ids = tree.ids[view.positions]
        guard = CellGuard(ids, catalogue, decision(region.tree, batches=batches))
    evaluator = Evaluator(view)
    columns = [evaluator.indicator(definition, period) for period in periods]
    return IndicatorTable(
        periods,
        [
            PlaceSeries(
                int(tree.ids[position]),
                tree.codes[position],
                tree.names[position],
                [point_of(values, place, guard, actor.language) for values in columns],
            )
            for place, position in enumerate(view.positions.tolist())
        ],
    )
