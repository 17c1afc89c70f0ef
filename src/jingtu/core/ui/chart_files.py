"""The table of a chart as a file: asked for on the chart's own page by ``?format=csv`` or ``xlsx``, so that whoever may
see the chart and nobody else gets it, with what the page is narrowed to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.facts.sheets_out import CONTENT_TYPES, sheet_bytes, stamp
from jingtu.core.kernel.actor import Actor

from .charts import Chart
from .words import to_decimal

register_actions({"ui.chart_exported": ("导出图表数据", "Data of a chart exported")})


def file_url(request: HttpRequest, kind: str = "csv") -> str:
    """The address of the file of the page's chart."""
    query = request.GET.copy()
    query["format"] = kind
    return f"?{query.urlencode()}"


def chart_file(
    request: HttpRequest, actor: Actor, spec: Chart | None, scope: str, fictional: bool
) -> HttpResponse | None:
    """The file when the address asks for one and there is a chart; None to go on with the page."""
    asked = request.GET.get("format", "")
    if spec is None or asked not in CONTENT_TYPES:
        return None
    numeric = [is_number for _label, is_number in spec.columns()]
    rows = [
        [_typed(cell) if number else cell for cell, number in zip(row, numeric, strict=True)]
        for row in spec.rows()
    ]
    about = stamp(actor, f"{scope} · {spec.title}", len(rows), fictional)
    header = [label for label, _is_number in spec.columns()]
    content = sheet_bytes("csv" if asked == "csv" else "xlsx", about, header, rows, actor.language)
    record(
        actor,
        "ui.chart_exported",
        target_type="page",
        target_id=request.path[:128],
        after={"chart": spec.title, "rows": len(rows), "format": asked},
    )
    headers = {"Content-Disposition": f'attachment; filename="chart.{asked}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=CONTENT_TYPES[asked], headers=headers)


def _typed(cell: str) -> object:
    """A figure as a number, so that a spreadsheet can calculate with it; a word stays one."""
    plain = cell.replace(",", "").replace("−", "-")
    number = to_decimal(plain)
    return cell if number is None else number
