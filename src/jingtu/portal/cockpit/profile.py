"""A region at a glance: ranks over time, indicators by strand, completeness, what was published of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jingtu.assessment.runs.models import Run, RunPlace
from jingtu.assessment.runs.queries import Mark, RunReader, reader_of
from jingtu.assessment.runs.queries.around import runs_around, shared_ranks, standings
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import ancestors, children, get_region

from .published import Line, published_of

MOST_CHILDREN = 300


@dataclass(frozen=True)
class PastRank:
    """The region in one published run. ``tied``: another place holds the same rank."""

    run: Run
    rank: int | None
    total: Decimal | None
    tied: bool = False


@dataclass(frozen=True)
class IndicatorState:
    """One indicator of the region: value and mark; ``reported`` of ``expected`` places gave their figures."""

    code: str
    name: str
    unit: str
    decimals: int
    value: Decimal | None
    mark: Mark
    qualifier: str
    requirement: str
    change: Decimal | None
    direction: str
    reported: int
    expected: int


@dataclass(frozen=True)
class Strand:
    """Indicators of one strand with their marks counted."""

    code: str
    rows: Sequence[IndicatorState]
    counts: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Profile:
    """The page of one region. ``run``: the run the indicators come from."""

    region: Region
    above: Sequence[Region]
    below: Sequence[Region]
    history: Sequence[tuple[str, Sequence[PastRank]]]
    run: Run | None
    strands: Sequence[Strand]
    reported: int
    expected: int
    published: Sequence[Line]


def profile(actor: Actor, region_id: int) -> Profile:
    """The page of one region as far as the actor may see. Raises NotFound."""
    region = get_region(actor, region_id)
    runs = [run for run in runs_around(actor, region) if run.state == RunState.PUBLISHED]
    places = standings(runs, [region.pk])
    reader = _reader(actor, runs, region)
    rows = _indicators(reader, region) if reader else []
    codes = dict.fromkeys(strand for strand, _ in rows)
    strands = [_strand(code, [row for strand, row in rows if strand == code]) for code in codes]
    return Profile(
        region=region,
        above=ancestors(actor, region),
        below=list(children(actor, region)[:MOST_CHILDREN]),
        history=_history(runs, places, shared_ranks(runs)),
        run=reader.run if reader and rows else None,
        strands=strands,
        reported=sum(row.reported for strand in strands for row in strand.rows),
        expected=sum(row.expected for strand in strands for row in strand.rows),
        published=published_of(actor, region),
    )


def _reader(actor: Actor, runs: Sequence[Run], region: Region) -> RunReader | None:
    """The latest run that ranks the region; else the latest around it."""
    chosen = min(runs, key=lambda run: run.level != region.level, default=None)
    try:
        return reader_of(actor, chosen) if chosen else None
    except Conflict:
        return None


def _history(
    runs: Sequence[Run], places: Mapping[int, Sequence[RunPlace]], shared: Set[tuple[int, int | None]]
) -> list[tuple[str, Sequence[PastRank]]]:
    """Ranks by card, the latest first."""
    found: dict[str, list[PastRank]] = {}
    for run in runs:
        for place in places[run.pk]:
            tied = (run.pk, place.rank) in shared
            found.setdefault(run.scorecard_name, []).append(PastRank(run, place.rank, place.total, tied))
    return list(found.items())


def _indicators(reader: RunReader, region: Region) -> list[tuple[str, IndicatorState]]:
    if not (reader.opened.tree.ids == region.pk).any():
        return []
    position = reader.position_of(region.pk)
    if reader.sees_below(position):
        cells: Mapping[str, Mapping[str, Any]] = reader.opened.region(position)
        wanted = [code for code in reader.opened.catalogue.indicators if code in cells]
    else:
        entry = dict(reader.subjects).get(position)
        if entry is None:
            return []
        cells = entry["indicators"]
        wanted = [code for code in reader.opened.scorecard.indicators if code in cells]
    return [
        (reader.indicator(code).strand, _state(reader, position, code, cells[code]))
        for code in wanted
        if not code.startswith("PUB_")
    ]


def _state(reader: RunReader, position: int, code: str, cell: Mapping[str, Any]) -> IndicatorState:
    definition = reader.indicator(code)
    hidden = reader.value_hidden(position, code)
    change = cell.get("previous_difference")
    if change is None and cell.get("on_previous"):
        change = cell["on_previous"]["difference"]
    coverage = cell.get("coverage") or (cell["reported"], cell["expected"])
    qualifier = cell["qualifier"]
    return IndicatorState(
        code=code,
        name=definition.name(reader.language),
        unit=definition.unit_name(reader.language),
        decimals=definition.decimals,
        value=None if hidden or cell["value"] is None else Decimal(cell["value"]),
        mark=reader.mark(cell, hidden),
        qualifier=qualifier if isinstance(qualifier, str) else "",
        requirement=reader.requirement(definition, position),
        change=None
        if change is None or reader.change_hidden(position, code, reader.opened.period.previous())
        else Decimal(change),
        direction=definition.direction,
        reported=coverage[0],
        expected=coverage[1],
    )


def _strand(code: str, rows: Sequence[IndicatorState]) -> Strand:
    counts = {mark: sum(1 for row in rows if row.mark == mark) for mark in ("met", "watch", "below")}
    return Strand(code, rows, counts)
