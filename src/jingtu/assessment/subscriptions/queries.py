"""One's own subscriptions and what may be chosen for them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region

from .models import Subscription

MOST_CHOICES = 80


def subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """The actor's own."""
    if not isinstance(actor, UserActor):
        return Subscription.objects.none()
    return Subscription.objects.filter(person_id=actor.user_id).select_related("channel")


def get_subscription(actor: Actor, subscription_id: int) -> Subscription:
    """One of the actor's own. Raises NotFound."""
    found = subscriptions(actor).filter(pk=subscription_id).first()
    if found is None:
        raise NotFound(subscription_id, "subscription")
    return found


def region_choices(actor: Actor) -> list[tuple[int, str]]:
    """The regions whose results the actor reads and those just below them. Two queries."""
    roots = {scope.region_id for scope in actor.scopes(Permission.RESULTS_READ)}
    found = Region.objects.filter(
        Q(pk__in=roots) | Q(parent_id__in=roots), valid_to__isnull=True, position__isnull=False
    ).order_by("-tree__fictional", "tree_id", "position")
    return [(region.pk, region.name) for region in found[:MOST_CHOICES]]


def indicator_choices(actor: Actor) -> list[tuple[str, str]]:
    """The indicators of the catalogue's scorecards, in their order."""
    version = newest()
    if version is None:
        return []
    catalogue = catalogue_of(version)
    codes = dict.fromkeys(code for card in catalogue.scorecards.values() for code in card.indicators)
    return [(code, catalogue.indicators[code].name(actor.language)) for code in codes]
