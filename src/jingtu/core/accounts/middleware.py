"""What stands between a request and the views: the actor, its language, and the limits of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.wall import reading_as

from . import confirming, factors, limits
from .actors import Anonymous, UserActor
from .landing import ENDED, UNSAVED, is_own_path
from .models import User
from .sessions import ACTIVE, STARTED, note_use
from .tokens import user_of_token

_WRITE_EVERY_SECONDS = 30

GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionLimitsMiddleware:
    """Signs out after ``SESSION_COOKIE_AGE`` seconds without a deed, and ``SESSION_ABSOLUTE_SECONDS`` in any case.

    Pages that a browser asks for by itself (``settings.BACKGROUND_VIEWS``, such as the count of notices, and what
    says so in its header, such as the progress of a job) do not keep a session alive.
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
        if by_token(request):
            return None
        if request.user.is_authenticated and match and not _asked_by_itself(request, match.view_name):
            moment = int(now().timestamp())
            # Written at most twice a minute: a session is a database row.
            if moment - request.session[ACTIVE] >= _WRITE_EVERY_SECONDS:
                request.session[ACTIVE] = moment
                note_use(request)
        return None


def _asked_by_itself(request: HttpRequest, view_name: str) -> bool:
    return view_name in settings.BACKGROUND_VIEWS or "X-Background" in request.headers


class TokenMiddleware:
    """Below /api/ a bearer token says who calls, whatever cookies come along; a bad one is refused here.

    Stands after the limits of sessions, which are not for tokens: a call by token has no session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and below_api(request):
            user = user_of_token(token.strip())
            if user is None:
                return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
            request.user = user
            request.by_token = True  # type: ignore[attr-defined]
        return self.get_response(request)


def below_api(request: HttpRequest) -> bool:
    """Whether the request is for a program's door."""
    return request.path_info.startswith("/api/")


def by_token(request: HttpRequest) -> bool:
    """Whether a valid bearer token says who calls."""
    return bool(getattr(request, "by_token", False))


class ActorMiddleware:
    """Sets ``request.actor``, tells the database who reads, and speaks the person's language.

    The language is the one chosen on this browser, else the user's own, else Chinese; the browser's
    own preference is not asked, because the interface is Chinese first. Below /api/ a program may ask
    for a language by Accept-Language.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = None if by_token(request) else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in dict(settings.LANGUAGES):
            chosen = _asked_language(request) if below_api(request) else ""
        if not chosen:
            english = isinstance(user, User) and user.language == User.Language.EN
            chosen = "en" if english else settings.LANGUAGE_CODE
        spoken: Literal["zh", "en"] = "en" if chosen == "en" else "zh"
        actor = UserActor(user, spoken) if isinstance(user, User) else Anonymous()
        request.actor = actor  # type: ignore[attr-defined]
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        with reading_as(actor):
            response: HttpResponseBase = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            # Its rows are read while it is sent, when this request is no longer the one being answered.
            response.streaming_content = ReadFor(actor, iter(response))
        return response  # type: ignore[return-value]


class ReadFor:
    """Parts of a response that are read one by one, each as the actor for whom the response is."""

    def __init__(self, actor: Actor, parts: Iterable[bytes]) -> None:
        self._actor, self._parts = actor, iter(parts)

    def __iter__(self) -> ReadFor:
        return self

    def __next__(self) -> bytes:
        with reading_as(self._actor):
            return next(self._parts)


def _asked_language(request: HttpRequest) -> str:
    """The first language of Accept-Language that is spoken here; empty when there is none."""
    wanted = []
    for place, part in enumerate(request.headers.get("Accept-Language", "")[:200].split(",")):
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.strip().lower()[:2]))
        except ValueError:
            continue
    for _, _, tag in sorted(wanted):
        if tag in {"zh", "en"}:
            return "en" if tag == "en" else settings.LANGUAGE_CODE
    return ""


def _page_before(request: HttpRequest) -> str:
    """The page from which something was sent, to come back to: the address it was sent to opens none."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # a bracket that begins no address of version 6
        return reverse(settings.LOGIN_REDIRECT_URL)
    path = came_from._replace(scheme="", netloc="", fragment="").geturl()
    ours = came_from.netloc == request.get_host() and is_own_path(path)
    return path if ours else reverse(settings.LOGIN_REDIRECT_URL)


