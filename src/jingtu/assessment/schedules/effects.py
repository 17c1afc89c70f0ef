"""Which schedules a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .queries import schedules


def affected_schedules(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Schedules over the regions; those of a region that ends have nothing left to assess. One query."""
    if not actor.can(Permission.SCHEDULES_READ):
        return None
    rows = list(schedules(actor).filter(affected.within(), enabled=True))
    ending = [row.name for row in rows if row.region_id in affected.ended]
    others = [row.name for row in rows if row.region_id not in affected.ended]
    address = reverse("schedules:list")
    found = [
        EffectLine(_("所属区划将撤销的计划，须改派或停用"), len(ending), "、".join(ending), address),
        EffectLine(_("范围内的其他计划"), len(others), "、".join(others), address),
    ]
    return [line for line in found if line.count]
