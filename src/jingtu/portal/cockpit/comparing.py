"""Any two places beside each other over a whole scorecard: which run, which two, and the file of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import (
    Pair,
    PairLine,
    RankRow,
    RunReader,
    Shortfall,
    SideCell,
    get_run,
    pair,
    reader_of,
)
from jingtu.assessment.runs.queries.around import alike, runs_around
from jingtu.assessment.runs.rules import RunState
from jingtu.assessment.runs.words import UNRANKED
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region
from jingtu.core.ui import charts
from jingtu.core.ui.words import format_number, rank_text, state_of

from .queries import home_region

MOST_RUNS = 60


@dataclass(frozen=True)
class PairAsked:
    """What the address asks for; None takes the default."""

    run: int | None = None
    first: int | None = None
    second: int | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """The page: the runs and places there are to choose from, and the pair where there is one. ``left_out``: the
    place asked for of which the run knows nothing."""

    runs: Sequence[Run]
    run: Run | None
    places: Sequence[tuple[int, str]]
    pair: Pair | None
    left_out: str = ""


def compare(actor: Actor, asked: PairAsked) -> Compared | None:
    """The comparison as asked for: by default the actor's own place (else the leader of the ranking) with its
    neighbour by rank, in the latest published run. None for an actor without a place and none asked for.

    Raises NotFound for a run or place that is not the actor's to know.
    """
    chosen = get_run(actor, asked.run) if asked.run else None
    if asked.first:
        about: Region | None = get_region(actor, asked.first)
    else:
        about = home_region(actor)
        if chosen is not None and (about is None or about.tree_id != chosen.tree_id):
            about = chosen.region
    if about is None:
        return None
    runs = [run for run in runs_around(actor, about) if run.snapshot_digest]
    if chosen is not None and chosen.pk not in {run.pk for run in runs}:
        runs = [chosen, *runs]
    run = chosen or _usual(runs, about)
    try:
        reader = reader_of(actor, run) if run else None
    except Conflict:
        reader = None
    if run is None or reader is None:
        return Compared(runs[:MOST_RUNS], None, (), None)
    ranked = sorted(reader.subjects, key=lambda pair: (pair[1]["rank"] is None, pair[1]["rank"] or 0))
    order = [int(reader.opened.tree.ids[position]) for position, _entry in ranked]
    first = asked.first if asked.first and _inside(reader, asked.first, order) else None
    if first is None and not order:
        return Compared(runs[:MOST_RUNS], run, (), None)
    left_out = about.name if asked.first and first is None else ""
    first = first or (about.pk if about.pk in order else order[0])
    second = asked.second or _neighbour(order, first)
    places = [(int(reader.opened.tree.ids[position]), entry["name"]) for position, entry in reader.subjects]
    for region_id in (first, second):
        if region_id is not None and region_id not in order and _inside(reader, region_id, order):
            places.append((region_id, reader.opened.tree.names[reader.position_of(region_id)]))
    found = None
    if second is not None and second != first:
        found = pair(actor, reader, first, second, alike(run, runs))
    return Compared(runs[:MOST_RUNS], run, places, found, left_out)


def _usual(runs: Sequence[Run], about: Region) -> Run | None:
    """The latest published run that ranks the place itself, else one that it holds; else a draft."""
    return min(
        runs,
        key=lambda run: (
            run.state != RunState.PUBLISHED,
            0 if run.level == about.level else 1 if run.region_id == about.pk else 2,
        ),
        default=None,
    )


def _inside(reader: RunReader, region_id: int, ranked: Sequence[int]) -> bool:
    """Whether a place can stand in the comparison: ranked, or below the ranked ones and open to the actor."""
    if region_id in ranked:
        return True
    try:
        position = reader.position_of(region_id)
    except NotFound:
        return False
    return reader.sees_below(position) and position != reader.opened.within


def _neighbour(order: Sequence[int], first: int) -> int | None:
    """The place one rank better, for the best the next one."""
    if len(order) < 2:
        return None
    at = order.index(first) if first in order else 1
    return order[at - 1] if at else order[1]


# --- drawn


def points_chart(found: Pair) -> charts.Bars:
    """Points by section of both places, beside each other."""
    return charts.Bars(
        title=_("各板块得分"),
        unit=_("分"),
        decimals=2,
        categories=[section.name.partition("（")[0].partition(" (")[0] for section in found.sections],
        series=[
            charts.Series(found.first.name, [s.first for s in found.sections], str(found.first.region_id)),
            charts.Series(found.second.name, [s.second for s in found.sections], str(found.second.region_id)),
        ],
    )


# --- as a sheet


def header(found: Pair) -> list[str]:
    """The heads of the columns of the file."""
    sides = [found.first.name, found.second.name]
    both = [_("数值"), _("状态"), _("得分"), _("名次"), _("名次区间"), _("较上期"), _("距要求")]
    return [
        _("板块"),
        _("指标"),
        _("单位"),
        _("要求"),
        _("分值"),
        *(f"{side} {word}" for side in sides for word in both),
        _("数值相差"),
        _("得分相差"),
        _("落后一方"),
        _("追平还差"),
    ]


def rows(found: Pair) -> Iterator[list[object]]:
    """A row for the totals and one for every item; what is withheld says so and is never a zero."""
    first, second = found.first.row, found.second.row
    total: list[object] = [_("总分"), "", _("分"), "", ""]
    for row in (first, second):
        total += [
            row.total if row else None,
            "",
            row.total if row else None,
            _rank(row) if row else None,
            "",
            row.moved if row else None,
            "",
        ]
    yield [*total, found.difference, found.difference, "", ""]
    for section in found.sections:
        for line in section.lines:
            yield [
                section.name,
                line.head.name,
                line.head.unit,
                line.head.requirement,
                line.head.points,
                *_side(line.first, line),
                *_side(line.second, line),
                line.difference,
                line.points_difference,
                _behind(found, line),
                lacking(line.to_level, line.head.unit),
            ]


def _rank(row: RankRow) -> object:
    """The rank as a number unless it is shared or missing, which is said in words."""
    if row.rank is None:
        return str(UNRANKED[row.unranked])
    return rank_text(row.rank, tied=True) if row.tied else row.rank


def _side(cell: SideCell, line: PairLine) -> list[object]:
    word = str(state_of(cell.mark).word)
    band = ""
    if cell.low_rank:
        band = str(cell.low_rank) if cell.low_rank == cell.high_rank else f"{cell.low_rank}–{cell.high_rank}"
    return [
        cell.value if cell.value is not None else word,
        word,
        cell.points
        if cell.points is not None
        else (str(state_of("suppressed").word) if cell.maximum else ""),
        cell.rank,
        band,
        cell.on_previous,
        lacking(cell.shortfall, line.head.unit),
    ]


def _behind(found: Pair, line: PairLine) -> str:
    return {"first": found.first.name, "second": found.second.name}.get(line.behind, "")


def lacking(shortfall: Shortfall | None, unit: str) -> str:
    """What is missing, in countable units where these may be told, else in the indicator's own unit."""
    if shortfall is None:
        return ""
    if shortfall.units is not None:
        word = _("再增加%(n)s%(word)s") if shortfall.more else _("再减少%(n)s%(word)s")
        return word % {"n": format_number(shortfall.units), "word": shortfall.unit_word}
    own = _("个百分点") if unit == "%" else unit
    return f"{format_number(abs(Decimal(shortfall.difference)))} {own}".strip()
