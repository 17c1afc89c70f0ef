"""What is read of saved views. Nothing here says what the pages behind them show: they ask for themselves."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import Resolver404, resolve

from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region

from .models import SavedView
from .rules import ROOMS, tidy


def own_views(actor: Actor) -> QuerySet[SavedView]:
    """The actor's own, in their order. One query."""
    return SavedView.objects.filter(owner_id=user_id_of(actor), removed_at__isnull=True).select_related(
        "shared_with"
    )


def shared_views(actor: Actor) -> QuerySet[SavedView]:
    """Those of others that are shared with a region in or above which the actor holds a post. One query."""
    inside = Q(pk__in=[])
    for post in actor.posts if isinstance(actor, UserActor) else ():
        if post.region_id is not None:
            inside |= Q(shared_with_id=post.region_id)
        if post.position is not None:
            inside |= Q(
                shared_with__tree_id=post.tree_id,
                shared_with__position__lte=post.position,
                shared_with__last__gte=post.position,
            )
    return (
        SavedView.objects.filter(inside, removed_at__isnull=True)
        .exclude(owner_id=user_id_of(actor))
        .select_related("owner", "shared_with")
        .order_by("name", "pk")
    )


def get_own(actor: Actor, view_id: int, *, removed: bool = False) -> SavedView:
    """One of the actor's own views. Raises NotFound also for somebody else's."""
    found = SavedView.objects.filter(
        owner_id=user_id_of(actor), pk=view_id, removed_at__isnull=not removed
    ).first()
    if found is None:
        raise NotFound(f"#{view_id}")
    return found


def home_address(actor: Actor) -> str:
    """Where the actor's day begins; "" for the usual first page. One query."""
    found = own_views(actor).filter(is_home=True).values_list("address", flat=True).first()
    return found if found and keepable(found) else ""


def keepable(text: str) -> str:
    """The address as it would be kept, "" when it is no page of the rooms."""
    address = tidy(text)
    if not address:
        return ""
    try:
        match = resolve(address.partition("?")[0])
    except Resolver404:
        return ""
    return address if match.namespace in ROOMS else ""


def sharing_choices(actor: Actor) -> list[Region]:
    """The regions and units a view may be shared with: those of the actor's posts and just below. Two queries."""
    if not isinstance(actor, UserActor):
        return []
    own = [post.region_id for post in actor.posts if post.region_id is not None]
    found = Region.objects.filter(Q(pk__in=own) | Q(parent_id__in=own), valid_to__isnull=True)
    return list(found.select_related("tree").order_by("tree_id", "position")[:400])
