"""Tells the facts from which of their earlier states a sheet was sent out without a publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from jingtu.engine.periods import Period

from .models import Sheet
from .rules import FACTS_MARK, Origin


def sent_states() -> list[tuple[int, int, date]]:
    """From which tree's facts, after which batch, and up to which day figures were sent out. One query."""
    sent = Sheet.objects.filter(sent_at__isnull=False).exclude(facts_upto=[])
    found = sent.order_by().values_list("region__tree_id", "facts_upto", "period")
    return [(tree, upto, Period.parse(period).end) for tree, states, period in found for upto in states]


def states_behind(lines: Iterable[tuple[Origin, str]]) -> list[int]:
    """The batches named by the marks of the values that come from facts, each once, in order."""
    return sorted(
        {
            int(mark.removeprefix(FACTS_MARK))
            for origin, mark in lines
            if origin == Origin.FACTS and mark.startswith(FACTS_MARK)
        }
    )
