"""Asking again who sits at the keyboard before a deed that cannot be taken back: publishing, exporting, rights.

A fresh sign-in counts for ``settings.CONFIRM_SECONDS``; after that the person proves it again with password,
authenticator code or passkey. The form that was sent is not lost: its fields stand hidden in the page that
asks, and go to the same address together with the proof. Calls by API token are not asked: making the token
was, and a program has nobody at the keyboard; a command acts with the rights of the server's own account.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied, Problem

from . import proofs
from .models import User
from .sessions import CONFIRMED

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]
SAFE = {"GET", "HEAD", "OPTIONS"}
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


class ConfirmationNeeded(PermissionDenied):
    """The sign-in is not fresh enough for this deed; raised where no page can ask."""

    def __init__(self) -> None:
        self.problem = Problem("accounts.confirm_needed", {"minutes": settings.CONFIRM_SECONDS // 60})
        Exception.__init__(self, self.problem.text("en"))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person was asked lately, or is a program with a token."""
    if getattr(request, "by_token", False):
        return True
    confirmed_at: int | None = request.session.get(CONFIRMED)
    return confirmed_at is not None and now().timestamp() - confirmed_at < settings.CONFIRM_SECONDS


def demand(request: HttpRequest) -> None:
    """For the API, which cannot ask. Raises ConfirmationNeeded."""
    if not is_fresh(request):
        raise ConfirmationNeeded


def confirmed_identity(view: View[Rest]) -> View[Rest]:
    """Before the view does its deed, ask who is there unless that is known to be so lately.

    Reading pages pass: of a view that shows a form and takes it, only the sending is guarded.
    """
    return _guarded(view, CHANGING)


def confirmed_page(view: View[Rest]) -> View[Rest]:
    """The same before even the page opens: for files fetched with GET, and where the page itself offers a secret."""
    return _guarded(view, {"GET", "POST"})


def _guarded(view: View[Rest], methods: set[str]) -> View[Rest]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return question(request, methods) or view(request, *args, **kwargs)

    return guarded


def question(request: HttpRequest, methods: set[str] = CHANGING) -> HttpResponse | None:
    """What to answer in place of the view: the page that asks, or None when nothing is to be asked."""
    if request.method not in methods or is_fresh(request):
        return None
    if request.method in SAFE:
        asked = f"{reverse('accounts:confirm')}?{urlencode({'next': request.get_full_path()})}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=403, headers={"HX-Redirect": asked})
        return redirect(asked)
    if not proofs.offered(request):
        return page(request)
    refusal = prove(request)
    return None if refusal is None else page(request, refusal)


def prove(request: HttpRequest) -> str | None:
    """Check the proof that came along; None when it holds and the sign-in is fresh again, else why not."""
    user = request.user
    assert isinstance(user, User)
    refusal = proofs.check(request, user)
    if refusal is None:
        request.session[CONFIRMED] = int(now().timestamp())
    return refusal


def page(request: HttpRequest, refusal: str = "", leads_to: str = "") -> HttpResponse:
    """The page that asks; the fields of the form that was on its way stand in it, except earlier proofs."""
    user = request.user
    assert isinstance(user, User)
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not name.startswith(proofs.PREFIX)
    ]
    context = {
        "kept": kept if not leads_to else [("next", leads_to)],
        "address": request.get_full_path() if not leads_to else reverse("accounts:confirm"),
        "refusal": refusal,
        "minutes": settings.CONFIRM_SECONDS // 60,
        **proofs.ways_of(request, user),
    }
    response = render(request, "accounts/confirm.html", context, status=403)
    response.headers["Cache-Control"] = "no-store"
    # A fragment cannot show the question: htmx puts the page's body in place of the present one.
    if request.headers.get("HX-Request") == "true":
        response.status_code = 200
        for name, value in (("Retarget", "#main"), ("Reselect", "#main"), ("Reswap", "outerHTML")):
            response.headers[f"HX-{name}"] = value
    return response
