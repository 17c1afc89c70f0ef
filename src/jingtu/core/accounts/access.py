"""Guards for views. The service or query behind the view checks again; the guard says no earlier."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied

from .actors import UserActor

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request; set by the middleware."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def own_actor(request: HttpRequest) -> UserActor:
    """The person behind a request, on pages about the own account."""
    actor = actor_of(request)
    assert isinstance(actor, UserActor)  # the middleware lets only signed-in people come here
    return actor


def require(*permissions: Permission) -> Callable[[View[Rest]], View[Rest]]:
    """Let only actors in who hold any one of ``permissions`` somewhere; others meet PermissionDenied."""

    def decorate(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if not any(actor.can(permission) for permission in permissions):
                raise PermissionDenied(permissions[0])
            return view(request, *args, **kwargs)

        return guarded

    return decorate
