"""Which duty reports a change of regions touches: they stay with the place of their year."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .queries import reports
from .rules import State


def affected_reports(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Reports of the places and below that are not closed yet. One query."""
    if not actor.can(Permission.DUTIES_READ):
        return None
    count = reports(actor).filter(affected.within()).exclude(state=State.CLOSED.value).count()
    return [EffectLine(_("未办结的述职报告"), count, url=reverse("dutyreports:list"))] if count else []
