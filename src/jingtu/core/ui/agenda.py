"""What a meeting could talk about: apps register what they can offer; each source asks with the actor's rights.

Meetings stand below accountability, so measures and listings reach an agenda through here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from jingtu.core.kernel.actor import Actor


@dataclass(frozen=True)
class Point:
    """One thing to put on the agenda. ``kind`` and ``key`` name it for good, so that the next agenda can say
    what became of it; titles are in both languages, since papers are printed in either."""

    kind: str  # "late_task", "red_indicator", "open_measure", "decision", …
    key: str
    title_zh: str
    title_en: str
    url: str = ""
    detail_zh: str = ""
    detail_en: str = ""
    since: date | None = None  # how long it has been waiting; the oldest stand first


@dataclass(frozen=True)
class PointSource:
    """What one app can offer for a meeting about a region. ``find(actor, region_id, day)`` asks a constant
    number of queries and returns at most ``MOST`` points."""

    key: str
    label_zh: str
    label_en: str
    find: Callable[[Actor, int, date], Sequence[Point]]
    order: int = 500


MOST = 50

_sources: dict[str, PointSource] = {}


def register_points(source: PointSource) -> None:
    """Add a source; the same key again replaces it."""
    _sources[source.key] = source


def points_for(actor: Actor, region_id: int, day: date) -> list[tuple[PointSource, list[Point]]]:
    """Everything that could be talked about, source by source in their order; sources with nothing are left out."""
    found = []
    for source in sorted(_sources.values(), key=lambda source: (source.order, source.key)):
        points = list(source.find(actor, region_id, day))[:MOST]
        if points:
            found.append((source, points))
    return found
