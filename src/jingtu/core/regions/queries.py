"""What is read of region trees: places here, time in :mod:`jingtu.core.regions.timeline`.

Names, codes and structure of a tree are no secret: whoever is signed in may see them. Every function
therefore takes the actor (a signed-in person, or the system) but hides nothing from it; what a region's
*figures* may be seen by is decided where figures are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import PeerGroup, Region, RegionAlias, RegionTree
from jingtu.core.regions.rules import search_keys
from jingtu.core.regions.timeline import changes, engine_tree, spans, trees_now

__all__ = [
    "ancestors",
    "changes",
    "children",
    "engine_tree",
    "family",
    "find_region",
    "first_tree",
    "get_region",
    "is_within",
    "levels",
    "path_names",
    "peer_groups",
    "peer_rows",
    "root_of",
    "search",
    "spans",
    "subtree",
    "suggestions",
    "tree_by_slug",
    "trees",
    "trees_now",
    "within_any",
]


def trees(actor: Actor) -> list[RegionTree]:
    """All trees, the real before the fictional, each with ``region_count`` (regions of today)."""
    counts = dict(
        Region.objects.filter(valid_to__isnull=True)
        .values_list("tree_id")
        .annotate(count=Count("pk"))
        .order_by()
    )
    found = list(RegionTree.objects.order_by("fictional", "slug"))
    for tree in found:
        tree.region_count = counts.get(tree.pk, 0)
    return found


def first_tree(actor: Actor) -> RegionTree:
    """The first real tree, else the first. Raises NotFound when none is loaded."""
    found = RegionTree.objects.order_by("fictional", "slug").first()
    if found is None:
        raise NotFound("", "any_tree")
    return found


def tree_by_slug(actor: Actor, slug: str) -> RegionTree:
    """The tree of that name. Raises NotFound."""
    tree = RegionTree.objects.filter(slug=slug).first()
    if tree is None:
        raise NotFound(slug, "tree")
    return tree


def get_region(actor: Actor, region_id: int) -> Region:
    """One region, current or ended, with its tree and parent. Raises NotFound."""
    region = Region.objects.select_related("tree", "parent").filter(pk=region_id).first()
    if region is None:
        raise NotFound(region_id, "region")
    return region


def root_of(actor: Actor, tree: RegionTree) -> Region:
    """The root of today's tree. Raises NotFound for a tree without regions."""
    root = Region.objects.select_related("tree").filter(tree=tree, position=0).first()
    if root is None:
        raise NotFound(tree.slug, "tree")
    return root


def find_region(actor: Actor, tree: RegionTree, code: str, level: str | None = None) -> Region:
    """The current region with that code; ``level`` may be left out while the code is unique in the tree.

    A code padded with zeros (433100, 433101000000) finds the place it stands for when that is clear.
    Raises NotFound when there is none, or several and no level was given.
    """
    rows = _with_code(tree, code, level)
    if not rows and code.endswith("0") and code.isdigit():
        rows = _with_code(tree, _without_padding(code), level)
    if len(rows) != 1:
        raise NotFound(f"{tree.slug} {code}" + (f" ({level})" if level else ""), "region")
    return rows[0]


def _with_code(tree: RegionTree, code: str, level: str | None) -> list[Region]:
    found = Region.objects.select_related("tree", "parent").filter(
        tree=tree, code=code, valid_to__isnull=True
    )
    if level:
        found = found.filter(level=level)
    return list(found[:2])


def _without_padding(code: str) -> str:
    """A national code without its zeros: 430000 → 43, 433100 → 4331, 433101000000 → 433101."""
    core = code.rstrip("0")
    for length in (2, 4, 6, 9, 12):
        if len(core) <= length:
            return core.ljust(length, "0")
    return core


def family(actor: Actor, region: Region) -> tuple[list[Region], list[Region]]:
    """The regions above, the root first, and the current ones directly below. One query for a current region."""
    if region.position is None:
        return ancestors(actor, region), list(children(actor, region))
    above = Q(position__lt=region.position, last__gte=region.position)
    below = Q(parent=region, valid_to__isnull=True)
    found = list(Region.objects.filter(above | below, tree_id=region.tree_id).order_by("position"))
    return [one for one in found if one.parent_id != region.pk], [
        one for one in found if one.parent_id == region.pk
    ]


def children(actor: Actor, region: Region) -> QuerySet[Region]:
    """The current regions directly below, in the order of the tree."""
    return Region.objects.filter(parent=region, valid_to__isnull=True).order_by("position")


