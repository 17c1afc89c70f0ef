"""Trajectories by file: one a row, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.facts.importing.tables import read_table_by_roles
from jingtu.core.files.services import receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied, Problem
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.problems import refuse
from jingtu.engine.targetfile import TargetReader, Way, way_roles

from ..models import Trajectory
from .importing import ACCEPTED, PURPOSE
from .trajectories import TrajectoryData, milestone_of, set_trajectory


def import_trajectories(
    actor: Actor, tree: RegionTree, blocks: Iterable[bytes], name: str
) -> list[Trajectory]:
    """Set every trajectory of a table; where one stands already, its next version. Raises InvalidInput with
    everything wrong in the file, row by row; then none is set."""
    if not actor.can(Permission.TARGETS_MANAGE):
        raise PermissionDenied(Permission.TARGETS_MANAGE)
    table = read_table_by_roles(receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED), way_roles)
    reader = TargetReader(engine_tree(SYSTEM, tree), catalogue_of(in_force()), {})
    problems = list(table.problems)
    first: dict[tuple[str, tuple[str, str]], int] = {}
    made: list[Trajectory] = []
    with transaction.atomic():
        for number, said in table.rows:
            way, wrong = reader.read_way(said)
            if way is not None and (key := (way.indicator, way.region)) in first:
                wrong.append(Problem("targets.twice", {"first": first[key]}, column="region"))
            elif way is not None:
                first[key] = number
                try:
                    made.append(_set(actor, tree, way, said))
                except InvalidInput as refused:
                    wrong += refused.problems
            problems += [problem.at(row=number, column=table.column(problem.column)) for problem in wrong]
        if problems:
            raise InvalidInput(problems)
        if not made:
            raise refuse("targets.no_rows")
    return made


def _set(actor: Actor, tree: RegionTree, way: Way, said: dict[str, str]) -> Trajectory:
    level, code = way.region
    region = Region.objects.get(tree=tree, level=level, code=code, position__isnull=False)
    if not actor.can(Permission.TARGETS_MANAGE, region.pk):
        raise refuse("targets.not_yours", column="region", region=said["region"])
    return set_trajectory(
        actor,
        region,
        TrajectoryData(
            indicator=way.indicator,
            name_zh=way.name[:128],
            name_en=way.name_en[:128],
            base_period=way.base_period.key,
            base_value=way.base_value,
            milestones=[milestone_of(period, value, name[:128]) for period, value, name in way.milestones],
            tolerance=way.tolerance,
            cadence=way.base_period.kind.value,
            document=way.document[:255],
            reason=way.reason,
        ),
    )
