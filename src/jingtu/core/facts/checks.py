"""Pairs of elements of which one is part of the other; a part above its whole is refused at import.

Definitions that say so by themselves (``parts_of``) need no registration. Apps above know further pairs
from their formulas (the numerator and denominator of a share) and register how to list them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jingtu.engine.elements import Element

Pairs = Callable[[], Iterable[tuple[str, str]]]

_sources: list[Pairs] = []


def register_pairs(source: Pairs) -> None:
    """Add a function that lists (part, whole) element codes, asked at every import."""
    if source not in _sources:
        _sources.append(source)


def pairs(elements: Mapping[str, Element]) -> list[tuple[str, str]]:
    """All known pairs, each once."""
    found = {(element.code, element.parts_of): None for element in elements.values() if element.parts_of}
    for source in _sources:
        found |= dict.fromkeys(source())
    return [(part, whole) for part, whole in found if whole is not None and part != whole]
