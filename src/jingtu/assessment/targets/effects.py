"""Which targets a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import Affected, EffectLine

from .models import Target
from .queries import list_trajectories
from .rules import TargetState
from .visibility import READERS, visible


def affected_targets(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Targets in force and trajectories set for the regions themselves or below. Two queries."""
    if not any(actor.can(permission) for permission in READERS):
        return None
    standing = Target.objects.filter(visible(actor), affected.within(), state=TargetState.IN_FORCE.value)
    ending = standing.filter(region_id__in=affected.ended).count()
    others = standing.exclude(region_id__in=affected.ended).count()
    ways = list_trajectories(actor, tree=affected.tree.slug).filter(affected.within()).count()
    targets = reverse("targets:list", query={"tree": affected.tree.slug})
    found = [
        EffectLine(_("所属区划将撤销的目标，须重新下达"), ending, url=targets),
        EffectLine(_("范围内的其他目标"), others, url=targets),
        EffectLine(_("目标轨迹"), ways, url=reverse("targets:trajectories")),
    ]
    return [line for line in found if line.count]
