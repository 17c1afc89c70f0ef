"""Pages of targets: parse, ask one service or query, draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import id_in, ids_in
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import get_region, groups_with_members, levels, path_names
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period
from jingtu.engine.targets import Target

from . import queries, services, words
from .choosing import chosen_tree, indicator_choices, indicator_names, own_regions, tell, trail, trees_of
from .forms import CellForm, DecisionForm, FilterForm, TargetForm
from .models import Target as TargetRow
from .queries import TargetFilter
from .rules import TargetAction, TargetState
from .visibility import READERS

PAGE_SIZE = 50
GRID_ROWS = 20


@require(*READERS)
@require_http_methods(["GET", "POST"])
def target_list(request: HttpRequest) -> HttpResponse:
    """Versions of targets, those in force first shown; whoever approves brings the ticked proposals in force."""
    actor = actor_of(request)
    if request.method == "POST":
        _approve_ticked(request, actor)
        return redirect(request.get_full_path())
    state = request.GET.get("state", TargetState.IN_FORCE.value)
    wanted = TargetFilter(
        tree=request.GET.get("tree", ""),
        indicator=request.GET.get("indicator", ""),
        region=id_in(request.GET.get("region")),
        state=state if state in words.STATES else "",
        year=request.GET.get("year", ""),
    )
    choices = queries.choices(actor) | {"state": [(key, str(word)) for key, word in words.STATES.items()]}
    page = Paginator(queries.list_targets(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "targets/list.html",
        {
            "page": page,
            "filters": FilterForm({"state": state, **request.GET.dict()}, choices=choices),
            "filtered": bool(request.GET),
            "names": indicator_names(actor),
            "may_manage": actor.can(Permission.TARGETS_MANAGE),
            "approvable": queries.approvable(actor, page),
            "address": request.get_full_path(),
            "tab": "list",
        },
    )


def _approve_ticked(request: HttpRequest, actor: Actor) -> None:
    if not actor.can(Permission.RUNS_APPROVE):
        raise PermissionDenied(Permission.RUNS_APPROVE)
    ids = ids_in(request.POST.getlist("target"))
    if queries.list_targets(actor, TargetFilter(state="")).filter(pk__in=ids).count() != len(set(ids)):
        raise NotFound(", ".join(map(str, ids)), "target")
    try:
        done = services.approve_many(actor, ids)
    except (InvalidInput, Conflict) as error:
        problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
        messages.error(request, " ".join(problem.text(interface_language()) for problem in problems))
    else:
        told = ngettext("已批准%(count)s个目标。", "已批准%(count)s个目标。", len(done))
        messages.success(request, told % {"count": len(done)})


@require(*READERS)
@require_GET
def detail(request: HttpRequest, target_id: int) -> HttpResponse:
    """One version with its provenance, its other versions, and what this actor may decide."""
    actor = actor_of(request)
    target = queries.get_target(actor, target_id)
    return render(
        request,
        "targets/detail.html",
        {
            "target": target,
            "versions": queries.versions_of(actor, target),
            "name": indicator_names(actor).get(target.indicator, target.indicator),
            "place": path_names(actor, [target.region_id])[target.region_id],
            "acts": [
                (act.value, words.ACTS[act.value], words.EFFECTS[act.value])
                for act in queries.open_acts(actor, target)
            ],
            "may_manage": actor.can(Permission.TARGETS_MANAGE, target.region_id),
            "steps": trail(f"{target.indicator} · {target.period_label}"),
            "fictional": target.tree.fictional,
        },
    )


@require(Permission.TARGETS_MANAGE, Permission.RUNS_APPROVE)
@require_POST
def decide(request: HttpRequest, target_id: int, act: str) -> HttpResponse:
    """Approve, reject or withdraw a version."""
    actor = actor_of(request)
    if act not in list(TargetAction):
        raise NotFound(act)
    queries.get_target(actor, target_id)
    form = DecisionForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    deeds: dict[str, Callable[[Actor, int, str], TargetRow]] = {
        "approve": services.approve,
        "reject": services.reject,
        "withdraw": services.withdraw,
    }
    try:
        deeds[act](actor, target_id, reason)
    except (InvalidInput, Conflict) as error:
        problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
        messages.error(request, " ".join(problem.text(interface_language()) for problem in problems))
    else:
        messages.success(request, _("已办理。"))
    return redirect("targets:detail", target_id)


@require(Permission.TARGETS_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set a target: a new version where there is one already."""
    actor = actor_of(request)
    tree = chosen_tree(request, actor)
    initial = {name: request.GET[name] for name in request.GET if name in TargetForm.base_fields}
    form = TargetForm(request.POST or None, initial=initial, **_form_choices(actor, tree))
    if request.method == "POST" and form.is_valid():
        region = get_region(actor, form.cleaned_data["region"])
        try:
            made = services.propose(
                actor, tree, form.target((region.level, region.code)), form.cleaned_data["reason"]
            )
        except (InvalidInput, Conflict) as error:
            tell(form, error)
        else:
            _said(request, made.state)
            return redirect("targets:detail", made.pk)
    context = {"form": form, "tree": tree, "trees": trees_of(actor), "steps": trail(_("设定目标"))}
    return render(request, "targets/new.html", context, status=400 if form.errors else 200)


