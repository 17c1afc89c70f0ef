"""The audit trail on screen, only for its readers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.engine.export import safe_cell
from jingtu.engine.problems import Language

from . import queries, services
from .actions import label_of
from .forms import FilterForm
from .models import AuditEntry
from .rules import changes

PAGE = 50


@dataclass(frozen=True)
class ShownEntry:
    """An entry with its action in words."""

    entry: AuditEntry
    action: str


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _language() -> Language:
    return "en" if (get_language() or "").startswith("en") else "zh"


@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    """Entries by person, action, target and time, newest first."""
    form = FilterForm(request.GET or None, language=_language())
    filters = form.filters() if form.is_bound else queries.Filters()
    page = Paginator(queries.entries(_actor(request), filters), PAGE).get_page(request.GET.get("page"))
    shown = [ShownEntry(entry, label_of(entry.action, _language())) for entry in page.object_list]
    return render(
        request, "audit/list.html", {"form": form, "page": page, "shown": shown, "filtered": bool(filters)}
    )


@require_GET
def entry_detail(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry with the difference between before and after."""
    entry = queries.get_entry(_actor(request), sequence)
    context = {
        "entry": entry,
        "action": label_of(entry.action, _language()),
        "changes": changes(entry.before, entry.after),
    }
    return render(request, "audit/detail.html", context)


@require_POST
def chain_verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say whether it holds."""
    found = services.verify(_actor(request))
    return render(request, "audit/verified.html", {"breaks": found, "moment": now()})


@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The entries that match as CSV; the export itself is recorded with its filters, count and reason."""
    actor = _actor(request)
    filters = FilterForm(request.POST, language=_language()).filters()
    entries = services.export_entries(actor, filters, request.POST.get("reason", ""))
    response = StreamingHttpResponse(_csv_lines(entries, _language()), content_type="text/csv; charset=utf-8")
    day = timezone.localtime(now()).strftime("%Y%m%d-%H%M")
    response["Content-Disposition"] = f'attachment; filename="audit-{day}.csv"'
    return response


def _csv_lines(entries: Iterator[AuditEntry], language: Language) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(cells: list[object]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([safe_cell(cell) for cell in cells])
        return buffer.getvalue()

    head = [_("序号"), _("时间"), _("人员"), _("操作"), _("对象"), _("区划"), _("变更前"), _("变更后")]
    yield "\ufeff" + line([*head, _("原因"), _("地址"), _("渠道"), _("校验值")])
    for entry in entries:
        yield line(
            [
                entry.sequence,
                timezone.localtime(entry.moment).isoformat(timespec="seconds"),
                entry.actor_label,
                label_of(entry.action, language),
                f"{entry.target_type}:{entry.target_id}",
                entry.region_id,
                "" if entry.before is None else entry.before,
                "" if entry.after is None else entry.after,
                entry.reason,
                entry.address,
                entry.channel,
                entry.hash,
            ]
        )
