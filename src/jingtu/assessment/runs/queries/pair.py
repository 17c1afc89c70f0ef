"""Two places of one run beside each other, over the whole card.

Places are the ranked ones, or any below them into which the actor may look; these have values but no points.
Whatever the actor may not see of one side is missing on that side and in the difference, never on the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.engine.catalogue import Indicator
from jingtu.engine.catalogue.thresholds import Threshold

from ..models import Run
from .around import TrendPoint, indicator_trend, indicator_trends
from .opened import Mark, RunReader, reader_of
from .rankings import decimal_of, ranking
from .results import item_heads, items
from .rows import ItemHead, Ranking, RankRow, Shortfall
from .shortfalls import shortfall, shortfall_to

SIGNED_RUNS = 6
"""So many published runs tell how a place developed into which the reader may not look."""

Behind = Literal["first", "second", ""]


@dataclass(frozen=True)
class SideCell:
    """One item at one place. Points and maximum are None for a place below the ranked ones, points also where
    they would tell a hidden count. ``low_rank`` to ``high_rank``: the ranks it could hold."""

    value: Decimal | None
    mark: Mark
    qualifier: str
    points: Decimal | None
    maximum: Decimal | None
    points_state: str
    rank: int | None
    low_rank: int | None
    high_rank: int | None
    on_previous: Decimal | None
    shortfall: Shortfall | None
    trend: Sequence[TrendPoint]

    @property
    def line(self) -> list[Decimal | None]:
        """The bare values over the periods, for a drawing."""
        return [point.value for point in self.trend]


@dataclass(frozen=True)
class PairLine:
    """One item at both. ``difference``: the first value less the second; ``behind``: which one is worse;
    ``to_level``: what that one lacks to draw level; ``apart``: whether their rank ranges tell them apart."""

    head: ItemHead
    direction: str
    first: SideCell
    second: SideCell
    difference: Decimal | None
    points_difference: Decimal | None
    behind: Behind
    to_level: Shortfall | None
    apart: bool | None


@dataclass(frozen=True)
class PairSide:
    """One of the places. ``row``: how it stands as a whole, None below the ranked places."""

    region_id: int
    name: str
    row: RankRow | None
    own: bool
    signed_only: bool
    """Its earlier values come from published runs only."""


@dataclass(frozen=True)
class PairSection:
    """A section of the card with its lines."""

    code: str
    name: str
    maximum: Decimal
    first: Decimal | None
    second: Decimal | None
    lines: Sequence[PairLine]


@dataclass(frozen=True)
class Pair:
    """Two places of a run. ``leads``, ``trails``, ``levels``: in how many items the first is better, worse, equal."""

    run: Run
    first: PairSide
    second: PairSide
    sections: Sequence[PairSection]
    leads: int
    trails: int
    levels: int
    ranking: Ranking

    @property
    def difference(self) -> Decimal | None:
        """The total of the first less that of the second."""
        if self.first.row is None or self.second.row is None:
            return None
        if self.first.row.total is None or self.second.row.total is None:
            return None
        return self.first.row.total - self.second.row.total

    @property
    def lines(self) -> list[PairLine]:
        """All lines in the order of the card."""
        return [line for section in self.sections for line in section.lines]


def pair(actor: Actor, reader: RunReader, first_id: int, second_id: int, alike: Sequence[Run] = ()) -> Pair:
    """Two places of an opened run compared. ``alike``: published runs of the same kind, oldest first.

    Raises NotFound for a place outside the run or below the ranked ones and outside the actor's reach.
    """
    whole = ranking(actor, reader)
    rows = {row.region_id: row for row in whole.rows}
    earlier = list(alike)[-SIGNED_RUNS:]
    sides = [_side(reader, region_id, rows) for region_id in (first_id, second_id)]
    signed = _signed(actor, reader, [side.region_id for side in sides if side.signed_only], earlier)
    columns = [_cells(actor, reader, side, signed.get(side.region_id, {})) for side in sides]
    heads = item_heads(reader)
    lines = [
        _line(reader, head, sides, columns[0][number], columns[1][number])
        for number, head in enumerate(heads)
    ]
    sections = [
        PairSection(
            code=section.code,
            name=section.name(reader.language),
            maximum=section.points,
            first=_points(sides[0], number),
            second=_points(sides[1], number),
            lines=[line for line in lines if line.head.section == section.code],
        )
        for number, section in enumerate(reader.opened.scorecard.sections)
    ]
    return Pair(
        run=reader.run,
        first=sides[0],
        second=sides[1],
        sections=sections,
        leads=sum(1 for line in lines if line.behind == "second"),
        trails=sum(1 for line in lines if line.behind == "first"),
        levels=sum(1 for line in lines if line.difference == 0),
        ranking=whole,
    )


def _side(reader: RunReader, region_id: int, rows: Mapping[int, RankRow]) -> PairSide:
    position = reader.position_of(region_id)
    row, own = rows.get(region_id), reader.sees_below(position)
    if row is None and not own:
        raise NotFound(region_id, "region")
    return PairSide(region_id, reader.opened.tree.names[position], row, own, not own)


def _points(side: PairSide, number: int) -> Decimal | None:
    return side.row.sections[number].points if side.row is not None else None


def _signed(
    actor: Actor, reader: RunReader, region_ids: Sequence[int], runs: Sequence[Run]
) -> dict[int, dict[str, list[TrendPoint]]]:
    """The published values of places into which the actor may not look, by place and indicator."""
    found: dict[int, dict[str, list[TrendPoint]]] = {region_id: {} for region_id in region_ids}
    if not region_ids:
        return found
    for run in runs:
        try:
            other = reader if run.pk == reader.run.pk else reader_of(actor, run, reader)
        except Conflict:
            continue
        entries = dict(other.subjects)
        for region_id in region_ids:
            try:
                position = other.position_of(region_id)
            except NotFound:
                continue
            for code, values in entries.get(position, {"indicators": {}})["indicators"].items():
                hidden = other.value_hidden(position, code)
                value = None if hidden else decimal_of(values["value"])
                state = "suppressed" if hidden else "missing" if value is None else "met"
                point = TrendPoint(other.opened.period, value, state)
                found[region_id].setdefault(code, []).append(point)
    return found


def _cells(
    actor: Actor, reader: RunReader, side: PairSide, signed: Mapping[str, Sequence[TrendPoint]]
) -> list[SideCell]:
    position = reader.position_of(side.region_id)
    cells = reader.opened.region(position)
    heads = item_heads(reader)
    trends: Mapping[str, Sequence[TrendPoint]] = signed
    if side.own and side.row is not None:
        wanted = [(side.region_id, head.indicator) for head in heads]
        trends = {code: line for (_, code), line in indicator_trends(reader, wanted).items()}
    elif side.own:
        codes = dict.fromkeys(head.indicator for head in heads)
        trends = {code: indicator_trend(reader, side.region_id, reader.indicator(code)) for code in codes}
    if side.row is None:
        return [_lower(reader, position, head, cells, trends) for head in heads]
    rows = {(row.head.section, row.head.indicator): row for row in items(actor, reader, side.region_id)}
    found = []
    for head in heads:
        row = rows[head.section, head.indicator]
        cell = cells.get(head.indicator, {})
        hidden = reader.value_hidden(position, head.indicator)
        found.append(
            SideCell(
                value=row.cell.value,
                mark=row.cell.mark,
                qualifier=row.cell.qualifier,
                points=row.cell.points,
                maximum=row.cell.maximum,
                points_state=row.cell.points_state,
                rank=row.rank,
                low_rank=None if hidden else cell.get("best_rank"),
                high_rank=None if hidden else cell.get("worst_rank"),
                on_previous=row.on_previous,
                shortfall=row.shortfall,
                trend=trends.get(head.indicator, ()),
            )
        )
    return found


def _lower(
    reader: RunReader,
    position: int,
    head: ItemHead,
    cells: Mapping[str, Mapping[str, Any]],
    trends: Mapping[str, Sequence[TrendPoint]],
) -> SideCell:
    """An item at a place below the ranked ones: its value only."""
    cell, code = cells.get(head.indicator), head.indicator
    hidden = reader.value_hidden(position, code)
    change = cell["previous_difference"] if cell else None
    if change is not None and reader.change_hidden(position, code, reader.opened.period.previous()):
        change = None
    value = None if cell is None or hidden else decimal_of(cell["value"])
    return SideCell(
        value=value,
        mark="suppressed" if hidden else "missing" if cell is None else reader.mark(cell, hidden),
        qualifier=str(cell["qualifier"] or "") if cell else "",
        points=None,
        maximum=None,
        points_state="",
        rank=None,
        low_rank=None,
        high_rank=None,
        on_previous=None if change is None else Decimal(change),
        shortfall=None if cell is None or hidden else shortfall(reader, position, code),
        trend=trends.get(code, ()),
    )


def _line(
    reader: RunReader, head: ItemHead, sides: Sequence[PairSide], first: SideCell, second: SideCell
) -> PairLine:
    definition = reader.indicator(head.indicator)
    difference = None
    if first.value is not None and second.value is not None:
        difference = first.value - second.value
    behind = _behind(definition, difference)
    lacking = None
    if behind:
        worse, better = (sides[0], second) if behind == "first" else (sides[1], first)
        assert better.value is not None
        mark = Threshold(">=" if definition.direction == "up" else "<=", better.value)
        lacking = shortfall_to(reader, reader.position_of(worse.region_id), head.indicator, mark)
    points = None if first.points is None or second.points is None else first.points - second.points
    return PairLine(
        head=head,
        direction=definition.direction,
        first=first,
        second=second,
        difference=difference,
        points_difference=points,
        behind=behind,
        to_level=lacking,
        apart=_apart(first, second),
    )


def _behind(definition: Indicator, difference: Decimal | None) -> Behind:
    if not difference or definition.direction == "none":
        return ""
    return "second" if (difference > 0) == (definition.direction == "up") else "first"


def _apart(first: SideCell, second: SideCell) -> bool | None:
    """Whether chance alone cannot explain which one is better; None where no range is known."""
    if not first.low_rank or not first.high_rank or not second.low_rank or not second.high_rank:
        return None
    return first.high_rank < second.low_rank or second.high_rank < first.low_rank
