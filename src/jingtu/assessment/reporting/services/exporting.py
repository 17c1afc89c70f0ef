"""What is taken out of the boards is written down."""

from __future__ import annotations

from django.http import StreamingHttpResponse

from jingtu.core.audit.exporting import Kind, Outgoing, export_table
from jingtu.core.kernel.actor import Actor

from ..queries.boards import Board


def export_board(actor: Actor, found: Board, table: Outgoing) -> StreamingHttpResponse:
    """The board as a stamped file; the audit trail says who took it out, how narrowed and how many units."""
    return export_table(
        actor,
        table,
        f"reports-{found.form.code}-{found.period.key}",
        "reporting.exported",
        target_type="form",
        target_id=f"{found.form.code} {found.period.key}",
    )


def export_page(actor: Actor, page: str, table: Outgoing, kind: Kind) -> StreamingHttpResponse:
    """The page of timeliness or of burden as a stamped file, recorded."""
    return export_table(
        actor, table, page, "reporting.exported", kind=kind, target_type="page", target_id=page
    )
