"""What of a run is taken out as a file is stamped and written down."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from jingtu.core.audit.actions import register_actions, register_reads
from jingtu.core.audit.exporting import Outgoing, export_table
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor

from ..models import Run
from ..queries.groups import group_sheet
from ..queries.opened import RunReader

register_actions(
    {
        "runs.group_exported": ("导出指标组", "Indicator framework exported"),
        "runs.publication_taken": ("下载发布内容", "Publication downloaded"),
    }
)
register_reads("runs.group_exported", "runs.publication_taken")


def export_group(actor: Actor, reader: RunReader, code: str) -> StreamingHttpResponse:
    """One framework over the places of a run. Raises NotFound."""
    sheet, run = group_sheet(actor, reader, code), reader.run
    table = Outgoing(
        sheet.name,
        sheet.header,
        sheet.rows,
        sheet.count,
        scope=_("考核 #%(run)s 第%(version)s版，%(period)s")
        % {"run": run.pk, "version": run.version, "period": run.period},
        fictional=run.tree.fictional,
    )
    return export_table(
        actor,
        table,
        f"run-{run.pk}-{code}",
        "runs.group_exported",
        target_type="run",
        target_id=run.pk,
        region_id=run.region_id,
        after={"group": code},
    )


def record_publication_taken(actor: Actor, run: Run) -> None:
    """Say that somebody took the canonical text of a publication, which cannot bear a stamp: its hash is fixed."""
    record(
        actor,
        "runs.publication_taken",
        target_type="run",
        target_id=run.pk,
        region_id=run.region_id,
        after={"hash": run.publication_hash},
    )
