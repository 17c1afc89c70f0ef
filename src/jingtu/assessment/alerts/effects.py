"""Which open alerts a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.runs.visibility import DRAFT_PERMISSIONS
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .models import OPEN, Alert
from .visibility import visible_alerts


def affected_alerts(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Alerts of the regions that nobody has closed. One query."""
    if not any(actor.can(permission) for permission in (Permission.RESULTS_READ, *DRAFT_PERMISSIONS)):
        return None
    count = Alert.objects.filter(visible_alerts(actor), affected.within(), state__in=OPEN).count()
    address = reverse("alerts:list", query={"tree": affected.tree.slug})
    return [EffectLine(_("未办结的预警"), count, url=address)] if count else []
