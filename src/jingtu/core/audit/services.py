"""The only writer of the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied, refuse, register_texts

from .actions import register_actions, register_objects, register_reads
from .context import present
from .models import AuditEntry, AuditHead
from .queries import Filters, entries
from .rules import GENESIS, HASHED_FIELDS, Break, Mark, breaks, link_hash, plain

register_texts(
    {
        "audit.reason_needed": ("导出审计记录须写明原因。", "Give the reason for exporting the audit trail."),
        "audit.filter_wrong": (
            "筛选条件有误，没有导出。请返回改正筛选条件后再导出。",
            "The filter is not understood, so nothing was exported. Go back, correct it and export again.",
        ),
        "audit.mark_bad": (
            "链首应写作“序号:校验值”，或至少 12 位校验值，如通报所印。",
            "Write the head as “number:hash”, or at least 12 digits of the hash, as a bulletin prints it.",
        ),
    }
)
register_actions(
    {
        "audit.verified": ("校验审计链", "Audit chain verified"),
        "audit.exported": ("导出审计记录", "Audit trail exported"),
    }
)
register_objects({"audit": ("审计记录", "Audit trail")})
register_reads("audit.verified", "audit.exported")


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


def head() -> Mark:
    """The newest entry, to be noted outside the system (bulletins print it), so that a cut tail shows later."""
    present = AuditHead.objects.filter(pk=1).first()
    return Mark(present.sequence, present.hash) if present else Mark(0, GENESIS)


def verify(actor: Actor, noted: str = "") -> list[Break]:
    """Walk the whole chain and return its breaks (none when it holds); the walk itself is recorded.

    ``noted``: an entry that was written down earlier (see :func:`head`) and must still be there.
    Raises PermissionDenied unless the actor may read the audit trail, InvalidInput for an unreadable note.
    """
    if not actor.can(Permission.AUDIT_READ):
        raise PermissionDenied(Permission.AUDIT_READ)
    mark = Mark.parse(noted) if noted.strip() else None
    if noted.strip() and mark is None:
        raise refuse("audit.mark_bad", column="head")
    with transaction.atomic():
        newest, _ = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"hash": GENESIS})
        chain = AuditEntry.objects.order_by("sequence").values(*HASHED_FIELDS, "hash")
        found = breaks(chain.iterator(chunk_size=2000), newest.sequence, newest.hash, mark)
        record(
            actor,
            "audit.verified",
            target_type="audit",
            target_id="chain",
            after={"entries": newest.sequence, "breaks": len(found), "noted": str(mark) if mark else None},
        )
    return found


@dataclass(frozen=True)
class Export:
    """Entries on their way out, and what is to be printed with them: how many, up to which one."""

    entries: Iterator[AuditEntry]
    count: int
    newest: Mark
    recorded_as: int


def export_entries(actor: Actor, filters: Filters, reason: str) -> Export:
    """Entries that match, oldest first, to be written out; the export is recorded with its count and reason.

    Raises PermissionDenied, InvalidInput without a reason. Entries added afterwards are not among them.
    """
    found = entries(actor, filters)
    if not reason.strip():
        raise refuse("audit.reason_needed", column="reason")
    with transaction.atomic():
        newest = head()
        exported = found.filter(sequence__lte=newest.sequence)
        count = exported.count()
        wanted = {name: value for name, value in asdict(filters).items() if value}
        entry = record(
            actor,
            "audit.exported",
            target_type="audit",
            target_id="entries",
            after={"filters": wanted, "count": count, "newest": newest.sequence},
            reason=reason.strip(),
        )
    ordered = exported.order_by("sequence").iterator(chunk_size=1000)
    return Export(ordered, count, newest, entry.sequence)
