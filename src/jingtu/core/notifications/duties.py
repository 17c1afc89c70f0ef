"""Unread notices among what waits for a person today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.today import Duty

from .queries import unread_count


def unread_notices(actor: Actor) -> list[Duty]:
    """One line when there are any. One query."""
    count = unread_count(actor)
    return [Duty(_("未读通知"), reverse("notifications:list"), count=count)] if count else []
