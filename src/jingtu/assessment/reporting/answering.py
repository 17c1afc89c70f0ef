"""Cells that a reviewer sent back: what they held then, and what was answered.

For code that has decided that the actor works on these reports.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .definition import cell_key
from .models import Report, ReportEvent
from .rules import ReportAction, SentBack


def sent_back(reports: Collection[Report]) -> dict[int, dict[str, SentBack]]:
    """By report and cell what stood there when it was last sent back. At most two queries."""
    returns = _events(reports, ReportAction.RETURN)
    if not returns:
        return {}
    last = {(event.report_id, cell_key(event.element, event.category)): event for event in returns}
    notes: dict[tuple[int, str], str] = {}
    for event in _events(reports, ReportAction.FILL, {event.element for event in returns}):
        place = (event.report_id, cell_key(event.element, event.category))
        if place in last and event.pk < last[place].pk:
            notes[place] = event.note
    found: dict[int, dict[str, SentBack]] = {}
    for (report_id, key), event in last.items():
        before = SentBack(event.value, event.qualifier, notes.get((report_id, key), ""), event.note)
        found.setdefault(report_id, {})[key] = before
    return found


@dataclass(frozen=True)
class Exchange:
    """Why a cell was sent back last, what it held then, and what was answered (empty: it was changed only)."""

    reason: str
    value: int | None
    qualifier: str
    answer: str


def exchanges(report: Report) -> dict[str, Exchange]:
    """By cell of one report the last return that was answered. One query."""
    found: dict[str, Exchange] = {}
    asked: dict[str, ReportEvent] = {}
    for event in _events([report], ReportAction.RETURN, also=ReportAction.ANSWER):
        key = cell_key(event.element, event.category)
        if event.action == ReportAction.RETURN:
            asked[key] = event
        elif key in asked:
            past = asked[key]
            found[key] = Exchange(past.note, past.value, past.qualifier, event.note)
    return found


def _events(
    reports: Collection[Report],
    action: ReportAction,
    elements: Collection[str] = (),
    also: ReportAction | None = None,
) -> list[ReportEvent]:
    """What was done to single cells, in the order it was done."""
    if not reports:
        return []
    events = ReportEvent.objects.filter(
        report__in=[report.pk for report in reports], action__in=[action, also or action]
    ).exclude(element="")
    if elements:
        events = events.filter(element__in=elements)
    return list(events.order_by("pk"))
