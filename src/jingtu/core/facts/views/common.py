"""What several pages need to know of a request."""

from __future__ import annotations

from django.http import HttpRequest

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import get_region, root_of, trees


def trees_open_to(actor: Actor, permission: Permission) -> list[RegionTree]:
    """Trees in which the actor holds the permission somewhere."""
    if getattr(actor, "unrestricted", False):
        return trees(actor)
    wanted = {scope.tree_id for scope in actor.scopes(permission)}
    return [tree for tree in trees(actor) if tree.pk in wanted]


def chosen_tree(request: HttpRequest, permission: Permission) -> tuple[RegionTree, list[RegionTree]]:
    """The tree named by ``?tree=`` (otherwise the first) and all that are open to the actor."""
    found = trees_open_to(actor_of(request), permission)
    if not found:
        raise PermissionDenied(permission)
    slug = request.POST.get("tree") or request.GET.get("tree")
    if not slug:
        return found[0], found
    for tree in found:
        if tree.slug == slug:
            return tree, found
    raise NotFound(slug, "tree")


def home_region(actor: Actor, permission: Permission, tree: RegionTree) -> Region:
    """The highest region of the tree over which the actor holds the permission."""
    roots = [scope.region_id for scope in actor.scopes(permission) if scope.tree_id == tree.pk]
    if not roots:
        return root_of(actor, tree)
    rows = Region.objects.filter(pk__in=roots).select_related("tree").order_by("depth", "position")
    return rows[0]


def number_in(text: str) -> int:
    """An own id as a request gives it. Raises NotFound for anything but plain digits."""
    number = id_in(text)
    if number is None:
        raise NotFound(text)
    return number


def chosen_region(request: HttpRequest, permission: Permission, tree: RegionTree) -> Region:
    """The region named by ``?region=``; NotFound outside the actor's subtrees."""
    actor = actor_of(request)
    text = request.POST.get("region") or request.GET.get("region") or ""
    if not text:
        return home_region(actor, permission, tree)
    region = get_region(actor, number_in(text))
    if region.tree_id != tree.pk or not actor.can(permission, region.pk):
        raise NotFound(text, "region")
    return region
