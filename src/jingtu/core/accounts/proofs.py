"""Ways to prove again who one is: the password, and the second factors."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jingtu.core.audit.services import record

from .actors import UserActor
from .lockout import GrowingDelayHandler
from .models import User
from .rules import minutes_left

PREFIX = "identity-"
PASSWORD = f"{PREFIX}password"


def offered(request: HttpRequest) -> bool:
    """Whether a proof came with the request."""
    return any(name.startswith(PREFIX) for name in request.POST)


def ways_of(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the asking page needs to offer the ways that this person has."""
    return {"has_password": user.has_usable_password()}


def check(request: HttpRequest, user: User) -> str | None:
    """None when the proof holds (which is recorded), else why it does not.

    Failures count as failed sign-ins: guessing closes both doors for a growing while.
    """
    way = "password" if _password_holds(request, user) else ""
    if not way:
        return _refusal(request, user)
    GrowingDelayHandler().reset_user_attempts(request, {"username": user.username})
    record(
        UserActor(user),
        "accounts.identity_confirmed",
        target_type="user",
        target_id=user.pk,
        after={"way": way},
    )
    return None


def _password_holds(request: HttpRequest, user: User) -> bool:
    password = request.POST.get(PASSWORD, "")
    return bool(password) and authenticate(request, username=user.username, password=password) == user


def _refusal(request: HttpRequest, user: User) -> str:
    remaining = GrowingDelayHandler().remaining(request, {"username": user.username})
    request.axes_locked_out = False  # type: ignore[attr-defined]  # the page of sign-in is not for somebody who is in
    if remaining.total_seconds() > 0:
        return _("错误次数过多，请在 %(minutes)s 分钟后再试。") % {"minutes": minutes_left(remaining)}
    return _("验证没有通过，请重试。")
