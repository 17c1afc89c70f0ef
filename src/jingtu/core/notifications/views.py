"""The notices of the person signed in."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.actors import UserActor

from . import queries, services

PAGE = 30


def _own(request: HttpRequest) -> UserActor:
    actor = actor_of(request)
    assert isinstance(actor, UserActor)  # the middleware lets only signed-in people come here
    return actor


@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first; ``?unread=1`` only those not read."""
    actor = _own(request)
    unread_only = request.GET.get("unread") == "1"
    found = queries.notices(actor, unread_only)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "unread_only": unread_only,
        "unread": queries.unread_count(actor),
    }
    return render(request, "notifications/list.html", context)


@require_POST
def read(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one notice read and go where it leads."""
    notice = services.mark_read(_own(request), notice_id)
    return redirect(notice.link or "notifications:list")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notices read."""
    services.mark_all_read(_own(request))
    return redirect("notifications:list")


@never_cache
@require_GET
def unread(request: HttpRequest) -> HttpResponse:
    """The count for the badge of the frame: a number, or nothing."""
    count = queries.unread_count(actor_of(request))
    text = "" if count == 0 else "99+" if count > 99 else str(count)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
