"""The page on which a run is tried out otherwise."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Permission
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.notation import plain_number

from . import queries, services
from .queries import MOST_FIGURES, Asked, Tried

READERS = (
    Permission.RESULTS_READ,
    Permission.DRAFTS_READ,
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
)
_KINDS = {"w": "points", "t": "target", "r": "rule"}


def asked_of(query: QueryDict) -> Asked:
    """What an address asks to try out."""
    by_kind: dict[str, dict[str, str]] = {"w": {}, "t": {}, "r": {}}
    for name, value in query.items():
        kind, _dot, code = name.partition(".")
        if kind in by_kind and code and str(value).strip():
            by_kind[kind][code] = str(value).strip()[:200]
    figures = [
        (query.get(f"f{n}e", ""), query.get(f"f{n}r", ""), query.get(f"f{n}v", "").strip()[:32])
        for n in range(MOST_FIGURES)
    ]
    number = query.get("catalogue", "")
    return Asked(
        by_kind["w"],
        by_kind["t"],
        by_kind["r"],
        [one for one in figures if all(one)],
        int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None,
    )


@require(*READERS)
@require_GET
def simulate(request: HttpRequest, run_id: int) -> HttpResponse:
    """Weights, targets, rules and figures to vary, and where totals and ranks would go."""
    actor = actor_of(request)
    asked = asked_of(request.GET)
    tried = queries.try_out(actor, run_id, asked)
    short = _short(asked, tried)
    if "all" in request.GET:
        return redirect(f"{request.path}?{short}" if short else request.path)
    run = tried.reader.run
    language = interface_language()
    return render(
        request,
        "simulations/simulate.html",
        {
            "run": run,
            "fictional": run.tree.fictional,
            "rows": [
                (line, asked.points.get(line.indicator, line.points), asked.targets.get(line.indicator, line.target),
                 asked.rules.get(line.indicator, line.rule))
                for line in tried.items
            ],
            "moves": tried.moves,
            "changed": tried.changed,
            "weights": _weights(asked, tried),
            "problems": [problem.text(language) for problem in tried.problems],
            "elements": tried.elements,
            "places": tried.places,
            "figures": [
                (n, *(asked.figures[n] if n < len(asked.figures) else ("", "", ""))) for n in range(MOST_FIGURES)
            ],
            "catalogues": tried.catalogues,
            "catalogue": asked.catalogue,
            "address": request.build_absolute_uri(),
            "query": short,
            "scenarios": queries.scenarios(actor, run_id),
            "steps": [
                (pgettext("many", "考核"), reverse("runs:list")),
                (f"{run.period_label} {run.scorecard_name}", reverse("runs:detail", args=[run_id])),
                (_("模拟"), ""),
            ],
        },
        status=400 if tried.problems else 200,
    )  # fmt: skip


def _weights(asked: Asked, tried: Tried) -> tuple[str, str] | None:
    """What the points of the items add up to as tried out and as they are, where that differs."""
    if tried.problems:
        return None
    before = sum((Decimal(line.points) for line in tried.items), Decimal())
    now = sum((Decimal(asked.points.get(line.indicator) or line.points) for line in tried.items), Decimal())
    return None if now == before else (plain_number(now), plain_number(before))


def _short(asked: Asked, tried: Tried) -> str:
    """The address of what differs from the run, without what was left as it is."""
    kept: list[tuple[str, str]] = []
    given = {"w": asked.points, "t": asked.targets, "r": asked.rules}
    lines = {line.indicator: line for line in tried.items}
    for kind, texts in given.items():
        for code, text in texts.items():
            line = lines.get(code)
            if line is None or getattr(line, _KINDS[kind]) != text:
                kept.append((f"{kind}.{code}", text))
    for number, (element, region, value) in enumerate(asked.figures):
        kept += [(f"f{number}e", element), (f"f{number}r", region), (f"f{number}v", value)]
    if asked.catalogue is not None:
        kept.append(("catalogue", str(asked.catalogue)))
    return urlencode(kept)


@require(*READERS)
@require_POST
def save(request: HttpRequest, run_id: int) -> HttpResponse:
    """Keep a scenario under a name."""
    name, query = request.POST.get("name", "").strip()[:128], request.POST.get("query", "")[:8000]
    page = reverse("simulations:simulate", args=[run_id])
    if name:
        services.save(actor_of(request), run_id, name, query)
        messages.success(request, _("方案已保存，只有您能看到；要给别人看，请发送网址。"))
    return redirect(f"{page}?{query}" if query else page)


@require(*READERS)
@require_POST
def drop(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Delete an own scenario."""
    run_id = services.drop(actor_of(request), scenario_id)
    return redirect("simulations:simulate", run_id)
