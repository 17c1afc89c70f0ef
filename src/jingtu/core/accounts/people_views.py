"""Users, posts and units, for the administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput

from . import factors, postings, proposals, queries, services
from .access import actor_of, require
from .confirming import confirmed_identity
from .forms import PostForm, ReasonForm, UnitForm, UserFilterForm, UserForm, add_problems
from .models import Post, PostProposal, Unit

PAGE = 50


def _waits(made: Post | PostProposal) -> str:
    """What to say when a change of posts waits for its second person; empty when it holds already."""
    return _("已提出，待另一人确认后生效。") if isinstance(made, PostProposal) else ""


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


@require_GET
@require(Permission.ACCOUNTS_READ)
def people(request: HttpRequest) -> HttpResponse:
    """The list of users with the posts they hold today."""
    actor = actor_of(request)
    form = UserFilterForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    found = queries.users(actor, chosen.get("q", ""), chosen.get("role", ""), chosen.get("state", ""))
    context = {
        "form": form,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "may_create": actor.can(Permission.ACCOUNTS_MANAGE),
        "filtered": any(chosen.values()),
    }
    return render(request, "accounts/people.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@require(Permission.ACCOUNTS_MANAGE)
def user_create(request: HttpRequest) -> HttpResponse:
    """A new user; the temporary password is shown on the answer and never again."""
    actor = actor_of(request)
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = services.create_user(actor, **form.cleaned_data)
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            return render(request, "accounts/temporary_password.html", {"new": new, "created": True})
    return render(request, "accounts/user_form.html", {"form": form}, status=_status(form))


@require_GET
@require(Permission.ACCOUNTS_READ)
def user_detail(request: HttpRequest, user_id: int) -> HttpResponse:
    """One user: state, posts past and present, and what the reader may do to the account."""
    actor = actor_of(request)
    user = queries.get_user(actor, user_id)
    context = {
        "person": user,
        "posts": queries.posts_of(actor, user),
        "in_charge": services.in_charge(actor, user),
        "factors": factors.factors_of(user),
        "proposals": [
            (each, proposals.described(each, actor.language))
            for each in user.proposals_about.filter(state="open").select_related(
                "post__region", "proposed_by"
            )
        ],
        "may_change": actor.can(Permission.ACCOUNTS_MANAGE),
        "may_grant": actor.can(Permission.POSTS_GRANT) and actor.actor_id != f"user:{user.pk}",
    }
    return render(request, "accounts/user.html", context)


@require_http_methods(["GET", "POST"])
@require(Permission.ACCOUNTS_MANAGE)
def user_change(request: HttpRequest, user_id: int) -> HttpResponse:
    """Correct name and e-mail address."""
    actor = actor_of(request)
    user = queries.get_user(actor, user_id)
    form = UserForm(
        request.POST or None, existing=True, initial={"full_name": user.full_name, "email": user.email}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_user(actor, user_id, **form.cleaned_data)
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            messages.success(request, _("已保存。"))
            return redirect("accounts:user", user_id)
    return render(request, "accounts/user_form.html", {"form": form, "person": user}, status=_status(form))


@require_POST
@require(Permission.ACCOUNTS_MANAGE, Permission.POSTS_GRANT)
def user_suspend(request: HttpRequest, user_id: int) -> HttpResponse:
    """Close an account, with a reason."""
    user = services.suspend_user(actor_of(request), user_id, request.POST.get("reason", ""))
    messages.success(request, _("已停用“%(name)s”，其登录会话立即失效。") % {"name": user.full_name})
    return redirect("accounts:user", user_id)


@require_POST
@require(Permission.ACCOUNTS_MANAGE, Permission.POSTS_GRANT)
@confirmed_identity
def user_activate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Open a suspended account again, with a reason."""
    user = services.activate_user(actor_of(request), user_id, request.POST.get("reason", ""))
    messages.success(request, _("已启用“%(name)s”。") % {"name": user.full_name})
    return redirect("accounts:user", user_id)


@never_cache
@require_POST
@require(Permission.ACCOUNTS_MANAGE, Permission.POSTS_GRANT)
@confirmed_identity
def user_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A temporary password, shown on the answer and never again."""
    new = services.reset_password(actor_of(request), user_id)
    return render(request, "accounts/temporary_password.html", {"new": new, "created": False})


@require_http_methods(["GET", "POST"])
@require(Permission.POSTS_GRANT)
@confirmed_identity
def post_grant(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a user a post."""
    actor = actor_of(request)
    user = queries.get_user(actor, user_id)
    form = PostForm(request.POST or None, initial={"valid_from": today()})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            made = proposals.grant(
                actor,
                user_id=user.pk,
                role=chosen["role"],
                region_id=chosen["place"].pk if chosen["place"] else None,
                unit_id=chosen["unit"].pk if chosen["unit"] else None,
                module=chosen["module"],
                valid_from=chosen["valid_from"],
                valid_to=chosen["valid_to"],
                reason=chosen["reason"],
            )
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        except Conflict as conflict:
            form.add_error(None, conflict.problem.text(actor.language))
        else:
            messages.success(request, _waits(made) or _("岗位已授予。"))
            return redirect("accounts:user", user_id)
    return render(request, "accounts/post_form.html", {"form": form, "person": user}, status=_status(form))


@require_http_methods(["GET", "POST"])
@require(Permission.POSTS_GRANT)
@confirmed_identity
def post_end(request: HttpRequest, post_id: int) -> HttpResponse:
    """End a post, with a reason."""
    actor = actor_of(request)
    post = queries.get_post(actor, post_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = proposals.end(actor, post_id, form.cleaned_data["reason"])
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        except Conflict as conflict:
            form.add_error(None, conflict.problem.text(actor.language))
        else:
            messages.success(request, _waits(made) or _("岗位已终止。"))
            return redirect("accounts:user", post.user_id)
    return render(request, "accounts/post_end.html", {"form": form, "post": post}, status=_status(form))


@require_GET
@require(Permission.ACCOUNTS_READ)
def units(request: HttpRequest) -> HttpResponse:
    """The list of member units."""
    actor = actor_of(request)
    search = request.GET.get("q", "")
    found = queries.units(actor, search)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "text": search,
        "may_change": actor.can(Permission.ACCOUNTS_MANAGE),
    }
    return render(request, "accounts/units.html", context)


@require_http_methods(["GET", "POST"])
@require(Permission.ACCOUNTS_MANAGE)
def unit_form(request: HttpRequest, unit_id: int | None = None) -> HttpResponse:
    """Make or change a member unit."""
    actor = actor_of(request)
    unit = None if unit_id is None else queries.get_unit(actor, unit_id)
    form = UnitForm(request.POST or None, initial=_unit_initial(unit))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            postings.save_unit(
                actor,
                unit_id=unit_id,
                name=chosen["name"],
                short_name=chosen["short_name"],
                region_id=chosen["place"].pk,
                unit_region_id=chosen["subject"].pk if chosen["subject"] else None,
                is_active=chosen["is_active"],
            )
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            messages.success(request, _("已保存。"))
            return redirect("accounts:units")
    return render(request, "accounts/unit_form.html", {"form": form, "unit": unit}, status=_status(form))


def _unit_initial(unit: Unit | None) -> dict[str, Any]:
    if unit is None:
        return {"is_active": True}
    subject = unit.unit_region
    return {
        "name": unit.name,
        "short_name": unit.short_name,
        "tree": unit.region.tree_id,
        "region": unit.region.code,
        "unit_tree": subject.tree_id if subject else None,
        "unit_region": subject.code if subject else "",
        "is_active": unit.is_active,
    }
