"""The audit trail on screen, only for its readers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import refuse
from jingtu.engine.problems import Language
from jingtu.engine.tablefile import Row

from . import queries, services
from .actions import label_of, names_of, word_of
from .exporting import Outgoing, in_words, stamped, streamed
from .forms import FilterForm
from .models import AuditEntry
from .rules import changes
from .words import channel_of, field_of, told

PAGE = 50


@dataclass(frozen=True)
class ShownEntry:
    """An entry with its action, its object, its place and its door in words."""

    entry: AuditEntry
    action: str
    thing: str
    name: str
    place: str
    channel: str


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
    shown = _shown(list(page.object_list), _language())
    return render(
        request, "audit/list.html", {"form": form, "page": page, "shown": shown, "filtered": bool(filters)}
    )


def _shown(entries: Sequence[AuditEntry], language: Language) -> list[ShownEntry]:
    """What the entries speak of, by name where a name is known; each kind's names are asked once."""
    wanted: dict[str, set[str]] = {"region": {str(one.region_id) for one in entries if one.region_id}}
    for one in entries:
        wanted.setdefault(one.target_type, set()).add(one.target_id)
    names = {kind: names_of(kind, ids, language) for kind, ids in wanted.items()}
    return [
        ShownEntry(
            one,
            label_of(one.action, language),
            word_of(one.target_type, language),
            names[one.target_type].get(one.target_id, ""),
            names["region"].get(str(one.region_id), ""),
            channel_of(one.channel, language),
        )
        for one in entries
    ]


@require_GET
def entry_detail(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry with the difference between before and after."""
    entry = queries.get_entry(_actor(request), sequence)
    language = _language()
    (shown,) = _shown([entry], language)
    context = {
        "entry": entry,
        "shown": shown,
        "action": shown.action,
        "changes": [
            (
                change.field,
                field_of(change.field, language),
                told(change.before, language, change.field, entry.target_type),
                told(change.after, language, change.field, entry.target_type),
            )
            for change in changes(entry.before, entry.after)
        ],
    }
    return render(request, "audit/detail.html", context)


@require_POST
def chain_verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say whether it holds."""
    noted = request.POST.get("head", "")
    found = services.verify(_actor(request), noted)
    context = {"breaks": found, "moment": now(), "noted": noted.strip(), "head": services.head()}
    return render(request, "audit/verified.html", context)


@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The entries that match as CSV; the export itself is recorded with its filters, count and reason."""
    actor = _actor(request)
    form = FilterForm(request.POST, language=_language())
    filters = form.filters()
    if form.errors:  # what was not understood must not come out as everything
        raise refuse("audit.filter_wrong")
    reason = request.POST.get("reason", "")
    export = services.export_entries(actor, filters, reason)
    titles = [_("序号"), _("时间"), _("人员"), _("操作"), pgettext("audit", "对象"), pgettext("one", "区划")]
    titles += [_("变更前"), _("变更后"), _("原因"), _("地址"), _("渠道"), _("校验值")]
    table = Outgoing(
        _("审计记录"),
        titles,
        _rows(export, _language()),
        export.count,
        scope=in_words(form),
        more=[
            (_("导出原因"), reason.strip()),
            (_("链首"), f"{export.newest.sequence}:{export.newest.hash}"),
        ],
    )
    day = timezone.localtime(now()).strftime("%Y%m%d-%H%M")
    return streamed(stamped(actor, table, entry=export.recorded_as), table, f"audit-{day}")


def _rows(export: services.Export, language: Language) -> Iterator[Row]:
    for entry in export.entries:
        yield (
            entry.sequence,
            timezone.localtime(entry.moment).isoformat(timespec="seconds"),
            entry.actor_label,
            label_of(entry.action, language),
            f"{entry.target_type}:{entry.target_id}",
            entry.region_id,
            _as_json(entry.before),
            _as_json(entry.after),
            entry.reason,
            entry.address,
            channel_of(entry.channel, language),
            entry.hash,
        )


def _as_json(content: object) -> str:
    """What stood in an entry, so that a program reads it too; empty for nothing."""
    return "" if content is None else json.dumps(content, ensure_ascii=False)
