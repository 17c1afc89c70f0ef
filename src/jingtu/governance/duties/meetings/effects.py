"""What a change of regions means for meetings: series and what is not finished go on at the successor."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.actions import register_actions
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import Handover, handovers
from jingtu.core.regions.hooks import Effect

from .models import Meeting, MeetingStep, Series
from .rules import TITLE_MOST, UNFINISHED, Act, MeetingState
from .visibility import visible_meetings, visible_series

register_actions({"meetings.followed": ("会议随区划变更转移", "Meetings went to a successor")})


def affected_meetings(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Series and meetings to come of the regions; those of a region that ends go to its successor. Two queries."""
    if not actor.can(Permission.DUTIES_READ):
        return None
    series = list(Series.objects.filter(visible_series(actor), affected.within(), ended_on__isnull=True))
    coming = Meeting.objects.filter(
        visible_meetings(actor),
        affected.within(),
        state__in=[MeetingState.PLANNED.value, MeetingState.INVITED.value],
    ).count()
    ending = [one.name for one in series if one.region_id in affected.ended]
    others = [one.name for one in series if one.region_id not in affected.ended]
    lines = [
        EffectLine(
            _("所属区划将撤销的会议系列，转到承接的地区"),
            len(ending),
            "、".join(ending),
            reverse("meetings:series"),
        ),
        EffectLine(_("范围内的其他会议系列"), len(others), "、".join(others), reverse("meetings:series")),
        EffectLine(_("尚未召开的会议"), coming, "", reverse("meetings:list")),
    ]
    return [line for line in lines if line.count]


def follow(actor: Actor, effect: Effect) -> None:
    """Give series and unfinished meetings of places that ended to their successors, within the change's transaction.

    Whoever meets there decides whether to go on, to change or to stop; a line of each meeting's history says where it
    comes from. Meetings that are over stay with the place of their day. A name taken at the successor is told apart by
    the old place.
    """
    for handover in handovers(effect):
        series = list(Series.objects.filter(region=handover.old).order_by("pk"))
        going_on = Meeting.objects.filter(region=handover.old, state__in=sorted(UNFINISHED))
        concerned = list(going_on.order_by("pk"))
        if not series and not concerned:
            continue
        taken = set(Series.objects.filter(region=handover.new).values_list("name", flat=True))
        for one in series:
            if one.name in taken:
                one.name = handover.told_apart(one.name, TITLE_MOST)
            one.region = handover.new
            one.save(update_fields=["region", "name"])
        going_on.update(region=handover.new)
        _tell_history(actor, concerned, handover)
        handover.record(
            actor,
            "meetings.followed",
            series=[one.pk for one in series],
            meetings=[meeting.pk for meeting in concerned],
        )


def _tell_history(actor: Actor, concerned: Sequence[Meeting], handover: Handover) -> None:
    at = now()
    MeetingStep.objects.bulk_create(
        MeetingStep(
            meeting=meeting,
            act=Act.FOLLOW.value,
            told=["meetings.followed", {"old": handover.old.name, "new": handover.new.name}],
            person_id=user_id_of(actor),
            at=at,
        )
        for meeting in concerned
    )
