"""Which meetings a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .models import Meeting, Series
from .rules import MeetingState
from .visibility import visible_meetings, visible_series


def affected_meetings(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Series and meetings to come of the regions; those of a region that ends must be cancelled or set up
    anew by a person. Two queries."""
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
            _("所属区划将撤销的会议系列，须停止或改设"),
            len(ending),
            "、".join(ending),
            reverse("meetings:series"),
        ),
        EffectLine(_("范围内的其他会议系列"), len(others), "、".join(others), reverse("meetings:series")),
        EffectLine(_("尚未召开的会议"), coming, "", reverse("meetings:list")),
    ]
    return [line for line in lines if line.count]
