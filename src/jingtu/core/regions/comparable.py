"""Today's tree with the regions that went over into others still in it, so that earlier figures add up on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jingtu.core.kernel.actor import Actor
from jingtu.engine.succession import shares_of
from jingtu.engine.tree import RegionTree as EngineTree

from .models import Region, RegionChange, RegionSuccession, RegionTree
from .rules import preorder
from .timeline import engine_tree


def successions_of(actor: Actor, tree: RegionTree) -> list[RegionSuccession]:
    """Who went over into whom by mergers and splits, the earliest first, with regions and change. One query."""
    return list(
        RegionSuccession.objects.filter(change__tree=tree)
        .select_related("change", "from_region", "to_region")
        .order_by("change__date", "pk")
    )


@dataclass(frozen=True)
class Redrawing:
    """One merger or split that matters to a region's earlier figures. ``crosses``: figures went over its bounds."""

    change: RegionChange
    steps: Sequence[RegionSuccession]
    crosses: bool

    @property
    def source(self) -> Region:
        """The region that was split; of a merger the first of those that ended."""
        return self.steps[0].from_region

    @property
    def is_split(self) -> bool:
        """Whether one became several."""
        return self.change.kind == RegionChange.Kind.SPLIT

    def shares(self) -> dict[int, Fraction] | None:
        """Of a split: the part of everybody who came out of it, by own id; None where the document does not say."""
        goes_on = self.source.valid_to != self.change.date
        return shares_of(self.source.pk, goes_on, {step.to_region_id: step.share for step in self.steps})


def redrawings(actor: Actor, region: Region) -> list[Redrawing]:
    """What made the region, and what is below it, out of others, the earliest first: mergers into them, splits they
    came from or that took from them, and those of what these came from. Empty for a region that has ended."""
    gone = successions_of(actor, region.tree)
    if not gone or region.position is None:
        return []
    shape = comparable_tree(actor, region.tree, gone)
    here = set(shape.ids[shape.subtree(shape.position_of_id(region.pk))].tolist())
    of_change: dict[int, list[RegionSuccession]] = defaultdict(list)
    for step in gone:
        of_change[step.change_id].append(step)
    wanted, found = set(here), []
    for steps in reversed(of_change.values()):
        change, sources = steps[0].change, {step.from_region_id for step in steps}
        taken = {step.to_region_id for step in steps}
        if change.kind == RegionChange.Kind.MERGE:
            matters, crosses = bool(taken & wanted), not sources <= here
        else:
            source = steps[0].from_region
            crosses = not (sources | taken) <= here
            # Inside the region sums hold by themselves, unless what was split is no longer in today's tree.
            matters = bool((sources | taken) & wanted) and (crosses or source.valid_to is not None)
        if matters:
            wanted |= sources
            found.append(Redrawing(change, steps, crosses))
    return found[::-1]


def comparable_tree(actor: Actor, tree: RegionTree, gone: list[RegionSuccession]) -> EngineTree:
    """Today's tree with the regions that ended by ``gone``: the merged below what took all of them, those that were
    split below what they stood under, so that sums further up hold.
    """
    now = engine_tree(actor, tree)
    shown = {int(pk): at for at, pk in enumerate(now.ids)}
    ended: dict[int, Region] = {}
    below: dict[int | None, list[int]] = defaultdict(list)
    for at, pk in enumerate(now.ids.tolist()):
        below[int(now.ids[now.parent[at]]) if now.parent[at] >= 0 else None].append(pk)
    for step in gone:
        region = step.from_region
        if region.pk in shown or region.pk in ended or region.valid_to is None:
            continue
        ended[region.pk] = region
        merged = step.change.kind == RegionChange.Kind.MERGE
        below[step.to_region_id if merged else region.parent_id].append(region.pk)
    # Regions whose successor is in neither tree are not reached from the root and so stay out.
    order = preorder(below)
    at_of = {pk: position for position, (pk, _position, _last, _depth) in enumerate(order)}
    above = {child: parent for parent, children in below.items() for child in children}
    keys = [pk for pk, _position, _last, _depth in order]

    def text(pk: int, values: tuple[str, ...], own: str) -> str:
        return values[shown[pk]] if pk in shown else str(getattr(ended[pk], own))

    parents = [above[pk] for pk in keys]
    return EngineTree(
        key=now.key,
        ids=np.asarray(keys, dtype=np.int64),
        parent=np.asarray([-1 if pk is None else at_of[pk] for pk in parents], dtype=np.int32),
        depth=np.asarray([depth for _pk, _position, _last, depth in order], dtype=np.int16),
        last=np.asarray([last for _pk, _position, last, _depth in order], dtype=np.int32),
        codes=tuple(text(pk, now.codes, "code") for pk in keys),
        names=tuple(text(pk, now.names, "name") for pk in keys),
        levels=tuple(text(pk, now.levels, "level") for pk in keys),
    )
