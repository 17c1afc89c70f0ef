"""What is missing at a place to a requirement or another mark, in units that can be counted."""

from __future__ import annotations

from decimal import Decimal

from jingtu.engine.catalogue import Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import round_half_up, unit_after
from jingtu.engine.gap import Gap, Move

from .opened import RunReader
from .rows import (
    Shortfall,
)


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
