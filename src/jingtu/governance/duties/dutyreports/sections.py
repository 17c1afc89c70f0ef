"""What the system knows of a post's year: apps above register their sections (measures do)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jingtu.core.kernel.actor import Actor
from jingtu.governance.duties.bodies.panels import MOST_LINES, Panel

from .models import DutyReport
from .rules import State

Find = Callable[[Actor, DutyReport, dt.date, dt.date], Panel | None]


@dataclass(frozen=True)
class Section:
    """Who can tell something; ``label`` in Chinese and English."""

    key: str
    label: tuple[str, str]
    find: Find
    order: int = 500


_sections: dict[str, Section] = {}


def register_section(key: str, label: tuple[str, str], find: Find, order: int = 500) -> None:
    """Add a section; the same key again replaces it. ``find`` asks a constant number of queries."""
    _sections[key] = Section(key, label, find, order)


def sections_of(actor: Actor, report: DutyReport) -> list[dict[str, Any]]:
    """What stands beside the person's own words: kept since the report was handed in, of a draft what is known today."""
    kept: list[dict[str, Any]] = report.content
    return gathered(actor, report) if report.state == State.DRAFT else kept


def gathered(actor: Actor, report: DutyReport) -> list[dict[str, Any]]:
    """Everything known of the report's year that the actor may see, as plain values in both languages."""
    start, end = dt.date(report.year, 1, 1), dt.date(report.year, 12, 31)
    found = []
    for section in sorted(_sections.values(), key=lambda section: (section.order, section.key)):
        panel = section.find(actor, report, start, end)
        if panel is None:
            continue
        lines = [
            {
                "text": [line.zh, line.en],
                "detail": [line.detail_zh, line.detail_en],
                "tone": line.tone,
                "url": line.url,
            }
            for line in panel.lines[:MOST_LINES]
        ]
        sentence = [panel.sentence_zh, panel.sentence_en]
        found.append({"label": list(section.label), "sentence": sentence, "lines": lines})
    return found
