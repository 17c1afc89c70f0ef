"""What is done to users, and by users to their own account. Posts and units: :mod:`.postings`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.characters import unprintable, unseen_in_person
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse

from . import problems as _problems  # noqa: F401  (registers the sentences and action names)
from . import sessions, tokens
from .actors import UserActor
from .models import Post, User
from .rules import Role, may_control_account

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
NAME_LIMIT = 64
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper


@dataclass(frozen=True)
class NewPassword:
    """A user with a temporary password that is shown once and kept nowhere."""

    user: User
    password: str


def temporary_password() -> str:
    """Four groups of four letters and digits (79 bits)."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def user_of(actor: Actor) -> User | None:
    """The user behind an actor, None for the system."""
    return actor.user if isinstance(actor, UserActor) else None


def locked_user(user_id: int) -> User:
    """The user's row, locked until the transaction ends. Raises NotFound."""
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound(user_id, "user")
    return user


def create_user(
    actor: Actor,
    *,
    username: str,
    full_name: str,
    email: str = "",
    language: str = "zh",
    password: str | None = None,
) -> NewPassword:
    """A new user without posts, who must choose a password at the first sign-in.

    ``password`` may be given for demo accounts and then need not be changed. Raises PermissionDenied,
    InvalidInput.
    """
    if not actor.can(Permission.ACCOUNTS_MANAGE):
        raise PermissionDenied(Permission.ACCOUNTS_MANAGE)
    username, full_name = username.strip().lower(), full_name.strip()
    if not USERNAME.fullmatch(username):
        raise refuse("accounts.username_bad", column="username")
    email = email.strip()
    _check_person(full_name, email)
    if language not in User.Language.values:
        raise refuse("accounts.language_unknown", column="language", language=language)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise refuse("accounts.username_taken", column="username", username=username)
        chosen = password or temporary_password()
        user = User.objects.create_user(
            username,
            chosen,
            full_name=full_name,
            email=email,
            language=language,
            must_change_password=password is None,
            created_by=user_of(actor),
        )
        record(
            actor,
            "accounts.user_created",
            target_type="user",
            target_id=user.pk,
            after={"username": user.username, "full_name": user.full_name, "email": user.email},
        )
    return NewPassword(user, chosen)


def _check_person(full_name: str, email: str) -> None:
    """What is kept of a person fits and can be printed. Raises InvalidInput."""
    if not full_name:
        raise refuse("accounts.full_name_empty", column="full_name")
    if len(full_name) > NAME_LIMIT or unprintable(full_name) or unseen_in_person(full_name):
        raise refuse("accounts.name_bad", column="full_name", limit=NAME_LIMIT)
    try:
        if email:
            User._meta.get_field("email").run_validators(email)
    except ValidationError:
        raise refuse("accounts.email_bad", column="email") from None


def change_user(actor: Actor, user_id: int, *, full_name: str, email: str) -> User:
    """Correct a user's name or address. Raises PermissionDenied, InvalidInput, NotFound."""
    if not actor.can(Permission.ACCOUNTS_MANAGE):
        raise PermissionDenied(Permission.ACCOUNTS_MANAGE)
    full_name, email = full_name.strip(), email.strip()
    _check_person(full_name, email)
    with transaction.atomic():
        user = locked_user(user_id)
        before = {"full_name": user.full_name, "email": user.email}
        user.full_name, user.email = full_name, email
        user.save(update_fields=["full_name", "email"])
        record(
            actor,
            "accounts.user_changed",
            target_type="user",
            target_id=user.pk,
            before=before,
            after={"full_name": user.full_name, "email": user.email},
        )
    return user


def suspend_user(actor: Actor, user_id: int, reason: str) -> User:
    """Close an account; open sessions end with their next request. Raises PermissionDenied, Conflict."""
    return _switch(actor, user_id, active=False, reason=reason)


def activate_user(actor: Actor, user_id: int, reason: str) -> User:
    """Open a suspended account again. Raises PermissionDenied, Conflict."""
    return _switch(actor, user_id, active=True, reason=reason)


