"""What several pages of reporting share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied

from ..visibility import LOOKING, proxy_spans

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def desk(*permissions: Permission, proxies: bool = True) -> Callable[[View[Rest]], View[Rest]]:
    """Let those in who hold one of the permissions somewhere, and today's proxies."""

    def decorate(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if not any(actor.can(permission) for permission in permissions) and not (
                proxies and proxy_spans(actor)
            ):
                raise PermissionDenied(permissions[0])
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def tabs(actor: Actor, current: str) -> list[tuple[str, str, bool]]:
    """The pages of reporting that the actor's posts open."""
    fills = actor.can(Permission.FORMS_FILL) or bool(proxy_spans(actor))
    looks = fills or any(actor.can(permission) for permission in LOOKING)
    pages = [
        ("due", _("待填报"), fills),
        ("review", _("审核与进度"), looks),
        ("missing", _("未报单位"), actor.can(Permission.FORMS_REVIEW)),
        ("progress", _("完整与及时"), looks),
        ("burden", _("填报负担"), looks),
        ("proxies", _("代填与交接"), fills or actor.can(Permission.FORMS_REVIEW)),
        ("forms", _("报表定义"), looks or actor.can(Permission.CATALOGUE_MANAGE)),
    ]
    return [(label, reverse(f"reporting:{name}"), name == current) for name, label, opened in pages if opened]
