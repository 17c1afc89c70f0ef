"""Trajectories: each change is a new version; what holds is always the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unprintable, unseen_problem
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied, Problem
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue.model import Catalogue
from jingtu.engine.periods import Period
from jingtu.engine.targetfile import LONGEST_DOCUMENT

from ..models import Milestone, Trajectory
from ..rules import reason_problem
from .proposing import queue_up

LONGEST_NAME = 128


@dataclass(frozen=True)
class MilestoneData:
    """A value to be reached by the end of a period."""

    period: str
    value: Decimal
    name_zh: str = ""
    name_en: str = ""
    turning: bool = False


def milestone_of(period: str, value: Decimal, name: str) -> MilestoneData:
    """A milestone as people write it: one whose name speaks of the turning point is when it should have turned."""
    return MilestoneData(period, value, name, turning="拐点" in name or "turning" in name.lower())


@dataclass(frozen=True)
class TrajectoryData:
    """What a trajectory says; periods as people write them."""

    indicator: str
    name_zh: str
    base_period: str
    base_value: Decimal
    milestones: Sequence[MilestoneData]
    interpolation: str = "linear"
    tolerance: Decimal = Decimal(0)
    cadence: str = "year"
    name_en: str = ""
    turning_wrong_way: int = 2
    turning_right_way: int = 2
    turning_noise: Decimal = Decimal(0)
    document: str = ""
    reason: str = field(default="")


def trajectory_problems(catalogue: Catalogue, data: TrajectoryData) -> list[Problem]:
    """What keeps a trajectory from being set; its periods are such already."""
    definition = catalogue.indicators.get(data.indicator)
    problems = [problem for problem in (reason_problem(data.reason),) if problem is not None]
    if definition is None:
        problems.append(Problem("targets.unknown_code", {"code": data.indicator}, column="indicator"))
    elif definition.direction == "none":
        problems.append(Problem("targets.describes_only", {"code": data.indicator}, column="indicator"))
    points = _in_order(data)
    if not points:
        problems.append(Problem("targets.no_milestones", column="milestones"))
    days = [Period.parse(data.base_period).end, *(period.end for period, _ in points)]
    if len(set(days)) != len(days) or days != sorted(days):
        problems.append(Problem("targets.milestones", column="milestones"))
    texts = {"document": data.document, "reason": data.reason}
    milestones = [name for one in data.milestones for name in (one.name_zh, one.name_en)]
    names = {"name_zh": [data.name_zh], "name_en": [data.name_en], "milestones": milestones}
    lengths = (
        ("name_zh", LONGEST_NAME, [data.name_zh]),
        ("name_en", LONGEST_NAME, [data.name_en]),
        ("milestones", LONGEST_NAME, milestones),
        ("document", LONGEST_DOCUMENT, [data.document]),
    )
    problems += [
        Problem("targets.too_long", {"most": most}, column=column)
        for column, most, told in lengths
        if any(len(text) > most for text in told)
    ]
    if data.tolerance < 0:
        problems.append(Problem("targets.negative", column="tolerance"))
    unseen = (unseen_problem(column, *told) for column, told in names.items())
    problems += [problem for problem in unseen if problem is not None]
    problems += [
        Problem("targets.unprintable", column=name) for name, text in texts.items() if unprintable(text)
    ]
    return problems


def _in_order(data: TrajectoryData) -> list[tuple[Period, MilestoneData]]:
    return sorted(((Period.parse(one.period), one) for one in data.milestones), key=lambda pair: pair[0].end)


def set_trajectory(actor: Actor, region: Region, data: TrajectoryData) -> Trajectory:
    """A new version of the trajectory of an indicator for a place; the one before stays readable.

    Raises PermissionDenied without TARGETS_MANAGE over the region, InvalidInput for what makes no sense and for
    what equals the version in force.
    """
    made = set_if_new(actor, region, data)
    if made is None:
        raise InvalidInput([Problem("targets.nothing_new")])
    return made


def set_if_new(actor: Actor, region: Region, data: TrajectoryData) -> Trajectory | None:
    """Like :func:`set_trajectory`; None, and nothing written, for what equals the version in force."""
    if not actor.can(Permission.TARGETS_MANAGE, region.pk):
        raise PermissionDenied(Permission.TARGETS_MANAGE)
    catalogue = catalogue_of(in_force())
    problems = trajectory_problems(catalogue, data)
    if problems:
        raise InvalidInput(problems)
    base, points = Period.parse(data.base_period), _in_order(data)
    content = {
        "name_zh": data.name_zh.strip(),
        "name_en": data.name_en.strip(),
        "better": catalogue.indicators[data.indicator].direction,
        "base_period": base.key,
        "base_value": data.base_value,
        "interpolation": data.interpolation,
        "tolerance": data.tolerance,
        "cadence": data.cadence,
        "turning_wrong_way": data.turning_wrong_way,
        "turning_right_way": data.turning_right_way,
        "turning_noise": data.turning_noise,
        "document": data.document.strip(),
    }
    with transaction.atomic():
        queue_up(region.tree_id)
        earlier = list(
            Trajectory.objects.select_for_update()
            .filter(region=region, indicator=data.indicator)
            .order_by("version")
        )
        if any(one.in_force and _says(one, content, points) for one in earlier):
            return None
        Trajectory.objects.filter(pk__in=[one.pk for one in earlier], in_force=True).update(in_force=False)
        made = Trajectory.objects.create(
            tree_id=region.tree_id,
            region=region,
            indicator=data.indicator,
            **content,
            version=max((one.version for one in earlier), default=0) + 1,
            reason=data.reason.strip(),
            set_by_id=user_id_of(actor),
            set_at=now(),
        )
        Milestone.objects.bulk_create(
            Milestone(
                trajectory=made,
                period=period.key,
                day=period.end,
                value=one.value,
                name_zh=one.name_zh,
                name_en=one.name_en,
                turning=one.turning,
            )
            for period, one in points
        )
        _written(
            actor,
            "targets.trajectory_set",
            made,
            {
                "version": made.version,
                "base": f"{base.key} {data.base_value}",
                "milestones": "; ".join(f"{period.key} {one.value}" for period, one in points),
            },
        )
    return made


def _says(one: Trajectory, content: dict[str, Any], points: Sequence[tuple[Period, MilestoneData]]) -> bool:
    """Whether a version says just that."""
    told = [(m.period, m.value, m.name_zh, m.name_en, m.turning) for m in one.milestones.all()]
    asked = [(period.key, m.value, m.name_zh, m.name_en, m.turning) for period, m in points]
    return told == asked and all(getattr(one, name) == value for name, value in content.items())


def retire_trajectory(actor: Actor, trajectory_id: int, reason: str) -> Trajectory:
    """Take a trajectory out of use; it stays readable with all its versions."""
    with transaction.atomic():
        found = Trajectory.objects.select_for_update().filter(pk=trajectory_id, in_force=True).first()
        if found is None:
            raise NotFound(trajectory_id, "trajectory")
        if not actor.can(Permission.TARGETS_MANAGE, found.region_id):
            raise PermissionDenied(Permission.TARGETS_MANAGE)
        problem = reason_problem(reason)
        if problem is not None:
            raise InvalidInput([problem])
        found.in_force = False
        found.save(update_fields=["in_force"])
        _written(actor, "targets.trajectory_retired", found, {"version": found.version}, reason)
    return found


def _written(
    actor: Actor, action: str, trajectory: Trajectory, after: dict[str, object], reason: str = ""
) -> None:
    record(
        actor,
        action,
        target_type="trajectory",
        target_id=trajectory.pk,
        region_id=trajectory.region_id,
        after=after,
        reason=reason or trajectory.reason,
    )
