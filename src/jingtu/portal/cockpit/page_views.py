"""The explorer, the page of a region, the published figures: parse, ask, draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from jingtu.assessment.runs.templatetags.runs import ranked_word
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.audit.exporting import Outgoing
from jingtu.core.kernel.actor import Permission
from jingtu.core.ui.templatetags.ui import period_kind_labels
from jingtu.core.ui.words import state_of
from jingtu.engine.catalogue import Indicator, Threshold
from jingtu.engine.problems import Language
from jingtu.engine.tablefile import Row

from . import charts
from .explorer import CADENCES, LENGTHS, Explored, Question, explore, standing, trend_points
from .exporting import export_explored
from .profile import profile as region_profile
from .published import narrative_rows, published_groups, sources_of
from .scope import number, period_of, region_scope
from .templatetags.cockpit import state_key


def _question(request: HttpRequest) -> Question:
    length = number(request.GET.get("n")) or LENGTHS[1]
    return Question(
        indicator=request.GET.get("indicator", ""),
        region=number(request.GET.get("region")),
        other=number(request.GET.get("with")),
        cadence=request.GET.get("cadence", "month"),
        n=min(length, max(LENGTHS)),
        until=period_of(request.GET.get("period", "")),
        comparable=request.GET.get("comparable") == "1",
    )


@require(Permission.RESULTS_READ, Permission.FACTS_READ)
@require_GET
def explorer(request: HttpRequest) -> HttpResponse:
    """One indicator of one region: trend, table, ranking, distribution, comparison."""
    actor = actor_of(request)
    found = explore(actor, _question(request))
    if found is None:
        return render(request, "cockpit/no_region.html")
    definition, language = found.page.indicator, actor.language
    lines = [(found.region.name, str(found.region.pk), trend_points(found.rows))]
    if found.other is not None:
        lines.append((found.other.name, str(found.other.pk), trend_points(found.rows, other=True)))
    ranking = None
    if found.run is not None:
        focus = found.region.pk
        drawn = charts.one_indicator(found.ranking, definition, found.run.pk, focus, language)
        ranking = replace(drawn, subject=ranked_word(found.run.tree.kind))
    labels = period_kind_labels()
    context: dict[str, Any] = {
        "found": found,
        "definition": definition,
        "period": found.question.until,
        "standing": standing(found.rows, definition.unit_name("zh"), language),
        "requirement": _label(definition.target, definition, language),
        "red_line": _label(definition.red_line, definition, language),
        "trend_chart": charts.trend(
            definition, lines, language, {row.period for row in found.rows if row.point.estimated}
        ),
        "ranking_chart": ranking,
        "dots": [(dot.name, dot.point.value) for dot in found.dots if dot.point.value is not None],
        "absent": _absent(found),
        "ranges": any(row.low_rank for row in found.ranking),
        "cadences": [(key, labels[key]) for key in CADENCES],
        "lengths": LENGTHS,
        "fictional": found.region.tree.fictional,
        "csv_query": request.GET.urlencode(),
        **region_scope(found.region, found.above, found.below),
    }
    return render(request, "cockpit/explorer.html", context)


def _absent(found: Explored) -> list[tuple[str, int]]:
    """Why places below have no dot, counted: missing, not applicable and withheld are different things."""
    states = Counter(state_key(dot.point.state) for dot in found.dots if dot.point.value is None)
    return [(str(state_of(state).word), count) for state, count in states.items()]


def _label(threshold: Threshold | None, definition: Indicator, language: Language) -> str:
    return threshold.label(definition.unit_name(language), language) if threshold else ""


@require(Permission.RESULTS_READ, Permission.FACTS_READ)
@require_GET
@confirmed_page
def explorer_csv(request: HttpRequest) -> HttpResponseBase:
    """The table of the explorer as a file; it says whose figures they are and on what they rest."""
    actor = actor_of(request)
    found = explore(actor, _question(request))
    if found is None:
        return render(request, "cockpit/no_region.html")
    definition = found.page.indicator
    name = f"{definition.name(actor.language)}({definition.unit_name(actor.language)})"
    places = [found.region.name, *([found.other.name] if found.other else [])]
    basis = _("现有数据") if found.basis == "facts" else _("已发布结果")
    span = f"{found.rows[0].period.key} – {found.rows[-1].period.key}" if found.rows else ""
    notes = found.comparable.notes if found.comparable else ()
    head = [_("周期"), _("周期代码"), found.region.name, _("状态"), _("分子"), _("分母")]
    table = Outgoing(
        name,
        [*head, found.other.name, _("相差")] if found.other else head,
        _explored_rows(found),
        len(found.rows),
        scope="；".join(part for part in ("、".join(places), span, basis, *notes) if part),
        fictional=found.region.tree.fictional,
    )
    return export_explored(actor, found, table)


def _explored_rows(found: Explored) -> Iterator[Row]:
    for row in found.rows:
        point = row.point
        words = [] if point.value is not None else [str(state_of(state_key(point.state)).word)]
        if point.estimated and point.value is not None:
            words.append(_("估算"))
        if point.lacking and point.value is not None and not row.running:
            words.append(_("只含部分月份"))
        if row.running:
            words.append(pgettext("period", "进行中"))
        word = _("、").join(words)
        cells = [row.label, row.period.key, point.value, word, point.numerator, point.denominator]
        if found.other:
            cells += [row.other.value if row.other else None, row.difference]
        yield cells


@require_GET
def profile(request: HttpRequest, region_id: int) -> HttpResponse:
    """One region at a glance."""
    actor = actor_of(request)
    found = region_profile(actor, region_id)
    return render(
        request,
        "cockpit/profile.html",
        {
            "found": found,
            "sources": sources_of(found.published),
            "fictional": found.region.tree.fictional,
            **region_scope(found.region, found.above, found.below),
        },
    )


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """The published figures of real places, each with its source."""
    actor = actor_of(request)
    groups = published_groups(actor)
    asked = request.GET.get("group", "")
    return render(
        request,
        "cockpit/figures.html",
        {
            "groups": groups,
            "shown": [group for group in groups if not asked or group.group.code == asked],
            "asked": asked,
            "narratives": narrative_rows() if groups else [],
        },
    )