def _address_of_sign_in(page: str, reason: str = "") -> str:
    """The address of sign-in, from where it goes back to the page.

    The reason stands in the address: it is read by whoever gets there, while a message kept in the session would
    meet somebody whose page stayed open and who signed in long since.
    """
    address = f"{reverse('accounts:sign-in')}?{urlencode({'next': page}, safe='/')}"
    return f"{address}&because={reason}" if reason else address


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
        door = limits.door_of(request, name)
        if door and (wait := limits.seconds_to_wait(door, limits.caller_of(request))):
            return limits.refusal(request, wait)
        if name in settings.PUBLIC_VIEWS:
            return None
        user = request.user
        if not isinstance(user, User):
            return super().process_view(request, view_func, view_args, view_kwargs)
        if user.must_change_password and name not in settings.VIEWS_BEFORE_NEW_PASSWORD:
            if name in settings.BACKGROUND_VIEWS:
                # Asked for by the very page on which the password is changed: sending it there would reload it for ever.
                return HttpResponse(status=204)
            return self._stop(request, 403, reverse("accounts:password"))
        if name not in settings.VIEWS_WITHOUT_POST and not by_token(request):
            actor: UserActor = request.actor  # type: ignore[attr-defined]
            if not actor.posts:
                return self._without_post(request, name)
        if self._lacks_second_factor(request, user) and name not in settings.VIEWS_BEFORE_SECOND_FACTOR:
            if name in settings.BACKGROUND_VIEWS:
                return HttpResponse(status=204)
            request.refused_for = "accounts.second_factor_first"  # type: ignore[attr-defined]
            return self._stop(request, 403, reverse("accounts:factors"))
        if name in settings.VIEWS_TO_CONFIRM:
            return confirming.question(request)
        return None

    def _without_post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Work ends with the last post; what is left is the own account."""
        if name in settings.BACKGROUND_VIEWS:
            return HttpResponse(status=204)
        request.refused_for = "accounts.no_post"  # type: ignore[attr-defined]
        if below_api(request) or request.headers.get("HX-Request") == "true":
            return self._stop(request, 403, reverse("accounts:account"))
        return render(request, "accounts/no_post.html", status=403)

    def _lacks_second_factor(self, request: HttpRequest, user: User) -> bool:
        """Whether the person's posts require a second factor, the term is over, and there is none.

        A call by token is not held up: the token was made by somebody who was let in.
        """
        if not settings.SECOND_FACTOR_ROLES or by_token(request) or request.session.get(factors.SEEN):
            return False
        actor: UserActor = request.actor  # type: ignore[attr-defined]
        day = factors.due(user, actor.roles)
        if day is None:
            return False
        if factors.has_second_factor(user):
            request.session[factors.SEEN] = True
            return False
        return today() >= day

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if below_api(request):
            return self._stop(request, 401, "")
        if request.resolver_match and request.resolver_match.view_name == "accounts:sign-out":
            return redirect("accounts:sign-in")  # what was asked for has happened already
        unsafe = request.method not in confirming.SAFE
        if (
            request.headers.get("HX-Request") == "true"
        ):  # only pages of somebody signed in ask for parts of themselves
            address = _address_of_sign_in(_page_before(request), UNSAVED if unsafe else ENDED)
            return self._stop(request, 401, address)
        if unsafe:
            return redirect(_address_of_sign_in(_page_before(request), UNSAVED))
        # A session that is there is one of somebody who is just signing in, in this window or another.
        ended = settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.is_empty()
        return redirect(_address_of_sign_in(request.get_full_path(), ENDED if ended else ""))

    def _stop(self, request: HttpRequest, status: int, address: str) -> HttpResponse:
        if below_api(request):
            return HttpResponse(status=status)  # the API words its refusals itself
        if request.headers.get("HX-Request") == "true":
            # A fragment cannot show another page: htmx loads it as a whole.
            return HttpResponse(status=status, headers={"HX-Redirect": address})
        return redirect(address)
