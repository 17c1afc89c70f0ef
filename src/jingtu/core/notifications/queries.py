"""One's own notices."""

from __future__ import annotations

from django.db.models import QuerySet

from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import Actor

from .models import Notice


def notices(actor: Actor, unread_only: bool = False) -> QuerySet[Notice]:
    """The actor's own notices, newest first; none for the system or nobody."""
    if not isinstance(actor, UserActor):
        return Notice.objects.none()
    found = Notice.objects.filter(recipient_id=actor.user_id)
    return found.filter(read_at__isnull=True) if unread_only else found


def unread_count(actor: Actor) -> int:
    """How many of the actor's notices are not read yet."""
    return notices(actor, unread_only=True).count()
