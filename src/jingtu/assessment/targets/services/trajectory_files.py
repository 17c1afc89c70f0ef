"""Trajectories by file: one a row, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.facts.importing.tables import Table, read_table_by_roles
from jingtu.core.files.services import receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied, Problem
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.problems import refuse
from jingtu.engine.trajectoryfile import Way, WayReader, way_roles

from ..models import Trajectory
from .importing import ACCEPTED, PURPOSE
from .trajectories import TrajectoryData, milestone_of, set_if_new, trajectory_problems

MOST_ROWS = 500
"""Trajectories of one file: whoever else writes waits while they are set."""


def import_trajectories(
    actor: Actor, tree: RegionTree, blocks: Iterable[bytes], name: str
) -> list[Trajectory]:
    """Set every trajectory of a table; where another stands already, its next version. Raises InvalidInput with
    everything wrong in the file, row by row; then none is set."""
    if not actor.can(Permission.TARGETS_MANAGE):
        raise PermissionDenied(Permission.TARGETS_MANAGE)
    table = read_table_by_roles(receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED), way_roles)
    if len(table.rows) > MOST_ROWS:
        raise refuse("targets.too_many_rows", most=MOST_ROWS, count=len(table.rows))
    wanted = _checked(actor, tree, table)
    with transaction.atomic():
        stored = [set_if_new(actor, region, data) for region, data in wanted]
    made = [one for one in stored if one is not None]
    if not made:
        raise refuse("targets.nothing_new")
    return made


def _checked(actor: Actor, tree: RegionTree, table: Table) -> list[tuple[Region, TrajectoryData]]:
    """Every row understood and allowed, or InvalidInput with all that is wrong."""
    catalogue = catalogue_of(in_force())
    reader = WayReader(engine_tree(SYSTEM, tree), catalogue)
    places = reader.tree
    problems = list(table.problems)
    first: dict[tuple[str, tuple[str, str]], int] = {}
    wanted: list[tuple[int, TrajectoryData]] = []
    for number, said in table.rows:
        way, wrong = reader.read(said)
        if way is not None:
            earlier = first.setdefault((way.indicator, way.region), number)
            level, code = way.region
            region_id, data = int(places.ids[places.position(code, level)]), _data(way)
            if earlier != number:
                wrong.append(Problem("targets.twice", {"first": earlier}, column="region"))
            if not actor.can(Permission.TARGETS_MANAGE, region_id):
                wrong.append(Problem("targets.not_yours", {"region": said["region"]}, column="region"))
            wrong += trajectory_problems(catalogue, data)
            wanted.append((region_id, data))
        problems += [problem.at(row=number, column=_header(table, problem)) for problem in wrong]
    if problems:
        raise InvalidInput(problems)
    if not wanted:
        raise refuse("targets.no_rows")
    regions = Region.objects.in_bulk([region_id for region_id, _ in wanted])
    return [(regions[region_id], data) for region_id, data in wanted]


def _header(table: Table, problem: Problem) -> str | None:
    return table.column("name" if problem.column == "name_zh" else problem.column)


def _data(way: Way) -> TrajectoryData:
    return TrajectoryData(
        indicator=way.indicator,
        name_zh=way.name,
        name_en=way.name_en,
        base_period=way.base_period.key,
        base_value=way.base_value,
        milestones=[milestone_of(period, value, name) for period, value, name in way.milestones],
        tolerance=way.tolerance,
        cadence=way.base_period.kind.value,
        document=way.document,
        reason=way.reason,
    )
