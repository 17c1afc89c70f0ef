"""What waits for a person today: apps register what they can find; each source asks with the actor's rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor

Tone = Literal["watch", "below", "none"]


@dataclass(frozen=True)
class Duty:
    """One thing to do, or several of a kind: ``count`` of them, at ``url``; ``tone`` says how pressing it is."""

    label: str | Promise
    url: str
    detail: str = ""
    count: int | None = None
    tone: Tone = "none"


@dataclass(frozen=True)
class DutySource:
    """What one app can find. ``find(actor)`` asks a constant number of queries."""

    key: str
    find: Callable[[Actor], Sequence[Duty]]
    order: int = 500


_sources: dict[str, DutySource] = {}


def register_duties(source: DutySource) -> None:
    """Add a source; the same key again replaces it."""
    _sources[source.key] = source


def duties_of(actor: Actor) -> list[Duty]:
    """Everything that waits for the actor, the sources in their order."""
    return [
        duty
        for source in sorted(_sources.values(), key=lambda source: (source.order, source.key))
        for duty in source.find(actor)
    ]
