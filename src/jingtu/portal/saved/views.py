"""The list of kept views, the part of the navigation that offers them, and the start of the day."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.errors import InvalidInput, NotFound
from jingtu.core.kernel.ids import id_in

from . import queries, services
from .forms import NewViewForm, ViewForm

IN_MENU = 8


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where the day begins: the view chosen for it, else the cockpit."""
    return redirect(queries.home_address(actor_of(request)) or reverse("cockpit:home"))


@require_GET
def view_list(request: HttpRequest) -> HttpResponse:
    """One's own views and those shared by others."""
    actor = actor_of(request)
    asked = id_in(request.GET.get("removed"))
    removed = None
    if asked is not None:
        try:
            removed = queries.get_own(actor, asked, removed=True)
        except NotFound:
            removed = None
    return render(
        request,
        "saved/list.html",
        {
            "own": list(queries.own_views(actor)),
            "shared": list(queries.shared_views(actor)),
            "removed": removed,
        },
    )


@require_GET
def menu(request: HttpRequest) -> HttpResponse:
    """The part of the navigation with the views; it knows the page around it by htmx's word."""
    actor = actor_of(request)
    around = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = queries.keepable(around.path + (f"?{around.query}" if around.query else ""))
    own, shared = list(queries.own_views(actor)), list(queries.shared_views(actor))
    return render(
        request,
        "saved/menu.html",
        {
            "offered": [*own, *shared][:IN_MENU],
            "here": here,
            "kept": any(view.address == here for view in own),
        },
    )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Keep the page one comes from under a name."""
    actor = actor_of(request)
    form = NewViewForm(actor, request.POST or None, initial={"address": request.GET.get("address", "")})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                view = services.save_view(
                    actor, data["name"], data["address"], share_with=data["share_with"], home=data["home"]
                )
            except InvalidInput as error:
                _add(form, error, actor.language)
            else:
                messages.success(request, _("已保存视图“%(name)s”。") % {"name": view.name})
                return redirect(view.address)
    address = queries.keepable(form["address"].value() or "")
    return render(request, "saved/edit.html", {"form": form, "address": address, "new": True}, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename and share one's own view."""
    actor = actor_of(request)
    view = queries.get_own(actor, view_id)
    form = ViewForm(
        actor, request.POST or None, initial={"name": view.name, "share_with": view.shared_with_id}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.change_view(
                    actor, view_id, form.cleaned_data["name"], form.cleaned_data["share_with"]
                )
            except InvalidInput as error:
                _add(form, error, actor.language)
            else:
                return redirect("saved:list")
    return render(
        request,
        "saved/edit.html",
        {"form": form, "view": view, "address": view.address},
        status=status,
    )


@require_POST
def act(request: HttpRequest, view_id: int, action: str) -> HttpResponse:
    """Move, make the start of the day, remove, bring back."""
    actor = actor_of(request)
    match action:
        case "up":
            services.move_view(actor, view_id, -1)
        case "down":
            services.move_view(actor, view_id, 1)
        case "home" | "unhome":
            services.set_home(actor, view_id, action == "home")
        case "remove":
            services.remove_view(actor, view_id)
            return redirect(f"{reverse('saved:list')}?removed={view_id}")
        case "restore":
            try:
                services.restore_view(actor, view_id)
            except InvalidInput as error:
                messages.error(request, error.problems[0].text(actor.language))
        case _:
            raise NotFound(action)
    return redirect("saved:list")


def _add(form: ViewForm, error: InvalidInput, language: str) -> None:
    for problem in error.problems:
        known = problem.column if problem.column in form.fields else None
        form.add_error(known, problem.text("en" if language == "en" else "zh"))
