"""The results of a run: ranking, scorecard, red lines, items of one place.

Decimals are exact as published. Everything is read from the frozen files, so the number of database
queries does not depend on the number of places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.languages import speaking
from jingtu.engine.catalogue import Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import round_half_up, unit_after
from jingtu.engine.gap import Gap, Move
from jingtu.engine.periods import Period

from ..models import Run, RunPlace
from ..rules import RunState
from .lists import runs_visible
from .opened import Mark, RunReader, as_reader
from .rows import (
    Cell,
    IndicatorRow,
    ItemHead,
    ItemRow,
    Matrix,
    Ranking,
    RankRow,
    RedLineRow,
    SectionPoints,
    Shortfall,
)

_Miss = tuple[int, Mapping[str, Any], str, Mapping[str, Any], Mark]
"""Position, published entry, indicator, its values, its mark."""


def ranking(actor: Actor, run: int | RunReader) -> Ranking:
    """Places by rank, the unranked last; movement against the published run of the period before."""
    reader = as_reader(actor, run)
    previous = previous_published(actor, reader.run)
    return ranking_since(reader, previous, _places(previous) if previous else {})


def ranking_since(reader: RunReader, previous: Run | None, before: Mapping[int, RunPlace]) -> Ranking:
    """As :func:`ranking` for a page that already knows the run before and its places by region."""
    comparable = previous is not None and before.keys() == _subject_ids(reader).keys()
    shared = _Shared.of(reader)
    rows = [
        _rank_row(reader, position, entry, before, shared, comparable) for position, entry in reader.subjects
    ]
    rows.sort(key=lambda row: (row.rank is None, row.rank or 0))
    return Ranking(reader.run, rows, reader.opened.scorecard.total, previous, comparable)


@dataclass(frozen=True)
class Standing:
    """What the ranking says beside a place's own explanation: how it moved, and among how many it stands."""

    previous: Run | None
    comparable: bool
    ranks_before: Mapping[int, int]
    siblings: int
    peers: Sequence[tuple[str, int, int]]
    unranked: str


def standing(actor: Actor, reader: RunReader, position: int) -> Standing:
    """Of a ranked place: the run it is compared with, the published ranks then (tree position → rank, empty
    where other places were ranked), and the size of what it stands in. ``peers``: group, rank, how many."""
    entries = dict(reader.subjects)
    entry, parent = entries[position], reader.opened.tree.parent
    previous = previous_published(actor, reader.run)
    before, subjects = _places(previous) if previous else {}, _subject_ids(reader)
    comparable = previous is not None and before.keys() == subjects.keys()
    sizes = _Shared.of(reader).peers
    return Standing(
        previous,
        comparable,
        {subjects[region_id]: place.rank for region_id, place in before.items() if place.rank}
        if comparable
        else {},
        sum(1 for at, other in entries.items() if other["rank"] and parent[at] == parent[position]),
        [(group, rank, sizes[group]) for group, rank in entry["peer_ranks"].items()],
        "" if entry["rank"] else _why_unranked(entry, reader.opened.scorecard.min_coverage),
    )


def previous_published(actor: Actor, run: Run) -> Run | None:
    """The published run of the same kind for the period just before."""
    return (
        runs_visible(actor)
        .filter(
            region_id=run.region_id,
            level=run.level,
            scorecard=run.scorecard,
            period=Period.parse(run.period).previous().key,
            state=RunState.PUBLISHED,
        )
        .first()
    )


def indicator_ranking(actor: Actor, run: int | RunReader, indicator: str) -> list[IndicatorRow]:
    """Places by one indicator of the card, with noise bands. Raises NotFound for an indicator not on it."""
    reader = as_reader(actor, run)
    definition = _on_card(reader, indicator)
    bands = {
        row["position"]: (row["best_rank"], row["worst_rank"]) for row in reader.opened.indicator(indicator)
    }
    rows = []
    held = Counter(entry["indicators"][indicator]["rank"] for _, entry in reader.subjects)
    for position, entry in reader.subjects:
        values = entry["indicators"][indicator]
        hidden = reader.value_hidden(position, indicator)
        low, high = bands.get(position, (None, None))
        rows.append(
            IndicatorRow(
                region_id=int(reader.opened.tree.ids[position]),
                code=entry["region"],
                name=entry["name"],
                rank=None if hidden else values["rank"],
                value=None if hidden else decimal_of(values["value"]),
                mark=reader.mark(values, hidden),
                qualifier=values["qualifier"],
                low_rank=None if hidden else low,
                high_rank=None if hidden else high,
                on_previous=_on_previous(reader, position, indicator, values),
                on_last_year=_on_last_year(reader, position, indicator, values),
                streak=0 if hidden else values["streak"],
                own=reader.sees_below(position),
                tied=not hidden and bool(values["rank"]) and held[values["rank"]] > 1,
            )
        )
    ascending = definition.direction == "down"
    rows.sort(
        key=lambda row: (
            row.rank is None,
            row.rank or 0,
            (row.value or Decimal(0)) * (1 if ascending else -1),
        )
    )
    return rows


