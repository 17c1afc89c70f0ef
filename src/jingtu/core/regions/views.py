"""Screens of region trees: browse, search, region page, pickers."""

from __future__ import annotations

from typing import Literal

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions import queries
from jingtu.core.regions.models import Region, RegionTree

PAGE = 50
EXPANDED = 300  # children shown at once when a branch is opened; the region's page lists all


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; set by the middleware for every request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def interface_language() -> Literal["zh", "en"]:
    """The language of the page, as problems name it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def may_manage(actor: Actor, region: Region | None) -> bool:
    """Whether the actor may change the region."""
    return region is not None and actor.can(Permission.REGIONS_MANAGE, region.pk)


def may_preview(actor: Actor, region: Region | None) -> bool:
    """Whether the actor may see what a change of the region would do: who changes it, and whose assessments it
    would touch."""
    return may_manage(actor, region) or (region is not None and actor.can(Permission.RUNS_PREPARE, region.pk))


@require_GET
def tree_list(request: HttpRequest) -> HttpResponse:
    """All trees."""
    actor = actor_of(request)
    return render(
        request,
        "regions/list.html",
        {"trees": queries.trees(actor), "may_load": actor.can(Permission.REGIONS_MANAGE)},
    )


@require_GET
def tree(request: HttpRequest, slug: str) -> HttpResponse:
    """One tree: its levels, search, and the branches, opened as they are clicked."""
    actor = actor_of(request)
    found = queries.tree_by_slug(actor, slug)
    root = queries.root_of(actor, found)
    text = request.GET.get("q", "")
    context = {
        "tree": found,
        "root": root,
        "fictional": found.fictional,
        "levels": [(found.level_name(level), count) for level, count in queries.levels(actor, found)],
        "children": branch(actor, root),
        "expanded": EXPANDED,
        "may_manage": may_manage(actor, root),
        **answers(actor, found, text),
    }
    return render(request, "regions/tree.html", context)


@require_GET
def search(request: HttpRequest, slug: str) -> HttpResponse:
    """Search-as-you-type inside a tree: the list of answers."""
    actor = actor_of(request)
    found = queries.tree_by_slug(actor, slug)
    return render(request, "regions/answers.html", answers(actor, found, request.GET.get("q", "")))


@require_GET
def children(request: HttpRequest, region_id: int) -> HttpResponse:
    """The branch below a region, for the tree page."""
    actor = actor_of(request)
    region = queries.get_region(actor, region_id)
    context = {"region": region, "children": branch(actor, region), "expanded": EXPANDED}
    return render(request, "regions/branch.html", context)


@require_GET
def picker(request: HttpRequest) -> HttpResponse:
    """Regions found by name, alias, pinyin or code, with their full path, for pickers and forms.

    ``tree`` names the tree (by default the first real one), ``q`` what was typed, ``param`` the query field
    a picked region sets. ``as=datalist`` answers with options for a form field; that field's own text counts
    when there is no ``q``.
    """
    actor = actor_of(request)
    slug = request.GET.get("tree", "")
    found = queries.tree_by_slug(actor, slug) if slug else queries.first_tree(actor)
    as_list = request.GET.get("as") == "datalist"
    text = str(request.GET.get("q") or "") or next(
        (str(value) for name, value in request.GET.items() if as_list and name not in ("tree", "as")), ""
    )
    regions = queries.search(actor, found, text[:64], 12)
    paths = queries.path_names(actor, [region.pk for region in regions])
    if as_list:
        return render(
            request,
            "regions/datalist.html",
            {"options": [(f"{region.code} {paths[region.pk]} #{region.pk}") for region in regions]},
        )
    param = request.GET.get("param", "region")
    param = param if param.isidentifier() else "region"
    options = [
        (
            region.name,
            " · ".join(text for text in (paths[region.pk], region.matched_alias) if text),
            f"?{param}={region.pk}",
        )
        for region in regions
    ]
    return render(request, "ui/components/region_options.html", {"options": options, "text": text})


@require_GET
def detail(request: HttpRequest, region_id: int) -> HttpResponse:
    """One region: what it was called over time, what changed, what lies below."""
    actor = actor_of(request)
    region = queries.get_region(actor, region_id)
    page = Paginator(queries.children(actor, region), PAGE).get_page(request.GET.get("page"))
    for child in page.object_list:
        child.tree = region.tree
    above = queries.ancestors(actor, region)
    context = {
        "region": region,
        "tree": region.tree,
        "fictional": region.tree.fictional,
        "ancestors": above,
        "below": (region.last or 0) - (region.position or 0),
        "spans": queries.spans(actor, region),
        "aliases": region.aliases.all(),
        "changes": queries.changes(actor, region),
        "groups": region.peer_groups.all(),
        "page": page,
        "may_manage": may_manage(actor, region) and region.is_current,
        "may_preview": may_preview(actor, region) and region.is_current,
        "kinds": ("create", "rename", "move", "merge", "split"),
    }
    return render(request, "regions/detail.html", context)


@require_GET
def group_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The peer groups of a tree and their members."""
    actor = actor_of(request)
    found = queries.tree_by_slug(actor, slug)
    root = queries.root_of(actor, found)
    context = {
        "tree": found,
        "fictional": found.fictional,
        "groups": queries.groups_with_members(actor, found),
        "may_manage": may_manage(actor, root),
    }
    return render(request, "regions/groups.html", context)


def branch(actor: Actor, region: Region) -> list[Region]:
    """The first children of a region; ``last > position`` tells whether they have children themselves."""
    return list(queries.children(actor, region)[:EXPANDED])


def answers(actor: Actor, found: RegionTree, text: str) -> dict[str, object]:
    """Search results with their paths, or what may have been meant."""
    text = text.strip()[:64]
    regions = queries.search(actor, found, text, 30)
    near = queries.suggestions(actor, found, text) if text and not regions else []
    paths = queries.path_names(actor, [region.pk for region in [*regions, *near]])
    return {
        "text": text,
        "found": [(region, paths[region.pk]) for region in regions],
        "near": [(region, paths[region.pk]) for region in near],
    }
