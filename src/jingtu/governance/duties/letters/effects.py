"""Which letters a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import Affected, EffectLine

from .models import Letter
from .queries import READERS, below
from .rules import LIVE


def affected_letters(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Letters in force of places that end (the successor signs anew), and the others inside, counted
    whoever wrote them. Two queries."""
    if not any(actor.can(permission) for permission in READERS):
        return None
    standing = Letter.objects.filter(
        below(actor), affected.within("place__") | affected.within(), state__in=sorted(LIVE)
    )
    lost = Q(place_id__in=affected.ended) | Q(region_id__in=affected.ended)
    address = reverse("letters:list", query={"state": "live"})
    found = [
        EffectLine(
            _("所属区划将撤销的责任书，由承接的地区重新签订"), standing.filter(lost).count(), url=address
        ),
        EffectLine(_("范围内的其他责任书"), standing.exclude(lost).count(), url=address),
    ]
    return [line for line in found if line.count]
