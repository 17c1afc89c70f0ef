"""An indicator's earlier periods on today's tree: mergers added up, splits divided where their document says how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.facts import store as facts_store
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.comparable import Redrawing, comparable_tree, redrawings, successions_of
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue import Indicator
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView
from jingtu.engine.succession import Divided, Merged, divided

from .values import Point, definition_of, point_of, with_coverage


@dataclass(frozen=True)
class Comparable:
    """The series on today's tree and, in sentences, what was added up, estimated or left open, and why."""

    points: Sequence[Point]
    notes: Sequence[str]


def redrawn(actor: Actor, region: Region) -> list[Redrawing]:
    """What made the region out of others; see :func:`jingtu.core.regions.comparable.redrawings`."""
    return redrawings(actor, region)


def comparable_series(
    actor: Actor, indicator: str, region: Region, points: Sequence[Point], steps: Sequence[Redrawing]
) -> Comparable:
    """``points``, the region's series, with the periods before ``steps`` made comparable.

    A split whose document states the shares divides what was reported for the whole: an estimate, marked as one,
    for reading only. Only for who reads figures, exact ones too, of the region and of all it came from: beside the
    plain series a sum tells its parts.
    """
    sources = {one.from_region_id: one.from_region for step in steps for one in step.steps}
    if not all(_may_read(actor, source) for source in (region, *sources.values())):
        return Comparable(points, [_("可比序列只给能查看全部原区划准确数据的岗位。")])
    catalogue = catalogue_of(in_force())
    definition = definition_of(catalogue, indicator)
    shape = comparable_tree(actor, region.tree, successions_of(actor, region.tree))
    here = shape.position_of_id(region.pk)
    stated = facts_store.read(region.tree_id)
    facts, made = divided(stated, catalogue.elements, _divisions(steps))
    made = made.where(np.isin(made.region_id, shape.ids[shape.subtree(here)]))
    view = FactView(shape, facts, catalogue.elements, here)
    evaluator = Evaluator(view)
    found = []
    for period in (Period.parse(point.period) for point in points):
        point = point_of(evaluator.indicator(definition, period), 0, None, actor.language)
        estimated = _rests_on(evaluator, definition, period, made)
        point = with_coverage(point, view, evaluator, definition, period)
        found.append(replace(point, estimated=estimated))
    notes: list[str] = []
    for step in steps:
        own = step.is_split and step.crosses and _own_figures(stated, step)
        if own and step.shares() is None:
            found = [_left_open(point, step.change.date) for point in found]
        notes += _told(step, own)
    return Comparable(found, list(dict.fromkeys(notes)))


def _divisions(steps: Sequence[Redrawing]) -> Iterator[Merged | Divided]:
    for step in steps:
        day = step.change.date
        if not step.is_split:
            yield from (Merged(day, one.from_region_id, one.to_region_id) for one in step.steps)
            continue
        shares = step.shares() if step.crosses else None
        if shares is not None:
            yield Divided(day, step.source.pk, shares)


def _rests_on(evaluator: Evaluator, definition: Indicator, period: Period, made: FactTable) -> bool:
    """Whether a value rests on divided figures."""
    known = {
        (made.element_codes[element], made.periods[place])
        for element, place in set(zip(made.element.tolist(), made.period.tolist(), strict=True))
    }
    return any(
        code == reference.code and own.overlaps(asked)
        for reference, _kind, asked in evaluator.readings(definition.formula, period)
        for code, own in known
    )


def _may_read(actor: Actor, region: Region) -> bool:
    """Whether the actor reads exact figures there; of an ended region, where it lay when it ended."""
    at: Region | None = region
    while at is not None and at.valid_to is not None:
        at = at.parent
    return at is not None and all(
        actor.can(permission, at.pk) for permission in (Permission.FACTS_READ, Permission.SMALL_CELLS_READ)
    )


def _own_figures(stated: FactTable, step: Redrawing) -> bool:
    """Whether the region that was split had figures of its own, which belong to no part."""
    of_source = stated.select(region_ids=[step.source.pk])
    return any(of_source.periods[place].start < step.change.date for place in set(of_source.period.tolist()))


def _left_open(point: Point, day: date) -> Point:
    if Period.parse(point.period).start >= day:
        return point
    return replace(point, value=None, state="missing", numerator=None, denominator=None, estimated=False)


def _told(step: Redrawing, own: bool) -> Iterator[str]:
    """What was done about a merger or split, a sentence for each region; ``own``: the one that was split had figures
    of its own."""
    shares = step.shares() if step.is_split else None
    for one in step.steps:
        told = {
            "day": step.change.date.isoformat(),
            "old": one.from_region.name,
            "new": one.to_region.name,
            "document": step.change.document,
            "share": _percent(shares[one.to_region_id]) if shares else "",
        }
        if not step.is_split:
            yield (
                _(
                    "%(day)s，%(old)s并入%(new)s：此前各期的流量和存量为各原区划之和，须单独填报的数不相加。%(document)s"
                )
                % told
            )
        elif not step.crosses:
            yield _("%(day)s，%(new)s由%(old)s分出，都在本区划之内：此前各期照旧相加。%(document)s") % told
        elif not own:
            yield (
                _("%(day)s，%(new)s由%(old)s分出：此前各期的数据在下级，随下级归属，可比。%(document)s")
                % told
            )
        elif shares:
            yield (
                _(
                    "%(day)s，%(new)s由%(old)s分出：此前报在%(old)s的数，按文件载明的比例把%(share)s%%分给%(new)s，是估算值，"
                    "只供对照，不用于排名和发布；须单独填报的数不分。%(document)s"
                )
                % told
            )
        else:
            yield (
                _(
                    "%(day)s，%(new)s由%(old)s分出：此前各期的数据报在%(old)s，不能分到各部分，留空。%(document)s"
                )
                % told
            )


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.2f}".rstrip("0").rstrip(".")
