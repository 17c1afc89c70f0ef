"""Bulletins to read among what waits for a person today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.bulletins.queries import unread
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.ui.today import Duty

MOST = 20


def bulletins_to_read(actor: Actor) -> list[Duty]:
    """Bulletins that were sent to the actor and wait for a receipt. One query."""
    if user_id_of(actor) is None:
        return []
    return [
        Duty(
            _("待阅签的通报"),
            reverse("bulletins:detail", args=[bulletin.pk]),
            f"{bulletin.number} {bulletin.run.region.name} {bulletin.run.period_label}".strip(),
            tone="watch",
        )
        for bulletin in unread(actor)[:MOST]
    ]
