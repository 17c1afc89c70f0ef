"""What the cockpit shows of one region: everything from one run, in a number of reads that does not grow
with the number of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from jingtu.assessment.runs.models import Run, RunPlace
from jingtu.assessment.runs.queries import (
    IndicatorRow,
    ItemHead,
    Mark,
    Ranking,
    RankRow,
    RedLineRow,
    RunReader,
    indicator_ranking,
    item_heads,
    ranking_since,
    reader_of,
    red_lines,
    shortfall,
)
from jingtu.assessment.runs.queries.around import (
    TrendPoint,
    alike,
    before,
    indicator_trend,
    indicator_trends,
    runs_around,
    standings,
)
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import family, get_region
from jingtu.engine.catalogue import Indicator

READERS = (
    Permission.RESULTS_READ,
    Permission.DRAFTS_READ,
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
)
HISTORY = 12
RED_ROWS = 12
MOST_TILES = 48
MOST_CHILDREN = 60
MARKS: tuple[Mark, ...] = ("met", "watch", "below")


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; empty values take the defaults. ``strand``: a section of the card; ``mark``:
    only what is marked so (met, watch, below)."""

    region: int | None = None
    period: str = ""
    scorecard: str = ""
    strand: str = ""
    indicator: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Tile:
    """A section of the card: points (the mean over the places when no place is looked at), change since the
    run before, marks of its indicators, points over the last runs."""

    code: str
    name: str
    points: Decimal
    maximum: Decimal
    change: Decimal | None
    counts: Mapping[str, int]
    trend: Sequence[Decimal | None]


@dataclass(frozen=True)
class ChildTile:
    """A place just below: its points and rank where it is ranked, else the selected indicator."""

    region_id: int
    name: str
    value: Decimal | None
    mark: Mark
    rank: int | None = None
    tied: bool = False
    moved: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Board:
    """The cockpit of a region. Without a run only the places and the runs there are, are known.

    ``focus``: the ranked place looked at (the region itself or the one above it that is ranked), None when
    the region holds all of them. ``outside``: the region did not stand yet in the period of the run, which
    says nothing of it.
    """

    region: Region
    above: Sequence[Region]
    below: Sequence[Region]
    runs: Sequence[Run]
    run: Run | None = None
    focus: Region | None = None
    reader: RunReader | None = None
    tiles: Sequence[Tile] = ()
    ranking: Ranking | None = None
    by_indicator: Sequence[IndicatorRow] = ()
    red: Sequence[RedLineRow] = ()
    heads: Sequence[ItemHead] = ()
    selected: Indicator | None = None
    selected_chosen: bool = False
    trend: Sequence[TrendPoint] = ()
    child_tiles: Sequence[ChildTile] = ()
    strand: str = ""
    mark: str = ""
    red_trends: Mapping[tuple[int, str], Sequence[TrendPoint]] = field(default_factory=dict)
    outside: bool = False

    @property
    def red_rows(self) -> list[tuple[RedLineRow, Sequence[Decimal | None]]]:
        """The red lines, each with the values of the periods up to this one where the actor may see them."""
        return [
            (row, [point.value for point in self.red_trends.get((row.region_id, row.indicator), ())])
            for row in self.red
        ]

    @property
    def inside(self) -> set[str]:
        """The indicators the page is narrowed to: one, those of a section, or all of the card."""
        if self.selected_chosen and self.selected is not None:
            return {self.selected.code}
        return {head.indicator for head in self.heads if not self.strand or head.section == self.strand}

    @property
    def tiled(self) -> set[int]:
        """The ranked places drawn as tiles: all, or of very many those beside the place looked at."""
        ids = {row.region_id for row in self.ranking.rows} if self.ranking is not None else set()
        if len(ids) <= MOST_TILES or self.focus is None or self.reader is None:
            return ids
        tree = self.reader.opened.tree
        above = tree.parent[self.reader.position_of(self.focus.pk)]
        return ids & {int(region) for region in tree.ids[tree.parent == above]}

    @cached_property
    def place(self) -> RankRow | None:
        """The row of the place looked at."""
        if self.focus is None or self.ranking is None:
            return None
        return next((row for row in self.ranking.rows if row.region_id == self.focus.pk), None)


def home_region(actor: Actor) -> Region | None:
    """The region of the actor's first business post; None for people without one."""
    for permission in READERS:
        for scope in actor.scopes(permission):
            return get_region(actor, scope.region_id)
    return None


