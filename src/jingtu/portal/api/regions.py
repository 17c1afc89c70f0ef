"""Region trees and places, today and on a day of the past. Names are public to whoever is signed in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions import queries
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.tree import RegionTree as EngineTree

from . import paging
from .schemas import Code, Id, Place, Text

router = Router(tags=["regions"])
Day = Annotated[dt.date | None, Field(description="As it was on that day; today when left out.")]


class Tree(Schema):
    """A named region tree. `regions` counts those of today."""

    slug: str
    name_zh: str
    name_en: str
    kind: str
    fictional: bool
    source: str
    source_date: dt.date | None
    regions: int


class Level(Schema):
    """A level of a tree, counted from the root downward."""

    level: str
    name: str
    regions: int


class TreeDetail(Tree):
    """A tree with its root and levels."""

    root: Place
    levels: list[Level]


class RegionOut(Place):
    """A place. `valid_to`: the first day on which it no longer existed."""

    tree: str
    parent: int | None
    valid_from: dt.date | None
    valid_to: dt.date | None


class Found(RegionOut):
    """A place that a search found; `matched` is the other name by which it was."""

    matched: str


class Span(Schema):
    """What a place was called and belonged to, from a day (null: unknown) until another (null: today)."""

    name: str
    code: str
    parent: str
    start: dt.date | None
    end: dt.date | None


class RegionDetail(RegionOut):
    """A place with the path from the root and its names over time."""

    path: list[Place]
    history: list[Span]


class Trees(Schema):
    """All trees."""

    items: list[Tree]


class Search(Schema):
    """Places found, the best first."""

    items: list[Found]


class RegionPage(Schema):
    """A page of places in the order of the tree."""

    items: list[Place]
    next: str | None


@router.get("/trees", response=Trees, summary="区划树列表")
def list_trees(request: HttpRequest) -> Trees:
    """All region trees, the real ones before the fictional."""
    return Trees(items=[Tree(**_tree(tree)) for tree in queries.trees(actor_of(request))])


@router.get("/trees/{slug}", response=TreeDetail, summary="一棵区划树及其层级")
def get_tree(request: HttpRequest, slug: Code) -> TreeDetail:
    """One tree with its root and the number of regions at each level."""
    actor = actor_of(request)
    tree = queries.tree_by_slug(actor, slug)
    levels = queries.levels(actor, tree)
    tree.region_count = sum(count for _, count in levels)
    return TreeDetail(
        **_tree(tree),
        root=place_of(queries.root_of(actor, tree)),
        levels=[Level(level=key, name=tree.level_name(key), regions=count) for key, count in levels],
    )


@router.get("/trees/{slug}/search", response=Search, summary="按名称、拼音、代码检索区划")
def search_regions(
    request: HttpRequest, slug: Code, q: Text, limit: Annotated[int, Field(ge=1, le=50)] = 20
) -> Search:
    """Places of today by name, former name, pinyin, initials or code, the best first."""
    actor = actor_of(request)
    tree = queries.tree_by_slug(actor, slug)
    found = queries.search(actor, tree, q, limit)
    return Search(items=[Found(**_region(region, tree), matched=region.matched_alias) for region in found])


@router.get("/trees/{slug}/regions", response=RegionPage, summary="按代码或层级列出区划")
def list_regions(
    request: HttpRequest,
    slug: Code,
    code: Code = "",
    level: Code = "",
    within: Id | None = None,
    as_of: Day = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = "",
) -> RegionPage:
    """Places of a tree in pre-order, narrowed to a code, a level or a subtree, today or on a day of the past."""
    actor = actor_of(request)
    shape = queries.engine_tree(actor, queries.tree_by_slug(actor, slug), as_of)
    wanted = {"slug": slug, "code": code, "level": level, "within": within, "as_of": as_of}
    inside = range(shape.size)
    if within is not None:
        part = shape.subtree(_position(shape, within))
        inside = range(part.start, part.stop)
    positions = [
        position
        for position in inside
        if (not code or shape.codes[position] == code) and (not level or shape.levels[position] == level)
    ]
    return _page(shape, positions, limit, cursor, wanted)


@router.get("/regions/{int:region_id}", response=RegionDetail, summary="一个区划")
def get_region(request: HttpRequest, region_id: Id, as_of: Day = None) -> RegionDetail:
    """One place, current or ended, with the path above it and its names over time.

    `as_of` gives name, code and path of that day; 404 when it did not exist then.
    """
    actor = actor_of(request)
    region = queries.get_region(actor, region_id)
    shown = _region(region, region.tree)
    if as_of is None:
        path = [place_of(above) for above in queries.ancestors(actor, region)]
    else:
        shape = queries.engine_tree(actor, region.tree, as_of)
        position = _position(shape, region_id)
        path = [_at(shape, above) for above in reversed(shape.ancestors(position))]
        shown |= _at(shape, position).dict() | {"parent": path[-1].id if path else None}
    spans = queries.spans(actor, region)
    return RegionDetail(
        **shown,
        path=path,
        history=[
            Span(name=span.name, code=span.code, parent=span.parent, start=span.start, end=span.end)
            for span in spans
        ],
    )


@router.get("/regions/{int:region_id}/children", response=RegionPage, summary="下级区划")
def list_children(
    request: HttpRequest,
    region_id: Id,
    as_of: Day = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = "",
) -> RegionPage:
    """The places directly below, in the order of the tree, today or on a day of the past."""
    actor = actor_of(request)
    region = queries.get_region(actor, region_id)
    shape = queries.engine_tree(actor, region.tree, as_of)
    positions = shape.children(_position(shape, region_id)).tolist()
    return _page(shape, positions, limit, cursor, {"children": region_id, "as_of": as_of})


def place_of(region: Region) -> Place:
    """A region in short."""
    return Place(id=region.pk, code=region.code, name=region.name, level=region.level)


def _tree(tree: RegionTree) -> dict[str, Any]:
    return {
        "slug": tree.slug,
        "name_zh": tree.name_zh,
        "name_en": tree.name_en,
        "kind": tree.kind,
        "fictional": tree.fictional,
        "source": tree.source,
        "source_date": tree.source_date,
        "regions": tree.region_count,
    }


def _region(region: Region, tree: RegionTree) -> dict[str, Any]:
    return {
        "id": region.pk,
        "code": region.code,
        "name": region.name,
        "level": region.level,
        "tree": tree.slug,
        "parent": region.parent_id,
        "valid_from": region.valid_from,
        "valid_to": region.valid_to,
    }


def _position(shape: EngineTree, region_id: int) -> int:
    found = (shape.ids == region_id).nonzero()[0]
    if not found.size:
        raise NotFound(region_id, "region")
    return int(found[0])


def _at(shape: EngineTree, position: int) -> Place:
    return Place(
        id=int(shape.ids[position]),
        code=shape.codes[position],
        name=shape.names[position],
        level=shape.levels[position],
    )


def _page(
    shape: EngineTree, positions: list[int], limit: int, cursor: str, wanted: dict[str, Any]
) -> RegionPage:
    """The cursor holds the own id of the last place shown; a tree that changed meanwhile is read on behind it."""
    start = 0
    if cursor:
        last = _position(shape, paging.decode(cursor, **wanted))
        start = sum(1 for position in positions if position <= last)
    shown = positions[start : start + limit]
    more = start + limit < len(positions)
    return RegionPage(
        items=[_at(shape, position) for position in shown],
        next=paging.encode(int(shape.ids[shown[-1]]), **wanted) if more else None,
    )
