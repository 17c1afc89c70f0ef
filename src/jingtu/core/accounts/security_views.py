"""One's own sessions, and the page that asks again who is there."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import confirming, proofs, sessions
from .access import own_actor
from .landing import landing


@never_cache
@require_GET
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    found = sessions.own_sessions(own_actor(request))
    present = request.session.session_key
    context = {
        "sessions": found,
        "present_key": present,
        "others": [session for session in found if session.key != present],
        "idle_minutes": settings.SESSION_COOKIE_AGE // 60,
        "absolute_hours": settings.SESSION_ABSOLUTE_SECONDS // 3600,
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's own sessions."""
    sessions.end_session(own_actor(request), session_id)
    messages.success(request, _("会话已结束。"))
    return redirect("accounts:sessions")


@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    sessions.end_others(own_actor(request), request.session.session_key)
    messages.success(request, _("其他会话已全部结束。"))
    return redirect("accounts:sessions")


@sensitive_post_parameters(proofs.PASSWORD)
@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask who is there, then go on to the page that wanted to know."""
    wanted = landing(request)
    if confirming.is_fresh(request) and not proofs.offered(request):
        return redirect(wanted)
    if request.method == "POST":
        refusal = confirming.prove(request) or ""
        if not refusal:
            return redirect(wanted)
        return confirming.page(request, refusal, leads_to=wanted)
    return confirming.page(request, leads_to=wanted)
