"""The tree of a day, for computation, and what a region was over time.

As in :mod:`jingtu.core.regions.queries`, every function takes the actor, and names are public.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
from django.db.models import Prefetch, Q

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.reading import once
from jingtu.core.regions.models import (
    Region,
    RegionAlias,
    RegionChange,
    RegionSuccession,
    RegionTree,
    RegionVersion,
)
from jingtu.engine.tree import RegionRow
from jingtu.engine.tree import RegionTree as EngineTree

_TREES_KEPT = 8
_built: OrderedDict[tuple[str, date | None], EngineTree] = OrderedDict()
_identities: WeakKeyDictionary[EngineTree, str] = WeakKeyDictionary()


def engine_tree(actor: Actor, tree: RegionTree, as_of: date | None = None) -> EngineTree:
    """The tree of today, or as it was on a day, for computation; own ids are the regions' primary keys.

    Kept in memory by content, so a second call costs one small query. On a day before a region's parent
    existed (its children's own start being unknown) the region stands under the nearest ancestor of that
    day. Raises InvalidInput when the tree had no root on that day.
    """
    now = trees_now(actor).get(tree.pk)
    key = (f"{tree.pk} {now.fingerprint if now else ''}", as_of)
    known = _built.get(key)
    if known is None:
        known = _today(tree) if as_of is None else _as_of(tree, as_of)
        _built[key] = known
        while len(_built) > _TREES_KEPT:
            _built.popitem(last=False)
    else:
        _built.move_to_end(key)
    return known


def trees_now(actor: Actor) -> Mapping[int, RegionTree]:
    """The trees as they stand, by own id. One query, one for a whole page."""
    return once("regions.trees", RegionTree.objects.order_by().in_bulk)


def identity(shape: EngineTree) -> str:
    """What tells a tree for computation from every other: its regions and their own ids."""
    known = _identities.get(shape)
    if known is None:
        ids = hashlib.sha256(shape.ids.tobytes()).hexdigest()
        known = _identities[shape] = f"{shape.digest()} {ids}"
    return known


def _today(tree: RegionTree) -> EngineTree:
    rows = list(
        Region.objects.filter(tree=tree, valid_to__isnull=True)
        .order_by("position")
        .values_list("pk", "parent_id", "code", "name", "level", "depth", "last")
    )
    if not rows:
        return EngineTree.build([], tree.slug)
    ids, parent_ids, codes, names, levels, depths, lasts = zip(*rows, strict=True)
    at = {pk: position for position, pk in enumerate(ids)}
    parents = [-1 if parent_id is None else at[parent_id] for parent_id in parent_ids]
    return EngineTree(
        key=tree.slug,
        ids=np.asarray(ids, dtype=np.int64),
        parent=np.asarray(parents, dtype=np.int32),
        depth=np.asarray(depths, dtype=np.int16),
        last=np.asarray(lasts, dtype=np.int32),
        codes=codes,
        names=names,
        levels=levels,
        aliases={at[pk]: names for pk, names in _aliases(tree).items() if pk in at},
    )


def _aliases(tree: RegionTree) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = RegionAlias.objects.filter(region__tree=tree).order_by("pk").values_list("region_id", "name")
    for region_id, name in rows:
        found[region_id].append(name)
    return {region_id: tuple(names) for region_id, names in found.items()}


def _as_of(tree: RegionTree, day: date) -> EngineTree:
    state: dict[int, tuple[str, str, str, int | None]] = {}  # code, name, level, parent
    parent_of: dict[int, int | None] = {}
    for pk, parent_id, code, name, level, start, end in Region.objects.filter(tree=tree).values_list(
        "pk", "parent_id", "code", "name", "level", "valid_from", "valid_to"
    ):
        parent_of[pk] = parent_id
        if (start is None or start <= day) and (end is None or day < end):
            state[pk] = (code, name, level, parent_id)
    versions = RegionVersion.objects.filter(region__tree=tree, valid_to__gt=day).filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    )
    for pk, code, name, level, parent_id in versions.values_list(
        "region_id", "code", "name", "level", "parent_id"
    ):
        if pk in state:
            state[pk] = (code, name, level, parent_id)
    names = _aliases(tree)
    rows = []
    for pk, (code, name, level, nearest) in state.items():
        while nearest is not None and nearest not in state:
            nearest = parent_of.get(nearest)
        above = state[nearest] if nearest is not None else None
        rows.append(
            RegionRow(
                code,
                name,
                above[0] if above else None,
                level,
                id=pk,
                parent_level=above[2] if above else None,
                aliases=names.get(pk, ()),
            )
        )
    return EngineTree.build(rows, tree.slug)


# -- one region over time ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """What a region was called and where it belonged from one day (None: unknown) until another (None: today)."""

    name: str
    code: str
    parent: str
    start: date | None
    end: date | None


def spans(actor: Actor, region: Region) -> list[Span]:
    """A region's names, codes and parents over time, the latest first. One query beside the region's own."""
    versions = list(region.versions.select_related("parent").order_by("valid_to"))
    found = [
        Span(row.name, row.code, row.parent.name if row.parent else "", row.valid_from, row.valid_to)
        for row in versions
    ]
    start = versions[-1].valid_to if versions else region.valid_from
    parent = region.parent.name if region.parent else ""
    found.append(Span(region.name, region.code, parent, start, region.valid_to))
    return found[::-1]


def changes(actor: Actor, region: Region) -> list[RegionChange]:
    """The changes a region took part in, the latest first, with ``successions`` read along."""
    return list(
        RegionChange.objects.filter(
            Q(region=region)
            | Q(versions__region=region)
            | Q(successions__from_region=region)
            | Q(successions__to_region=region)
        )
        .distinct()
        .select_related("region")
        .prefetch_related(
            Prefetch(
                "successions",
                queryset=RegionSuccession.objects.select_related("from_region", "to_region"),
            )
        )
        .order_by("-date", "-pk")
    )
