"""Two places beside each other: the page, and its table or slides as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.assessment.runs.queries import Pair
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.facts.sheets_out import CONTENT_TYPES, SheetKind, sheet_bytes, stamp
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound

from .comparing import Compared, PairAsked, compare, header, points_chart, rows
from .exporting import record_pair
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
def export(request: HttpRequest, extension: str) -> HttpResponse:
    """The comparison as a sheet or as slides; the export is written into the audit trail."""
    actor = actor_of(request)
    found = _found(request, actor)
    if found is None or found.pair is None:
        raise NotFound("", "run")
    pair = found.pair
    if extension == "pptx":
        content, kind = render_pair(actor, pair, points_chart(pair)), SLIDES
        written = len(pair.lines)
    else:
        content, written = _sheet(actor, pair, "csv" if extension == "csv" else "xlsx")
        kind = CONTENT_TYPES[extension]
    record_pair(actor, pair, extension, written)
    name = f"{pair.first.name}_{pair.second.name}_{pair.run.period}.{extension}"
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})


def _sheet(actor: Actor, pair: Pair, kind: SheetKind) -> tuple[bytes, int]:
    run, body = pair.run, list(rows(pair))
    scope = _("%(first)s、%(second)s；%(card)s %(period)s 第%(version)s版") % {
        "first": pair.first.name,
        "second": pair.second.name,
        "card": run.scorecard_name,
        "period": run.period_label,
        "version": run.version,
    }
    about = stamp(actor, scope, len(body), run.tree.fictional)
    if run.state != RunState.PUBLISHED:
        about.append(_("尚未发布的草稿"))
    elif run.publication_hash:
        about.append(run.publication_hash)
    return sheet_bytes(kind, about, header(pair), body, actor.language), len(body)
