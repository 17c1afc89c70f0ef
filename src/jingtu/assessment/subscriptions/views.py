"""Pages of subscriptions: parse, ask one service or query, draw."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.notifications.channels import groups_open_to
from jingtu.core.ui.middleware import interface_language

from . import queries, services
from .figures import figures
from .forms import SubscriptionForm

PAGE = 20


@require(Permission.RESULTS_READ)
@require_GET
def subscription_list(request: HttpRequest) -> HttpResponse:
    """One's own subscriptions."""
    page = Paginator(queries.subscriptions(actor_of(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "subscriptions/list.html", {"page": page})


@require(Permission.RESULTS_READ)
@require_GET
def detail(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """The latest published figures, with the rights of this moment."""
    actor = actor_of(request)
    found = queries.get_subscription(actor, subscription_id)
    return render(
        request,
        "subscriptions/detail.html",
        {
            "subscription": found,
            "figures": figures(actor, found),
            "steps": [(_("我的订阅"), reverse("subscriptions:list")), (found.name, "")],
        },
    )


@require(Permission.RESULTS_READ)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, subscription_id: int | None = None) -> HttpResponse:
    """Make a subscription or change one's own."""
    actor = actor_of(request)
    found = queries.get_subscription(actor, subscription_id) if subscription_id else None
    initial = {} if found is None else {**vars(found), "channel": found.channel_id}
    form = SubscriptionForm(
        request.POST or None,
        initial=initial,
        regions=queries.region_choices(actor),
        indicators=queries.indicator_choices(actor),
        groups=[(channel.pk, channel.name) for channel in groups_open_to(actor)],
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            saved = services.save(
                actor,
                name=data["name"],
                regions=data["regions"],
                indicators=data["indicators"],
                cadence=data["cadence"],
                way=data["way"],
                channel_id=data.get("channel"),
                subscription_id=subscription_id,
            )
        except InvalidInput as error:
            for problem in error.problems:
                field = problem.column if problem.column in form.fields else None
                form.add_error(field, problem.text(interface_language()))
        else:
            messages.success(request, _("已保存。"))
            return redirect("subscriptions:detail", saved.pk)
    title = found.name if found else _("新建订阅")
    return render(
        request,
        "subscriptions/edit.html",
        {
            "form": form,
            "title": title,
            "steps": [(_("我的订阅"), reverse("subscriptions:list")), (title, "")],
        },
        status=400 if form.errors else 200,
    )


@require(Permission.RESULTS_READ)
@require_POST
def end(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """End one's own subscription."""
    services.end(actor_of(request), subscription_id)
    messages.success(request, _("已退订。"))
    return redirect("subscriptions:list")


@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe from a message, without signing in: one button. The page tells nothing of the subscription."""
    done = services.end_by_token(token) if request.method == "POST" else None
    return render(request, "subscriptions/stop.html", {"done": done})
