"""What the audit trail is told when somebody takes the cockpit out as a file."""

from __future__ import annotations

from jingtu.assessment.runs.queries import Pair
from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor

from .queries import Board

register_actions(
    {
        "cockpit.exported": ("导出驾驶舱幻灯片", "Cockpit slides exported"),
        "cockpit.comparison_exported": ("导出两地对比", "Comparison of two places exported"),
    }
)


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


def record_pair(actor: Actor, found: Pair, extension: str, rows: int) -> None:
    """Say who took out the comparison of which places of which run."""
    record(
        actor,
        "cockpit.comparison_exported",
        target_type="run",
        target_id=found.run.pk,
        region_id=found.run.region_id,
        after={
            "places": [found.first.region_id, found.second.region_id],
            "format": extension,
            "rows": rows,
        },
    )
