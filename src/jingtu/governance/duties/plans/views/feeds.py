"""The calendar for other programs: the page on which its address is made, and the address itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import own_actor, require
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.languages import speaking
from jingtu.core.kernel.wall import reading_as

from ..icalendar import written
from ..queries.feeds import feed_of, is_live, own_events, own_feed
from ..services.feeds import end_feed, make_feed, note_use
from .common import trail


@require(Permission.DUTIES_READ)
@confirmed_identity
@require_http_methods(["GET", "POST"])
def address_page(request: HttpRequest) -> HttpResponse:
    """Make the secret address, or renew it; a new one is shown once. It outlives the session: who asks is proven."""
    actor = own_actor(request)
    made = ""
    if request.method == "POST":
        made = request.build_absolute_uri(reverse("plans:feed", args=[make_feed(actor)]))
    feed = own_feed(actor)
    return render(
        request,
        "plans/feed.html",
        {
            "made": made,
            "feed": feed,
            "is_live": feed is not None and is_live(feed),
            "steps": trail(None, None, _("日历订阅")),
        },
    )


@require(Permission.DUTIES_READ)
@require_POST
def end_address(request: HttpRequest) -> HttpResponse:
    """End the own address."""
    if end_feed(own_actor(request)):
        messages.success(request, _("订阅地址已停用。"))
    return redirect("plans:feed-address")


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar file: no sign-in, the secret in the address; rights are asked anew on every reading."""
    found = feed_of(token)
    if found is None:
        raise Http404
    actor = UserActor(found.user)
    with reading_as(actor), speaking(actor.language):
        text = written(_("净土：我的任务"), own_events(actor), now())
    note_use(found)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
