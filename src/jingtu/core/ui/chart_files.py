"""The table of a chart as a file: asked for on the chart's own page by ``?format=csv`` or ``xlsx``, so that whoever may
see the chart and nobody else gets it, narrowed as the page is."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jingtu.core.accounts import limits
from jingtu.core.accounts.confirming import question
from jingtu.core.audit.actions import register_actions, register_objects, register_reads
from jingtu.core.audit.exporting import Outgoing, export_table
from jingtu.core.kernel.actor import Actor

from .charts import Chart
from .words import to_decimal

register_actions({"ui.chart_exported": ("导出图表数据", "Data of a chart exported")})
register_objects({"page": ("页面", "Page")})
register_reads("ui.chart_exported")


def file_url(request: HttpRequest, kind: str = "csv") -> str:
    """The address of the file of the page's chart."""
    query = request.GET.copy()
    query["format"] = kind
    return f"?{query.urlencode()}"


def chart_file(
    request: HttpRequest, actor: Actor, spec: Chart | None, scope: str, fictional: bool
) -> HttpResponseBase | None:
    """The file when the address asks for one and there is a chart (or the page that asks who is there); None to
    go on with the page."""
    asked = request.GET.get("format", "")
    if spec is None or asked not in ("csv", "xlsx"):
        return None
    asking = question(request, {"GET"})
    if asking is not None:
        return asking
    # The page itself is not counted; its file is, at the same door as every export.
    wait = limits.seconds_to_wait("export", limits.caller_of(request))
    if wait:
        return limits.refusal(request, wait)
    numeric = [is_number for _label, is_number in spec.columns()]
    rows = [
        [_typed(cell) if number else cell for cell, number in zip(row, numeric, strict=True)]
        for row in spec.rows()
    ]
    header = [label for label, _is_number in spec.columns()]
    return export_table(
        actor,
        Outgoing(spec.title, header, rows, len(rows), scope=scope, fictional=fictional),
        spec.title,
        "ui.chart_exported",
        kind="csv" if asked == "csv" else "xlsx",
        target_type="page",
        target_id=request.path[:128],
        after={"chart": spec.title},
    )


def _typed(cell: str) -> object:
    """A figure as a number, so that a spreadsheet can calculate with it; a word stays one."""
    number = to_decimal(cell.replace(",", "").replace("−", "-"))
    return cell if number is None else number
