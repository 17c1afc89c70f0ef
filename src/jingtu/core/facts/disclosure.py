"""Counts of persons which readers without the right do not see exactly: the small, and what would tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from jingtu.core.facts import queries, store
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.disclosure import hidden_together, small
from jingtu.engine.elements import Element
from jingtu.engine.facttable import RETRACTED, FactTable
from jingtu.engine.rollup import subtree_sums
from jingtu.engine.tree import RegionTree as EngineTree

EXACT = (Permission.SMALL_CELLS_READ, Permission.FACTS_IMPORT)
"""Whoever may read small counts in a region, or reports for it, sees its figures."""

_Masks = dict[tuple[str, str, str, int], NDArray[np.int64]]

# By the merged facts they were worked out from: a new batch makes a new table, so none can be stale.
_known: WeakKeyDictionary[FactTable, _Masks] = WeakKeyDictionary()


def hidden_rows(
    actor: Actor, tree: RegionTree, facts: FactTable, elements: Mapping[str, Element]
) -> NDArray[np.bool_]:
    """Which of the facts in force given here may not be shown exactly to this actor.

    Decided over all facts of the tree, not over those given, so that two pages (or filters, or readers)
    put together reveal no more than one. A place's counts of one element and period are hidden together.
    """
    hidden = np.zeros(len(facts), dtype=bool)
    counting = [
        place
        for place, code in enumerate(facts.element_codes)
        if code in elements and elements[code].person_based
    ]
    concerned = np.isin(facts.element, counting)
    for permission in EXACT:
        if not concerned.any():
            return hidden
        trusted = queries.region_ids_in(actor, permission, tree)
        if trusted is None:
            return hidden
        concerned &= ~np.isin(facts.region_id, trusted)
    if not concerned.any():
        return hidden
    whole = store.read(tree.pk)
    shape = engine_tree(actor, tree)
    masks = _known.setdefault(whole, {})
    pairs = np.unique(np.stack([facts.element[concerned], facts.period[concerned]]), axis=1)
    for element, period in pairs.T.tolist():
        code, key = facts.element_codes[element], facts.period_keys[period]
        named = (tree.fingerprint, code, key, settings.SMALL_CELL_LIMIT)
        found = masks.get(named)
        if found is None:
            found = masks[named] = _protected(whole.select([code], [key]), shape, elements[code].scale)
        if found.size:
            rows = concerned & (facts.element == element) & (facts.period == period)
            hidden |= rows & np.isin(facts.region_id, found)
    return hidden


def hidden_history(actor: Actor, region: Region, element: Element, values: Iterable[int | None]) -> bool:
    """Whether a value's past may not be shown exactly: one of its figures was a small count of persons."""
    if not element.person_based or any(actor.can(permission, region.pk) for permission in EXACT):
        return False
    return any(
        value is not None and 0 < value < settings.SMALL_CELL_LIMIT * element.scale for value in values
    )


def _protected(facts: FactTable, shape: EngineTree, scale: int) -> NDArray[np.int64]:
    """Own ids of the regions whose counts of one element and period stay hidden.

    Two sums tell a count from its siblings: what a region states beside what its parts state, and the
    total of a subtree, to which the region's own figure belongs like one more part. Each category is a
    column of both; one mask over all columns leaves no part of a breakdown to subtract either.
    """
    limit = settings.SMALL_CELL_LIMIT
    at = shape.positions_of_ids(facts.region_id)
    # A region that has ended stands in no sum any more; its own small figures still name few.
    outside = facts.region_id[(at < 0) & (facts.value > 0) & (facts.value < limit * scale)]
    columns = []
    inner = shape.last > np.arange(shape.size)
    for category in np.unique(facts.category[at >= 0]).tolist():
        rows = (facts.category == category) & (at >= 0) & (facts.value != RETRACTED)
        given = np.zeros(shape.size, dtype=bool)
        given[at[rows]] = True
        own = np.zeros(shape.size, dtype=np.int64)
        # Rounded up: a part of a person is no less telling than a whole one.
        own[at[rows]] = -(-np.maximum(facts.value[rows], 0) // scale)
        nothing = np.full(shape.size, -1, dtype=np.int64)
        stated = np.where(given, own, -1)
        total = np.where(
            subtree_sums(given.astype(np.int64), shape.last) > 0, subtree_sums(own, shape.last), -1
        )
        columns.append(np.concatenate([stated, nothing]))
        columns.append(np.concatenate([total, np.where(inner, stated, -1)]))
    if not any(small(column, limit).any() for column in columns):
        return np.unique(outside)
    parent = np.concatenate([shape.parent, np.arange(shape.size, dtype=np.int32)]).astype(np.int32)
    mask = hidden_together(columns, parent, limit)
    return np.union1d(outside, shape.ids[mask[: shape.size] | mask[shape.size :]])