def ancestors(actor: Actor, region: Region) -> list[Region]:
    """The regions above, the root first. One query for a current region, none for the root."""
    if region.position == 0:
        return []
    if region.position is not None:
        return list(
            Region.objects.filter(
                tree_id=region.tree_id, position__lt=region.position, last__gte=region.position
            ).order_by("position")
        )
    above: list[Region] = []
    at = region.parent
    while at is not None:
        above.append(at)
        at = at.parent
    return above[::-1]


def path_names(actor: Actor, region_ids: Iterable[int]) -> dict[int, str]:
    """Full path of each region without the root ("湖南省 / 湘西州 / 吉首市").

    Two queries for a page of regions (one more for every further 200). A root is named by itself, an ended
    region too.
    """
    rows = list(Region.objects.filter(pk__in=list(region_ids)))
    names = {row.pk: row.name for row in rows}
    current = [row for row in rows if row.position is not None]
    for start in range(0, len(current), 200):
        page = current[start : start + 200]
        condition = Q(pk__in=[])
        for row in page:
            condition |= Q(tree_id=row.tree_id, position__lt=row.position, last__gte=row.position)
        above = list(Region.objects.filter(condition, position__gt=0).order_by("position"))
        for row in page:
            chain = [
                other.name
                for other in above
                if other.tree_id == row.tree_id
                and (other.position or 0) < (row.position or 0) <= (other.last or 0)
            ]
            names[row.pk] = " / ".join([*chain, row.name])
    return names


def subtree(actor: Actor, region: Region, level: str | None = None) -> QuerySet[Region]:
    """The region and everything below it today, in the order of the tree; only itself when it has ended."""
    if region.position is None:
        found = Region.objects.filter(pk=region.pk)
    else:
        found = Region.objects.filter(
            tree_id=region.tree_id, position__gte=region.position, position__lte=region.last
        )
    if level:
        found = found.filter(level=level)
    return found.order_by("position")


def is_within(region_id: int, ancestor_id: int) -> bool:
    """Whether a region is, or lies below, another one today. One query; False for unknown ids.

    An ended region lies where it lay when it ended: below the ancestors of its last parent.
    """
    return bool(within_any(region_id, [ancestor_id]))


def within_any(region_id: int, ancestor_ids: Sequence[int]) -> list[int]:
    """Those of ``ancestor_ids`` that are, or lie above, the region today."""
    if not ancestor_ids:
        return []
    rows = {
        pk: (tree_id, position, last, parent_id)
        for pk, tree_id, position, last, parent_id in Region.objects.filter(
            pk__in={region_id, *ancestor_ids}
        ).values_list("pk", "tree_id", "position", "last", "parent_id")
    }
    if region_id not in rows:
        return []
    tree_id, position, _, parent_id = rows[region_id]
    found = [region_id] if region_id in ancestor_ids else []
    if position is None:
        return found if parent_id is None else found + within_any(parent_id, ancestor_ids)
    for ancestor_id in ancestor_ids:
        other = rows.get(ancestor_id)
        if other is None or ancestor_id == region_id or other[0] != tree_id or other[1] is None:
            continue
        if other[1] <= position <= (other[2] or 0):
            found.append(ancestor_id)
    return found


def peer_groups(actor: Actor, tree: RegionTree) -> Mapping[str, list[int]]:
    """Peer groups of a tree: code → own ids of the members that exist today, in the order of the tree."""
    groups: dict[str, list[int]] = {
        code: [] for code in PeerGroup.objects.filter(tree=tree).values_list("code", flat=True)
    }
    rows = (
        PeerGroup.members.through.objects.filter(peergroup__tree=tree, region__valid_to__isnull=True)
        .order_by("peergroup__code", "region__position")
        .values_list("peergroup__code", "region_id")
    )
    for code, region_id in rows:
        groups[code].append(region_id)
    return groups


def peer_rows(actor: Actor, tree: RegionTree) -> list[tuple[str, str, str, str, str]]:
    """The peer groups as rows of a file: code, level and name of the region, code and name of its group."""
    members = PeerGroup.members.through.objects.filter(
        peergroup__tree=tree, region__valid_to__isnull=True
    ).order_by("peergroup__code", "region__position")
    name = "peergroup__name_zh" if actor.language == "zh" else "peergroup__name_en"
    return list(members.values_list("region__code", "region__level", "region__name", "peergroup__code", name))


