"""The results of a run: scorecard, red lines, items of one place.

Decimals are exact as published. Everything is read from the frozen files, so the number of database
queries does not depend on the number of places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from jingtu.core.kernel.actor import Actor

from .opened import Mark, RunReader, as_reader
from .rankings import Shared, change_on_last_year, change_on_previous, decimal_of, rank_row
from .rows import (
    Cell,
    ItemHead,
    ItemRow,
    Matrix,
    RedLineRow,
)
from .shortfalls import shortfall

_Miss = tuple[int, Mapping[str, Any], str, Mapping[str, Any], Mark]
"""Position, published entry, indicator, its values, its mark."""


def matrix(actor: Actor, run: int | RunReader) -> Matrix:
    """The whole scorecard, items as rows and places (by rank) as columns."""
    reader = as_reader(actor, run)
    heads = item_heads(reader)
    entries = sorted(reader.subjects, key=lambda pair: (pair[1]["rank"] is None, pair[1]["rank"] or 0))
    shared = Shared.of(reader)
    places = [rank_row(reader, position, entry, {}, shared) for position, entry in entries]
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


# --- inside


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
        on_previous=change_on_previous(reader, position, head.indicator, values),
        on_last_year=change_on_last_year(reader, position, head.indicator, values),
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
        on_previous=change_on_previous(reader, position, code, values),
        streak=values["streak"],
        own=reader.sees_below(position),
    )


def _distance(reader: RunReader, position: int, code: str, values: Mapping[str, Any]) -> Decimal:
    """How far a value lies from its requirement as a part of the requirement, for ordering only."""
    target, value = reader.threshold(reader.indicator(code), position), decimal_of(values["value"])
    if target is None or value is None:
        return Decimal(0)
    return abs(value - target.value) / (abs(target.value) or Decimal(1))
