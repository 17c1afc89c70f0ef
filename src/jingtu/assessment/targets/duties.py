"""Targets in the list of what needs somebody today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.ui.today import Duty

from . import queries


def waiting_targets(actor: Actor) -> list[Duty]:
    """One line when proposals of others wait for this actor's approval."""
    if not actor.can(Permission.RUNS_APPROVE):
        return []
    count = queries.proposals_waiting(actor)
    if not count:
        return []
    text = _("%(count)s 项目标等待批准") % {"count": count}
    return [Duty(text, f"{reverse('targets:list')}?state=proposed", tone="watch")]
