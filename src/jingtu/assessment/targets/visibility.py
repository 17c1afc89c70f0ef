"""Who sees which target: those who read results in its area or, from above or below, are bound by it."""

from __future__ import annotations

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region

READERS = (Permission.RESULTS_READ, Permission.TARGETS_MANAGE, Permission.RUNS_APPROVE)
WORKERS = (Permission.TARGETS_MANAGE, Permission.RUNS_APPROVE)


def is_unrestricted(actor: Actor) -> bool:
    """Whether the actor is the machine itself."""
    return bool(getattr(actor, "unrestricted", False))


def visible(actor: Actor) -> Q:
    """The condition on rows with a ``region``: inside the actor's areas, or above them. One query."""
    return Q() if is_unrestricted(actor) else _spanned(actor, READERS, above=True)


def worked_on(actor: Actor) -> Q:
    """The condition on rows whose proposals the actor makes or decides. One query."""
    return Q() if is_unrestricted(actor) else _spanned(actor, WORKERS, above=False)


def _spanned(actor: Actor, permissions: tuple[Permission, ...], *, above: bool) -> Q:
    wanted = {scope.region_id for permission in permissions for scope in actor.scopes(permission)}
    condition = Q(pk__in=[])
    places = Region.objects.filter(pk__in=wanted, position__isnull=False)
    for tree, first, last in places.values_list("tree_id", "position", "last"):
        inside = Q(region__position__gte=first, region__position__lte=last)
        if above:
            inside |= Q(region__position__lte=first, region__last__gte=last)
        condition |= Q(tree_id=tree) & inside
    return condition
