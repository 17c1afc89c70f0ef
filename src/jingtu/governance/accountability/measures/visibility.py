"""Who may know of a proposal or a measure.

A proposal is for those above the place alone: nobody reads of a measure against themselves that no person has
decided to take up. A measure becomes its addressee's to know with the notice. What concerns the holder of a post
is for those above who keep or decide it, for the leader of the place and for that person, and once sealed for that
person and the deciders; the office staff of the person's own place does not read of a colleague.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside, is_unrestricted, spans

from .models import Measure, Proposal
from .rules import ProposalState, State

READ, PREPARE, DECIDE, REPLY = (
    Permission.MEASURES_READ,
    Permission.MEASURES_PREPARE,
    Permission.MEASURES_DECIDE,
    Permission.MEASURES_REPLY,
)


def strictly_inside(found: Iterable[Span], prefix: str = "region__") -> Q:
    """The condition that a region lies below the top of one of the spans."""
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


def above(actor: Actor, permission: Permission, region: Region) -> list[Span]:
    """The actor's spans with the permission whose top stands above the region."""
    return [span for span in spans(actor, permission) if span.region_id != region.pk and span.holds(region)]


def stands_above(actor: Actor, permission: Permission, region: Region) -> bool:
    """Whether the actor holds the permission from a place above the region."""
    return is_unrestricted(actor) or bool(above(actor, permission, region))


def visible_proposals(actor: Actor) -> Q:
    """The condition on :class:`Proposal` that keeps what the actor may know of: what names the holder of a post is
    the deciders' alone once it was not taken, or its measure is sealed."""
    if is_unrestricted(actor):
        return Q()
    over = Q(measure__sealed_at__isnull=False) | Q(state=ProposalState.NOT_TAKEN.value) & ~Q(post="")
    return strictly_inside(spans(actor, READ)) & ~over | strictly_inside(spans(actor, DECIDE)) & over


def visible_measures(actor: Actor, *, sealed: bool = False) -> Q:
    """The condition on :class:`Measure` that keeps what the actor may know of; lists leave out what is sealed."""
    if is_unrestricted(actor):
        return Q() if sealed else Q(sealed_at__isnull=True)
    told = ~Q(state=State.OPENED.value) & ~Q(state=State.DROPPED.value, served_on__isnull=True)
    readers = spans(actor, READ)
    own = [span.region_id for span in spans(actor, REPLY)]
    condition = strictly_inside(readers) | told & inside(readers, "region__") & Q(post="")
    condition |= told & inside(spans(actor, DECIDE), "region__")
    condition |= told & Q(region_id__in=own, post="")
    person = user_id_of(actor)
    mine = told & Q(person_id=person) if person is not None else Q(pk__in=[])
    if not sealed:
        return (condition | mine) & Q(sealed_at__isnull=True)
    return condition & Q(sealed_at__isnull=True) | mine | strictly_inside(spans(actor, DECIDE))


def can_see_proposal(actor: Actor, proposal_id: int) -> bool:
    """Whether the actor may know of the proposal. One query."""
    return Proposal.objects.filter(visible_proposals(actor), pk=proposal_id).exists()


def can_see_measure(actor: Actor, measure_id: int) -> bool:
    """Whether the actor may know of the measure. One query."""
    return Measure.objects.filter(visible_measures(actor, sealed=True), pk=measure_id).exists()


def speaks_for(actor: Actor, measure: Measure) -> bool:
    """Whether the actor answers for the addressee: the person, or who replies for exactly this organisation."""
    person = user_id_of(actor)
    if person is None:
        return False
    if measure.post:
        return measure.person_id == person
    return any(span.region_id == measure.region_id for span in spans(actor, REPLY))


def concerns(actor: Actor, proposal: Proposal) -> bool:
    """Whether the proposal is about the actor, or about the organisation the actor answers for."""
    person = user_id_of(actor)
    if person is None:
        return False
    if proposal.post:
        return proposal.person_id == person
    return any(span.region_id == proposal.region_id for span in spans(actor, REPLY))


def height(actor: Actor, region: Region, known: dict[object, int | None] | None = None) -> int | None:
    """The depth of the highest post from which the actor may decide about the region; None without one. ``known`` as
    :func:`may_decide` takes it."""
    tops = tuple(span.region_id for span in above(actor, DECIDE, region))
    if not tops:
        return None
    known = {} if known is None else known
    if tops not in known:
        found = Region.objects.filter(pk__in=tops).order_by("depth")
        known[tops] = found.values_list("depth", flat=True).first()
    return known[tops]


def may_decide(
    actor: Actor, region: Region, level: str = "", known: dict[object, int | None] | None = None
) -> bool:
    """Whether a named person holds the power to decide from above the region, at the level asked for or higher.

    ``known`` keeps the depths that were looked up, for those who ask about many regions.
    """
    if user_id_of(actor) is None:
        return False
    if not level:
        return bool(above(actor, DECIDE, region))
    known = {} if known is None else known
    highest, key = height(actor, region, known), (region.tree_id, level)
    if key not in known:
        rows = Region.objects.filter(tree_id=region.tree_id, level=level, valid_to__isnull=True)
        known[key] = rows.order_by("depth").values_list("depth", flat=True).first()
    least = known[key]
    return least is not None and highest is not None and highest <= least
