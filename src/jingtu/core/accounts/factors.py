"""Second factors: authenticator codes, passkeys, recovery codes.

django-allauth keeps and checks them. This is the only module that touches its inner parts, which its
documentation does not promise to keep: the pinned version and the tests beside it do.
"""

from __future__ import annotations

import base64
import datetime as dt
import logging
import unicodedata
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import perform_login, perform_password_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage, LoginStageController
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes, post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import (
    TOTP,
    clear_totp_secret,
    format_hotp_value,
    get_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from jingtu.core.audit.services import record
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, NotFound, Problem, refuse

from .actors import UserActor
from .models import User

Kind = Authenticator.Type
SEEN = "second_factor"
"""Key of the session: this person has a second factor."""
_SECOND = (Kind.TOTP, Kind.WEBAUTHN)
_LAST_STEP = "last_step"
"""Key of the authenticator's data: the half-minute whose code was taken last."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Factors:
    """What a person has set up. ``readable`` is False when the key of the authenticator's secret is lost."""

    totp: Authenticator | None
    passkeys: list[Authenticator]
    codes_left: int | None
    readable: bool

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all; recovery codes alone are none."""
        return self.totp is not None or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    """The factors of a user, with one query."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    totp = next((row for row in rows if row.type == Kind.TOTP), None)
    codes = next((row for row in rows if row.type == Kind.RECOVERY_CODES), None)
    readable, left = True, None
    try:
        if totp:
            vault.decrypt(totp.data["secret"])
        if codes:
            left = len(RecoveryCodes(codes).get_unused_codes())
    except vault.LostKey:
        readable = False
    return Factors(totp, [row for row in rows if row.type == Kind.WEBAUTHN], left, readable)


def has_second_factor(user: User) -> bool:
    """Whether sign-in asks this person for more than the password."""
    return Authenticator.objects.filter(user=user, type__in=_SECOND).exists()


# --- setting up


def totp_offer(request: HttpRequest, user: User, renew: bool) -> tuple[str, str]:
    """A new secret, kept in the session until a code of it comes back: as text, and as a picture's data URI."""
    secret = get_totp_secret(regenerate=renew)
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return secret, "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def activate_totp(actor: UserActor, request: HttpRequest, code: str) -> list[str]:
    """Take the offered secret into use; recovery codes to be shown once, empty when there were some already.

    Raises InvalidInput for a code that is not of the secret, Conflict when there is an authenticator.
    """
    secret = get_totp_secret()
    step = _step_of(secret, unicodedata.normalize("NFKC", code))
    if step is None:
        raise refuse("accounts.code_wrong", column="code")
    with transaction.atomic():
        _lock(actor.user)
        if Authenticator.objects.filter(user=actor.user, type=Kind.TOTP).exists():
            raise Conflict(Problem("accounts.totp_exists"))
        made = TOTP.activate(actor.user, secret).instance
        made.data[_LAST_STEP] = step
        made.save(update_fields=["data"])
        _record(actor, actor.user, "accounts.factor_added", {"type": "totp"})
        codes = _first_codes(actor)
    clear_totp_secret(request)
    return codes


def passkey_offer(user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey that can also sign in by itself."""
    return webauthn.begin_registration(user, passwordless=True)


def add_passkey(actor: UserActor, name: str, credential: Any) -> list[str]:
    """Keep the passkey that the browser made; recovery codes to be shown once, empty when there were some.

    Raises InvalidInput when it does not answer the offer, or nobody was verified by it.
    """
    try:
        webauthn.parse_registration_response(credential)
        made = webauthn.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refuse("accounts.passkey_wrong") from error
    if not made.is_user_verified():
        raise refuse("accounts.passkey_wrong")
    with transaction.atomic():
        _lock(actor.user)
        if Authenticator.objects.filter(user=actor.user, type=Kind.WEBAUTHN).count() >= 10:
            raise Conflict(Problem("accounts.passkeys_many", {"most": 10}))
        webauthn.WebAuthn.add(actor.user, name.strip()[:64], credential)
        _record(actor, actor.user, "accounts.factor_added", {"type": "webauthn", "name": name.strip()[:64]})
        return _first_codes(actor)


def remove_factor(actor: UserActor, factor_id: int) -> None:
    """Take one of the actor's own factors away; recovery codes go with the last one. Raises NotFound."""
    with transaction.atomic():
        _lock(actor.user)
        row = Authenticator.objects.filter(pk=factor_id, user=actor.user, type__in=_SECOND).first()
        if row is None:
            raise NotFound(factor_id, "factor")
        row.delete()
        delete_dangling_recovery_codes(actor.user)
        _record(actor, actor.user, "accounts.factor_removed", {"type": row.type})


def new_recovery_codes(actor: UserActor) -> list[str]:
    """Fresh codes, to be shown once; the old ones end. Raises Conflict without a second factor."""
    with transaction.atomic():
        _lock(actor.user)
        if not has_second_factor(actor.user):
            raise Conflict(Problem("accounts.factor_first"))
        Authenticator.objects.filter(user=actor.user, type=Kind.RECOVERY_CODES).delete()
        return _first_codes(actor)


def remove_all(actor: Actor, user: User, reason: str) -> int:
    """Take every factor of a user away, for whoever may decide that they are lost; returns how many."""
    with transaction.atomic():
        _lock(user)
        rows = Authenticator.objects.filter(user=user)
        count = rows.exclude(type=Kind.RECOVERY_CODES).count()
        rows.delete()
        User.objects.filter(pk=user.pk).update(second_factor_due=None)
        record(
            actor,
            "accounts.factors_reset",
            target_type="user",
            target_id=user.pk,
            after={"factors": count},
            reason=reason,
        )
    return count


def _first_codes(actor: UserActor) -> list[str]:
    if Authenticator.objects.filter(user=actor.user, type=Kind.RECOVERY_CODES).exists():
        return []
    codes: list[str] = RecoveryCodes.activate(actor.user).generate_codes()
    _record(actor, actor.user, "accounts.recovery_codes_made", {"codes": len(codes)})
    return codes


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _record(actor: Actor, user: User, action: str, after: dict[str, object]) -> None:
    record(actor, action, target_type="user", target_id=user.pk, after=after)


# --- using


def passkey_question(user: User | None) -> dict[str, Any]:
    """What the browser needs to prove a passkey: one of this user, or of whoever it may be at sign-in."""
    return webauthn.begin_authentication(user)


def used_code(request: HttpRequest, user: User, code: str, again: bool = False) -> str | None:
    """The kind of factor that the code belongs to, which is then marked as used; None for a wrong one.

    Raises LostKey when the code may be right but the secret behind it cannot be read.
    """
    lost: vault.LostKey | None = None
    typed = (
        unicodedata.normalize("NFKC", code).replace("-", "").replace(" ", "")
    )  # also wide digits of a Chinese keyboard
    for row in Authenticator.objects.filter(user=user, type__in=(Kind.TOTP, Kind.RECOVERY_CODES)):
        try:
            if _takes(row, typed):
                row.refresh_from_db()
                post_authentication(request, row, reauthenticated=again)
                return str(row.type)
        except vault.LostKey as error:
            lost = error
    if lost:
        _log.error("second factor of user %s: %s", user.pk, lost)
        raise lost
    return None


def _takes(row: Authenticator, code: str) -> bool:
    """Whether a code opens, once: of an authenticator only codes later than the last one taken do.

    The step stands in the database, not in the memory of one process as django-allauth has it: there a second
    process, a restart or half a minute more would let the same code in again.
    """
    if row.type != Kind.TOTP:
        return bool(row.wrap().validate_code(code))
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=row.pk)
        step = _step_of(vault.decrypt(row.data["secret"]), code)
        if step is None or step <= row.data.get(_LAST_STEP, -1):
            return False
        row.data[_LAST_STEP] = step
        row.save(update_fields=["data"])
    return True


def _step_of(secret: str, code: str) -> int | None:
    """The half-minute, of those accepted now, whose code this is; None when it is of none."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return int(step)
    return None


def used_passkey(
    request: HttpRequest, user: User | None, credential: Any, again: bool = False
) -> Authenticator | None:
    """The passkey that answered the question; None when none did."""
    try:
        webauthn.parse_authentication_response(credential)
        owner = user or webauthn.extract_user_from_response(credential)
        row = webauthn.complete_authentication(owner, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return None
    post_authentication(request, row, reauthenticated=again, passwordless=user is None)
    return row


# --- the steps of sign-in


def after_password(request: HttpRequest, user: User, leads_to: str) -> HttpResponse:
    """The password was right: go on to the second factor where there is one, else in."""
    login = Login(user=user, redirect_url=leads_to)
    return perform_password_login(request, {"username": user.username}, login)


def after_passkey(request: HttpRequest, user: User, leads_to: str) -> HttpResponse:
    """A passkey that verified its owner is both factors at once."""
    return perform_login(request, Login(user=user, redirect_url=leads_to))


def pending(request: HttpRequest) -> LoginStage | None:
    """The sign-in that waits for its second factor; None when there is none or it waited too long."""
    return LoginStageController.enter(request, AuthenticateStage.key)


# --- who needs one


def due(user: User, roles: frozenset[str]) -> dt.date | None:
    """From which day somebody with these roles does nothing without a second factor; None when not required.

    The term begins when the requirement first meets them at sign-in, not when the rule was made.
    """
    if not roles & set(settings.SECOND_FACTOR_ROLES):
        return None
    if user.second_factor_due is None:
        user.second_factor_due = today() + dt.timedelta(days=settings.SECOND_FACTOR_GRACE_DAYS)
        User.objects.filter(pk=user.pk).update(second_factor_due=user.second_factor_due)
    return user.second_factor_due


# --- keys


def _used_keys() -> set[int]:
    found = {
        vault.version_of(secret)
        for data in Authenticator.objects.exclude(type=Kind.WEBAUTHN).values_list("data", flat=True)
        for secret in _secrets_in(data)
    }
    return {version for version in found if version is not None}


def _reencrypt() -> int:
    moved = 0
    newest = vault.newest()
    for pk in Authenticator.objects.exclude(type=Kind.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            name = "secret" if row.type == Kind.TOTP else "seed"
            if name not in row.data or vault.version_of(row.data[name]) == newest:
                continue
            try:
                row.data[name] = vault.encrypt(vault.decrypt(row.data[name]))
            except vault.LostKey as error:
                _log.error("second factor #%s stays under its old key: %s", pk, error)
                continue
            row.save(update_fields=["data"])
            moved += 1
    return moved


def _secrets_in(data: dict[str, Any]) -> list[str]:
    return [data[name] for name in ("secret", "seed") if name in data]


vault.register_place("second factors", _used_keys, _reencrypt)
