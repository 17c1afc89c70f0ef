"""Sign-in, sign-out and one's own account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jingtu.core.kernel.errors import Conflict, InvalidInput

from . import factors, proofs, queries, services, sessions
from . import tokens as api_tokens
from .access import actor_of, own_actor
from .actors import UserActor
from .confirming import confirmed_identity
from .forms import PasswordForm, ProfileForm, SignInForm, TokenForm, add_problems
from .landing import landing, sign_in_context
from .models import User


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for user name and password. One sentence answers every failure, so no name is given away."""
    if isinstance(request.user, User):
        return redirect(landing(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(
            request, username=form.cleaned_data["username"], password=form.cleaned_data["password"]
        )
        if isinstance(user, User):
            return factors.after_password(request, user, landing(request))
        form.add_error(None, _("用户名或密码不正确，或账号已停用。"))
    return _sign_in_page(request, form, 422 if form.is_bound else 200)


def sign_in_page(request: HttpRequest, refusal: str, status: int = 422) -> HttpResponse:
    """The page of sign-in with a sentence why another way in did not work."""
    form = SignInForm({})
    form.errors.clear()
    form.add_error(None, refusal)
    return _sign_in_page(request, form, status)


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    context = sign_in_context(form, wanted, request.GET.get("because", ""))
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actor = actor_of(request)
    if isinstance(actor, UserActor):
        services.note_sign_out(actor)
    logout(request)
    return redirect("accounts:sign-in")


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own profile and posts."""
    actor = own_actor(request)
    form = ProfileForm(
        request.POST or None, initial={"language": actor.user.language, "email": actor.user.email}
    )
    if request.method == "POST" and form.is_valid():
        user = services.change_own_profile(actor, **form.cleaned_data)
        messages.success(request, _("已保存。"))
        response: HttpResponseRedirect = redirect("accounts:account")
        chosen = "en" if user.language == User.Language.EN else settings.LANGUAGE_CODE
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, samesite="Lax")
        return response
    posts = queries.posts_of(actor, actor.user)
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(
        request,
        "accounts/account.html",
        {
            "form": form,
            "posts": posts,
            "account_user": actor.user,
            "factor_due": factors.due(actor.user, actor.roles)
            if not factors.has_second_factor(actor.user)
            else None,
        },
        status=status,
    )


@sensitive_post_parameters("present", "new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose a new password; the first sign-in with a temporary one leads here and nowhere else."""
    actor = own_actor(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.change_own_password(actor, form.cleaned_data["present"], form.cleaned_data["new"])
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            key = request.session.session_key
            update_session_auth_hash(request, user)
            sessions.follow(key, request.session.session_key)
            sessions.end_others(actor, request.session.session_key)
            messages.success(request, _("密码已修改。"))
            return redirect(landing(request))
    return render(
        request,
        "accounts/password.html",
        {"form": form, "forced": actor.user.must_change_password},
        status=422 if form.is_bound else 200,
    )


@sensitive_post_parameters(proofs.PASSWORD)
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_identity
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own API tokens: a new one is shown once, right after it was made."""
    actor = own_actor(request)
    form = TokenForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = api_tokens.create_token(actor, **form.cleaned_data)
            form = TokenForm()
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
    return render(
        request,
        "accounts/tokens.html",
        {"form": form, "made": made, "tokens": api_tokens.own_tokens(actor)},
        status=422 if form.is_bound else 200,
    )


@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own tokens."""
    api_tokens.revoke_token(own_actor(request), token_id)
    messages.success(request, _("令牌已撤销。"))
    return redirect("accounts:tokens")
