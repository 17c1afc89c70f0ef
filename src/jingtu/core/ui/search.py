"""Search of everything (`/`): apps register what they can find; each source asks with the actor's rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor

HITS_PER_SOURCE = 8


@dataclass(frozen=True)
class Hit:
    """One line of the answer."""

    label: str
    url: str
    detail: str = ""


@dataclass(frozen=True)
class Source:
    """What one app can find. ``find(actor, text, limit)`` returns only what the actor may see."""

    key: str
    label: str | Promise
    find: Callable[[Actor, str, int], Sequence[Hit]]
    order: int = 500


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Add a source; the same key again replaces it."""
    _sources[source.key] = source


def search(actor: Actor, text: str) -> list[tuple[str, list[Hit]]]:
    """Hits by source, sources without a hit left out; an empty text finds nothing."""
    text = text.strip()
    if not text:
        return []
    answers = []
    for source in sorted(_sources.values(), key=lambda source: source.order):
        hits = list(source.find(actor, text, HITS_PER_SOURCE))
        if hits:
            answers.append((str(source.label), hits))
    return answers
