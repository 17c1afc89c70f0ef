"""Changes of posts among what waits for a person today; accounts stand below the interface."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.accounts.queries import waiting_for
from jingtu.core.kernel.actor import Actor

from .today import Duty


def decisions_that_wait(actor: Actor) -> list[Duty]:
    """One line for proposals and one for posts to confirm, when there are any."""
    proposed, to_confirm = waiting_for(actor)
    found = []
    if proposed:
        found.append(Duty(_("待确认的岗位变更"), reverse("accounts:proposals"), count=proposed, tone="watch"))
    if to_confirm:
        found.append(Duty(_("待确认的岗位"), reverse("accounts:reviews"), count=to_confirm, tone="watch"))
    return found
