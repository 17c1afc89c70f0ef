"""What the audit trail is told when somebody takes the cockpit out as a file."""

from __future__ import annotations

from django.http import StreamingHttpResponse

from jingtu.assessment.runs.queries import Pair
from jingtu.core.audit.actions import register_actions, register_objects, register_reads
from jingtu.core.audit.exporting import Kind, Outgoing, export_table
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor

from .explorer import Explored
from .queries import Board

register_actions(
    {
        "cockpit.exported": ("导出驾驶舱幻灯片", "Cockpit slides exported"),
        "cockpit.comparison_exported": ("导出两地对比", "Comparison of two places exported"),
        "explorer.exported": ("导出指标数据", "Indicator series exported"),
    }
)
register_objects({"indicator": ("指标", "Indicator")})
register_reads("cockpit.exported", "cockpit.comparison_exported", "explorer.exported")


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
        after={**_of_pair(found, extension), "rows": rows},
    )


def export_pair(actor: Actor, found: Pair, table: Outgoing, name: str, kind: Kind) -> StreamingHttpResponse:
    """The comparison as a stamped table, recorded."""
    return export_table(
        actor,
        table,
        name,
        "cockpit.comparison_exported",
        kind=kind,
        target_type="run",
        target_id=found.run.pk,
        region_id=found.run.region_id,
        after=_of_pair(found, kind),
    )


def _of_pair(found: Pair, extension: str) -> dict[str, object]:
    return {"places": [found.first.region_id, found.second.region_id], "format": extension}


def export_explored(actor: Actor, found: Explored, table: Outgoing) -> StreamingHttpResponse:
    """The series of one indicator as a stamped file, recorded."""
    code = found.page.indicator.code
    return export_table(
        actor,
        table,
        code,
        "explorer.exported",
        target_type="indicator",
        target_id=code,
        region_id=found.region.pk,
    )
