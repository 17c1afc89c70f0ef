"""Who am I, and what may I do today."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from jingtu.core.accounts import queries
from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.rules import PostState, permissions_of
from jingtu.core.kernel.errors import PermissionDenied

from .schemas import Place

router = Router(tags=["me"])


class PostOut(Schema):
    """A post in force. No region: the whole system."""

    role: str
    module: str
    tree: str | None
    region: Place | None
    unit: str | None
    valid_from: dt.date
    valid_to: dt.date | None
    permissions: list[str]


class Me(Schema):
    """The calling user."""

    id: int
    username: str
    full_name: str
    language: str
    posts: list[PostOut]


@router.get("/me", response=Me, summary="本人及岗位权限", url_name="me")
def me(request: HttpRequest) -> Me:
    """The calling user with the posts in force today and what each allows inside its region."""
    actor = actor_of(request)
    if not isinstance(actor, UserActor):
        raise PermissionDenied("me")
    posts = [post for post in queries.posts_of(actor, actor.user) if post.state is PostState.IN_FORCE]
    return Me(
        id=actor.user_id,
        username=actor.user.username,
        full_name=actor.user.full_name,
        language=actor.language,
        posts=[
            PostOut(
                role=post.role,
                module=post.module,
                tree=post.region.tree.slug if post.region else None,
                region=Place(
                    id=post.region.pk, code=post.region.code, name=post.region.name, level=post.region.level
                )
                if post.region
                else None,
                unit=post.unit.name if post.unit else None,
                valid_from=post.valid_from,
                valid_to=post.valid_to,
                permissions=sorted(permission.value for permission in permissions_of(post.role, post.module)),
            )
            for post in posts
        ],
    )