def _switch(actor: Actor, user_id: int, active: bool, reason: str) -> User:
    with transaction.atomic():
        user = _in_charge_of(actor, user_id)
        if not reason.strip():
            raise refuse("accounts.reason_needed", column="reason")
        if user.is_active is active:
            raise Conflict(Problem("accounts.not_suspended" if active else "accounts.already_suspended"))
        user.is_active = active
        user.save(update_fields=["is_active"])
        record(
            actor,
            "accounts.user_activated" if active else "accounts.user_suspended",
            target_type="user",
            target_id=user.pk,
            before={"is_active": not active},
            after={"is_active": active},
            reason=reason.strip(),
        )
        if not active:
            sessions.end_all(actor, user)
    return user


def reset_password(actor: Actor, user_id: int) -> NewPassword:
    """A temporary password, shown once, to be changed at the next sign-in; open sessions and API tokens end.

    Raises PermissionDenied unless the account is in the actor's charge (:func:`may_control_account`).
    """
    with transaction.atomic():
        user = _in_charge_of(actor, user_id)
        chosen = temporary_password()
        user.set_password(chosen)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        record(actor, "accounts.password_reset", target_type="user", target_id=user.pk)
        tokens.revoke_all(actor, user)
        sessions.end_all(actor, user)
    return NewPassword(user, chosen)


def roles_now_or_later(user: User) -> frozenset[Role]:
    """Roles of posts that have not ended, also of those that have not begun."""
    live = Post.objects.filter(user=user, ended_at__isnull=True).exclude(valid_to__lt=today())
    rows = live.values_list("role", flat=True)
    return frozenset(Role(role) for role in rows)


def in_charge(actor: Actor, user: User) -> bool:
    """Whether the actor may suspend, activate or give a new password to the user."""
    if not isinstance(actor, UserActor):
        return actor.can(Permission.ACCOUNTS_MANAGE)
    return actor.user_id != user.pk and may_control_account(actor.roles, roles_now_or_later(user))


def _in_charge_of(actor: Actor, user_id: int) -> User:
    if not (actor.can(Permission.ACCOUNTS_MANAGE) or actor.can(Permission.POSTS_GRANT)):
        raise PermissionDenied(Permission.ACCOUNTS_MANAGE)
    user = locked_user(user_id)
    if not in_charge(actor, user):
        raise Conflict(Problem("accounts.not_your_charge"))
    return user


def change_own_password(actor: UserActor, present: str, new: str) -> User:
    """The actor's own new password. Raises InvalidInput when the present one is wrong or the new one weak."""
    with transaction.atomic():
        user = locked_user(actor.user_id)
        if not user.check_password(present):
            raise refuse("accounts.password_wrong", column="present")
        if present == new:
            raise refuse("accounts.password_same", column="new")
        try:
            validate_password(new, user)
        except ValidationError as error:
            raise refuse("accounts.password_weak", column="new", detail=" ".join(error.messages)) from error
        user.set_password(new)
        user.must_change_password = False
        user.password_changed_at = now()
        user.save(update_fields=["password", "must_change_password", "password_changed_at"])
        record(actor, "accounts.password_changed", target_type="user", target_id=user.pk)
    return user


def change_own_profile(actor: UserActor, *, language: str, email: str) -> User:
    """The actor's own language and e-mail address; the name belongs to the administrator."""
    with transaction.atomic():
        user = locked_user(actor.user_id)
        before = {"language": user.language, "email": user.email}
        user.language = language if language in User.Language.values else user.language
        user.email = email.strip()
        user.save(update_fields=["language", "email"])
        record(
            actor,
            "accounts.profile_changed",
            target_type="user",
            target_id=user.pk,
            before=before,
            after={"language": user.language, "email": user.email},
        )
    return user


def note_sign_in(actor: UserActor, ways: Sequence[str] = ()) -> None:
    """Write a successful sign-in into the audit trail, with the ways by which the person proved who they are."""
    record(
        actor,
        "accounts.signed_in",
        target_type="user",
        target_id=actor.user_id,
        after={"ways": list(ways)} if ways else None,
    )


def note_sign_out(actor: UserActor) -> None:
    """Write a sign-out into the audit trail."""
    record(actor, "accounts.signed_out", target_type="user", target_id=actor.user_id)


def note_lock(username: str, failures: int) -> None:
    """Write into the audit trail that wrong passwords closed sign-in for a while.

    Only the moment of locking is kept, so that guessing cannot flood the trail.
    """
    record(
        SYSTEM,
        "accounts.sign_in_locked",
        target_type="username",
        target_id=username,
        after={"failures": failures},
    )
