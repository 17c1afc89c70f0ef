"""The first page: parse what the address asks, ask for the board, draw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.assessment.runs.rules import RunState
from jingtu.assessment.runs.templatetags.runs import ranked_word
from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound
from jingtu.core.ui.charts import Tiles
from jingtu.core.ui.context import frame
from jingtu.core.ui.today import duties_of
from jingtu.core.ui.words import state_of
from jingtu.engine.periods import Period

from . import charts
from .exporting import record_slides
from .panels import panels
from .queries import READERS, Board, Wanted, board
from .scope import number, period_of, query_without, region_scope
from .slides import render as render_slides

MOST_LINKS = 18
SHOWN_OF_ADDRESS = 40
"""So many letters of what an address asked for are shown when it is refused."""
WALL_SECONDS = (5, 15, 300)
"""How long a panel of the wall stays: at least, usually, at most."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The cockpit; people without business posts see their own rooms instead."""
    actor = actor_of(request)
    asked = _asked(request, actor)
    if asked is None:
        return _start(request, actor)
    wanted, found, context = asked
    context |= {
        "may_prepare": actor.can(Permission.RUNS_PREPARE, found.region.pk),
        "periods": _periods(found, wanted),
        "cards": _cards(found),
        "narrowed": _narrowed(request, found),
        "no_period": "" if wanted.period else request.GET.get("period", "")[:SHOWN_OF_ADDRESS],
        "wall_query": request.GET.urlencode(),
    }
    return render(request, "cockpit/home.html" if found.run else "cockpit/empty.html", context)


@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """What waits for the person: a part of the first page that is fetched after it, or a page by itself.

    The cockpit does not wait for it: every app may add what it finds, and results are wanted at once.
    """
    actor = actor_of(request)
    context = {"duties": duties_of(actor), "duties_known": True}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "cockpit/duties.html" if part else "cockpit/today.html", context)


@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """The cockpit on a wall: its panels in turn, large and dark, without anything to press."""
    actor = actor_of(request)
    asked = _asked(request, actor)
    if asked is None:
        return _start(request, actor)
    context = asked[2]
    seconds = number(request.GET.get("every")) or WALL_SECONDS[1]
    context |= {
        "theme": "dark",
        "seconds": min(max(seconds, WALL_SECONDS[0]), WALL_SECONDS[2]),
        "now": now(),
        "back": query_without(request, "every"),
        "sign_in": f"{reverse('accounts:sign-in')}?{urlencode({'next': request.get_full_path()})}",
    }
    return render(request, "cockpit/wall.html", context)


@require_GET
@confirmed_page
def slides(request: HttpRequest) -> HttpResponse:
    """The cockpit as it is narrowed, as slides; the export is written into the audit trail."""
    actor = actor_of(request)
    asked = _asked(request, actor)
    if asked is None or asked[1].run is None:
        raise NotFound("", "run")
    _wanted, found, context = asked
    content = render_slides(actor, found, context["ranking_chart"], context["trend_chart"])
    record_slides(actor, found)
    name = f"{found.region.name}_{asked[1].run.period}.pptx"
    return HttpResponse(
        content,
        content_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )


def _asked(request: HttpRequest, actor: Actor) -> tuple[Wanted, Board, dict[str, Any]] | None:
    """What the address asks for with everything a page of it draws; None for people without a board."""
    if not any(actor.can(permission) for permission in READERS):
        return None
    period = period_of(request.GET.get("period", ""))
    wanted = Wanted(
        region=number(request.GET.get("region")),
        period=period.key if period else "",
        scorecard=request.GET.get("scorecard", ""),
        strand=request.GET.get("strand", ""),
        indicator=request.GET.get("indicator", ""),
        mark=request.GET.get("mark", ""),
    )
    found = board(actor, wanted)
    if found is None:
        return None
    narrowed = found.selected_chosen or bool(found.strand)
    context: dict[str, Any] = {
        "board": found,
        "wanted": wanted,
        "period": period or (Period.parse(found.run.period) if found.run else None),
        "panels": panels(actor, found, found.inside if narrowed else None),
        "fictional": found.region.tree.fictional,
        "without_strand": query_without(request, "strand", "indicator", "mark"),
        "without_mark": query_without(request, "mark"),
        "without_indicator": query_without(request, "indicator"),
        "without_period": query_without(request, "period", "strand", "indicator", "mark"),
        "without_both": query_without(request, "period", "scorecard", "strand", "indicator", "mark"),
        "without_scorecard": query_without(request, "scorecard", "strand", "indicator", "mark"),
        "without_region": query_without(request, "region"),
        **region_scope(found.region, found.above, found.below),
    }
    if found.run is not None:
        context |= _drawn(request, actor, found)
    return wanted, found, context


