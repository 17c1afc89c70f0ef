"""Which notices a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import Affected, EffectLine

from .queries import READERS, notices
from .rules import OPEN


def affected_notices(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Open notices to the regions or inside them. One query."""
    if not any(actor.can(permission) for permission in READERS):
        return None
    count = notices(actor).filter(affected.within("place__"), state__in=sorted(OPEN)).count()
    address = reverse("supervising:list", query={"state": "open"})
    return [EffectLine(_("未办结的督办"), count, url=address)] if count else []
