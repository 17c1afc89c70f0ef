"""The first page: parse what the address asks, ask for the board, draw."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.ui.context import frame
from jingtu.core.ui.today import duties_of
from jingtu.engine.periods import Period

from . import charts
from .queries import READERS, Board, Wanted, board
from .scope import number, period_of, query_without, region_scope

MOST_LINKS = 18


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The cockpit; people without business posts see their own rooms instead."""
    actor = actor_of(request)
    if not any(actor.can(permission) for permission in READERS):
        return _start(request, actor)
    period = period_of(request.GET.get("period", ""))
    wanted = Wanted(
        region=number(request.GET.get("region")),
        period=period.key if period else "",
        scorecard=request.GET.get("scorecard", ""),
        strand=request.GET.get("strand", ""),
        indicator=request.GET.get("indicator", ""),
    )
    found = board(actor, wanted)
    if found is None:
        return _start(request, actor)
    shown = period or (Period.parse(found.run.period) if found.run else None)
    context: dict[str, Any] = {
        "board": found,
        "wanted": wanted,
        "period": shown,
        "duties": duties_of(actor),
        "fictional": found.region.tree.fictional,
        "may_prepare": actor.can(Permission.RUNS_PREPARE, found.region.pk),
        "without_strand": query_without(request, "strand", "indicator"),
        "without_indicator": query_without(request, "indicator"),
        "without_period": query_without(request, "period", "strand", "indicator"),
        "without_scorecard": query_without(request, "scorecard", "strand", "indicator"),
        "without_region": query_without(request, "region"),
        "periods": _periods(found, wanted),
        "cards": _cards(found),
        **region_scope(found.region, found.above, found.below),
    }
    if found.run is not None:
        context |= _drawn(actor, found)
    return render(request, "cockpit/home.html" if found.run else "cockpit/empty.html", context)


def _drawn(actor: Actor, found: Board) -> dict[str, Any]:
    assert found.run is not None
    assert found.ranking is not None
    assert found.selected is not None
    focus = found.focus.pk if found.focus else None
    language = actor.language
    if found.selected_chosen:
        ranking = charts.one_indicator(found.by_indicator, found.selected, found.run.pk, focus, language)
    else:
        ranking = charts.totals(found.ranking, focus)
    subject = found.focus if found.focus and found.region.level == found.run.level else found.region
    return {
        "focus": focus,
        "ranking_chart": ranking,
        "all_places": len(found.ranking.rows),
        "trend_chart": charts.trend(found.selected, [(subject.name, str(subject.pk), found.trend)], language),
        "draft": found.run.state != RunState.PUBLISHED,
        "strand_name": next((tile.name for tile in found.tiles if tile.code == found_strand(found)), ""),
    }


def found_strand(found: Board) -> str:
    """The section all red rows belong to when the board was narrowed to one; empty otherwise."""
    sections = {head.indicator: head.section for head in found.heads}
    shown = {sections[row.indicator] for row in found.red if row.indicator in sections}
    return shown.pop() if len(shown) == 1 else ""


def _periods(found: Board, wanted: Wanted) -> list[tuple[str, str, bool]]:
    """The periods there are results for, the latest first: (label, key, shown)."""
    card = wanted.scorecard or (found.run.scorecard if found.run else "")
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
            "has_post": any(actor.can(permission) for permission in Permission),
        },
    )
