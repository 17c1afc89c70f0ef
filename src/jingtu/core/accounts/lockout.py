"""Sign-in that closes for a growing while after wrong passwords, built on django-axes.

Failures are counted per user name and per address. An office sits behind one address, so an address
counts only one in :data:`rules.FAILURES_OF_AN_ADDRESS_PER_FAILURE` of its failures: enough to stop
somebody who tries one password on many names, too little for colleagues' typing errors.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jingtu.core.kernel.clock import now

from .forms import SignInForm
from .landing import sign_in_context
from .rules import FAILURES_OF_AN_ADDRESS_PER_FAILURE, lock_duration, minutes_left
from .services import note_lock

Credentials = dict[str, Any] | None


class GrowingDelayHandler(AxesDatabaseHandler):
    """Counts as axes does, locks by :func:`rules.lock_duration`."""

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        return max(failures for failures, _ in self._counted(request, credentials))

    def is_locked(self, request: HttpRequest, credentials: Credentials = None) -> bool:
        return self.remaining(request, credentials) > dt.timedelta(0)

    def remaining(self, request: HttpRequest, credentials: Credentials = None) -> dt.timedelta:
        """How long sign-in stays closed for this name or address; zero or less when it is open."""
        moment = now()
        return max(
            last + lock_duration(failures) - moment if last else dt.timedelta(0)
            for failures, last in self._counted(request, credentials)
        )

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        already = bool(getattr(request, "axes_locked_out", False))
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and not already and getattr(request, "axes_locked_out", False):
            note_lock(
                get_client_username(request, credentials) or "", self.get_failures(request, credentials)
            )

    def reset_user_attempts(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """A right password clears the failures of the name alone: an own account is no way to clear an address."""
        count, _ = AccessAttempt.objects.filter(username=get_client_username(request, credentials)).delete()
        return count

    def _counted(
        self, request: HttpRequest, credentials: Credentials
    ) -> list[tuple[int, dt.datetime | None]]:
        by_name, by_address = (
            attempts.aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
            for attempts in self.get_user_attempts(request, credentials)
        )
        return [
            (by_name["count"] or 0, by_name["last"]),
            ((by_address["count"] or 0) // FAILURES_OF_AN_ADDRESS_PER_FAILURE, by_address["last"]),
        ]


# --- for proofs that no authentication backend checks: codes of second factors


def waiting(request: HttpRequest, username: str) -> dt.timedelta:
    """How long this name or address must still wait before it may try again; zero or less when not at all."""
    AxesProxyHandler.update_request(request)
    return GrowingDelayHandler().remaining(request, {"username": username})


def count_failure(request: HttpRequest, username: str) -> None:
    """A wrong code is a failed sign-in."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def forget_failures(request: HttpRequest, username: str) -> None:
    """A right proof clears the failures of its name."""
    AxesProxyHandler.update_request(request)
    GrowingDelayHandler().reset_user_attempts(request, {"username": username})


def refusal(request: HttpRequest, credentials: Credentials = None) -> HttpResponse:
    """The sign-in page that says how long to wait; the same for names that exist and names that do not."""
    remaining = GrowingDelayHandler().remaining(request, credentials)
    context = {**sign_in_context(SignInForm()), "minutes": minutes_left(remaining)}
    response = render(request, "accounts/sign_in.html", context, status=429)
    response.headers["Retry-After"] = str(max(1, int(remaining.total_seconds())))
    return response