def matrix(actor: Actor, run: int | RunReader) -> Matrix:
    """The whole scorecard, items as rows and places (by rank) as columns."""
    reader = as_reader(actor, run)
    heads = item_heads(reader)
    entries = sorted(reader.subjects, key=lambda pair: (pair[1]["rank"] is None, pair[1]["rank"] or 0))
    shared = _Shared.of(reader)
    places = [_rank_row(reader, position, entry, {}, shared) for position, entry in entries]
    cells = [
        [_cell(reader, position, entry, number) for position, entry in entries]
        for number in range(len(heads))
    ]
    return Matrix(reader.run, heads, places, cells)


def red_lines(
    actor: Actor,
    run: int | RunReader,
    region_id: int | None = None,
    marks: Sequence[Mark] = ("below", "watch"),
    indicators: Collection[str] | None = None,
    limit: int | None = None,
) -> list[RedLineRow]:
    """Requirements missed, red lines crossed first, then by how far the value lies from the requirement.

    For one place or all of the run's, for some indicators or all; each with what is missing, in countable
    units inside the actor's reach. ``limit`` keeps the first ones, so that a page costs the same however
    many places there are.
    """
    reader = as_reader(actor, run)
    wanted = None if region_id is None else reader.position_of(region_id)
    found: list[_Miss] = []
    for position, entry in reader.subjects:
        if wanted is not None and position != wanted:
            continue
        for code, values in entry["indicators"].items():
            if indicators is not None and code not in indicators:
                continue
            mark = reader.mark(values, reader.value_hidden(position, code))
            if mark in marks:
                found.append((position, entry, code, values, mark))
    found.sort(
        key=lambda miss: (miss[4] != "below", -_distance(reader, miss[0], miss[2], miss[3]), miss[2], miss[0])
    )
    return [_red_line(reader, *miss) for miss in found[:limit]]


def items(actor: Actor, run: int | RunReader, region_id: int) -> list[ItemRow]:
    """The card of one ranked place, item by item, the largest loss first."""
    reader = as_reader(actor, run)
    position = reader.position_of(region_id)
    entry = next((entry for place, entry in reader.subjects if place == position), None)
    if entry is None:
        return []
    rows = [
        _item_row(reader, position, entry, number, head) for number, head in enumerate(item_heads(reader))
    ]
    return sorted(rows, key=lambda row: (row.cell.lost is None, -(row.cell.lost or 0)))


def rank_history(
    actor: Actor, region_id: int, scorecard: str, cadence: str, n: int = 12
) -> list[tuple[Run, int | None, Decimal | None]]:
    """(run, rank, total) of a place over the last ``n`` published runs of a card, oldest first. Two queries."""
    runs = runs_visible(actor).filter(
        scorecard=scorecard, cadence=cadence, state=RunState.PUBLISHED, ranked__region_id=region_id
    )
    chosen = {run.pk: run for run in runs[:n]}
    places = {
        place.run_id: place for place in RunPlace.objects.filter(run_id__in=chosen, region_id=region_id)
    }
    rows = [(run, places[pk].rank, places[pk].total) for pk, run in chosen.items()]
    return rows[::-1]


def item_heads(reader: RunReader) -> list[ItemHead]:
    """The rows of the card in its order."""
    card, language = reader.opened.scorecard, reader.language
    heads = []
    for section in card.sections:
        for item in section.items:
            definition = reader.indicator(item.indicator)
            heads.append(
                ItemHead(
                    section=section.code,
                    section_name=section.name(language),
                    indicator=item.indicator,
                    name=definition.name(language),
                    unit=definition.unit_name(language),
                    decimals=definition.decimals,
                    points=item.points,
                    requirement=reader.requirement(definition),
                    red_line=reader.red_line(definition),
                    unverified=definition.status == "G",
                )
            )
    return heads


def shortfall(reader: RunReader, position: int, indicator: str) -> Shortfall | None:
    """What is missing to the requirement of an indicator at a place; None when nothing is or none is set."""
    target = reader.threshold(reader.indicator(indicator), position)
    return None if target is None else shortfall_to(reader, position, indicator, target)


