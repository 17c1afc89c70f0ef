"""Pages that read a run: the scorecard, and where a number comes from."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import id_in

from .cardtable import CardTable, card_table
from .models import Run
from .queries import (
    RunReader,
    explanation,
    import_links,
    items,
    matrix,
    open_for,
    open_place,
    peer_group_names,
)
from .reading import ChainPage, chain_page
from .registry import Subject, asides_of, readings

READERS = (
    Permission.RESULTS_READ,
    Permission.DRAFTS_READ,
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
)
PLACES_A_PAGE = 40
PLACES_ACROSS = 15


@require(*READERS)
@require_GET
def scorecard(request: HttpRequest, run_id: int) -> HttpResponse:
    """The whole card: items as rows and places as columns, or turned."""
    actor = actor_of(request)
    reader = open_for(actor, run_id)
    asked = request.GET.get("turned", "")
    show = "value" if request.GET.get("show") == "value" else "points"
    found = matrix(actor, reader)
    page = Paginator(range(len(found.places)), PLACES_A_PAGE).get_page(request.GET.get("page"))
    # More places than fit beside each other on a sheet of paper stand as rows, unless asked otherwise.
    turned = asked == "1" or (asked != "0" and len(found.places) > PLACES_ACROSS)
    table: CardTable = card_table(reader, found, list(page.object_list))
    return render(
        request,
        "runs/reading/scorecard.html",
        {
            "run": reader.run,
            "table": table,
            "turned": turned,
            "show": show,
            "page": page,
            "fictional": reader.run.tree.fictional,
            "steps": run_trail(reader.run, _("评分表")),
            "tabs": [
                (_("得分"), _query(turned, "points"), show == "points"),
                (_("数值"), _query(turned, "value"), show == "value"),
            ],
            "turn_url": _query(not turned, show),
            "readings": readings(),
        },
    )


@require(*READERS)
@require_GET
def explain(request: HttpRequest, run_id: int) -> HttpResponse:
    """Where a number comes from: the derivation, and the selected step of it."""
    actor = actor_of(request)
    region = _number(request.GET.get("region"))
    indicator = request.GET.get("indicator") or None
    if region is None:
        reader, whole = open_for(actor, run_id), True
        region = int(reader.opened.tree.ids[reader.subjects[0][0]])
    else:
        reader, whole = open_place(actor, run_id, region)
    found = explanation(actor, reader, region, indicator)
    page: ChainPage = chain_page(reader, found, request.GET.get("step"))
    card_rows = [] if indicator else items(actor, reader, region)
    name = reader.indicator(indicator).name(reader.language) if indicator else _("总分")
    return render(
        request,
        "runs/reading/explain.html",
        {
            "run": reader.run,
            "found": found,
            "page": page,
            "rows": card_rows,
            "peer_ranks": _peer_ranks(actor, reader.run, page),
            "imports": import_links(actor, found.batches.values()) if page.facts else {},
            "name": name,
            "fictional": reader.run.tree.fictional,
            # Of a run that is only open to appeal there is no page but that of the own places.
            "steps": [*(run_trail(reader.run, "") if whole else []), (f"{found.region} · {name}", "")],
            "whole": whole,
            "asides": asides_of(actor, Subject(reader.run, region, indicator)),
            "short": request.build_absolute_uri(short_url(run_id, region, indicator)),
            "places": [
                (int(reader.opened.tree.ids[at]), entry["name"])
                for at, entry in reader.subjects
                if whole or reader.sees_below(at)
            ],
            "heads": _indicator_choices(reader),
            "indicator": indicator or "",
        },
    )


def _peer_ranks(actor: Actor, run: Run, page: ChainPage) -> list[tuple[str, int, int]]:
    if not page.peer_ranks:
        return []
    names = peer_group_names(actor, run)
    return [(names.get(code, code), rank, of) for code, rank, of in page.peer_ranks]


@require(*READERS)
@require_GET
def short(request: HttpRequest, run_id: int, region_id: int, indicator: str = "") -> HttpResponse:
    """The short address printed in bulletins; it says nothing of whether the run exists."""
    del request
    query = f"?region={region_id}" + (f"&indicator={indicator}" if indicator else "")
    return redirect(reverse("runs:explain", args=[run_id]) + query)


def short_url(run_id: int, region_id: int, indicator: str | None = None) -> str:
    """The short address of an explanation: ``/e/<run>/<region>/<indicator>``."""
    if indicator:
        return reverse("runs-short:indicator", args=[run_id, region_id, indicator])
    return reverse("runs-short:total", args=[run_id, region_id])


def _indicator_choices(reader: RunReader) -> list[tuple[str, str]]:
    card = reader.opened.scorecard
    codes = dict.fromkeys(
        [item.indicator for section in card.sections for item in section.items]
        + [veto.indicator for veto in card.vetoes]
    )
    return [(code, reader.indicator(code).name(reader.language)) for code in codes]


def _query(turned: bool, show: str) -> str:
    parts = [f"turned={int(turned)}"] + (["show=value"] if show == "value" else [])
    return "?" + "&".join(parts)


def run_trail(run: Run, last: str) -> list[tuple[str, str]]:
    """The way to a page of a run."""
    trail = [
        (pgettext("many", "考核"), reverse("runs:list")),
        (f"{run.scorecard_name} {run.period_label}", reverse("runs:detail", args=[run.pk])),
    ]
    return [*trail, (last, "")] if last else trail


def _number(text: str | None) -> int | None:
    if not text:
        return None
    number = id_in(text)
    if number is None:
        raise NotFound(text)
    return number
