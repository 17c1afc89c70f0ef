"""Actors for people: what the kernel's protocol asks, answered from a user's posts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from django.db.models import Q

from jingtu.core.kernel.actor import Permission, Scope
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region

from .models import Post, User
from .rules import Role, permissions_of


@dataclass(frozen=True)
class HeldPost:
    """A post in force, with the place of its region in today's tree (no position for an ended region)."""

    role: Role
    permissions: frozenset[Permission]
    unit_id: int | None
    region_id: int | None
    tree_id: int | None
    position: int | None
    last: int | None
    fictional: bool

    def covers(self, region_id: int, tree_id: int, position: int | None) -> bool:
        """Whether a region lies in the post's subtree; a post without region covers everything."""
        if self.region_id is None or self.region_id == region_id:
            return True
        if self.tree_id != tree_id or position is None or self.position is None or self.last is None:
            return False
        return self.position <= position <= self.last


class UserActor:
    """A user acting today. Posts are read once per actor: make a new one for every request or command."""

    unrestricted = False

    def __init__(self, user: User, language: Literal["zh", "en"] | None = None) -> None:
        """``language``: the one spoken in this request, when it is not the user's own."""
        self.user = user
        self._language = language
        self.user_id: int = user.pk
        self.actor_id = f"user:{user.pk}"
        self.label = user.label
        self._places: dict[int, tuple[int, int | None] | None] = {}

    @property
    def language(self) -> Literal["zh", "en"]:
        return self._language or ("en" if self.user.language == User.Language.EN else "zh")

    @cached_property
    def posts(self) -> tuple[HeldPost, ...]:
        """Posts in force today; none for a suspended user."""
        if not self.user.is_active:
            return ()
        day = today()
        rows = (
            Post.objects.filter(
                user_id=self.user_id,
                ended_at__isnull=True,
                suspended_at__isnull=True,
                valid_from__lte=day,
            )
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
            .order_by("pk")
            .values_list(
                "role",
                "module",
                "unit_id",
                "region_id",
                "region__tree_id",
                "region__position",
                "region__last",
                "region__tree__fictional",
            )
        )
        return tuple(
            HeldPost(
                Role(role), permissions_of(role, module), unit, region, tree, position, last, bool(fictional)
            )
            for role, module, unit, region, tree, position, last, fictional in rows
        )

    @property
    def roles(self) -> frozenset[Role]:
        """Roles held today."""
        return frozenset(post.role for post in self.posts)

    @property
    def sees_fiction(self) -> bool:
        """Whether a post lies in a tree of invented places, so that lists may show what is invented."""
        return any(post.fictional for post in self.posts)

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        """Whether a post in force grants ``permission`` over the region (over any region when None).

        At most one query per region, and none for the regions the posts themselves name. In a loop over
        many regions compare positions with :meth:`scopes` instead.
        """
        granting = [post for post in self.posts if permission in post.permissions]
        if region_id is None or not granting:
            return bool(granting)
        if any(post.region_id is None or post.region_id == region_id for post in granting):
            return True
        place = self._place_of(region_id)
        return place is not None and any(post.covers(region_id, *place) for post in granting)

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        """The subtrees over which ``permission`` holds; every tree's root for a post over the whole system."""
        granting = [post for post in self.posts if permission in post.permissions]
        if any(post.region_id is None for post in granting):
            roots = Region.objects.filter(position=0).order_by("tree_id").values_list("tree_id", "pk", "last")
            return tuple(Scope(tree, region, 0, last) for tree, region, last in roots)
        found = {
            Scope(post.tree_id, post.region_id, post.position, post.last): None
            for post in granting
            if post.tree_id is not None and post.region_id is not None
        }
        return tuple(found)

    def _place_of(self, region_id: int) -> tuple[int, int | None] | None:
        if region_id not in self._places:
            self._places[region_id] = (
                Region.objects.filter(pk=region_id).values_list("tree_id", "position").first()
            )
        return self._places[region_id]


class Anonymous:
    """Nobody signed in: may do nothing."""

    unrestricted = False
    actor_id = "anonymous"
    label = "未登录"
    language: Literal["zh", "en"] = "zh"

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return False

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        return ()