def groups_with_members(actor: Actor, tree: RegionTree) -> QuerySet[PeerGroup]:
    """The peer groups of a tree, their members at hand. Two queries."""
    return PeerGroup.objects.filter(tree=tree).prefetch_related("members")


# -- searching ---------------------------------------------------------------------------------------------


def search(actor: Actor, tree: RegionTree, text: str, limit: int = 20) -> list[Region]:
    """Current regions found by name, alias, pinyin initials, full pinyin or code; best first.

    Exact names come before beginnings, beginnings before parts, upper levels before lower ones.
    ``matched_alias`` tells the other name by which a region was found (empty otherwise). Two queries.
    """
    text = " ".join(text.split())
    if not text:
        return []
    letters = re.sub(r"[^0-9a-z]+", "", text.lower())
    by_alias: dict[int, str] = {}
    aliases = Q(name__icontains=text)
    if letters:
        aliases |= Q(initials__startswith=letters) | Q(pinyin__startswith=letters)
    alias_rows = RegionAlias.objects.filter(
        aliases, region__tree=tree, region__valid_to__isnull=True
    ).order_by("region__depth", "region__position")
    for region_id, name in alias_rows.values_list("region_id", "name")[:limit]:
        by_alias.setdefault(region_id, name)
    condition = Q(name__contains=text) | Q(pk__in=list(by_alias))
    ranks = [
        When(Q(name=text) | Q(code=text), then=Value(0)),
        When(name__startswith=text, then=Value(1)),
        When(pk__in=[pk for pk, name in by_alias.items() if name == text], then=Value(1)),
    ]
    if letters:
        condition |= (
            Q(initials__contains=letters) | Q(pinyin__startswith=letters) | Q(code__startswith=letters)
        )
        ranks += [
            When(initials=letters, then=Value(2)),
            When(pinyin=letters, then=Value(2)),
            When(code__startswith=letters, then=Value(3)),
            When(initials__startswith=letters, then=Value(3)),
            When(pinyin__startswith=letters, then=Value(4)),
        ]
        if letters.isdigit() and letters.endswith("0"):
            plain = _without_padding(letters)
            condition |= Q(code=plain)
            ranks.append(When(code=plain, then=Value(1)))
    ranks.append(When(name__contains=text, then=Value(5)))
    ranks.append(When(pk__in=list(by_alias), then=Value(6)))
    found: list[Region] = list(
        Region.objects.filter(condition, tree=tree, valid_to__isnull=True)
        .annotate(rank=Case(*ranks, default=Value(7), output_field=IntegerField()))
        .order_by("rank", "depth", "position")[:limit]
    )
    for region in found:
        alias = by_alias.get(region.pk, "")
        region.matched_alias = alias if alias and text not in region.name else ""
    return found


def suggestions(actor: Actor, tree: RegionTree, text: str, limit: int = 3) -> list[Region]:
    """Regions that somebody who wrote ``text`` may have meant, when :func:`search` finds none.

    Names that sound alike (吉守市 → 吉首市) come first, then names and codes that look alike.
    """
    text = " ".join(text.split())
    found = search(actor, tree, text, limit)
    if found or not text:
        return found
    pinyin, initials = search_keys(text)
    current = Region.objects.filter(tree=tree, valid_to__isnull=True).order_by("depth", "position")
    alike = current.filter(
        Q(pinyin=pinyin) | Q(initials=initials) | Q(name__startswith=text[:2]) | Q(code__startswith=text[:4])
    )[:2_000]
    scored = []
    for region in alike:
        likeness = max(
            SequenceMatcher(None, text, region.name).ratio(),
            SequenceMatcher(None, text, region.code).ratio(),
            0.9 * SequenceMatcher(None, pinyin, region.pinyin).ratio(),
        )
        if likeness >= 0.6:
            scored.append((-likeness, region.depth, region.position or 0, region))
    scored.sort(key=lambda entry: entry[:3])
    return [region for *_, region in scored[:limit]]


def levels(actor: Actor, tree: RegionTree) -> list[tuple[str, int]]:
    """The levels of today's tree from the root downward, each with its number of regions."""
    rows = (
        Region.objects.filter(tree=tree, valid_to__isnull=True)
        .values_list("level")
        .annotate(count=Count("pk"), depth=Min("depth"))
        .order_by("depth")
    )
    return [(level, count) for level, count, _ in rows]