@require(*READERS)
@require_GET
def grid(request: HttpRequest) -> HttpResponse:
    """What is asked of each place in one period: indicators by places."""
    actor = actor_of(request)
    tree = chosen_tree(request, actor)
    region = _chosen_region(request, actor, tree)
    below = [level for level, _count in levels(actor, tree)]
    level = request.GET.get("level", "")
    if level not in below:
        place = below.index(region.level) if region.level in below else 0
        level = below[min(place + 1, len(below) - 1)]
    period = _chosen_period(request)
    only = request.GET.get("only", "1" if not request.GET else "") == "1"
    catalogue = current_catalogue(actor)
    codes = [code for code, one in catalogue.indicators.items() if one.direction != "none"]
    page = max(id_in(request.GET.get("page")) or 0, 1)
    found = queries.target_grid(
        actor, region, level, period, codes, only_targets=only, start=(page - 1) * GRID_ROWS, most=GRID_ROWS
    )
    return render(
        request,
        "targets/grid.html",
        {
            "found": found,
            "tree": tree,
            "trees": trees_of(actor),
            "region": region,
            "level": level,
            "levels": [(key, tree.level_name(key)) for key in below],
            "period": period,
            "only": only,
            "page": Paginator(range(found.total), GRID_ROWS).get_page(page),
            "may_manage": actor.can(Permission.TARGETS_MANAGE, region.pk),
            "tab": "grid",
            "fictional": tree.fictional,
        },
    )


@require(Permission.TARGETS_MANAGE)
@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest) -> HttpResponse:
    """One cell of the table as a form, and what it says after saving; without script a page of its own."""
    actor = actor_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    region = get_region(actor, id_in(asked.get("region")) or 0)
    if not actor.can(Permission.TARGETS_MANAGE, region.pk):
        raise NotFound(f"region {region.pk}")
    code, period = asked.get("indicator", ""), _chosen_period(request)
    if code not in current_catalogue(actor).indicators:
        raise NotFound(code)
    form = CellForm(request.POST or None)
    context = {
        "form": form,
        "region": region,
        "indicator": code,
        "name": indicator_names(actor)[code],
        "period": period,
        "period_label": period.label(interface_language()),
        "fictional": region.tree.fictional,
    }
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        target = Target(
            code, "place", period.key, "each", (region.level, region.code), requirement=data["requirement"],
            red_line=data["red_line"], document=data["document"].strip(),
        )  # fmt: skip
        try:
            made = services.propose(actor, region.tree, target, data["reason"])
        except (InvalidInput, Conflict) as error:
            tell(form, error)
        else:
            if not request.headers.get("HX-Request"):
                _said(request, made.state)
                return redirect("targets:detail", made.pk)
            return render(request, "targets/_saved.html", {"target": made})
    template = "targets/_cell_form.html" if request.headers.get("HX-Request") else "targets/cell.html"
    # htmx swaps only answers that succeeded, and the errors belong into the cell.
    plain = not request.headers.get("HX-Request")
    return render(request, template, context, status=400 if form.errors and plain else 200)


# -- inside ------------------------------------------------------------------------------------------------


def _form_choices(actor: Actor, tree: RegionTree) -> dict[str, Any]:
    english = interface_language() == "en"
    return {
        "indicators": indicator_choices(actor),
        "regions": own_regions(actor, tree),
        "groups": [
            (group.code, group.name_en if english else group.name_zh)
            for group in groups_with_members(actor, tree)
        ],
        "levels": [(level, tree.level_name(level)) for level, _count in levels(actor, tree)],
    }


def _chosen_region(request: HttpRequest, actor: Actor, tree: RegionTree) -> Region:
    number = id_in(request.GET.get("region"))
    if number:
        region = get_region(actor, number)
        if region.tree_id != tree.pk:
            raise NotFound(f"region {number}")
        return region
    roots = [
        scope.region_id
        for permission in READERS
        for scope in actor.scopes(permission)
        if scope.tree_id == tree.pk
    ]
    rows = (
        Region.objects.filter(tree=tree, position__isnull=False)
        .select_related("tree")
        .order_by("depth", "position")
    )
    found = (rows.filter(pk__in=roots) if roots else rows).first()
    if found is None:
        raise NotFound(tree.slug)
    return found


def _chosen_period(request: HttpRequest) -> Period:
    text = request.POST.get("period") or request.GET.get("period") or ""
    try:
        return Period.parse(text) if text else Period.of("month", today())
    except InvalidInput as error:
        raise NotFound(text) from error


def _said(request: HttpRequest, state: str) -> None:
    if state == TargetState.IN_FORCE:
        messages.success(request, _("目标已生效。"))
    else:
        messages.success(request, _("目标已拟定；它影响得分，要由另一人批准后才生效。"))
