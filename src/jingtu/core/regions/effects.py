"""What hangs on the regions a change touches: apps above register what they can find, each within the actor's rights.

Findings are made on the tree as it stands before the change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor

from .hooks import Effect
from .models import Region, RegionChange, RegionTree
from .reach import Span, inside


@dataclass(frozen=True)
class Affected:
    """The regions a change touches, as they are before it.

    ``regions``: those it names; ``ended``: ids of those that end by it; ``spans``: where things hang on it, with
    everything below except for a mere renaming; ``codes``: codes that would no longer be found.
    """

    tree: RegionTree
    kind: str
    day: date
    regions: tuple[Region, ...]
    ended: frozenset[int] = frozenset()
    spans: tuple[Span, ...] = ()
    codes: frozenset[str] = field(default=frozenset())

    def within(self, prefix: str = "region__") -> Q:
        """The condition that a row's region (``prefix`` leads to it) is touched."""
        return inside(self.spans, prefix)

    def holds(self, region: Region) -> bool:
        """Whether the change touches a region."""
        return any(span.holds(region) for span in self.spans)


@dataclass(frozen=True)
class EffectLine:
    """Things of one kind: how many, which (``detail``), and where to look at them (``url``, may be empty)."""

    label: str
    count: int
    detail: str = ""
    url: str = ""


Finder = Callable[[Actor, Affected], Sequence[EffectLine] | None]
"""Returns nothing for nothing affected, None where the actor's posts do not let it look. Constant queries."""


@dataclass(frozen=True)
class EffectGroup:
    """What one app found; ``lines`` None: not for the actor to know."""

    key: str
    title: str | Promise
    lines: Sequence[EffectLine] | None


_finders: dict[str, tuple[int, str | Promise, Finder]] = {}


def register_effect(key: str, title: str | Promise, find: Finder, order: int = 500) -> None:
    """Add what an app finds; the same key again replaces it."""
    _finders[key] = (order, title, find)


def effects_of(actor: Actor, affected: Affected) -> list[EffectGroup]:
    """What every app finds, in their order; nothing for a change that touches no region there is."""
    if not affected.regions:
        return []
    return [
        EffectGroup(key, title, find(actor, affected))
        for key, (_, title, find) in sorted(_finders.items(), key=lambda item: (item[1][0], item[0]))
    ]


def touched_by(effect: Effect) -> Affected:
    """The regions of a previewed change, read anew after it was taken back."""
    created = {region.pk for region in effect.created}
    touched = (*effect.ended, *(region for _, region in (*effect.moved, *effect.renamed)))
    named = {region.pk for region in touched} | {effect.change.region_id}
    renamed = effect.change.kind == RegionChange.Kind.RENAME
    found = Region.objects.select_related("tree").filter(pk__in=named - created, valid_to__isnull=True)
    regions = tuple(found.order_by("position"))
    ended = frozenset(region.pk for region in effect.ended)
    standing = {region.code for region in (*effect.created, *(region for _, region in effect.renamed))}
    standing |= {region.code for _, region in effect.moved}
    changed = ended | {region.pk for region in touched}
    codes = {region.code for region in regions if region.pk in changed} - standing
    return Affected(
        tree=effect.change.tree,
        kind=effect.change.kind,
        day=effect.change.date,
        regions=regions,
        ended=ended,
        spans=tuple(
            Span(region.tree_id, region.pk, None, None) if renamed else Span.of(region)
            for region in (regions if renamed else _outermost(regions))
        ),
        codes=frozenset(codes),
    )


def _outermost(regions: Sequence[Region]) -> list[Region]:
    """The regions, in order of position, that lie inside no other of them."""
    kept: list[Region] = []
    for region in regions:
        if not kept or not Span.of(kept[-1]).holds(region):
            kept.append(region)
    return kept
