"""Ways to prove again who one is: the password, and the second factors."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jingtu.core.audit.services import record
from jingtu.core.kernel.vault import LostKey

from . import factors, lockout
from .actors import UserActor
from .models import User
from .rules import minutes_left

PREFIX = "identity-"
PASSWORD = f"{PREFIX}password"
CODE = f"{PREFIX}code"
PASSKEY = f"{PREFIX}passkey"


def offered(request: HttpRequest) -> bool:
    """Whether a proof came with the request."""
    return any(name.startswith(PREFIX) for name in request.POST)


def ways_of(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the asking page needs to offer the ways that this person has."""
    known = factors.factors_of(user)
    return {
        "has_password": user.has_usable_password(),
        "has_code": known.totp is not None and known.readable,
        "options": json.dumps(factors.passkey_question(user)) if known.passkeys else "",
    }


def credential_in(request: HttpRequest, field: str) -> Any:
    """What the browser's passkey said, as JSON in a hidden field; None when there is none."""
    try:
        told = json.loads(request.POST.get(field) or "null")
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def check(request: HttpRequest, user: User) -> str | None:
    """None when the proof holds (which is recorded), else why it does not.

    Failures count as failed sign-ins: guessing closes both doors for a growing while.
    """
    way = _way_that_holds(request, user)
    if not way:
        return _refusal(request, user)
    lockout.forget_failures(request, user.username)
    record(
        UserActor(user),
        "accounts.identity_confirmed",
        target_type="user",
        target_id=user.pk,
        after={"way": way},
    )
    return None


def _way_that_holds(request: HttpRequest, user: User) -> str | None:
    credential = credential_in(request, PASSKEY)
    if credential is not None:  # nothing to be guessed: it is not closed by wrong passwords
        return "webauthn" if factors.used_passkey(request, user, credential, again=True) else None
    credentials = {"username": user.username}
    password, code = request.POST.get(PASSWORD, ""), request.POST.get(CODE, "").strip()
    if password:
        return "password" if authenticate(request, **credentials, password=password) == user else None
    if not code or lockout.waiting(request, user.username) > dt.timedelta(0):
        return None
    try:
        way = factors.used_code(request, user, code, again=True)
    except LostKey:
        return None
    if way is None:
        lockout.count_failure(request, user.username)
    return way


def _refusal(request: HttpRequest, user: User) -> str:
    remaining = lockout.waiting(request, user.username)
    request.axes_locked_out = False  # type: ignore[attr-defined]  # the page of sign-in is not for somebody who is in
    if remaining.total_seconds() > 0:
        return _("错误次数过多，请在 %(minutes)s 分钟后再试。") % {"minutes": minutes_left(remaining)}
    return refusal_of(request.POST.get(CODE, ""))


def refusal_of(code: str) -> str:
    """What to say of a proof that did not hold; a right code taken already is not told from a wrong one."""
    if code.strip():
        return _("验证没有通过。每个验证码只能用一次，刚用过的请等验证器换出下一个。")
    return _("验证没有通过，请重试。")