def _drawn(request: HttpRequest, actor: Actor, found: Board) -> dict[str, Any]:
    assert found.run is not None
    assert found.ranking is not None
    assert found.selected is not None
    focus = found.focus.pk if found.focus else None
    language, link = actor.language, query_without(request, "region")
    shown = found.tiled
    tiles: Tiles
    if found.selected_chosen:
        ranking = charts.one_indicator(
            found.by_indicator, found.selected, found.run.pk, focus, language, link
        )
        rows = [row for row in found.by_indicator if row.region_id in shown]
        tiles = charts.indicator_tiles(rows, found.selected, focus, link, language)
    else:
        ranking = charts.totals(found.ranking, focus, link)
        tiles = charts.total_tiles([row for row in found.ranking.rows if row.region_id in shown], focus, link)
    word = ranked_word(found.run.tree.kind)
    subject = found.focus if found.focus and found.region.level == found.run.level else found.region
    return {
        "focus": focus,
        "ranking_chart": replace(ranking, subject=word),
        "tiles_chart": replace(tiles, subject=word),
        "tiles_left_out": len(found.ranking.rows) - len(shown),
        "all_places": len(found.ranking.rows),
        "trend_chart": charts.trend(found.selected, [(subject.name, str(subject.pk), found.trend)], language),
        "draft": found.run.state != RunState.PUBLISHED,
    }


def _narrowed(request: HttpRequest, found: Board) -> list[tuple[str, str, str]]:
    """What the page is narrowed to, each with the address without it: (kind, name, address)."""
    rows = []
    if found.strand:
        name = next((tile.name for tile in found.tiles if tile.code == found.strand), found.strand)
        rows.append((_("板块"), name, query_without(request, "strand")))
    if found.selected_chosen and found.selected is not None:
        name = next(head.name for head in found.heads if head.indicator == found.selected.code)
        rows.append((_("指标"), name, query_without(request, "indicator")))
    if found.mark:
        rows.append((_("状态"), str(state_of(found.mark).word), query_without(request, "mark")))
    return [(kind, name, address.removesuffix("&")) for kind, name, address in rows]


def _periods(found: Board, wanted: Wanted) -> list[tuple[str, str, bool]]:
    """The periods there are results for, the latest first: (label, key, shown)."""
    card = wanted.scorecard or (found.run.scorecard if found.run else "")
    if not any(run.scorecard == card for run in found.runs):
        card = ""  # a link to a card that is no longer used still leads to what there is
    current = found.run.period if found.run else ""
    chosen: dict[str, tuple[str, str, bool]] = {}
    for run in found.runs:
        if not card or run.scorecard == card:
            chosen.setdefault(run.period, (run.period_label, run.period, run.period == current))
    return list(chosen.values())[:MOST_LINKS]


def _cards(found: Board) -> list[tuple[str, str, bool]]:
    """The scorecards the region takes part in: (name, code, shown)."""
    current = found.run.scorecard if found.run else ""
    chosen: dict[str, tuple[str, str, bool]] = {}
    for run in found.runs:
        chosen.setdefault(run.scorecard, (run.scorecard_name, run.scorecard, run.scorecard == current))
    return list(chosen.values())


def _start(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The first page of administrators and of people without any post: their rooms, and what waits."""
    rooms = frame(request)["rooms"]
    opened = [*rooms["main"], *rooms["manage"]]
    here = reverse("cockpit:home")
    notes = {
        reverse("accounts:people"): _("建立用户、授予和终止岗位"),
        reverse("audit:list"): _("谁在何时做了什么，核对记录是否完整"),
        reverse("jobs:list"): _("后台作业的进度、失败和重试"),
        reverse("regions:list"): _("区划树、更名、划转、合并、分设"),
    }
    return render(
        request,
        "cockpit/start.html",
        {
            "rooms_here": [(room, notes.get(room.url, "")) for room in opened if room.url != here],
            "duties": duties_of(actor),
            "duties_known": True,
            "has_post": any(actor.can(permission) for permission in Permission),
        },
    )
