"""Changing one value, taking one back, undoing an import: always by a new batch, never in the old one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from django.db import IntegrityError, transaction

from jingtu.core.audit.services import record
from jingtu.core.facts import queries, store
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services.batches import commit
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import get_region
from jingtu.engine.elements import Element, Qualifier, parse_qualifier
from jingtu.engine.facttable import RETRACTED, FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, refuse
from jingtu.engine.tree import nearest_text


def change_fact(
    actor: Actor,
    *,
    region_id: int,
    element: str,
    period: str,
    value: str,
    reason: str,
    category: str = "",
    qualifier: str = "",
) -> FactBatch:
    """Set one value; what was there before stays in the history.

    ``value`` is text as people write it, checked by the element. Raises PermissionDenied outside the
    actor's subtrees, InvalidInput for anything that is not a proper value, Conflict when nothing changes.
    """
    place = _place(actor, region_id, element, period, category, reason)
    parsed = place.element.parse_value(value)
    if parsed.value is None:
        raise refuse("facts.value_required", column="value")
    given = parse_qualifier(qualifier) if qualifier else parsed.qualifier
    if isinstance(given, Problem):
        raise InvalidInput([given])
    if Period.parse(place.period).start > today():
        raise refuse("facts.future_period", column="period", period=place.period)
    return place.store(actor, parsed.value, given, FactBatch.Kind.EDIT, "facts.changed", reason)


def settle_fact(
    actor: Actor,
    authority: Permission,
    *,
    region_id: int,
    element: str,
    period: str,
    value: str,
    reason: str,
    category: str = "",
) -> FactBatch:
    """Set one value because somebody with the right to decide about it did so (an appeal, say).

    As :func:`change_fact`, but ``authority`` over the region stands in for the right to report: who decides
    does not report. ``reason`` names the decision and is kept as the value's provenance.
    """
    place = _place(actor, region_id, element, period, category, reason, authority)
    parsed = place.element.parse_value(value)
    if parsed.value is None:
        raise refuse("facts.value_required", column="value")
    return place.store(actor, parsed.value, parsed.qualifier, FactBatch.Kind.EDIT, "facts.settled", reason)


def retract_fact(
    actor: Actor, *, region_id: int, element: str, period: str, reason: str, category: str = ""
) -> FactBatch:
    """Take one value back: it is missing from now on, which is not zero."""
    place = _place(actor, region_id, element, period, category, reason)
    return place.store(actor, None, Qualifier.EXACT, FactBatch.Kind.RETRACTION, "facts.retracted", reason)


def undo_import(actor: Actor, batch_id: int, reason: str) -> FactBatch:
    """Bring back what an import replaced and take back what it added, by a new batch.

    Values that a later batch has replaced since stay as they are.
    """
    reason = _reason(reason)
    batch = queries.get_batch(actor, batch_id)
    if not actor.can(Permission.FACTS_IMPORT, batch.region_id):
        raise PermissionDenied(Permission.FACTS_IMPORT)
    if batch.kind != FactBatch.Kind.IMPORT:
        raise Conflict(Problem("facts.not_an_import"))
    try:
        with transaction.atomic():
            # Locked before the present values are read, so that no newer value is undone with the import.
            RegionTree.objects.select_for_update().get(pk=batch.tree_id)
            if FactBatch.objects.filter(undoes=batch).exists():
                raise Conflict(Problem("facts.already_undone"))
            restoring = _restoring(batch)
            if len(restoring) == 0:
                raise Conflict(Problem("facts.nothing_left_to_undo"))
            written = store.write(restoring)
            made = commit(
                actor,
                batch.tree_id,
                written,
                kind=FactBatch.Kind.UNDO,
                region_id=batch.region_id,
                note=reason,
                undoes_id=batch.pk,
            )
            record(
                actor,
                "facts.import_undone",
                target_type="fact_batch",
                target_id=batch.pk,
                region_id=batch.region_id,
                after={"batch": made.pk, "rows": written.rows},
                reason=reason,
            )
    except IntegrityError as error:
        raise Conflict(Problem("facts.already_undone")) from error
    return made


def _restoring(batch: FactBatch) -> FactTable:
    """For every value still standing from ``batch``: what stood there before it, or nothing."""
    standing = store.read(batch.tree_id)
    standing = standing.where(standing.batch == batch.sequence)
    if len(standing) == 0:
        return standing
    earlier = store.read(batch.tree_id, upto_sequence=batch.sequence - 1)
    earlier = earlier.select(region_ids=np.unique(standing.region_id))
    gone = replace(
        standing,
        value=np.full(len(standing), RETRACTED, dtype=np.int64),
        qualifier=np.zeros(len(standing), dtype=np.int8),
    )
    same_key = FactTable.stacked([gone, earlier]).duplicated()[len(gone) :]
    return FactTable.concat([gone, earlier.where(same_key)], keep_retractions=True)


@dataclass(frozen=True)
class _Place:
    """One cell: where a value stands or would stand."""

    region: Region
    element: Element
    period: str
    category: str

    def present(self) -> FactRow | None:
        """What stands here now."""
        facts = store.read(self.region.tree_id, None, [self.element.code], [self.period], [self.region.pk])
        return next((row for row in facts.rows() if row.category == self.category), None)

    def store(
        self,
        actor: Actor,
        value: int | None,
        qualifier: Qualifier,
        kind: FactBatch.Kind,
        action: str,
        reason: str,
    ) -> FactBatch:
        """Put a value here, or with None take it back. Raises Conflict when it stands, or is gone, already."""
        with transaction.atomic():
            # Locked before the present value is read, so that the trail names what was really replaced.
            RegionTree.objects.select_for_update().get(pk=self.region.tree_id)
            before = self.present()
            if before is None and value is None:
                raise Conflict(Problem("facts.nothing_to_retract"))
            if before is not None and (before.value, before.qualifier) == (value, qualifier):
                raise Conflict(Problem("facts.unchanged"))
            row = FactRow(self.element.code, self.region.pk, self.period, value, self.category, qualifier)
            written = store.write(FactTable.from_rows([row]))
            batch = commit(
                actor, self.region.tree_id, written, kind=kind, region_id=self.region.pk, note=reason
            )
            record(
                actor,
                action,
                target_type="fact",
                target_id="/".join(
                    filter(None, (str(self.region.pk), self.element.code, self.period, self.category))
                ),
                region_id=self.region.pk,
                before=None if before is None else self._shown(before.value, before.qualifier),
                after=self._shown(value, qualifier) | {"batch": batch.pk, "sequence": batch.sequence},
                reason=reason,
            )
        return batch

    def _shown(self, value: int | None, qualifier: Qualifier) -> dict[str, object]:
        """What the audit trail keeps: its readers see no business data, so of a count of persons only that
        there was one. The batch holds the figure."""
        if self.element.person_based:
            return {"value": "retracted" if value is None else "not recorded: a count of persons"}
        shown = None if value is None else self.element.format(value)
        return {"value": shown, "qualifier": qualifier.value}


def _place(
    actor: Actor,
    region_id: int,
    code: str,
    period: str,
    category: str,
    reason: str,
    authority: Permission = Permission.FACTS_IMPORT,
) -> _Place:
    if not actor.can(authority, region_id):
        raise PermissionDenied(authority)
    _reason(reason)
    region = get_region(actor, region_id)
    if region.position is None:
        raise refuse("facts.ended_region", region=region.name)
    elements = queries.elements(actor)
    element = elements.get(code)
    if element is None:
        nearest = nearest_text(code, list(elements))
        if nearest is None:
            raise refuse("facts.unknown_element_without_hint", column="element", text=code)
        raise refuse("facts.unknown_element", column="element", text=code, nearest=nearest)
    canonical = element.check_category(category) if category else ""
    if isinstance(canonical, Problem):
        raise InvalidInput([canonical])
    return _Place(region, element, Period.parse(period).key, canonical)


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise refuse("facts.reason_required", column="reason")
    return reason
