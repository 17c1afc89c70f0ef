"""Figures that were reported, reviewed and accepted somewhere above become facts here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.facts import queries, store
from jingtu.core.facts.matching import compare
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services.batches import commit, common_region
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.regions.models import RegionTree
from jingtu.engine.facttable import RETRACTED, FactRow, FactTable


def store_reported(actor: Actor, tree: RegionTree, rows: Sequence[FactRow], note: str) -> FactBatch | None:
    """Store accepted figures as one batch; a row without value takes back what stood there.

    Figures that stand already are not stored again; None when nothing is left to store. ``note`` says which
    report they come from. Raises PermissionDenied unless the actor reviews reports of every region named.
    Call inside the transaction that accepts them.
    """
    facts = FactTable.from_rows(rows)
    allowed = queries.region_ids_in(actor, Permission.FORMS_REVIEW, tree)
    if allowed is not None and not np.isin(facts.region_id, allowed).all():
        raise PermissionDenied(Permission.FORMS_REVIEW)
    before = store.read(tree.pk, None, facts.element_codes, facts.period_keys, np.unique(facts.region_id))
    new, changed = compare(before, facts)
    kept = facts.where((new & (facts.value != RETRACTED)) | changed)
    if len(kept) == 0:
        return None
    written = store.write(kept)
    with transaction.atomic():
        batch = commit(
            actor,
            tree.pk,
            written,
            kind=FactBatch.Kind.REPORT,
            region_id=common_region(tree, kept),
            note=note,
        )
        record(
            actor,
            "facts.reported",
            target_type="fact_batch",
            target_id=batch.pk,
            region_id=batch.region_id,
            after={"rows": written.rows, "batch": batch.pk, "sequence": batch.sequence},
            reason=note,
        )
    return batch
