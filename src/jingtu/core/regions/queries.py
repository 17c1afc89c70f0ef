"""What is read of region trees.

Names, codes and structure of a tree are no secret: whoever is signed in may see them. Every function
therefore takes the actor (a signed-in person, or the system) but hides nothing from it; what a region's
*figures* may be seen by is decided where figures are.
"""

# ruff: noqa: ARG001 - every query takes the actor, although names of regions are public
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, Q, QuerySet

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import PeerGroup, Region, RegionTree


def trees(actor: Actor) -> list[RegionTree]:
    """All trees, the real before the fictional, each with ``region_count`` (regions of today)."""
    counted = RegionTree.objects.annotate(
        region_count=Count("regions", filter=Q(regions__valid_to__isnull=True))
    )
    return list(counted.order_by("fictional", "slug"))


def tree_by_slug(actor: Actor, slug: str) -> RegionTree:
    """The tree of that name. Raises NotFound."""
    tree = RegionTree.objects.filter(slug=slug).first()
    if tree is None:
        raise NotFound(slug)
    return tree


def get_region(actor: Actor, region_id: int) -> Region:
    """One region, current or ended, with its tree and parent. Raises NotFound."""
    region = Region.objects.select_related("tree", "parent").filter(pk=region_id).first()
    if region is None:
        raise NotFound(f"#{region_id}")
    return region


def root_of(actor: Actor, tree: RegionTree) -> Region:
    """The root of today's tree. Raises NotFound for a tree without regions."""
    root = Region.objects.select_related("tree").filter(tree=tree, position=0).first()
    if root is None:
        raise NotFound(tree.slug)
    return root


def find_region(actor: Actor, tree: RegionTree, code: str, level: str | None = None) -> Region:
    """The current region with that code; ``level`` may be left out while the code is unique in the tree.

    Raises NotFound when there is none, or several and no level was given.
    """
    found = Region.objects.select_related("tree", "parent").filter(
        tree=tree, code=code, valid_to__isnull=True
    )
    if level:
        found = found.filter(level=level)
    rows = list(found[:2])
    if len(rows) != 1:
        raise NotFound(f"{tree.slug} {code}" + (f" ({level})" if level else ""))
    return rows[0]


def children(actor: Actor, region: Region) -> QuerySet[Region]:
    """The current regions directly below, in the order of the tree."""
    return Region.objects.filter(parent=region, valid_to__isnull=True).order_by("position")


def ancestors(actor: Actor, region: Region) -> list[Region]:
    """The regions above, the root first. One query for a current region."""
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


def subtree_ids(actor: Actor, region_id: int, level: str | None = None) -> list[int]:
    """Own ids of the region and everything below it today (of one level when given)."""
    return list(subtree(actor, get_region(actor, region_id), level).values_list("pk", flat=True))


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
