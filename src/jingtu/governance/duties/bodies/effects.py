"""What a change of regions means for bodies: those of a place that ends go to its successor, to be dissolved there
by who answers for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.actions import register_actions
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import handovers
from jingtu.core.regions.hooks import Effect

from .models import Body
from .queries import visible
from .rules import NAME_MOST

register_actions({"bodies.handed_over": ("机构随区划变更移交", "Bodies handed over with the place")})


def affected_bodies(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Bodies of the places that end, and others inside. One query."""
    if not actor.can(Permission.DUTIES_READ):
        return None
    standing = Body.objects.filter(visible(actor), affected.within(), dissolved__isnull=True)
    by_place = dict(standing.order_by().values_list("region_id").annotate(count=Count("pk")))
    ending = sum(count for place, count in by_place.items() if place in affected.ended)
    others = sum(by_place.values()) - ending
    url = reverse("bodies:list")
    found = [
        EffectLine(_("所属区划将撤销的机构，移交承接地区"), ending, url=url),
        EffectLine(_("范围内的其他机构"), others, url=url),
    ]
    return [line for line in found if line.count]


def hand_over(actor: Actor, effect: Effect) -> None:
    """Give the bodies of places that ended to their successors; a name taken there is told apart by the old place."""
    for handover in handovers(effect):
        standing = list(Body.objects.filter(region=handover.old, dissolved__isnull=True))
        if not standing:
            continue
        there = Body.objects.filter(region=handover.new, dissolved__isnull=True)
        taken = set(there.values_list("name", flat=True))
        for body in standing:
            if body.name in taken:
                body.name = handover.told_apart(body.name, NAME_MOST)
            body.region = handover.new
            body.save(update_fields=["region", "name"])
        handover.record(actor, "bodies.handed_over", bodies=[body.pk for body in standing])
