"""Reading the catalogue: parse, ask one query, draw. Open to every signed-in person."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound

from . import queries
from .forms import IndicatorFilterForm
from .queries import IndicatorFilter

PAGE_SIZE = 50
Trail = list[tuple[str, str]]


def _trail(label: str = "") -> Trail:
    trail = [(_("指标目录"), reverse("indicators:catalogue"))]
    return [*trail, (label, "")] if label else trail


def _retired(actor: Actor, kind: str, code: str) -> HttpResponse:
    """The last version that had a definition which is not in force any more; NotFound where none had."""
    version = queries.last_version_with(actor, kind, code)
    return redirect("indicators:version-entry", version.number, kind, code)


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """The list of indicators with search and filters; scorecards and named sets beside it."""
    actor = actor_of(request)
    wanted = IndicatorFilter(
        text=request.GET.get("q", ""),
        strand=request.GET.get("strand", ""),
        row=request.GET.get("row", ""),
        status=request.GET.get("status", ""),
        direction=request.GET.get("direction", ""),
    )
    found = queries.indicator_list(actor, wanted)
    return render(
        request,
        "indicators/catalogue.html",
        {
            "version": queries.version_in_force(actor),
            "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
            "filters": IndicatorFilterForm(request.GET, choices=queries.indicator_choices(actor)),
            "filtered": wanted != IndicatorFilter(),
            "scorecards": queries.scorecards(actor),
            "groups": queries.groups(actor),
            "may_read_drafts": queries.may_read_drafts(actor),
        },
    )


@require_GET
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One definition."""
    actor = actor_of(request)
    try:
        page = queries.indicator_page(actor, code)
    except NotFound:
        return _retired(actor, "indicators", code)
    return render(request, "indicators/indicator.html", {"found": page, "steps": _trail(code)})


@require_GET
def element(request: HttpRequest, code: str) -> HttpResponse:
    """One data element and the indicators that use it."""
    actor = actor_of(request)
    try:
        found, using = queries.element_page(actor, code)
    except NotFound:
        return _retired(actor, "elements", code)
    return render(
        request, "indicators/element.html", {"element": found, "using": using, "steps": _trail(code)}
    )


@require_GET
def scorecard_page(request: HttpRequest, code: str) -> HttpResponse:
    """One scorecard: sections, items, rules, vetoes."""
    actor = actor_of(request)
    try:
        card = queries.scorecard(actor, code)
    except NotFound:
        return _retired(actor, "scorecards", code)
    return render(
        request,
        "indicators/scorecard.html",
        {
            "card": card,
            "indicators": queries.current_catalogue(actor).indicators,
            "steps": _trail(code),
        },
    )


@require_GET
def group_page(request: HttpRequest, code: str) -> HttpResponse:
    """One named set of indicators."""
    actor = actor_of(request)
    try:
        group = queries.group(actor, code)
    except NotFound:
        return _retired(actor, "groups", code)
    return render(
        request,
        "indicators/group.html",
        {
            "group": group,
            "groups": queries.current_catalogue(actor).groups,
            "indicators": queries.current_catalogue(actor).indicators,
            "steps": _trail(code),
        },
    )


@require_GET
def catalogue_versions(request: HttpRequest) -> HttpResponse:
    """Every version ever in force."""
    return render(
        request,
        "indicators/versions.html",
        {"versions": queries.versions(actor_of(request)), "steps": _trail(_("历次版本"))},
    )


@require_GET
def catalogue_yaml(request: HttpRequest) -> HttpResponse:
    """The catalogue in force as YAML."""
    text = queries.catalogue_text(actor_of(request))
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="catalogue.yaml"'
    return response
