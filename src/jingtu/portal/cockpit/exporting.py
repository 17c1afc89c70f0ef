"""What the audit trail is told when somebody takes the cockpit out as a file."""

from __future__ import annotations

from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor

from .queries import Board

register_actions({"cockpit.exported": ("导出驾驶舱幻灯片", "Cockpit slides exported")})


def record_slides(actor: Actor, board: Board) -> None:
    """Say who took out which run of which region."""
    record(
        actor,
        "cockpit.exported",
        target_type="run",
        target_id=board.run.pk if board.run else "",
        region_id=board.region.pk,
        after={"strand": board.strand, "mark": board.mark},
    )
