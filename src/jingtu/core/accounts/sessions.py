"""Sessions people can see and end: where somebody is signed in, since when, and when last used.

Django's own session rows say none of this; a row here stands beside each of them. Ending a session deletes
Django's row, so that the next request of that browser is nobody's.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from jingtu.core.audit.middleware import client_address
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound

from .actors import UserActor
from .models import SignInSession, User

STARTED = "session_started"
ACTIVE = "session_active"
CONFIRMED = "identity_confirmed"
KEPT_DAYS = 30
"""How long a session that has ended is still listed for its owner."""


def on_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whatever way somebody came in: count the time-outs from now, and list the session."""
    moment = now()
    if request.session.session_key is None:  # emptied, because somebody else was signed in here
        request.session.create()
    stamp = int(moment.timestamp())
    request.session[STARTED] = request.session[ACTIVE] = request.session[CONFIRMED] = stamp
    if request.session.session_key is None:  # somebody else was signed in, and their session was just emptied
        request.session.save()
    SignInSession.objects.filter(user=user, used_at__lt=moment - dt.timedelta(days=KEPT_DAYS)).delete()
    SignInSession.objects.update_or_create(
        key=request.session.session_key,
        defaults={
            "user": user,
            "device": request.META.get("HTTP_USER_AGENT", "")[:300],
            "address": client_address(request),
            "started_at": moment,
            "used_at": moment,
            "ended_at": None,
        },
    )


def on_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """A session that was signed out of, by its owner or by a time-out, is no longer listed as open."""
    _mark_ended([request.session.session_key])


def note_use(request: HttpRequest) -> None:
    """Write down that the session was just used; called with the session's own write, twice a minute at most."""
    SignInSession.objects.filter(key=request.session.session_key).update(used_at=now())


def follow(old_key: str | None, new_key: str | None) -> None:
    """The session got a new key (after a new password) and is still the same sign-in."""
    if old_key != new_key:
        SignInSession.objects.filter(key=old_key).update(key=new_key)


def own_sessions(actor: UserActor) -> list[SignInSession]:
    """The actor's open sessions, the one used last first."""
    moment = now()
    found = SignInSession.objects.filter(
        user_id=actor.user_id,
        ended_at__isnull=True,
        used_at__gt=moment - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE + 60),
        started_at__gt=moment - dt.timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS),
    )
    return list(found.filter(key__in=Session.objects.values("session_key")).order_by("-used_at", "-pk"))


def end_session(actor: UserActor, session_id: int) -> SignInSession:
    """End one of the actor's own sessions at once. Raises NotFound."""
    with transaction.atomic():
        row = SignInSession.objects.filter(
            pk=session_id, user_id=actor.user_id, ended_at__isnull=True
        ).first()
        if row is None:
            raise NotFound(session_id, "session")
        _end([row.key])
        record(
            actor,
            "accounts.sessions_ended",
            target_type="user",
            target_id=actor.user_id,
            after={"sessions": 1, "address": row.address},
        )
    return row


def end_others(actor: UserActor, present_key: str | None) -> int:
    """End all of the actor's sessions but the present one; returns how many."""
    return _end_of(actor, actor.user, but=present_key)


def end_all(actor: Actor, user: User) -> int:
    """End every session of a user who may no longer be signed in; returns how many."""
    return _end_of(actor, user, but=None)


def end_of_idle_accounts(users: list[User]) -> int:
    """End the sessions of people without any post in force; returns how many."""
    return sum(_end_of(SYSTEM, user, but=None) for user in users)


def _end_of(actor: Actor, user: User, but: str | None) -> int:
    with transaction.atomic():
        open_ones = SignInSession.objects.filter(user=user, ended_at__isnull=True).exclude(key=but or "")
        ended = _end(list(open_ones.values_list("key", flat=True)))
        if ended:
            record(
                actor,
                "accounts.sessions_ended",
                target_type="user",
                target_id=user.pk,
                after={"sessions": ended},
            )
    return ended


def _end(keys: list[str]) -> int:
    """Delete Django's rows; the count is of those that were still open."""
    open_ones = Session.objects.filter(session_key__in=keys, expire_date__gt=now())
    count = open_ones.count()
    Session.objects.filter(session_key__in=keys).delete()
    _mark_ended(keys)
    return count


def _mark_ended(keys: list[str] | list[str | None]) -> None:
    SignInSession.objects.filter(key__in=keys, ended_at__isnull=True).update(ended_at=now())
