"""Proxies, and reports that change hands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.kernel.ids import ids_in
from jingtu.core.regions.places import own_places
from jingtu.core.regions.queries import get_region
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import InvalidInput

from .. import queries, services
from ..forms import ProxyForm
from ..models import Proxy
from ..words import PROXY_STATES
from .common import desk, tabs

SHOWN = 100
STATE_MARKS = {"asked": "watch", "approved": "met", "refused": "none", "ended": "none"}


@desk(Permission.FORMS_FILL, Permission.FORMS_REVIEW)
@require_http_methods(["GET", "POST"])
def proxies(request: HttpRequest) -> HttpResponse:
    """Who fills in for whom; a reporter asks here for a proxy."""
    actor = actor_of(request)
    places = list(own_places(actor, Permission.FORMS_FILL))
    form = ProxyForm(
        request.POST or None,
        initial={"valid_from": today(), "valid_to": today()},
        regions=[(place.pk, place.name) for place in places],
    )
    if request.method == "POST":
        if not places:
            raise PermissionDenied(Permission.FORMS_FILL)
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.ask_proxy(
                    actor,
                    get_region(actor, given["region"]),
                    given["username"],
                    given["valid_from"],
                    given["valid_to"],
                    given["reason"],
                )
            except InvalidInput as error:
                for problem in error.problems:
                    form.add_error(problem.column, problem.text(interface_language()))
            else:
                messages.success(request, _("已提出申请，批准后生效。"))
                return redirect("reporting:proxies")
    own = user_id_of(actor)
    rows = [
        (
            proxy,
            PROXY_STATES[proxy.state],
            STATE_MARKS[proxy.state],
            proxy.state == Proxy.State.ASKED
            and own not in (proxy.reporter_id, proxy.proxy_id)
            and actor.can(Permission.FORMS_REVIEW, proxy.region_id),
            proxy.state in (Proxy.State.ASKED, Proxy.State.APPROVED) and proxy.valid_to >= today(),
        )
        for proxy in queries.proxy_list(actor)[:SHOWN]
    ]
    context = {
        "rows": rows,
        "form": form if places else None,
        "open_reports": list(queries.open_reports_of_others(actor)[:SHOWN]),
        "tabs": tabs(actor, "proxies"),
        "fictional": any(proxy.region.tree.fictional for proxy, *_rest in rows)
        or any(place.tree.fictional for place in places),
    }
    return render(request, "reporting/proxies.html", context, status=400 if form.errors else 200)


@desk(Permission.FORMS_FILL, Permission.FORMS_REVIEW)
@require_POST
def decide(request: HttpRequest, proxy_id: int) -> HttpResponse:
    """Approve, refuse or end a proxy."""
    actor = actor_of(request)
    act = request.POST.get("act", "")
    if act == "end":
        services.end_proxy(actor, proxy_id)
        messages.success(request, _("代填已终止。"))
    elif act in {"approve", "refuse"}:
        services.decide_proxy(actor, proxy_id, act == "approve")
        messages.success(request, _("已办理。"))
    else:
        raise NotFound(act)
    return redirect("reporting:proxies")


@desk(Permission.FORMS_FILL, Permission.FORMS_REVIEW)
@require_POST
def handover(request: HttpRequest) -> HttpResponse:
    """Put the ticked reports into somebody's hands; without a name into one's own."""
    actor = actor_of(request)
    ids = ids_in(request.POST.getlist("report"))
    name = request.POST.get("username", "").strip() or str(getattr(request.user, "username", ""))
    try:
        count = services.hand_over(actor, ids, name, request.POST.get("reason", ""))
    except InvalidInput as error:
        for problem in error.problems:
            messages.error(request, problem.text(interface_language()))
    else:
        told = ngettext("已交接%(count)s份报表。", "已交接%(count)s份报表。", count)
        messages.success(request, told % {"count": count})
    return redirect("reporting:proxies")
