"""Targets as a table of indicators by places: what is asked of each, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import engine_tree, peer_groups
from jingtu.engine.catalogue.model import Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from jingtu.engine.targets import Asked, Requirements, TargetTable

from ..models import Target
from ..rules import TargetState
from ..visibility import visible
from .lists import table_for


@dataclass(frozen=True)
class Cell:
    """What is asked of one place: texts as readers see them; ``origin`` is place, group, level or catalogue."""

    region_id: int
    requirement: str
    red_line: str
    origin: str
    document: str
    target_id: int | None


@dataclass(frozen=True)
class Row:
    """One indicator over the places."""

    code: str
    name: str
    unit: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Grid:
    """Indicators by places for one period."""

    period: Period
    places: Sequence[tuple[int, str]]
    rows: Sequence[Row]
    total: int


def target_grid(
    actor: Actor,
    region: Region,
    level: str,
    period: Period,
    indicators: Sequence[str],
    *,
    only_targets: bool = False,
    start: int = 0,
    most: int = 20,
) -> Grid:
    """What is asked of the places of ``level`` inside a region. A constant number of queries.

    Only places over which the actor may read results. ``only_targets``: leave out indicators for which the
    catalogue alone decides.
    """
    catalogue = catalogue_of(in_force())
    tree = engine_tree(actor, region.tree)
    within = tree.position_of_id(region.pk)
    places = [
        place
        for place in tree.at_level(level, within).tolist()
        if actor.can(Permission.RESULTS_READ, int(tree.ids[place]))
        or actor.can(Permission.TARGETS_MANAGE, int(tree.ids[place]))
    ]
    codes = [code for code in indicators if code in catalogue.indicators]
    table = table_for(SYSTEM, region.tree, codes, [period])
    groups = {
        name: [int(tree.position_of_id(pk)) for pk in members]
        for name, members in peer_groups(actor, region.tree).items()
    }
    requirements = Requirements(table, tree, 0, groups)
    if only_targets:
        codes = [
            code for code in codes if any(_applies(requirements, code, period, place) for place in places)
        ]
    shown = codes[start : start + most]
    numbers = _numbers(actor, region, table)
    rows = [
        _row(
            catalogue.indicators[code],
            places,
            tree.ids.tolist(),
            requirements,
            period,
            numbers,
            actor.language,
        )
        for code in shown
    ]
    return Grid(period, [(int(tree.ids[place]), tree.names[place]) for place in places], rows, len(codes))


def _applies(requirements: Requirements, code: str, period: Period, place: int) -> bool:
    for what in ("requirement", "red_line"):
        marks = requirements.marks(code, period, what)
        if marks is not None and marks.at(place) is not None:
            return True
    return False


def _numbers(actor: Actor, region: Region, table: TargetTable) -> dict[str, int]:
    """The row behind each target of a table that the actor may open."""
    if not len(table):
        return {}
    rows = Target.objects.filter(
        visible(actor),
        tree=region.tree,
        state=TargetState.IN_FORCE,
        indicator__in={t.indicator for t in table},
    ).select_related("region")
    return {str(row.as_target().plain()): row.pk for row in rows}


def _row(
    indicator: Indicator,
    places: Sequence[int],
    ids: Sequence[int],
    requirements: Requirements,
    period: Period,
    numbers: dict[str, int],
    language: Language,
) -> Row:
    unit = indicator.unit_name(language)

    def said(threshold: Threshold | None) -> str:
        return "" if threshold is None else threshold.label(unit, language)

    cells = []
    for place in places:
        found = {}
        asked: tuple[Asked, Asked] = ("requirement", "red_line")
        for what in asked:
            marks = requirements.marks(indicator.code, period, what)
            found[what] = None if marks is None else marks.at(place)
        decisive = found["requirement"] or found["red_line"]
        cells.append(
            Cell(
                int(ids[place]),
                said(found["requirement"].requirement if found["requirement"] else indicator.target),
                said(found["red_line"].red_line if found["red_line"] else indicator.red_line),
                decisive.scope if decisive else "catalogue",
                decisive.document if decisive else "",
                numbers.get(str(decisive.plain())) if decisive else None,
            )
        )
    return Row(indicator.code, indicator.name(language), unit, cells)
