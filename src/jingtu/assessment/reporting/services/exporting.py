"""What was taken out of the boards is written down."""

from __future__ import annotations

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor

from ..queries.boards import Board


def record_export(actor: Actor, found: Board) -> None:
    """Say in the audit trail that the board was taken out."""
    record(
        actor,
        "reporting.exported",
        target_type="form",
        target_id=f"{found.form.code} {found.period.key}",
        after={"units": found.total},
    )


def record_page_export(actor: Actor, page: str, scope: str, rows: int) -> None:
    """Say in the audit trail that the page of timeliness or of burden was taken out."""
    record(
        actor,
        "reporting.exported",
        target_type="page",
        target_id=page,
        after={"scope": scope, "rows": rows},
    )
