"""What stands on a body's page besides itself: apps above register what they know of a body's work.

A panel is asked for a time: for the page the last thirty days, for a report its period. It answers with
what the actor may see, in both languages, since reports are printed in either, and asks a constant number
of queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.middleware import interface_language

from .models import Body

MOST_LINES = 20
Tone = str  # "met", "watch", "below", "none": the states of core.ui


@dataclass(frozen=True)
class Line:
    """One thing: a task, a red indicator, a meeting."""

    zh: str
    en: str
    url: str = ""
    detail_zh: str = ""
    detail_en: str = ""
    tone: Tone = "none"


@dataclass(frozen=True)
class Panel:
    """What an app knows of a body: one sentence in each language, the lines, and where all of it stands."""

    sentence_zh: str
    sentence_en: str
    lines: Sequence[Line] = field(default=())
    url: str = ""


Find = Callable[[Actor, Body, dt.date, dt.date], Panel | None]


@dataclass(frozen=True)
class PanelSource:
    """Who can tell something; ``label`` in Chinese and English."""

    key: str
    label: tuple[str, str]
    find: Find
    order: int = 500

    @property
    def name(self) -> str:
        """The label in the reader's language."""
        return self.label[interface_language() == "en"]


_sources: dict[str, PanelSource] = {}


def register_panel(key: str, label: tuple[str, str], find: Find, order: int = 500) -> None:
    """Add a panel; the same key again replaces it."""
    _sources[key] = PanelSource(key, label, find, order)


def panels_for(actor: Actor, body: Body, start: dt.date, end: dt.date) -> list[tuple[PanelSource, Panel]]:
    """Everything that is known of the body's work in the time, the sources in their order."""
    found = []
    for source in sorted(_sources.values(), key=lambda source: (source.order, source.key)):
        panel = source.find(actor, body, start, end)
        if panel is not None:
            found.append((source, panel))
    return found