def shortfall_to(reader: RunReader, position: int, indicator: str, target: Threshold) -> Shortfall | None:
    """What is missing at a place to any mark of an indicator, such as another place's value; None when nothing is."""
    definition, opened = reader.indicator(indicator), reader.opened
    gap = opened.gap(definition, target, position)
    if gap is None or gap.met:
        return None
    open_parts = reader.sees_below(position) and not reader.value_hidden(position, indicator)
    return _shortfall(reader, gap, open_parts, definition)


# --- inside


def _shortfall(reader: RunReader, gap: Gap, open_parts: bool, definition: Indicator) -> Shortfall:
    rounded = round_half_up(gap.difference, definition.decimals)
    if not gap.moves or not open_parts:
        return Shortfall(rounded)
    move = gap.moves[0]
    unit_word = definition.gap_unit(reader.language)
    amount = Decimal(move.amount.numerator) / Decimal(move.amount.denominator)
    unit_word = unit_after(amount, unit_word or _element_unit(reader, move), reader.language)
    return Shortfall(rounded, amount, unit_word, move.more)


def _element_unit(reader: RunReader, move: Move) -> str:
    """What the first element of a move is counted in, where the indicator does not name its gap's unit."""
    elements = reader.opened.catalogue.elements
    return elements[move.elements[0]].unit_name(reader.language) if move.elements else ""


def _rank_row(
    reader: RunReader,
    position: int,
    entry: Mapping[str, Any],
    before: Mapping[int, RunPlace],
    shared: _Shared,
    comparable: bool = False,
) -> RankRow:
    region_id = int(reader.opened.tree.ids[position])
    earlier = before.get(region_id)
    previous_rank = earlier.rank if earlier and comparable else None
    card, language = reader.opened.scorecard, reader.language
    counts = {"met": 0, "watch": 0, "below": 0}
    for code, values in entry["indicators"].items():
        mark = reader.mark(values, reader.value_hidden(position, code))
        if mark in counts:
            counts[mark] += 1
    hits = set(entry["vetoes"])
    return RankRow(
        region_id=region_id,
        code=entry["region"],
        name=entry["name"],
        rank=entry["rank"],
        total=decimal_of(entry["total"]),
        previous_rank=previous_rank,
        previous_total=earlier.total if earlier else None,
        moved=previous_rank - entry["rank"] if previous_rank and entry["rank"] else None,
        sections=[
            SectionPoints(
                section.code, section.name(language), Decimal(points["points"]), Decimal(points["maximum"])
            )
            for section, points in zip(card.sections, entry["sections"], strict=True)
        ],
        bonus=Decimal(entry["bonus"]),
        vetoes=[
            _decided(veto.name(language), veto.indicator, entry, reader)
            for veto in card.vetoes
            if veto.indicator in hits
        ],
        sibling_rank=entry["sibling_rank"],
        peer_ranks=entry["peer_ranks"],
        reported=entry["coverage"][0],
        expected=entry["coverage"][1],
        counts=counts,
        unranked="" if entry["rank"] else _why_unranked(entry, card.min_coverage),
        own=reader.sees_below(position),
        tied=shared.ranks[entry["rank"]] > 1 if entry["rank"] else False,
        peer_sizes={group: shared.peers[group] for group in entry["peer_ranks"]},
    )


@dataclass(frozen=True)
class _Shared:
    """How many places hold each rank, and how many are ranked in each peer group."""

    ranks: Counter[int]
    peers: Counter[str]

    @classmethod
    def of(cls, reader: RunReader) -> _Shared:
        """Counted once for all rows."""
        entries = [entry for _, entry in reader.subjects]
        return cls(
            Counter(entry["rank"] for entry in entries if entry["rank"]),
            Counter(group for entry in entries for group in entry["peer_ranks"]),
        )


def _subject_ids(reader: RunReader) -> dict[int, int]:
    """Tree positions of the ranked places by region."""
    return {int(reader.opened.tree.ids[position]): position for position, _ in reader.subjects}


def _decided(name: str, indicator: str, entry: Mapping[str, Any], reader: RunReader) -> str:
    """A veto that took effect, with who decided so and why where somebody did."""
    publication = reader.opened.publication
    for ruling in publication["definitions"].get("ledger", {}).get("rulings", ()):
        same_place = ruling["region"] == [entry["level"], entry["region"]]
        if same_place and ruling["indicator"] == indicator and ruling["period"] == reader.run.period:
            said = {"name": name, "person": ruling["decided_by"], "reason": ruling["reason"]}
            with speaking(reader.language):
                return _("%(name)s（%(person)s决定适用：%(reason)s）") % said
    return name


