"""Who sees which target: those who read results in its area or, from above or below, are bound by it."""

from __future__ import annotations

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.reach import is_unrestricted, spans

READERS = (Permission.RESULTS_READ, Permission.TARGETS_MANAGE, Permission.RUNS_APPROVE)
WORKERS = (Permission.TARGETS_MANAGE, Permission.RUNS_APPROVE)


def visible(actor: Actor) -> Q:
    """The condition on rows with a ``region``: inside the actor's areas, or above them."""
    return Q() if is_unrestricted(actor) else _spanned(actor, READERS, above=True)


def worked_on(actor: Actor) -> Q:
    """The condition on rows whose proposals the actor makes or decides."""
    return Q() if is_unrestricted(actor) else _spanned(actor, WORKERS, above=False)


def _spanned(actor: Actor, permissions: tuple[Permission, ...], *, above: bool) -> Q:
    condition = Q(pk__in=[])
    for span in spans(actor, *permissions):
        if span.first is None:
            continue
        within = Q(region__position__gte=span.first, region__position__lte=span.last)
        if above:
            within |= Q(region__position__lte=span.first, region__last__gte=span.last)
        condition |= Q(tree_id=span.tree_id) & within
    return condition
