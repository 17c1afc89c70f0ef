"""The page of sign-in: what it offers, and where it leads."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

ENDED = "ended"
UNSAVED = "unsaved"
"""Why somebody was brought to sign-in: the sign-in had ended, and what was sent then was not saved."""


def is_own_path(wanted: str) -> bool:
    """Whether an address that came with a request is a path of this site, to which a page may send its reader back."""
    return wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)


def landing(request: HttpRequest) -> str:
    """The page that asked for sign-in, if it is ours, else the home page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if ours and wanted.startswith("/"):  # anything else would be taken for the name of a page
        return wanted
    try:
        return reverse(settings.LOGIN_REDIRECT_URL)
    except NoReverseMatch:
        return reverse("accounts:account")


def sign_in_context(form: Any, wanted: str = "", because: str = "") -> dict[str, Any]:
    """What the page of sign-in shows: the form, and single sign-on where the office has set it up."""
    sign_on = None
    if settings.OIDC_URL:
        sign_on = {
            "name": settings.OIDC_NAME,
            "url": reverse("openid_connect_login", kwargs={"provider_id": settings.OIDC_ID}),
        }
    sentences = {
        ENDED: _("登录已失效，请重新登录。"),
        UNSAVED: _("登录已失效，刚才提交的内容没有保存。请登录后再提交一次。"),
    }
    return {
        "form": form,
        "next": wanted,
        "next_pair": [("next", wanted)],
        "sign_on": sign_on,
        "because": sentences.get(because, ""),
    }
