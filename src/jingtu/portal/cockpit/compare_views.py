"""Two places beside each other: the page, and its table or slides as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.assessment.runs.queries import Pair
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.audit.exporting import Outgoing
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound

from .comparing import Compared, PairAsked, compare, header, points_chart, rows
from .exporting import export_pair, record_pair
from .queries import READERS
from .scope import number
from .slides import render_pair

SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def _found(request: HttpRequest, actor: Actor) -> Compared | None:
    asked = [number(request.GET.get(name)) for name in ("run", "a", "b")]
    return compare(actor, PairAsked(*asked))


@require(*READERS)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Totals, ranks and every indicator of two places of a run."""
    found = _found(request, actor_of(request))
    if found is None:
        return render(request, "cockpit/no_region.html")
    return render(
        request,
        "cockpit/compare.html",
        {
            "found": found,
            "pair": found.pair,
            "chart": points_chart(found.pair)
            if found.pair and (found.pair.first.row or found.pair.second.row)
            else None,
            "draft": found.run is not None and found.run.state != RunState.PUBLISHED,
            "fictional": found.run is not None and found.run.tree.fictional,
        },
    )


@require(*READERS)
@require_GET
@confirmed_page
def export(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The comparison as a sheet or as slides; the export is written into the audit trail."""
    actor = actor_of(request)
    found = _found(request, actor)
    if found is None or found.pair is None:
        raise NotFound("", "run")
    pair = found.pair
    name = f"{pair.first.name}_{pair.second.name}_{pair.run.period}"
    if extension != "pptx":
        return export_pair(actor, pair, _table(pair), name, "csv" if extension == "csv" else "xlsx")
    content = render_pair(actor, pair, points_chart(pair))
    record_pair(actor, pair, extension, len(pair.lines))
    disposition = content_disposition_header(True, f"{name}.pptx") or "attachment"
    return HttpResponse(content, content_type=SLIDES, headers={"Content-Disposition": disposition})


def _table(pair: Pair) -> Outgoing:
    run, body = pair.run, list(rows(pair))
    scope = _("%(first)s、%(second)s；%(card)s %(period)s 第%(version)s版") % {
        "first": pair.first.name,
        "second": pair.second.name,
        "card": run.scorecard_name,
        "period": run.period_label,
        "version": run.version,
    }
    more = []
    if run.state != RunState.PUBLISHED:
        more.append((_("状态"), _("尚未发布的草稿")))
    elif run.publication_hash:
        more.append((_("校验值"), run.publication_hash))
    return Outgoing(
        _("两地对比"), header(pair), body, len(body), scope=scope, fictional=run.tree.fictional, more=more
    )
