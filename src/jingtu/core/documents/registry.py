"""Who cites a document. Apps above register how to find their own citations, so nothing points upward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jingtu.core.kernel.actor import Actor


@dataclass(frozen=True)
class Citation:
    """One definition that rests on a document, or on one ``article`` of it."""

    kind: str  # "indicator", "element", … in the reader's language
    label: str
    url: str = ""
    article: str = ""


CitedBy = Callable[[Actor, str], Sequence[Citation]]

_sources: list[CitedBy] = []


def register_citations(source: CitedBy) -> None:
    """Add a function that lists, for an actor and a document's code, what cites it."""
    if source not in _sources:
        _sources.append(source)


def cited_by(actor: Actor, code: str) -> list[Citation]:
    """Everything that cites the document, source by source."""
    return [citation for source in _sources for citation in source(actor, code)]
