"""Who may know of which listing, and on whose side somebody stands to it."""

from __future__ import annotations

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside, is_unrestricted, spans

from .models import Listing
from .rules import TABLE, Act, ListingState, Side, Stand

READERS = (
    Permission.DUTIES_READ,
    Permission.LISTINGS_PREPARE,
    Permission.LISTINGS_DECIDE,
)
PREPARING = (
    "criteria",
    *(row.act.value for row in TABLE if row.side is not Side.DECIDES and row.act is not Act.WITHDRAW),
    "drawn_up",
    "signed",
    "opinion",
)
"""Steps whose author had part in what is decided on."""
ABOVE = (Permission.LISTINGS_PREPARE, Permission.LISTINGS_DECIDE)


def strictly_inside(found: list[Span], prefix: str = "region__") -> Q:
    """The condition that a region lies below (and is not) the root of one of the spans."""
    condition = Q(pk__in=[])
    for span in found:
        if span.first is not None:
            condition |= Q(
                **{
                    f"{prefix}tree_id": span.tree_id,
                    f"{prefix}position__gt": span.first,
                    f"{prefix}position__lte": span.last,
                }
            )
    return condition


def visible(actor: Actor, prefix: str = "") -> Q:
    """The condition on listings (``prefix`` leads to one): those of the actor's own area; before the place was
    told, only for who stands above it. No query besides the actor's own."""
    if is_unrestricted(actor):
        return Q()
    told = Q(**{f"{prefix}noticed_on__isnull": False}) & inside(spans(actor, *READERS), f"{prefix}region__")
    return told | strictly_inside(spans(actor, *ABOVE), f"{prefix}region__")


def may_above(actor: Actor, permission: Permission, region: Region) -> bool:
    """Whether the actor holds the permission over a region strictly above this one."""
    if is_unrestricted(actor):
        return True
    if region.position is None:
        return False
    return any(span.holds(region) and span.region_id != region.pk for span in spans(actor, permission))


def stand_of(actor: Actor, listing: Listing) -> Stand:
    """Where the actor stands to a listing. Five queries at most."""
    person = user_id_of(actor)
    acceptance = listing.acceptances.filter(dropped_at__isnull=True).first()
    team = list(acceptance.team.all()) if acceptance else []
    had_part = person is not None and (
        person in (listing.proposed_by_id, listing.replied_by_id)
        or (acceptance is not None and person == acceptance.prepared_by_id)
        or person in {member.person_id for member in team}
    )
    decides = may_above(actor, Permission.LISTINGS_DECIDE, listing.region)
    if decides and not had_part:
        had_part = listing.steps.filter(person_id=person, act__in=PREPARING).exists()
    day = today()
    waiting = acceptance is not None and any(
        opinion.answered_on is None and opinion.due_on >= day for opinion in acceptance.opinions.all()
    )
    return Stand(
        ListingState(listing.state),
        day,
        prepares=may_above(actor, Permission.LISTINGS_PREPARE, listing.region),
        decides=decides,
        answers=answers_for(actor, listing.region_id),
        had_part=had_part,
        hear_until=listing.hear_until,
        replied=listing.replied_at is not None,
        due_on=listing.due_on,
        watch_until=listing.watch_until,
        accepted=acceptance.passed if acceptance and acceptance.completed_at else None,
        opinions_open=waiting,
        signed=bool(team) and all(member.signed_at is not None for member in team),
    )


def answers_for(actor: Actor, region_id: int) -> bool:
    """Whether the actor speaks for the place: by a post over just this region, not by one from above."""
    return any(span.region_id == region_id for span in spans(actor, Permission.MEASURES_REPLY))
