"""What a change of regions does to listings: a listing of a region that ends goes on at its successor, with a note."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import handovers
from jingtu.core.regions.hooks import Effect

from .models import Listing, Venue
from .rules import ENDED
from .services.common import take_step
from .visibility import READERS, visible


def affected_listings(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Open listings of the regions a change touches, and venues in them. One query."""
    if not any(actor.can(permission) for permission in READERS):
        return None
    seen = Listing.objects.filter(visible(actor), affected.within()).exclude(state__in=sorted(ENDED))
    going = [one for one in seen.select_related("region") if one.region_id in affected.ended]
    if not going:
        return []
    detail = "、".join(sorted({one.region.name for one in going}))
    return [EffectLine(_("在办的挂牌，转至合并后的地区"), len(going), detail, reverse("listings:list"))]


def move_listings(actor: Actor, effect: Effect) -> None:
    """Move what is open from regions that ended to where most of them went; history stays where it was decided."""
    handed_over = {handover.old.pk: handover for handover in handovers(effect)}
    for listing in (
        Listing.objects.select_for_update(of=("self",))
        .filter(region_id__in=handed_over)
        .exclude(state__in=sorted(ENDED))
        .select_related("venue")
    ):
        old, new = handed_over[listing.region_id].old, handed_over[listing.region_id].new
        listing.region = new
        listing.save(update_fields=["region"])
        if listing.venue_id is not None:
            Venue.objects.filter(pk=listing.venue_id).update(region=new)
        take_step(
            actor,
            listing,
            "moved",
            action="listings.moved",
            note={"code": "moved", "old": old.name, "new": new.name},
            after={"from": old.pk, "to": new.pk},
        )
