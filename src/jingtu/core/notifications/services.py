"""Sending notices and marking them read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound

from .models import Notice
from .outgoing import queue_notices
from .texts import parameters_of


def notify(
    actor: Actor,
    recipients: Iterable[User | int],
    code: str,
    *,
    params: Mapping[str, str | int] | None = None,
    link: str = "",
) -> int:
    """Send one notice to each active recipient and return how many were sent; nobody is told of their own deed.

    Call it inside the transaction of the deed: a deed rolled back sends nothing. ``code`` is registered
    with :func:`.texts.register_notices`; parameters are names and figures the recipient may see.
    Raises ValueError for missing parameters or a link that leaves the site.
    """
    given = dict(params or {})
    missing = parameters_of(code) - given.keys()
    if missing:
        raise ValueError(f"{code} needs {', '.join(sorted(missing))}")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError("a notice links to a page of this site only")
    wanted = {each if isinstance(each, int) else each.pk for each in recipients}
    if isinstance(actor, UserActor):
        wanted.discard(actor.user_id)
    moment = now()
    with transaction.atomic():
        active = (
            User.objects.filter(pk__in=wanted, is_active=True).order_by("pk").values_list("pk", flat=True)
        )
        made = Notice.objects.bulk_create(
            (
                Notice(recipient_id=user_id, code=code, params=given, link=link, created_at=moment)
                for user_id in active
            ),
            batch_size=1000,
        )
        queue_notices(made)
    return len(made)


def mark_read(actor: UserActor, notice_id: int) -> Notice:
    """Mark one of the actor's own notices read. Raises NotFound for somebody else's."""
    notice = Notice.objects.filter(pk=notice_id, recipient_id=actor.user_id).first()
    if notice is None:
        raise NotFound(notice_id, "notice")
    if notice.read_at is None:
        notice.read_at = now()
        notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(actor: UserActor) -> int:
    """Mark all of the actor's own notices read; the count of those that were not."""
    return Notice.objects.filter(recipient_id=actor.user_id, read_at__isnull=True).update(read_at=now())