def board(actor: Actor, wanted: Wanted) -> Board | None:
    """The cockpit as asked for; None for an actor without any region and none asked for.

    Raises NotFound for a region that does not exist.
    """
    region = get_region(actor, wanted.region) if wanted.region else home_region(actor)
    if region is None:
        return None
    above, below = family(actor, region)
    below = below[:MOST_CHILDREN]
    runs = runs_around(actor, region)
    run = _choose(runs, region, above, wanted)
    empty = Board(region, above, below, runs)
    if run is None:
        return empty
    focus = region if region.level == run.level else _at_level(above, run.level)
    try:
        reader = reader_of(actor, run)
    except Conflict:
        return empty
    return _filled(actor, empty, reader, focus, wanted)


def _choose(runs: Sequence[Run], region: Region, above: Sequence[Region], wanted: Wanted) -> Run | None:
    """The latest published run that fits, one that ranks the region itself first; else a draft."""
    levels = {other.level for other in above}

    def order(run: Run) -> tuple[bool, int]:
        if run.level == region.level:
            kind = 0
        elif run.region_id == region.pk:
            kind = 1
        else:
            kind = 2 if run.level in levels else 3
        return run.state != RunState.PUBLISHED, kind

    fitting = [
        run
        for run in runs
        if run.snapshot_digest
        and (not wanted.period or run.period == wanted.period)
        and (not wanted.scorecard or run.scorecard == wanted.scorecard)
    ]
    return min(fitting, key=order, default=None)


def _at_level(above: Sequence[Region], level: str) -> Region | None:
    return next((region for region in above if region.level == level), None)


def _filled(actor: Actor, empty: Board, reader: RunReader, focus: Region | None, wanted: Wanted) -> Board:
    run, region = reader.run, empty.region
    recent = alike(run, empty.runs, HISTORY)
    earlier = before(run, recent)
    # Movement needs all places of the run before, whatever place is looked at.
    places = standings(recent, None if focus is None else [focus.pk], whole=earlier)
    all_before = places[earlier.pk] if earlier else []
    ranking = ranking_since(reader, earlier, {place.region_id: place for place in all_before})
    if focus is not None and not any(row.region_id == focus.pk for row in ranking.rows):
        focus = None
    heads = item_heads(reader)
    strand = wanted.strand if any(head.section == wanted.strand for head in heads) else ""
    inside = {head.indicator for head in heads if not strand or head.section == strand}
    lower = focus is not None and region.level != run.level
    code = wanted.indicator if any(head.indicator == wanted.indicator for head in heads) else ""
    mark: Mark | None = next((mark for mark in MARKS if mark == wanted.mark), None)
    marks: tuple[Mark, ...] = ("below", "watch") if mark is None else (mark,)
    if code:
        inside = {code}
    outside = not _inside(reader, region.pk)
    if outside:
        red = []
    elif lower:
        red = _lower_red_lines(reader, region, inside, marks)
    else:
        red = red_lines(actor, reader, focus.pk if focus else None, marks, indicators=inside, limit=RED_ROWS)
    selected = reader.indicator(code or _default_indicator(red, heads, inside))
    subject = focus.pk if focus and not lower else region.pk
    trend, red_trends = _trends(reader, subject, selected, () if lower else red)
    return Board(
        region=region,
        above=empty.above,
        below=empty.below,
        runs=empty.runs,
        run=run,
        focus=focus,
        reader=reader,
        tiles=_tiles(reader, focus, ranking, recent, places, earlier),
        ranking=ranking,
        by_indicator=indicator_ranking(actor, reader, code) if code else (),
        red=red,
        heads=heads,
        selected=selected,
        selected_chosen=bool(code),
        trend=trend,
        child_tiles=_child_tiles(reader, empty, ranking, selected),
        strand=strand,
        mark=mark or "",
        red_trends=red_trends,
        outside=outside,
    )


def _trends(
    reader: RunReader, subject: int, selected: Indicator, red: Sequence[RedLineRow]
) -> tuple[Sequence[TrendPoint], Mapping[tuple[int, str], Sequence[TrendPoint]]]:
    """The selected indicator's over the subject, and those of the red lines. One read of the frozen files;
    a second one for a subject below the ranked places."""
    wanted = [(row.region_id, row.indicator) for row in red]
    if not _inside(reader, subject):
        return (), indicator_trends(reader, wanted)
    mine = (subject, selected.code)
    found = indicator_trends(reader, dict.fromkeys([*wanted, mine]))
    return found.get(mine) or indicator_trend(reader, subject, selected), found


