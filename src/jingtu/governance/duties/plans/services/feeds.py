"""The secret address of a person's calendar: made, renewed, ended by the person alone."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from jingtu.core.accounts.actors import UserActor
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.clock import now

from ..models import CalendarFeed

register_actions(
    {
        "plans.feed_made": ("生成日历订阅地址", "Calendar address made"),
        "plans.feed_ended": ("停用日历订阅地址", "Calendar address ended"),
    }
)
register_objects({"calendar_feed": ("日历订阅地址", "Calendar address")})


def digest_of(token: str) -> str:
    """What is kept of a token; enough, since its 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make_feed(actor: UserActor) -> str:
    """A new secret for the actor's own calendar, shown once; an earlier one ends with it."""
    token, moment = secrets.token_urlsafe(32), now()
    with transaction.atomic():
        feed, _made = CalendarFeed.objects.update_or_create(
            user_id=actor.user_id,
            defaults={"digest": digest_of(token), "created_at": moment, "used_at": None, "ended_at": None},
        )
        record(actor, "plans.feed_made", target_type="calendar_feed", target_id=feed.pk)
    return token


def end_feed(actor: UserActor) -> bool:
    """End the actor's own address at once; False when there is none."""
    with transaction.atomic():
        feed = (
            CalendarFeed.objects.select_for_update()
            .filter(user_id=actor.user_id, ended_at__isnull=True)
            .first()
        )
        if feed is None:
            return False
        feed.ended_at = now()
        feed.save(update_fields=["ended_at"])
        record(actor, "plans.feed_ended", target_type="calendar_feed", target_id=feed.pk)
    return True


def note_use(feed: CalendarFeed) -> None:
    """Write down that the address was read, at most once an hour."""
    moment = now()
    if feed.used_at is None or (moment - feed.used_at).total_seconds() >= 3600:
        CalendarFeed.objects.filter(pk=feed.pk).update(used_at=moment)
