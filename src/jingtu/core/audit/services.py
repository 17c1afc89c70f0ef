"""The only writer of the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied, refuse, register_texts

from .actions import register_actions
from .context import present
from .models import AuditEntry, AuditHead
from .queries import Filters, entries
from .rules import GENESIS, HASHED_FIELDS, Break, breaks, link_hash, plain

register_texts(
    {
        "audit.reason_needed": ("导出审计记录须写明原因。", "Give the reason for exporting the audit trail."),
    }
)
register_actions(
    {
        "audit.verified": ("校验审计链", "Audit chain verified"),
        "audit.exported": ("导出审计记录", "Audit trail exported"),
    }
)


def record(
    actor: Actor,
    action: str,
    *,
    target_type: str,
    target_id: object,
    region_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Add one entry to the chain and return it; call it inside the transaction that does the deed.

    ``action`` is a code registered with :func:`jingtu.core.audit.actions.register_actions`.
    ``before`` and ``after`` hold the fields that changed; never put passwords or keys in them.
    The head of the chain stays locked until the surrounding transaction ends, so writers queue.
    """
    context = present()
    with transaction.atomic():
        head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"hash": GENESIS})
        content: dict[str, Any] = {
            "sequence": head.sequence + 1,
            "moment": now(),
            "actor_id": actor.actor_id,
            "actor_label": plain(actor.label)[:160],
            "action": action,
            "target_type": target_type,
            "target_id": plain(str(target_id))[:128],
            "region_id": region_id,
            "before": plain(before),
            "after": plain(after),
            "reason": plain(reason),
            "address": context.address,
            "channel": context.channel.value,
            "prev_hash": head.hash,
        }
        entry = AuditEntry(**content, hash=link_hash(content))
        entry.save()
        head.sequence, head.hash = entry.sequence, entry.hash
        head.save(update_fields=["sequence", "hash"])
    return entry


def verify(actor: Actor) -> list[Break]:
    """Walk the whole chain and return its breaks (none when it holds); the walk itself is recorded.

    Raises PermissionDenied unless the actor may read the audit trail.
    """
    if not actor.can(Permission.AUDIT_READ):
        raise PermissionDenied(Permission.AUDIT_READ)
    with transaction.atomic():
        head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"hash": GENESIS})
        chain = AuditEntry.objects.order_by("sequence").values(*HASHED_FIELDS, "hash")
        found = breaks(chain.iterator(chunk_size=2000), head.sequence, head.hash)
        record(
            actor,
            "audit.verified",
            target_type="audit",
            target_id="chain",
            after={"entries": head.sequence, "breaks": len(found)},
        )
    return found


def export_entries(actor: Actor, filters: Filters, reason: str) -> Iterator[AuditEntry]:
    """Entries that match, oldest first, to be written out; the export is recorded with its count and reason.

    Raises PermissionDenied, InvalidInput without a reason. Entries added afterwards are not among them.
    """
    found = entries(actor, filters)
    if not reason.strip():
        raise refuse("audit.reason_needed", column="reason")
    with transaction.atomic():
        newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        exported = found.filter(sequence__lte=newest)
        wanted = {name: value for name, value in asdict(filters).items() if value}
        record(
            actor,
            "audit.exported",
            target_type="audit",
            target_id="entries",
            after={"filters": wanted, "count": exported.count(), "newest": newest},
            reason=reason.strip(),
        )
    return exported.order_by("sequence").iterator(chunk_size=1000)
