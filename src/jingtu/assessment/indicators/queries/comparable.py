"""An indicator's earlier periods on today's tree: mergers added up, splits left open where they cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.facts import store as facts_store
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.comparable import comparable_tree, successions_of
from jingtu.core.regions.models import Region, RegionChange, RegionSuccession
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView

from .values import Point, definition_of, point_of


@dataclass(frozen=True)
class Comparable:
    """The series on today's tree and, in sentences, what was added up or left open, and why."""

    points: Sequence[Point]
    notes: Sequence[str]


def redrawn(actor: Actor, region: Region) -> list[RegionSuccession]:
    """The mergers into the region or below it, and the splits it came from or that took from it."""
    gone = successions_of(actor, region.tree)
    if not gone:
        return []
    shape = comparable_tree(actor, region.tree, gone)
    at = shape.position_of_id(region.pk) if region.position is not None else None
    if at is None:
        return []
    here = set(shape.ids[shape.subtree(at)].tolist())
    return [
        step
        for step in gone
        if (step.change.kind == RegionChange.Kind.MERGE and step.from_region_id in here)
        or (
            step.change.kind == RegionChange.Kind.SPLIT
            and region.pk in (step.from_region_id, step.to_region_id)
        )
    ]


def comparable_series(
    actor: Actor, indicator: str, region: Region, points: Sequence[Point], steps: Sequence[RegionSuccession]
) -> Comparable:
    """``points``, the region's series, with the periods before ``steps`` made comparable.

    Only for who reads figures, exact ones too, of the region and of all it came from: beside the plain series
    a sum tells its parts.
    """
    if not all(_may_read(actor, source) for source in (region, *(step.from_region for step in steps))):
        return Comparable(points, [_("可比序列只给能查看全部原区划准确数据的岗位。")])
    mergers = [step for step in steps if step.change.kind == RegionChange.Kind.MERGE]
    splits = [step for step in steps if step.change.kind == RegionChange.Kind.SPLIT]
    catalogue = catalogue_of(in_force())
    definition = definition_of(catalogue, indicator)
    notes = [_merged(step) for step in mergers]
    found = list(points)
    if mergers:
        until = max(step.change.date for step in mergers)
        shape = comparable_tree(actor, region.tree, successions_of(actor, region.tree))
        facts = facts_store.read(region.tree_id)
        evaluator = Evaluator(FactView(shape, facts, catalogue.elements, shape.position_of_id(region.pk)))
        found = [
            point_of(evaluator.indicator(definition, period), 0, None, actor.language)
            if (period := Period.parse(point.period)).start < until
            else point
            for point in found
        ]
    for step in splits:
        open_before = _own_figures(step)
        notes.append(_split(step, open_before))
        if open_before:
            found = [_left_open(point, step.change.date) for point in found]
    return Comparable(found, list(dict.fromkeys(notes)))


def _may_read(actor: Actor, region: Region) -> bool:
    """Whether the actor reads exact figures there; of an ended region, where it lay when it ended."""
    at: Region | None = region
    while at is not None and at.valid_to is not None:
        at = at.parent
    return at is not None and all(
        actor.can(permission, at.pk) for permission in (Permission.FACTS_READ, Permission.SMALL_CELLS_READ)
    )


def _own_figures(step: RegionSuccession) -> bool:
    """Whether the region that was split had figures of its own, which no part can claim."""
    own = facts_store.read(step.change.tree_id, None, None, None, [step.from_region_id])
    return any(Period.parse(key).start < step.change.date for key in own.period_keys)


def _left_open(point: Point, day: date) -> Point:
    if Period.parse(point.period).start >= day:
        return point
    return replace(point, value=None, state="missing", numerator=None, denominator=None)


def _merged(step: RegionSuccession) -> str:
    return _(
        "%(day)s，%(old)s并入%(new)s：此前各期的流量和存量为各原区划之和，须单独填报的数不相加。%(document)s"
    ) % {
        "day": step.change.date.isoformat(),
        "old": step.from_region.name,
        "new": step.to_region.name,
        "document": step.change.document,
    }


def _split(step: RegionSuccession, open_before: bool) -> str:
    told = {
        "day": step.change.date.isoformat(),
        "old": step.from_region.name,
        "new": step.to_region.name,
        "document": step.change.document,
    }
    if not open_before:
        return _("%(day)s，%(new)s由%(old)s分出：此前各期的数据在下级，随下级归属，可比。%(document)s") % told
    return (
        _("%(day)s，%(new)s由%(old)s分出：此前各期的数据报在%(old)s，不能分到各部分，留空。%(document)s")
        % told
    )