def _lower_red_lines(
    reader: RunReader, region: Region, inside: set[str], marks: Sequence[Mark]
) -> list[RedLineRow]:
    """As :func:`red_lines` for a place below the ranked ones, into which the actor may look."""
    position = reader.position_of(region.pk)
    if not reader.sees_below(position):
        return []
    found = []
    for code, cell in reader.opened.region(position).items():
        mark = reader.mark(cell, reader.value_hidden(position, code))
        if code in inside and mark in marks:
            found.append((mark != "below", code, cell, mark))
    rows = []
    for _, code, cell, mark in sorted(found, key=lambda entry: entry[:2])[:RED_ROWS]:
        definition = reader.indicator(code)
        change = cell["previous_difference"]
        rows.append(
            RedLineRow(
                region_id=region.pk,
                place=region.name,
                indicator=code,
                name=definition.name(reader.language),
                unit=definition.unit_name(reader.language),
                decimals=definition.decimals,
                value=Decimal(cell["value"]),
                mark=mark,
                requirement=reader.requirement(definition, position),
                red_line=reader.red_line(definition, position),
                shortfall=None if mark == "met" else shortfall(reader, position, code),
                direction=definition.direction,
                on_previous=None
                if change is None or reader.change_hidden(position, code, reader.opened.period.previous())
                else Decimal(change),
                streak=cell["streak"],
                own=True,
            )
        )
    return rows


def _default_indicator(red: Sequence[RedLineRow], heads: Sequence[ItemHead], inside: set[str]) -> str:
    if red:
        return red[0].indicator
    return next(head.indicator for head in heads if head.indicator in inside)


def _inside(reader: RunReader, region_id: int) -> bool:
    return bool((reader.opened.tree.ids == region_id).any())


def _tiles(
    reader: RunReader,
    focus: Region | None,
    ranking: Ranking,
    recent: Sequence[Run],
    places: Mapping[int, Sequence[RunPlace]],
    earlier: Run | None,
) -> list[Tile]:
    rows = [row for row in ranking.rows if focus is None or row.region_id == focus.pk]
    counts = _counts(reader, {row.region_id for row in rows})
    tiles = []
    for number, section in enumerate(reader.opened.scorecard.sections):
        points = _mean([row.sections[number].points for row in rows])
        trend = [
            _mean(
                [
                    Decimal(place.sections[number])
                    for place in places[run.pk]
                    if number < len(place.sections) and (focus is None or place.region_id == focus.pk)
                ]
            )
            for run in recent
        ]
        last = trend[-2] if earlier is not None and len(trend) > 1 and recent[-2].pk == earlier.pk else None
        tiles.append(
            Tile(
                code=section.code,
                name=_short(section.name(reader.language)),
                points=points or Decimal(0),
                maximum=_mean([row.sections[number].maximum for row in rows]) or Decimal(0),
                change=None if last is None or points is None else points - last,
                counts=counts[section.code],
                trend=trend,
            )
        )
    return tiles


def _short(name: str) -> str:
    """A section's name without its points in brackets, which stand beside the value."""
    return name.partition("（")[0].partition(" (")[0]


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _counts(reader: RunReader, region_ids: set[int]) -> dict[str, dict[str, int]]:
    """Marks of the items by section, over the places looked at."""
    sections = {
        item.indicator: section.code for section in reader.opened.scorecard.sections for item in section.items
    }
    found = {section.code: {"met": 0, "watch": 0, "below": 0} for section in reader.opened.scorecard.sections}
    for position, entry in reader.subjects:
        if int(reader.opened.tree.ids[position]) not in region_ids:
            continue
        for code, section in sections.items():
            mark = reader.mark(entry["indicators"][code], reader.value_hidden(position, code))
            if mark in found[section]:
                found[section][mark] += 1
    return found


def _child_tiles(reader: RunReader, empty: Board, ranking: Ranking, selected: Indicator) -> list[ChildTile]:
    ranked = {row.region_id: row for row in ranking.rows}
    tiles = [
        ChildTile(row.region_id, row.name, row.total, "none", row.rank, row.tied, row.moved, row.counts)
        for child in empty.below
        if (row := ranked.get(child.pk)) is not None
    ]
    if tiles or not empty.below:
        return sorted(tiles, key=lambda tile: (tile.rank is None, tile.rank or 0))
    if not _inside(reader, empty.region.pk) or not reader.sees_below(reader.position_of(empty.region.pk)):
        return []
    rows = {row["region_id"]: row for row in reader.opened.indicator(selected.code)}
    return [_child_tile(reader, child, rows.get(child.pk), selected) for child in empty.below]


def _child_tile(
    reader: RunReader, child: Region, row: Mapping[str, object] | None, selected: Indicator
) -> ChildTile:
    if row is None:
        return ChildTile(child.pk, child.name, None, "missing")
    position = int(str(row["position"]))
    hidden = reader.value_hidden(position, selected.code)
    value = row["value"]
    return ChildTile(
        child.pk,
        child.name,
        None if hidden or value is None else Decimal(str(value)),
        reader.mark(row, hidden),
    )
