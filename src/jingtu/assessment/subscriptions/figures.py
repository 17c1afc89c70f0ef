"""The latest published figures of a subscription, as its receiver may see them now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import Mark, RunReader, reader_of, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict

from .models import Subscription

LATEST = 24
"""So many of the latest published runs are looked through."""


@dataclass(frozen=True)
class Figure:
    """One indicator of one region. ``value`` None: nothing published, or hidden (``mark`` says which)."""

    region_id: int
    place: str
    code: str
    name: str
    period: str
    value: Decimal | None
    unit: str
    decimals: int
    change: Decimal | None
    better: str
    mark: Mark
    url: str


def figures(actor: Actor, subscription: Subscription, *, outside: bool = False) -> list[Figure]:
    """Region by region in the order chosen; figures nobody published for the actor's eyes are left out.

    ``outside``: for a message that leaves the system, where small counts stay hidden whatever the right.
    """
    wanted = {(region, code): None for region in subscription.regions for code in subscription.indicators}
    found: dict[tuple[int, str], Figure] = {}
    runs = runs_visible(actor).filter(state=RunState.PUBLISHED.value)
    for run in runs[:LATEST]:
        if len(found) == len(wanted):
            break
        missing = [key for key in wanted if key not in found]
        for key, figure in _of_run(actor, run, missing, outside):
            found[key] = figure
    return [found[key] for key in wanted if key in found]


def _of_run(
    actor: Actor, run: Run, wanted: list[tuple[int, str]], outside: bool
) -> Iterator[tuple[tuple[int, str], Figure]]:
    try:
        reader = reader_of(actor, run)
    except Conflict:  # its files are gone; doctor says so
        return
    ranked = {position for position, _entry in reader.subjects}
    ids = {int(region): place for place, region in enumerate(reader.opened.tree.ids.tolist())}
    for region in dict.fromkeys(region for region, _code in wanted):
        position = ids.get(region)
        if position is None or not reader.opened.tree.contains(reader.opened.within, position):
            continue
        if position not in ranked and not reader.sees_below(position):
            continue
        rows = reader.opened.region(position)
        for own, code in wanted:
            row = rows.get(code)
            if own == region and row is not None and row["state"] != "missing":
                yield (region, code), _figure(reader, run, position, region, code, row, outside)


def _figure(
    reader: RunReader,
    run: Run,
    position: int,
    region: int,
    code: str,
    row: Mapping[str, Any],
    outside: bool,
) -> Figure:
    definition = reader.indicator(code)
    period = reader.opened.period
    place = position - reader.opened.within

    def hidden(of: Any) -> bool:
        if outside:
            return bool(reader.guard.hidden(code, of)[place])
        return reader.value_hidden(position, code, of)

    concealed = hidden(period)
    change = row["previous_difference"]
    return Figure(
        region,
        reader.opened.tree.names[position],
        code,
        definition.name(reader.language),
        period.label(reader.language),
        None if concealed or row["value"] is None else Decimal(row["value"]),
        definition.unit_name(reader.language),
        definition.decimals,
        None if concealed or change is None or hidden(period.previous()) else Decimal(change),
        definition.direction,
        reader.mark(row, concealed),
        reverse("runs-short:indicator", args=[run.pk, region, code]),
    )
