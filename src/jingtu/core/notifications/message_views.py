"""How one wants to be told; how messages leave, and whether they did."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.audit.actions import word_of
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import InvalidInput, NotFound
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Problem

from . import channels, outgoing
from .forms import ChangeChannelForm, ChannelForm, DeliveryFilterForm, PreferenceForm
from .models import Delivery

PAGE = 50


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own wishes."""
    actor = actor_of(request)
    assert isinstance(actor, UserActor)  # the middleware lets only signed-in people come here
    wish = channels.preference_of(actor)
    initial = {
        "mode": wish.mode,
        "quiet_from": wish.quiet_from,
        "quiet_to": wish.quiet_to,
        "muted": wish.muted,
    }
    form = PreferenceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            channels.set_preference(actor, **form.cleaned_data)
        except InvalidInput as error:
            _add(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("notifications:preferences")
    return render(
        request,
        "notifications/preferences.html",
        {
            "form": form,
            "email": actor.user.email,
            "mail": outgoing.mail_is_configured(),
            "steps": [(pgettext("many", "通知"), reverse("notifications:list")), (_("接收方式"), "")],
        },
        status=400 if form.errors else 200,
    )


@require(Permission.SYSTEM_MAINTAIN)
@require_http_methods(["GET", "POST"])
def channel_list(request: HttpRequest) -> HttpResponse:
    """The channels, and a new one."""
    actor = actor_of(request)
    people = [
        (user.pk, user.label) for user in User.objects.filter(is_active=True).order_by("username")[:500]
    ]
    form = ChannelForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            channels.add_channel(
                actor,
                name=data["name"],
                kind=data["kind"],
                address=data["address"],
                responsible_id=data["responsible"],
            )
        except InvalidInput as error:
            _add(form, error)
        else:
            messages.success(request, _("已新增渠道，请试发一次。"))
            return redirect("notifications:channels")
    return render(
        request,
        "notifications/channels.html",
        {"channels": channels.channels(actor), "form": form, "by_environment": outgoing.mail_is_configured()},
        status=400 if form.errors else 200,
    )


@require(Permission.SYSTEM_MAINTAIN)
@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Change one channel; its address is never shown."""
    actor = actor_of(request)
    found = channels.channels(actor).filter(pk=channel_id).first()
    if found is None:
        raise NotFound(f"#{channel_id}")
    form = ChangeChannelForm(request.POST or None, initial={"enabled": found.enabled})
    if request.method == "POST" and form.is_valid():
        try:
            channels.change_channel(actor, channel_id, **form.cleaned_data)
        except InvalidInput as error:
            _add(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("notifications:channels")
    return render(
        request,
        "notifications/channel.html",
        {
            "channel": found,
            "form": form,
            "steps": [(_("消息渠道"), reverse("notifications:channels")), (found.name, "")],
        },
        status=400 if form.errors else 200,
    )


@require(Permission.SYSTEM_MAINTAIN)
@require_POST
def try_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Send a test line; an e-mail goes to the administrator's own address."""
    actor = actor_of(request)
    email = actor.user.email if isinstance(actor, UserActor) else ""
    if channels.try_channel(actor, channel_id, email):
        messages.success(request, _("已发出测试消息。"))
    else:
        messages.error(request, _("测试消息没有发出，请检查地址、密钥和网络。"))
    return redirect("notifications:channels")


@require(Permission.SYSTEM_MAINTAIN)
@require_GET
def delivery_list(request: HttpRequest) -> HttpResponse:
    """What was sent to whom, when, and what went wrong; no texts."""
    state = request.GET.get("state", "")
    found = channels.deliveries(actor_of(request), state if state in Delivery.State.values else "")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    language = interface_language()
    return render(
        request,
        "notifications/deliveries.html",
        {
            "page": page,
            "rows": [
                (
                    row,
                    _("通知") if row.source == "notice" else word_of(row.source, language),
                    Problem(row.problem).text(language) if row.problem else "",
                )
                for row in page.object_list
            ],
            "filters": DeliveryFilterForm(request.GET),
            "steps": [(_("消息渠道"), reverse("notifications:channels")), (_("发送记录"), "")],
        },
    )


def _add(form: forms.Form, error: InvalidInput) -> None:
    for problem in error.problems:
        field = problem.column if problem.column in form.fields else None
        form.add_error(field, problem.text(interface_language()))
