"""Personal tokens, by which programs use the API with the rights their owner has today.

The token itself is shown once and kept nowhere; the row holds its SHA-256, which is enough because a
token carries 256 random bits and cannot be guessed. Whoever loses the account loses the tokens with it:
a suspended owner's are refused, a new password given by an administrator revokes them all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse

from . import problems as _problems  # noqa: F401  (registers the sentences and action names)
from .actors import UserActor
from .models import ApiToken, User

PREFIX = "jt_"
SHOWN = 8  # characters of a token by which its owner knows it again
MOST_TOKENS = 20
LONGEST_DAYS = 366
_NOTE_USE_EVERY = dt.timedelta(hours=1)


@dataclass(frozen=True)
class NewToken:
    """A token's row and the token itself, which is shown once."""

    row: ApiToken
    token: str


def create_token(actor: UserActor, *, name: str, days: int) -> NewToken:
    """A token of the actor's own that expires after ``days`` (1 to 366).

    The page asks again who is there, because a token outlives the session. Raises InvalidInput; Conflict
    when the actor has :data:`MOST_TOKENS` live ones.
    """
    name = name.strip()
    if not name:
        raise refuse("accounts.name_empty", column="name")
    if not 1 <= days <= LONGEST_DAYS:
        raise refuse("accounts.token_days", column="days", most=LONGEST_DAYS)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user_id)
        moment = now()
        live = ApiToken.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=moment)
        if live.count() >= MOST_TOKENS:
            raise Conflict(Problem("accounts.token_too_many", {"most": MOST_TOKENS}))
        token = PREFIX + secrets.token_urlsafe(32)
        row = ApiToken.objects.create(
            user=user,
            name=name[:64],
            start=token[: len(PREFIX) + SHOWN],
            digest=_digest(token),
            created_at=moment,
            expires_at=moment + dt.timedelta(days=days),
        )
        record(
            actor,
            "accounts.token_created",
            target_type="api_token",
            target_id=row.pk,
            after={"name": row.name, "start": row.start, "expires_at": row.expires_at},
        )
    return NewToken(row, token)


def revoke_token(actor: UserActor, token_id: int) -> ApiToken:
    """End one of the actor's own tokens at once. Raises NotFound, Conflict when it has ended already."""
    with transaction.atomic():
        row = ApiToken.objects.select_for_update().filter(pk=token_id, user_id=actor.user_id).first()
        if row is None:
            raise NotFound(token_id, "token")
        if row.revoked_at is not None:
            raise Conflict(Problem("accounts.token_revoked"))
        row.revoked_at = now()
        row.save(update_fields=["revoked_at"])
        record(
            actor,
            "accounts.token_revoked",
            target_type="api_token",
            target_id=row.pk,
            after={"name": row.name, "start": row.start},
        )
    return row


def revoke_all(actor: Actor, user: User) -> int:
    """End every token of a user, for whoever has just given that user a new password; returns how many."""
    ended = ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now())
    if ended:
        record(
            actor,
            "accounts.token_revoked",
            target_type="user",
            target_id=user.pk,
            after={"tokens": ended},
        )
    return ended


def own_tokens(actor: Actor) -> list[ApiToken]:
    """The actor's own tokens, the newest first."""
    if not isinstance(actor, UserActor):
        raise PermissionDenied("accounts.tokens")
    return list(ApiToken.objects.filter(user_id=actor.user_id))


def user_of_token(token: str) -> User | None:
    """Whose token this is; None for one that is unknown, expired, revoked, or of a suspended user.

    Its last use is written down at most once an hour.
    """
    if not token.startswith(PREFIX) or len(token) > 128:
        return None
    moment = now()
    row = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(token), revoked_at__isnull=True, expires_at__gt=moment, user__is_active=True)
        .first()
    )
    if row is None:
        return None
    if row.used_at is None or moment - row.used_at >= _NOTE_USE_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(used_at=moment)
    return row.user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
