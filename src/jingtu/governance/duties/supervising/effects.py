"""What a change of regions means for supervision: open notices of a place that ends go on at its successor."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import handovers
from jingtu.core.regions.hooks import Effect

from .models import Supervision, SupervisionStep
from .queries import READERS, notices
from .rules import OPEN, NoticeAction, NoticeState

GOING_ON = OPEN | {NoticeState.DRAFTED}


def affected_notices(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Open notices to the regions or inside them: those of places that end go to the successor. Two queries."""
    if not any(actor.can(permission) for permission in READERS):
        return None
    touched = affected.within("place__") | affected.within("region__")
    standing = notices(actor).filter(touched, state__in=sorted(OPEN))
    lost = Q(place_id__in=affected.ended) | Q(region_id__in=affected.ended)
    address = reverse("supervising:list", query={"state": "open"})
    found = [
        EffectLine(_("所属区划将撤销的督办，转由承接的地区办理"), standing.filter(lost).count(), url=address),
        EffectLine(_("未办结的督办"), standing.exclude(lost).count(), url=address),
    ]
    return [line for line in found if line.count]


def follow(actor: Actor, effect: Effect) -> None:
    """Give what is not settled of places and offices that ended to their successors, within the change's transaction.

    A line of each notice's history says so; what was settled stays with the place of its day.
    """
    at = now()
    for handover in handovers(effect):
        old, new = handover.old, handover.new
        going_on = Supervision.objects.filter(state__in=sorted(GOING_ON))
        concerned = list(going_on.filter(Q(place=old) | Q(region=old)).order_by("pk"))
        if not concerned:
            continue
        going_on.filter(place=old).update(place=new)
        going_on.filter(region=old).update(region=new)
        SupervisionStep.objects.bulk_create(
            SupervisionStep(
                notice=notice,
                action=NoticeAction.FOLLOW.value,
                to_state=notice.state,
                person_id=user_id_of(actor),
                at=at,
                text=handover.told,
            )
            for notice in concerned
        )
        handover.record(actor, "supervising.followed", notices=[notice.pk for notice in concerned])
