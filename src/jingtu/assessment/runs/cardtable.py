"""What the scorecard shows, arranged as a table for its page: no database, no rights decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .queries import Cell, ItemHead, Matrix, RankRow, RunReader

MOST_ITEMS = 10


@dataclass(frozen=True)
class CardRow:
    """An item with its cells in the order of the places."""

    head: ItemHead
    cells: Sequence[Cell]


@dataclass(frozen=True)
class CardSection:
    """A section with the points of every place."""

    code: str
    name: str
    points: Decimal
    totals: Sequence[Decimal]
    rows: Sequence[CardRow]


@dataclass(frozen=True)
class CardTable:
    """The card for the places of one page."""

    places: Sequence[RankRow]
    sections: Sequence[CardSection]
    by_place: Sequence[tuple[RankRow, Sequence[tuple[ItemHead, Cell]]]]
    any_bonus: bool
    mixed: bool
    """Whether some of the places are the reader's own and others not."""
    unverified: int
    too_small: Sequence[tuple[ItemHead, int, str, Sequence[str]]]
    """Items with the smallest denominator, what becomes of their points, and the places that have a smaller one."""
    tied: bool


def card_table(reader: RunReader, found: Matrix, columns: Sequence[int]) -> CardTable:
    """The matrix cut to some of its places, in the sections of the card."""
    places = [found.places[column] for column in columns]
    rows = [
        CardRow(head, [cells[column] for column in columns])
        for head, cells in zip(found.items, found.cells, strict=True)
    ]
    sections = [
        CardSection(
            code=section.code,
            name=section.name(reader.language),
            points=section.points,
            totals=[place.sections[number].points for place in places],
            rows=[row for row in rows if row.head.section == section.code],
        )
        for number, section in enumerate(reader.opened.scorecard.sections)
    ]
    by_place = [
        (place, [(row.head, row.cells[number]) for row in rows]) for number, place in enumerate(places)
    ]
    return CardTable(
        places,
        sections,
        by_place,
        any(place.bonus for place in places),
        len({place.own for place in found.places}) > 1,
        sum(1 for head in found.items if head.unverified),
        _too_small(reader, rows, places),
        any(place.tied for place in places),
    )


def _too_small(
    reader: RunReader, rows: Sequence[CardRow], places: Sequence[RankRow]
) -> Sequence[tuple[ItemHead, int, str, Sequence[str]]]:
    """Items whose value is shown and not judged at some places, as their denominator is too small."""
    policies = {item.indicator: item.not_applicable for item in reader.opened.scorecard.items}
    found = []
    for row in rows:
        names = [
            place.name for place, cell in zip(places, row.cells, strict=True) if cell.mark == "too_small"
        ]
        least = reader.indicator(row.head.indicator).min_denominator
        if names:
            found.append((row.head, least, policies[row.head.indicator], names))
    return found
