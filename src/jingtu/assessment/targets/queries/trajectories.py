"""Trajectories held against the figures in force: what was asked, what came, whether it has turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from django.db.models import QuerySet

from jingtu.assessment.indicators.queries import Cube, cube, guard_of
from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.catalogue.model import Indicator
from jingtu.engine.evaluate import IndicatorValues, parts_of, references
from jingtu.engine.formula import Call
from jingtu.engine.intervals import poisson_bounds, wilson_bounds
from jingtu.engine.periods import Period
from jingtu.engine.rational import shown
from jingtu.engine.trajectory import Observation, Progress, Turning, find_turning

from ..models import Milestone, Trajectory
from ..visibility import visible

MOST_PERIODS = 40


@dataclass(frozen=True)
class Point:
    """One period of the series beside what the trajectory asks at its end."""

    period: Period
    label: str
    value: Decimal | None
    asked: Decimal | None
    progress: Progress
    hidden: bool = False
    base: bool = False
    running: bool = False

    @property
    def standing(self) -> str:
        """Where the value stands. The base is where the way begins, and what a period has brought so far says
        nothing yet of the whole of it."""
        if self.base:
            return "base"
        return "running" if self.running and self.value is not None else self.progress.standing


@dataclass(frozen=True)
class TrajectoryPage:
    """A trajectory with its series. ``points`` is empty for those who may not read figures of the place;
    ``latest`` is the last ended period with a value. ``reached`` holds per milestone whether it was met (None:
    not due or not known)."""

    trajectory: Trajectory
    indicator: Indicator | None
    milestones: Sequence[tuple[Milestone, bool | None]]
    points: Sequence[Point]
    latest: Point | None
    turning: Turning | None
    sees_figures: bool


def list_trajectories(actor: Actor, *, indicator: str = "", tree: str = "") -> QuerySet[Trajectory]:
    """The trajectories in force of places the actor reads results of, or that lie above these."""
    rows = Trajectory.objects.filter(visible(actor), in_force=True)
    if indicator:
        rows = rows.filter(indicator=indicator)
    if tree:
        rows = rows.filter(tree__slug=tree)
    return (
        rows.select_related("region", "tree", "set_by")
        .prefetch_related("milestones")
        .order_by("tree", "region__position", "indicator")
    )


def trajectory_page(actor: Actor, trajectory_id: int) -> TrajectoryPage:
    """One version of a trajectory held against the figures in force. Raises NotFound."""
    found = (
        Trajectory.objects.filter(visible(actor), pk=trajectory_id)
        .select_related("region", "tree", "region__tree", "set_by")
        .prefetch_related("milestones")
        .first()
    )
    if found is None:
        raise NotFound(trajectory_id, "trajectory")
    return _page(actor, found)


def standings(actor: Actor, *, tree: str = "", indicator: str = "") -> list[TrajectoryPage]:
    """Every trajectory in force that the actor may see, held against the figures."""
    return [_page(actor, one) for one in list_trajectories(actor, indicator=indicator, tree=tree)]


def _page(actor: Actor, trajectory: Trajectory) -> TrajectoryPage:
    version = newest()
    indicator = catalogue_of(version).indicators.get(trajectory.indicator) if version else None
    sees = indicator is not None and actor.can(Permission.FACTS_READ, trajectory.region_id)
    milestones = list(trajectory.milestones.all())
    if not sees or indicator is None:
        return TrajectoryPage(
            trajectory, indicator, [(one, None) for one in milestones], [], None, None, False
        )
    figures = cube(actor, trajectory.region)
    guard = guard_of(actor, figures, trajectory.region)
    periods = _periods(trajectory, milestones, figures)
    path = trajectory.path()
    points: list[Point] = []
    seen: list[Observation] = []
    for period in periods:
        values = figures.evaluator.indicator(indicator, period)
        hidden = guard is not None and bool(guard.hidden(indicator.code, period)[0])
        value = None if hidden else shown(values.exact).fraction(0)
        progress = path.standing(value, period.end)
        points.append(
            Point(
                period,
                period.label(actor.language),
                _rounded(value, indicator.decimals),
                _rounded(progress.asked, indicator.decimals),
                progress,
                hidden,
                period.end <= path.start.day,
                period.end > today(),
            )
        )
        if period.end <= today():
            low, high = (None, None) if value is None else _interval(figures, indicator, values)
            seen.append(Observation(period, value, low, high))
    known = [point for point in points if point.value is not None and not point.running]
    reached = {one.pk: _reached(points, one, trajectory.better) for one in milestones}
    return TrajectoryPage(
        trajectory,
        indicator,
        [(one, reached[one.pk]) for one in milestones],
        points,
        known[-1] if known else None,
        find_turning(seen, trajectory.turning_rule()),
        True,
    )


def _periods(trajectory: Trajectory, milestones: Sequence[Milestone], figures: Cube) -> list[Period]:
    """From the first figure (or the base, if earlier) to the last milestone."""
    known = [figures.view.periods[place] for place in figures.view.used_periods]
    base = Period.parse(trajectory.base_period)
    first = min([base.start, *(period.start for period in known)])
    last: date = max(milestone.day for milestone in milestones)
    periods = [Period.of(trajectory.cadence, last)]
    while len(periods) < MOST_PERIODS and periods[-1].start > first:
        periods.append(periods[-1].previous())
    return periods[::-1]


def _interval(
    figures: Cube, indicator: Indicator, values: IndicatorValues
) -> tuple[Fraction | None, Fraction | None]:
    """The ends of the interval of a share or rate of whole counts; None for anything else."""
    top, bottom = values.numerator, values.denominator
    factor = parts_of(indicator.formula, values.period).factor
    elements = [figures.view.elements[reference.code] for reference, _ in references(indicator.formula)]
    counts = all(element.decimals == 0 and element.kind != "reported" for element in elements)
    if top is None or bottom is None or factor is None or not counts:
        return None, None
    count, of = top.fraction(0), bottom.fraction(0)
    if count is None or of is None or of <= 0 or count.denominator != 1 or of.denominator != 1:
        return None, None
    some, whole = np.array([int(count)]), np.array([int(of)])
    if isinstance(indicator.formula, Call) and indicator.formula.name == "per":
        low, high = poisson_bounds(some, whole.astype(np.float64), float(factor), 0.95)
        return Fraction(float(low[0])), Fraction(float(high[0]))
    low, high = wilson_bounds(some, whole, 0.95)
    return Fraction(float(low[0])) * factor, Fraction(float(high[0])) * factor


def _reached(points: Sequence[Point], milestone: Milestone, better: str) -> bool | None:
    for point in points:
        if point.period.end == milestone.day and point.value is not None and milestone.day <= today():
            return point.value >= milestone.value if better == "up" else point.value <= milestone.value
    return None


def _rounded(value: Fraction | None, decimals: int) -> Decimal | None:
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return round(exact, decimals)
