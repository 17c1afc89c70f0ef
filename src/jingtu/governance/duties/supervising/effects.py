"""What a change of regions means for supervision: open notices of a place that ends go on at its successor."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.regions.effects import Affected, EffectLine, heirs_of
from jingtu.core.regions.hooks import Effect
from jingtu.core.regions.models import Region

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
    for old, new in heirs_of(effect).items():
        going_on = Supervision.objects.filter(state__in=sorted(GOING_ON))
        concerned = list(going_on.filter(Q(place_id=old) | Q(region_id=old)).order_by("pk"))
        if not concerned:
            continue
        going_on.filter(place_id=old).update(place_id=new)
        going_on.filter(region_id=old).update(region_id=new)
        names = dict(Region.objects.filter(pk__in=[old, new]).values_list("pk", "name"))
        SupervisionStep.objects.bulk_create(
            SupervisionStep(
                notice=notice,
                action=NoticeAction.FOLLOW.value,
                to_state=notice.state,
                person_id=user_id_of(actor),
                at=at,
                text=f"{names[old]} → {names[new]}",
            )
            for notice in concerned
        )
        record(
            actor,
            "supervising.followed",
            target_type="region_change",
            target_id=effect.change.pk,
            region_id=new,
            before={"region": old},
            after={"region": new, "notices": [notice.pk for notice in concerned]},
        )
