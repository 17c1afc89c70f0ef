"""Making values visible: the one place where a batch row is written."""

from __future__ import annotations

import numpy as np
from django.db import transaction
from django.db.models import Max

from jingtu.core.facts import store
from jingtu.core.facts.followers import announce
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import now
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.facttable import FactTable


def commit(
    actor: Actor,
    tree_id: int,
    written: store.Written,
    *,
    kind: FactBatch.Kind,
    region_id: int,
    note: str = "",
    file_id: int | None = None,
    undoes_id: int | None = None,
) -> FactBatch:
    """Name a written file in the next batch of the tree. Call inside the transaction that says why.

    The row of the tree is locked, so batches of one tree queue for their sequence number.
    """
    with transaction.atomic():
        RegionTree.objects.select_for_update().get(pk=tree_id)
        newest = FactBatch.objects.filter(tree_id=tree_id).aggregate(newest=Max("sequence"))["newest"] or 0
        batch = FactBatch.objects.create(
            tree_id=tree_id,
            sequence=newest + 1,
            kind=kind,
            sha256=written.sha256,
            row_count=written.rows,
            region_id=region_id,
            file_id=file_id,
            undoes_id=undoes_id,
            actor_id=actor.actor_id,
            actor_label=actor.label[:128],
            note=note[:500],
            created_at=now(),
        )
        announce(batch)
        return batch


def common_region(tree: RegionTree, facts: FactTable) -> int:
    """Own id of the nearest region whose subtree holds every row."""
    shape = engine_tree(SYSTEM, tree)
    positions = shape.positions_of_ids(np.unique(facts.region_id))
    known = positions[positions >= 0]
    if len(known) == 0:
        return int(shape.ids[0])
    first, last = int(known.min()), int(known.max())
    while shape.last[first] < last:
        first = int(shape.parent[first])
    return int(shape.ids[first])
