"""What stands between a request and the views: the actor, its language, and the limits of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from jingtu.core.kernel.clock import now

from .actors import Anonymous, UserActor
from .models import User

STARTED = "session_started"
ACTIVE = "session_active"
_WRITE_EVERY_SECONDS = 30

GetResponse = Callable[[HttpRequest], HttpResponse]


def start_session(request: HttpRequest) -> None:
    """Begin counting the absolute and the idle time-out; called right after sign-in."""
    request.session[STARTED] = request.session[ACTIVE] = int(now().timestamp())


class SessionLimitsMiddleware:
    """Signs out after ``SESSION_COOKIE_AGE`` seconds without a deed, and ``SESSION_ABSOLUTE_SECONDS`` in any case.

    Pages that a browser asks for by itself (``settings.BACKGROUND_VIEWS``, such as the count of notices) do
    not keep a session alive.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            moment = int(now().timestamp())
            started = request.session.setdefault(STARTED, moment)
            active = request.session.setdefault(ACTIVE, moment)
            if (
                moment - active >= settings.SESSION_COOKIE_AGE
                or moment - started >= settings.SESSION_ABSOLUTE_SECONDS
            ):
                logout(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if request.user.is_authenticated and match and match.view_name not in settings.BACKGROUND_VIEWS:
            moment = int(now().timestamp())
            # Written at most twice a minute: a session is a database row.
            if moment - request.session[ACTIVE] >= _WRITE_EVERY_SECONDS:
                request.session[ACTIVE] = moment
        return None


class ActorMiddleware:
    """Sets ``request.actor`` and speaks the person's language.

    The language is the one chosen on this browser, else the user's own, else Chinese; the browser's
    own preference is not asked, because the interface is Chinese first.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        actor = UserActor(user) if isinstance(user, User) else Anonymous()
        request.actor = actor  # type: ignore[attr-defined]
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in dict(settings.LANGUAGES):
            chosen = "en" if actor.language == "en" else settings.LANGUAGE_CODE
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page asks for sign-in except those named in ``settings.PUBLIC_VIEWS``; then for a first new password."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in settings.PUBLIC_VIEWS:
            return None
        user = request.user
        if not isinstance(user, User):
            return super().process_view(request, view_func, view_args, view_kwargs)
        if user.must_change_password and name not in settings.VIEWS_BEFORE_NEW_PASSWORD:
            return self._stop(request, 403, "password-change-required", reverse("accounts:password"))
        return None

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.path_info.startswith("/api/") or request.headers.get("HX-Request") == "true":
            return self._stop(request, 401, "sign-in-required", reverse("accounts:sign-in"))
        return super().handle_no_permission(request, view_func)

    def _stop(self, request: HttpRequest, status: int, kind: str, address: str) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return JsonResponse(
                {"type": f"about:blank#{kind}", "title": kind, "status": status},
                status=status,
                content_type="application/problem+json",
            )
        if request.headers.get("HX-Request") == "true":
            # A fragment cannot show another page: htmx loads it as a whole.
            return HttpResponse(status=status, headers={"HX-Redirect": address})
        return redirect(address)
