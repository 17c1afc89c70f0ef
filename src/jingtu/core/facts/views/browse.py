from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.facts import queries, services
from jingtu.core.facts.disclosure import hidden_history, hidden_rows
from jingtu.core.facts.forms import BrowseForm, ChangeForm, ReasonForm
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.views.common import chosen_region, chosen_tree, number_in
from jingtu.core.jobs.models import Job
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import ancestors, children, engine_tree, get_region
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.elements import Element, Qualifier
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import refuse

PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """One fact as the table shows it."""

    row: FactRow
    region: str
    element: str
    category: str
    period: str
    value: str
    unit: str
    batch: FactBatch | None
    hidden: bool


@require(Permission.FACTS_READ)
@require_GET
def browse(request: HttpRequest) -> HttpResponse:
    """Facts in force, by region, element and period."""
    actor = actor_of(request)
    tree, trees = chosen_tree(request, Permission.FACTS_READ)
    region = chosen_region(request, Permission.FACTS_READ, tree)
    elements = queries.elements(actor)
    form = BrowseForm(
        {**request.GET.dict(), "tree": tree.slug, "region": str(region.pk)},
        elements=elements,
        language=interface_language(),
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    facts = queries.facts(
        actor,
        tree,
        within=region,
        elements=[chosen["element"]] if chosen.get("element") else None,
        periods=chosen.get("period") or None,
    )
    page = Paginator(_in_order(actor, tree, facts), PER_PAGE).get_page(request.GET.get("page"))
    path = [
        place for place in [*ancestors(actor, region), region] if actor.can(Permission.FACTS_READ, place.pk)
    ]
    lines = _lines(actor, tree, facts, list(page), elements)
    context = {
        "form": form,
        "tree": tree,
        "trees": trees,
        "fictional": tree.fictional,
        "region": region,
        "path": [(place.name, place.pk) for place in path],
        "children": [(place.name, place.pk) for place in children(actor, region)[:200]],
        "page": page,
        "lines": lines,
        "some_hidden": any(line.hidden for line in lines),
        "may_import": actor.can(Permission.FACTS_IMPORT),
    }
    return render(request, "facts/browse.html", context)


def _in_order(actor: Actor, tree: RegionTree, facts: FactTable) -> list[int]:
    """Newest period first, then the order of the tree, then the element."""
    if len(facts) == 0:
        return []
    starts = np.array([-period.start.toordinal() for period in facts.periods] or [0])
    positions = engine_tree(actor, tree).positions_of_ids(facts.region_id)
    order: list[int] = np.lexsort((facts.element, positions, starts[facts.period])).tolist()
    return order


def _lines(actor: Actor, tree: RegionTree, facts: FactTable, indices: list[int], elements: Any) -> list[Line]:
    shown = facts.where(np.array(indices, dtype=np.int64))
    shape = engine_tree(actor, tree)
    positions = shape.positions_of_ids(shown.region_id).tolist()
    hidden = hidden_rows(actor, tree, shown, elements)
    batches = queries.batches_of(actor, tree, shown.batch.tolist())
    lines = []
    for number, row in enumerate(shown.rows()):
        element = elements.get(row.element)
        lines.append(
            Line(
                row,
                shape.names[positions[number]] if positions[number] >= 0 else "",
                element.name(interface_language()) if element else row.element,
                element.category_label(row.category, interface_language()) if element else row.category,
                Period.parse(row.period).label(interface_language()),
                words_of(row.value, row.qualifier, element, bool(hidden[number])),
                element.unit_name(interface_language()) if element else "",
                batches.get(row.batch),
                bool(hidden[number]),
            )
        )
    return lines


def words_of(value: int | None, qualifier: Qualifier, element: Element | None, hidden: bool = False) -> str:
    """A value with its qualifier as people read it; the small-count mark where it is not to be shown."""
    if hidden:
        return _("少于保护下限")
    if value is None:
        return _("已撤回")
    figure = element.format(value, interface_language()) if element else str(value)
    return qualifier.mark(figure, interface_language())


@require(Permission.FACTS_READ)
@require_POST
@confirmed_identity
def export(request: HttpRequest) -> HttpResponse:
    """Make a file of the facts the list shows and hand it out."""
    actor = actor_of(request)
    tree, _trees = chosen_tree(request, Permission.FACTS_READ)
    region = chosen_region(request, Permission.FACTS_READ, tree)
    form = BrowseForm(request.POST, elements=queries.elements(actor), language=interface_language())
    if not form.is_valid():
        raise NotFound("filter")
    kind: Literal["csv", "xlsx"] = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    made = services.begin_export(
        actor,
        tree,
        kind=kind,
        within=region,
        elements=[form.cleaned_data["element"]] if form.cleaned_data["element"] else None,
        periods=form.cleaned_data["period"] or None,
    )
    if isinstance(made, Job):
        return redirect("jobs:detail", made.pk)
    return redirect("files:download", made.pk)


@require(Permission.FACTS_READ)
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Everything that happened to one value."""
    actor = actor_of(request)
    region, element, period, category = _cell(request, request.GET)
    events = queries.history(actor, region, element.code, period.key, category)
    facts = queries.facts(
        actor, region.tree, within=region, elements=[element.code], periods=[period.key]
    ).select(region_ids=[region.pk])
    small = hidden_history(actor, region, element, [event.value for event in events])
    hidden = small or bool(hidden_rows(actor, region.tree, facts, {element.code: element}).any())
    context = {
        "region": region,
        "fictional": region.tree.fictional,
        "element": element,
        "element_name": element.name(interface_language()),
        "definition": element.definition(interface_language()),
        "unit": element.unit_name(interface_language()),
        "period": period,
        "period_label": period.label(interface_language()),
        "category": category,
        "category_label": element.category_label(category, interface_language()),
        "events": [(event, words_of(event.value, event.qualifier, element, hidden)) for event in events],
        "some_hidden": hidden,
        "may_change": actor.can(Permission.FACTS_IMPORT, region.pk),
        "form": ChangeForm(),
    }
    return render(request, "facts/history.html", context)


@require(Permission.FACTS_IMPORT)
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    region, element, period, category = _cell(request, request.POST)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        raise refuse("facts.value_required" if "value" in form.errors else "facts.reason_required")
    services.change_fact(
        actor_of(request),
        region_id=region.pk,
        element=element.code,
        period=period.key,
        category=category,
        value=form.cleaned_data["value"],
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("已修改，原值保留在历史中。"))
    return redirect(_address(region, element, period, category))


@require(Permission.FACTS_IMPORT)
@require_POST
def retract(request: HttpRequest) -> HttpResponse:
    region, element, period, category = _cell(request, request.POST)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise refuse("facts.reason_required")
    services.retract_fact(
        actor_of(request),
        region_id=region.pk,
        element=element.code,
        period=period.key,
        category=category,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("已撤回，此处现为缺报。"))
    return redirect(_address(region, element, period, category))


def _cell(request: HttpRequest, given: Any) -> tuple[Region, Element, Period, str]:
    actor = actor_of(request)
    region = get_region(actor, number_in(given.get("region", "")))
    if not actor.can(Permission.FACTS_READ, region.pk):
        raise NotFound(region.pk, "region")
    element = queries.elements(actor).get(given.get("element", ""))
    if element is None:
        raise NotFound("element")
    return region, element, Period.parse(given.get("period", "")), given.get("category", "")


def _address(region: Region, element: Element, period: Period, category: str) -> str:
    query = {"region": region.pk, "element": element.code, "period": period.key, "category": category}
    return reverse("facts:history", query={name: value for name, value in query.items() if value})
