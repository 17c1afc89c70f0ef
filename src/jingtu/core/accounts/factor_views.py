"""Second factors: setting them up, and the second step of sign-in."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.kernel.vault import LostKey

from . import factors, lockout
from .access import own_actor
from .confirming import confirmed_identity, confirmed_page
from .forms import CodeForm, PasskeyForm, add_problems
from .landing import landing
from .models import User
from .proofs import credential_in, refusal_of
from .views import sign_in_page


@never_cache
@require_GET
def own_factors(request: HttpRequest) -> HttpResponse:
    """What one has set up."""
    actor = own_actor(request)
    context = {
        "factors": factors.factors_of(actor.user),
        "due": factors.due(actor.user, actor.roles),
    }
    return render(request, "accounts/factors.html", context)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_page
def totp_add(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator program: scan, then prove it with a code."""
    actor = own_actor(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _done(request, factors.activate_totp(actor, request, form.cleaned_data["code"]))
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
    secret, picture = factors.totp_offer(request, actor.user, renew=not form.is_bound)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"form": form, "secret": grouped, "picture": picture}
    return render(request, "accounts/totp.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_page
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device or a security key."""
    actor = own_actor(request)
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _done(
                request,
                factors.add_passkey(actor, form.cleaned_data["name"], credential_in(request, "credential")),
            )
        except InvalidInput as error:
            form.add_error(None, error.problems[0].text(actor.language))
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
    context = {"form": form, "options": json.dumps(factors.passkey_offer(actor.user))}
    return render(request, "accounts/passkey.html", context, status=422 if form.is_bound else 200)


@require_POST
@confirmed_identity
def factor_remove(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Take one of one's own factors away."""
    factors.remove_factor(own_actor(request), factor_id)
    request.session.pop(factors.SEEN, None)
    messages.success(request, _("已删除。"))
    return redirect("accounts:factors")


@never_cache
@require_POST
@confirmed_identity
def codes_new(request: HttpRequest) -> HttpResponse:
    """Fresh recovery codes, shown on the answer and never again."""
    return _done(request, factors.new_recovery_codes(own_actor(request)))


def _done(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """After a factor was set up: its recovery codes once, if there are new ones."""
    request.session[factors.SEEN] = True
    if not codes:
        messages.success(request, _("已启用。"))
        return redirect("accounts:factors")
    shown = [f"{code[:4]} {code[4:]}" for code in codes]
    return render(request, "accounts/recovery_codes.html", {"codes": shown, "person": request.user})


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step of sign-in: a code, a recovery code or a passkey. Failures count as wrong passwords do."""
    if isinstance(request.user, User):
        return redirect(landing(request))
    stage = factors.pending(request)
    if stage is None or not isinstance(stage.login.user, User):
        return redirect("accounts:sign-in")
    user, refusal = stage.login.user, ""
    closed = dt.timedelta(0)
    if request.method == "POST":
        if lockout.waiting(request, user.username) > closed:
            return lockout.refusal(request, {"username": user.username})
        try:
            if _answered(request, user):
                return stage.exit()
            refusal = refusal_of(request.POST.get("code", ""))
            lockout.count_failure(request, user.username)
            if lockout.waiting(request, user.username) > closed:
                return lockout.refusal(request, {"username": user.username})
        except LostKey:
            refusal = _(
                "系统无法读取您的验证器密钥，验证码暂时不能使用。请使用通行密钥，或联系管理员重置第二因素。"
            )
    known = factors.factors_of(user)
    context = {
        "refusal": refusal,
        "codes": known.totp is not None or known.codes_left is not None or not known.readable,
        "options": json.dumps(factors.passkey_question(user)) if known.passkeys else "",
    }
    return render(request, "accounts/second_factor.html", context, status=422 if refusal else 200)


def _answered(request: HttpRequest, user: User) -> bool:
    code = request.POST.get("code", "").strip()
    if code:
        return factors.used_code(request, user, code) is not None
    credential: Any = credential_in(request, "credential")
    return credential is not None and factors.used_passkey(request, user, credential) is not None


@never_cache
@require_GET
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to offer its passkeys at sign-in; asked for by the page's script."""
    return JsonResponse(factors.passkey_question(None))


@never_cache
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by passkey alone: it verified its owner on the device, so it is both factors."""
    if isinstance(request.user, User):
        return redirect(landing(request))
    credential = credential_in(request, "credential")
    used = factors.used_passkey(request, None, credential) if credential is not None else None
    if used is None or not isinstance(used.user, User):
        return sign_in_page(request, _("通行密钥没有通过验证，请重试，或用用户名和密码登录。"))
    return factors.after_passkey(request, used.user, landing(request))