def _why_unranked(entry: Mapping[str, Any], least: Decimal) -> str:
    reported, expected = entry["coverage"]
    return "coverage" if expected and Decimal(reported) < least * expected else "no_value"


def _cell(reader: RunReader, position: int, entry: Mapping[str, Any], number: int) -> Cell:
    item = entry["items"][number]
    points, maximum = Decimal(item["points"]), Decimal(item["maximum"])
    values = entry["indicators"][item["indicator"]]
    hidden = reader.value_hidden(position, item["indicator"])
    lost = maximum - points
    shown = number not in reader.points_hidden(position, entry)
    return Cell(
        points=points if shown else None,
        maximum=maximum,
        lost=lost if shown else None,
        lost_share=float(lost / maximum) if maximum and shown else 0.0,
        value=None if hidden else decimal_of(values["value"]),
        mark=reader.mark(values, hidden),
        qualifier=values["qualifier"],
    )


def _item_row(
    reader: RunReader, position: int, entry: Mapping[str, Any], number: int, head: ItemHead
) -> ItemRow:
    values = entry["indicators"][head.indicator]
    own = reader.sees_below(position)
    hidden = reader.value_hidden(position, head.indicator)
    shown = own and not hidden
    return ItemRow(
        head=head,
        cell=_cell(reader, position, entry, number),
        numerator=decimal_of(values["numerator"]) if shown else None,
        denominator=decimal_of(values["denominator"]) if shown else None,
        parts_hidden=own and hidden,
        rank=None if hidden else values["rank"],
        reported=values["coverage"][0],
        expected=values["coverage"][1],
        on_previous=_on_previous(reader, position, head.indicator, values),
        on_last_year=_on_last_year(reader, position, head.indicator, values),
        shortfall=None if hidden else shortfall(reader, position, head.indicator),
    )


def _red_line(
    reader: RunReader,
    position: int,
    entry: Mapping[str, Any],
    code: str,
    values: Mapping[str, Any],
    mark: Mark,
) -> RedLineRow:
    definition = reader.indicator(code)
    return RedLineRow(
        region_id=int(reader.opened.tree.ids[position]),
        place=entry["name"],
        indicator=code,
        name=definition.name(reader.language),
        unit=definition.unit_name(reader.language),
        decimals=definition.decimals,
        value=decimal_of(values["value"]),
        mark=mark,
        requirement=reader.requirement(definition, position),
        red_line=reader.red_line(definition, position),
        shortfall=None if mark == "met" else shortfall(reader, position, code),
        direction=definition.direction,
        on_previous=_on_previous(reader, position, code, values),
        streak=values["streak"],
        own=reader.sees_below(position),
    )


def _on_card(reader: RunReader, code: str) -> Indicator:
    if code not in reader.opened.scorecard.indicators:
        raise NotFound(code, "definition")
    return reader.indicator(code)


def _distance(reader: RunReader, position: int, code: str, values: Mapping[str, Any]) -> Decimal:
    """How far a value lies from its requirement as a part of the requirement, for ordering only."""
    target, value = reader.threshold(reader.indicator(code), position), decimal_of(values["value"])
    if target is None or value is None:
        return Decimal(0)
    return abs(value - target.value) / (abs(target.value) or Decimal(1))


def _places(run: Run) -> dict[int, RunPlace]:
    return {place.region_id: place for place in RunPlace.objects.filter(run=run)}


def decimal_of(text: str | None) -> Decimal | None:
    """A number as a run keeps it, a decimal or a fraction."""
    if text is None:
        return None
    top, _, bottom = text.partition("/")
    return Decimal(top) / Decimal(bottom) if bottom else Decimal(top)


def _on_previous(reader: RunReader, position: int, code: str, values: Mapping[str, Any]) -> Decimal | None:
    """The change on the period before, where it may be shown."""
    return _difference(reader, position, code, values["on_previous"], reader.opened.period.previous())


def _on_last_year(reader: RunReader, position: int, code: str, values: Mapping[str, Any]) -> Decimal | None:
    """The change on the same period last year, where it may be shown."""
    return _difference(reader, position, code, values["on_last_year"], reader.opened.period.last_year())


def _difference(
    reader: RunReader, position: int, code: str, change: Mapping[str, Any] | None, before: Period
) -> Decimal | None:
    if change is None or reader.change_hidden(position, code, before):
        return None
    return Decimal(change["difference"])
