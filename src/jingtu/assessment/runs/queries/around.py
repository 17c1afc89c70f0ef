"""The runs that say something of a region, and how the region stood in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue import Indicator
from jingtu.engine.periods import Period

from ..models import Run, RunPlace
from ..rules import RunState
from .lists import RunFilter, runs_visible
from .opened import RunReader

MOST_RUNS = 240
PERIODS_BELOW = 13
GONE = (RunState.SUPERSEDED.value, RunState.WITHDRAWN.value)


@dataclass(frozen=True)
class TrendPoint:
    """The value of an indicator in a period; None with the reason in ``state`` (missing, suppressed)."""

    period: Period
    value: Decimal | None
    state: str = "met"


def runs_around(actor: Actor, region: Region) -> list[Run]:
    """Runs over the region or over one above it, the latest period first, without replaced and withdrawn
    ones; where there are none, the published runs below it. Two or three queries."""
    if region.position is None:
        return []
    seen = runs_visible(actor, RunFilter(tree=region.tree.slug)).exclude(state__in=GONE)
    found = list(
        seen.filter(region__position__lte=region.position, region__last__gte=region.last)[:MOST_RUNS]
    )
    if found or region.last == region.position:
        return found
    below = seen.filter(
        region__position__gt=region.position,
        region__position__lte=region.last,
        state=RunState.PUBLISHED.value,
    )
    return list(below[:MOST_RUNS])


def standings(
    runs: Sequence[Run], region_ids: Sequence[int] | None = None, whole: Run | None = None
) -> Mapping[int, list[RunPlace]]:
    """Rank, total and section points by run of places in runs the actor was given; all places when
    ``region_ids`` is None, and of the run ``whole`` among them in any case. One query."""
    rows = RunPlace.objects.filter(run__in=[run.pk for run in runs])
    if region_ids is not None:
        rows = rows.filter(
            Q(region_id__in=region_ids) | Q(run=whole) if whole else Q(region_id__in=region_ids)
        )
    found: dict[int, list[RunPlace]] = {run.pk: [] for run in runs}
    for row in rows:
        found[row.run_id].append(row)
    return found


def shared_ranks(runs: Sequence[Run]) -> set[tuple[int, int | None]]:
    """(run, rank) where more than one place of a run that the actor was given holds the rank. One query."""
    rows = RunPlace.objects.filter(run__in=[run.pk for run in runs], rank__isnull=False)
    held = rows.order_by().values("run_id", "rank").annotate(places=Count("pk")).filter(places__gt=1)
    return set(held.values_list("run_id", "rank"))


def alike(run: Run, runs: Sequence[Run], n: int = 12) -> list[Run]:
    """Published runs of the same card, place, level and cadence up to the run's period, oldest first; the
    run itself is the last."""
    same = [
        other
        for other in runs
        if other.region_id == run.region_id
        and other.level == run.level
        and other.scorecard == run.scorecard
        and other.cadence == run.cadence
        and other.period_end < run.period_end
        and other.state == RunState.PUBLISHED
    ]
    return [*same[: n - 1][::-1], run]


def before(run: Run, runs: Sequence[Run]) -> Run | None:
    """The published run of the same kind for the period just before, among runs the actor was given."""
    key = Period.parse(run.period).previous().key
    return next((other for other in alike(run, runs) if other.period == key), None)


def indicator_trend(reader: RunReader, region_id: int, definition: Indicator) -> list[TrendPoint]:
    """An indicator of a place over the periods frozen with the run, oldest first.

    Only for places into which the actor may look: what earlier periods were for others says their own
    published runs. Empty otherwise.
    """
    position = reader.position_of(region_id)
    if not reader.sees_below(position):
        return []
    return _points(reader, position, definition.code, _history(reader, position, definition))


def indicator_trends(
    reader: RunReader, wanted: Collection[tuple[int, str]]
) -> dict[tuple[int, str], list[TrendPoint]]:
    """As :func:`indicator_trend` for (region, indicator) pairs of ranked places, in one read of the frozen
    files."""
    positions = {
        region_id: position
        for region_id, position in ((region_id, reader.position_of(region_id)) for region_id, _ in wanted)
        if reader.sees_below(position)
    }
    if not positions:
        return {}
    stored = reader.opened.trends({code for _, code in wanted}, positions.values())
    return {
        (region_id, code): _points(
            reader,
            positions[region_id],
            code,
            [(Period.parse(key), text) for key, text in stored.get((code, positions[region_id]), ())],
        )
        for region_id, code in wanted
        if region_id in positions
    }


def _points(
    reader: RunReader, position: int, code: str, history: Sequence[tuple[Period, str | None]]
) -> list[TrendPoint]:
    points = []
    for period, text in history:
        hidden = reader.value_hidden(position, code, period)
        value = None if hidden or text is None else Decimal(text)
        points.append(
            TrendPoint(period, value, "suppressed" if hidden else "missing" if value is None else "met")
        )
    return points


def _history(reader: RunReader, position: int, definition: Indicator) -> list[tuple[Period, str | None]]:
    """Stored for the ranked places and the whole; worked out from the frozen facts for those below."""
    stored = reader.opened.trend(definition.code, position)
    if stored:
        return [(Period.parse(key), text) for key, text in stored]
    periods = [reader.opened.period]
    while len(periods) < PERIODS_BELOW:
        periods.append(periods[-1].previous())
    local = position - reader.opened.within
    evaluator = reader.opened.evaluator
    found = [(period, evaluator.indicator(definition, period).text(local)) for period in periods[::-1]]
    first = next((number for number, (_, text) in enumerate(found) if text is not None), len(found))
    return found[first:]
