"""Who fills in, who reviews, who may look: by posts, and for a time as somebody's approved proxy.

A proxy never reaches further than the reporter they stand in for: the region of the proxy counts only while
the reporter's own posts cover it.
"""

from __future__ import annotations

from collections.abc import Sequence

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.kernel.wall import reading_as_system
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, is_unrestricted, spans

from .models import Proxy

LOOKING = (Permission.FACTS_READ, Permission.FORMS_FILL, Permission.FORMS_REVIEW)


def fill_spans(actor: Actor) -> list[Span]:
    """Where the actor fills in: by own posts and as a proxy. At most four queries."""
    found = spans(actor, Permission.FORMS_FILL)
    return [*found, *proxy_spans(actor)]


def proxy_spans(actor: Actor) -> list[Span]:
    """Where the actor fills in for somebody else today."""
    own = user_id_of(actor)
    if own is None:
        return []
    day = today()
    proxies = list(
        Proxy.objects.filter(
            proxy_id=own, state=Proxy.State.APPROVED, valid_from__lte=day, valid_to__gte=day
        ).select_related("reporter", "region")
    )
    return [
        Span.of(proxy.region)
        for proxy in proxies
        if UserActor(proxy.reporter).can(Permission.FORMS_FILL, proxy.region_id)
    ]


def may_fill(actor: Actor, region: Region) -> bool:
    """Whether the actor fills in for the region today."""
    if actor.can(Permission.FORMS_FILL, region.pk):
        return True
    return any(span.holds(region) for span in proxy_spans(actor))


def may_review_at(actor: Actor, found: Sequence[Span], place: Region) -> bool:
    """Whether the review step at ``place`` is the actor's: their posts (as ``found``) cover it."""
    return is_unrestricted(actor) or any(span.holds(place) for span in found)


def looking(actor: Actor) -> list[Span]:
    """Where the actor may know how reporting stands (states and times, no figures)."""
    if is_unrestricted(actor):
        return [Span.of(root) for root in Region.objects.filter(position=0)]
    return [*spans(actor, *LOOKING), *proxy_spans(actor)]


def must_look(actor: Actor) -> list[Span]:
    """As :func:`looking`; PermissionDenied for whoever has nothing to do with reporting."""
    found = looking(actor)
    if not found:
        raise PermissionDenied(Permission.FORMS_FILL)
    return found


def users_filling(regions: Sequence[Region]) -> dict[int, set[int]]:
    """For each region the users to remind: those whose post is nearest to it, and their proxies. Two queries.

    A post over the whole county is not bothered with a township that has a reporter of its own.
    """
    from jingtu.core.accounts.queries import posts_in_force
    from jingtu.core.accounts.rules import permissions_of

    posts = [
        (post.user_id, post.region)
        for post in posts_in_force().filter(region__isnull=False)
        if Permission.FORMS_FILL in permissions_of(post.role, post.module)
    ]
    day = today()
    with reading_as_system("who stands in at a place is told of its form, whoever reminds"):
        proxies = list(
            Proxy.objects.filter(state=Proxy.State.APPROVED, valid_from__lte=day, valid_to__gte=day)
            .select_related("region")
            .filter(proxy__in=User.objects.filter(is_active=True))
        )
    found: dict[int, set[int]] = {}
    for region in regions:
        nearest = -1
        people: set[int] = set()
        for user_id, place in posts:
            if place is None or not _covers(place, region) or place.depth < nearest:
                continue
            if place.depth > nearest:
                nearest, people = place.depth, set()
            people.add(user_id)
        people |= {
            proxy.proxy_id
            for proxy in proxies
            if proxy.reporter_id in people and _covers(proxy.region, region)
        }
        found[region.pk] = people
    return found


def _covers(place: Region, region: Region) -> bool:
    return Span(place.tree_id, place.pk, place.position, place.last).holds(region)
