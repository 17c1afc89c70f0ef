"""The places somebody works for, and those below them that a form offers."""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate

from django.db.models import Count, QuerySet

from jingtu.core.kernel.actor import Actor, Permission

from .models import Region, RegionTree

MOST_OFFERED = 3500
"""The counties of the whole country are some 3,200 with what lies above them."""


def own_places(actor: Actor, *permissions: Permission) -> QuerySet[Region]:
    """The places of today where the actor's posts for any of the permissions stand, by tree and position."""
    held = {scope.region_id for permission in permissions for scope in actor.scopes(permission)}
    found = Region.objects.filter(pk__in=held, valid_to__isnull=True).select_related("tree")
    return found.order_by("tree_id", "position")


def offered_places(
    actor: Actor,
    *permissions: Permission,
    tree: RegionTree | None = None,
    levels: Collection[str] | None = None,
    beneath: bool = False,
) -> list[tuple[int, str]]:
    """Choices for a form: the actor's places and those inside them, or only these (``beneath``), indented by depth.

    Of one tree and of some levels where given. Where more than ``MOST_OFFERED`` lie inside a place, the lowest levels
    are left out: a list cut in its middle would lack whole regions.
    """
    found: dict[int, str] = {}
    for root in own_places(actor, *permissions):
        if tree is not None and root.tree_id != tree.pk:
            continue
        inside = Region.objects.filter(
            tree_id=root.tree_id, position__gte=root.position, position__lte=root.last
        )
        if beneath:
            inside = inside.exclude(pk=root.pk)
        if levels is not None:
            inside = inside.filter(level__in=levels)
        top = root.depth + beneath
        ordered = inside.order_by("position").values_list("pk", "depth", "name")
        rows = list(ordered[: MOST_OFFERED + 1])
        if len(rows) > MOST_OFFERED:
            rows = list(ordered.filter(depth__lte=_deepest_that_fits(inside)))
        found |= {pk: "　" * (depth - top) + name for pk, depth, name in rows}
    return list(found.items())


def _deepest_that_fits(inside: QuerySet[Region]) -> int:
    """The depth down to which at most ``MOST_OFFERED`` places lie; the uppermost one always."""
    counts = list(inside.order_by("depth").values_list("depth").annotate(number=Count("pk")))
    sums = accumulate(number for _depth, number in counts)
    fitting = [depth for (depth, _number), total in zip(counts, sums, strict=True) if total <= MOST_OFFERED]
    return max(fitting, default=counts[0][0])
