"""Who may know of which meeting: readers of duties in their own area, and whoever is asked to it or leads it."""

from __future__ import annotations

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .models import Attendee, UsualAttendee

READING = (Permission.DUTIES_READ, Permission.MEETINGS_MANAGE)


def visible_meetings(actor: Actor) -> Q:
    """The condition on :class:`Meeting` that keeps what the actor may know of."""
    if is_unrestricted(actor):
        return Q()
    area = spans(actor, *READING)
    # What a place that has ended met about is read where its series goes on.
    found = inside(area, "region__") | (Q(region__valid_to__isnull=False) & inside(area, "series__region__"))
    person = user_id_of(actor)
    if person is not None:
        asked = Attendee.objects.filter(Q(person_id=person) | Q(substitute_person_id=person))
        found |= Q(chair_id=person) | Q(pk__in=asked.values("meeting_id"))
    return found


def visible_series(actor: Actor) -> Q:
    """The condition on :class:`Series`: those of the own area, and those one leads or usually comes to."""
    if is_unrestricted(actor):
        return Q()
    found = inside(spans(actor, *READING), "region__")
    person = user_id_of(actor)
    if person is not None:
        usual = UsualAttendee.objects.filter(person_id=person)
        found |= Q(chair_id=person) | Q(pk__in=usual.values("series_id"))
    return found


def managed(actor: Actor) -> Q:
    """The condition that a row's region is one whose meetings the actor manages."""
    return Q() if is_unrestricted(actor) else inside(spans(actor, Permission.MEETINGS_MANAGE), "region__")
