"""Who may know of which listing, and on whose side somebody stands to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from jingtu.core.accounts.queries import holders, posts_in_force
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside, is_unrestricted, spans
from jingtu.governance.accountability.measures.clocks import Clock, Suspension

from .models import Listing
from .rules import DROPPED, RUNNING, TABLE, Act, ListingState, Side, Stand

READERS = (
    Permission.DUTIES_READ,
    Permission.LISTINGS_PREPARE,
    Permission.LISTINGS_DECIDE,
)
PREPARING = (
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
    told, only for who stands above it. A venue of which nothing came is named to nobody but those and the place that
    answered. No query besides the actor's own."""
    if is_unrestricted(actor):
        return Q()
    told = Q(**{f"{prefix}noticed_on__isnull": False}) & inside(spans(actor, *READERS), f"{prefix}region__")
    cleared = Q(**{f"{prefix}venue__isnull": False, f"{prefix}state__in": sorted(DROPPED)})
    own = [span.region_id for span in spans(actor, Permission.MEASURES_REPLY)]
    named = ~cleared | Q(**{f"{prefix}region_id__in": own})
    return (told & named) | strictly_inside(spans(actor, *ABOVE), f"{prefix}region__")


def may_above(actor: Actor, permission: Permission, region: Region) -> bool:
    """Whether the actor holds the permission over a region strictly above this one."""
    if is_unrestricted(actor):
        return True
    if region.position is None:
        return False
    return any(span.holds(region) and span.region_id != region.pk for span in spans(actor, permission))


@dataclass(frozen=True)
class Course:
    """What the steps of a listing say about its clocks and its people: (act, person, day), in their order."""

    steps: tuple[tuple[str, int | None, dt.date], ...]

    def _last(self, *acts: Act) -> int:
        return max((at for at, (act, _person, _on) in enumerate(self.steps) if act in acts), default=-1)

    def prepared_by(self, person: int | None) -> bool:
        """Whether somebody did something on which a decision rests."""
        return any(act in PREPARING and who == person for act, who, _on in self.steps)

    def suspensions(self) -> tuple[Suspension, ...]:
        """The days since the latest notice on which its clock stood still; the day of resuming counts again."""
        found: list[Suspension] = []
        for act, _person, on in self.steps[self._last(Act.SERVE) + 1 :]:
            if act == Act.SUSPEND:
                found.append(Suspension(on))
            elif act == Act.RESUME and found:
                found[-1] = Suspension(found[-1].first, on - dt.timedelta(days=1))
        return tuple(found)

    @property
    def suspended(self) -> bool:
        """Whether the time to reply stands still."""
        return self._last(Act.SUSPEND) > self._last(Act.RESUME, Act.SERVE)

    @property
    def delivered_on(self) -> dt.date | None:
        """The day the decision was served."""
        at = self._last(Act.DELIVER)
        return self.steps[at][2] if at > self._last(Act.LIST) else None

    @property
    def objected(self) -> bool:
        """Whether an objection waits for its review."""
        return self._last(Act.OBJECT) > self._last(Act.REVIEW, Act.REVOKE)

    @property
    def self_assessed_on(self) -> dt.date | None:
        """The day of the latest self-assessment."""
        at = self._last(Act.SELF_ASSESS)
        return self.steps[at][2] if at >= 0 else None

    @property
    def moved_on(self) -> dt.date | None:
        """The day of the act that led to where it stands."""
        at = self._last(*(row.act for row in TABLE if row.target is not None))
        return self.steps[at][2] if at >= 0 else None


def course_of(listing: Listing) -> Course:
    """The steps so far, a hearing on the day it was held. One query."""
    found = listing.steps.order_by("id").values_list("act", "person_id", "on", "note")
    return Course(
        tuple(
            (act, person, dt.date.fromisoformat(note["on"]) if "on" in note else on)
            for act, person, on, note in found
        )
    )


def stand_of(actor: Actor, listing: Listing, course: Course | None = None) -> Stand:
    """Where the actor stands to a listing. Nine queries at most."""
    person, day = user_id_of(actor), today()
    course = course or course_of(listing)
    acceptance = listing.acceptances.filter(dropped_at__isnull=True).first()
    team = list(acceptance.team.all()) if acceptance else []
    had_part = person is not None and (
        person in (listing.proposed_by_id, listing.replied_by_id)
        or (acceptance is not None and person == acceptance.prepared_by_id)
        or person in {member.person_id for member in team}
        or course.prepared_by(person)
    )
    waiting = acceptance is not None and any(
        opinion.answered_on is None and opinion.due_on >= day for opinion in acceptance.opinions.all()
    )
    prepares = may_above(actor, Permission.LISTINGS_PREPARE, listing.region)
    answers = answers_for(actor, listing.region_id)
    speaking = listing.state == ListingState.NOTICED or listing.state in RUNNING
    return Stand(
        ListingState(listing.state),
        day,
        prepares=prepares,
        decides=may_above(actor, Permission.LISTINGS_DECIDE, listing.region),
        answers=answers,
        had_part=had_part,
        decided_it=person is not None and person == listing.decided_by_id,
        on_paper=prepares and not answers and speaking and speaks_on_paper(listing),
        hear_until=listing.hear_until,
        suspended=course.suspended,
        replied=listing.replied_at is not None,
        delivered=course.delivered_on is not None,
        object_until=objection_until(listing, course),
        objected=course.objected,
        due_on=listing.due_on,
        watch_until=listing.watch_until,
        accepted=acceptance.passed if acceptance and acceptance.completed_at else None,
        opinions_open=waiting,
        signed=bool(team) and all(member.signed_at is not None for member in team),
    )


def objection_until(listing: Listing, course: Course) -> dt.date | None:
    """The last day to object; None while the decision is not served."""
    served = course.delivered_on
    return Clock(served, listing.version.rules.objection_days).due() if served is not None else None


def speaks_on_paper(listing: Listing) -> bool:
    """Whether the place speaks on paper: a venue, or a region over which nobody holds a post that could reply."""
    if listing.venue_id is not None:
        return True
    people = holders(SYSTEM, Permission.MEASURES_REPLY, listing.region_id)
    return not posts_in_force().filter(user__in=people, region_id=listing.region_id).exists()


def of_the_place(listing: Listing) -> set[int]:
    """Own ids of those who hold a post at the place or inside it."""
    return set(
        posts_in_force()
        .filter(
            region__tree_id=listing.region.tree_id,
            region__position__gte=listing.region.position,
            region__position__lte=listing.region.last,
        )
        .values_list("user_id", flat=True)
    )


def answers_for(actor: Actor, region_id: int) -> bool:
    """Whether the actor speaks for the place: by a post over just this region, not by one from above."""
    return any(span.region_id == region_id for span in spans(actor, Permission.MEASURES_REPLY))
