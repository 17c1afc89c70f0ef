"""Today's tree with the regions that went over into others still in it, so that earlier figures add up on it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from jingtu.core.kernel.actor import Actor
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


def comparable_tree(actor: Actor, tree: RegionTree, gone: list[RegionSuccession]) -> EngineTree:
    """Today's tree and, below what they were merged into, the regions that ended by ``gone``.

    A region that was merged has one successor that took all of it; those of a split stay out.
    """
    now = engine_tree(actor, tree)
    shown = {int(pk): at for at, pk in enumerate(now.ids)}
    ended: dict[int, Region] = {}
    below: dict[int | None, list[int]] = defaultdict(list)
    for at, pk in enumerate(now.ids.tolist()):
        below[int(now.ids[now.parent[at]]) if now.parent[at] >= 0 else None].append(pk)
    for step in gone:
        region = step.from_region
        if step.change.kind == RegionChange.Kind.MERGE and region.pk not in shown and region.pk not in ended:
            ended[region.pk] = region
            below[step.to_region_id].append(region.pk)
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
