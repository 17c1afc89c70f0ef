"""Figures that the system knows from elsewhere and nobody should type: apps that hold them register a feed.

A feed names the elements it can derive and answers for many regions at once. Whoever asks for figures (a form)
fills them in, locks them, and links to where they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import RegionTree
from jingtu.engine.elements import Qualifier
from jingtu.engine.periods import Period


@dataclass(frozen=True)
class Derived:
    """One derived figure: the scaled integer, and the page that shows how it came about."""

    value: int
    link: str = ""
    qualifier: Qualifier = Qualifier.EXACT


Key = tuple[int, str, str]
"""Own id of the region, element code, category."""

Derive = Callable[[Actor, RegionTree, Sequence[int], Period], Mapping[Key, Derived]]


@dataclass(frozen=True)
class Feed:
    """A source of figures. ``derive`` asks a constant number of queries, whatever the number of regions; what it
    leaves out is not known and stays to be typed."""

    key: str
    label: str | Promise
    elements: frozenset[str]
    derive: Derive


_feeds: dict[str, Feed] = {}


def register_feed(feed: Feed) -> None:
    """Add a feed; the same key again replaces it."""
    _feeds[feed.key] = feed


def feeds_for(elements: Sequence[str]) -> list[Feed]:
    """Feeds that can derive any of the elements, in the order of their keys."""
    wanted = set(elements)
    return [_feeds[key] for key in sorted(_feeds) if _feeds[key].elements & wanted]
