"""Which of one's own subscriptions a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .queries import subscriptions


def affected_subscriptions(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """The actor's own subscriptions to regions the change names; others' are nobody else's business. One query."""
    if not actor.can(Permission.RESULTS_READ):
        return None
    named = {region.pk for region in affected.regions}
    names = [row.name for row in subscriptions(actor).filter(active=True) if named & set(row.regions)]
    address = reverse("subscriptions:list")
    return [EffectLine(_("我的订阅"), len(names), "、".join(names), address)] if names else []
