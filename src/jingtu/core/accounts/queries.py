"""What is read of users, units and posts. Lists are for the three administrators; everybody sees their own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region

from .actors import UserActor
from .models import Post, Unit, User
from .rules import MODULE_PERMISSIONS, ROLE_PERMISSIONS, Module, Role


def actor_for(username: str) -> UserActor:
    """The actor for a command's ``--as USERNAME``. Raises NotFound for an unknown or suspended user."""
    user = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if user is None:
        raise NotFound(username, "user")
    return UserActor(user)


def posts_in_force() -> QuerySet[Post]:
    """Posts that count today, with their region, tree and unit."""
    day = today()
    return (
        Post.objects.filter(ended_at__isnull=True, valid_from__lte=day, user__is_active=True)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .select_related("region__tree", "unit")
    )


def users(actor: Actor, search: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Users by name or user name, role held today and state, each with ``live_posts``.

    Raises PermissionDenied without ACCOUNTS_READ.
    """
    _must_read(actor)
    found = User.objects.prefetch_related(
        Prefetch("posts", queryset=posts_in_force().order_by("role"), to_attr="live_posts")
    )
    if search.strip():
        words = search.strip()
        found = found.filter(Q(username__icontains=words) | Q(full_name__icontains=words))
    if role:
        found = found.filter(pk__in=posts_in_force().filter(role=role).values("user_id"))
    if state in {"active", "suspended"}:
        found = found.filter(is_active=state == "active")
    return found.order_by("username")


def get_user(actor: Actor, user_id: int) -> User:
    """One user. Raises PermissionDenied without ACCOUNTS_READ, NotFound."""
    _must_read(actor)
    user = User.objects.select_related("created_by").filter(pk=user_id).first()
    if user is None:
        raise NotFound(user_id, "user")
    return user


def posts_of(actor: Actor, user: User) -> QuerySet[Post]:
    """All posts of a user, newest first: for administrators and for the user. Raises PermissionDenied."""
    if not (isinstance(actor, UserActor) and actor.user_id == user.pk):
        _must_read(actor)
    return (
        Post.objects.filter(user=user)
        .select_related("region__tree", "unit", "granted_by", "ended_by")
        .order_by("ended_at", "-valid_from", "-pk")
    )


def get_post(actor: Actor, post_id: int) -> Post:
    """One post. Raises PermissionDenied without ACCOUNTS_READ, NotFound."""
    _must_read(actor)
    post = Post.objects.select_related("user", "region__tree", "unit").filter(pk=post_id).first()
    if post is None:
        raise NotFound(post_id, "post")
    return post


def units(actor: Actor, search: str = "") -> QuerySet[Unit]:
    """Member units by name. Raises PermissionDenied without ACCOUNTS_READ."""
    _must_read(actor)
    found = Unit.objects.select_related("region__tree", "unit_region__tree")
    if search.strip():
        found = found.filter(Q(name__icontains=search.strip()) | Q(short_name__icontains=search.strip()))
    return found.order_by("region__tree_id", "region__position", "name")


def get_unit(actor: Actor, unit_id: int) -> Unit:
    """One unit. Raises PermissionDenied without ACCOUNTS_READ, NotFound."""
    unit = units(actor).filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(unit_id, "unit")
    return unit


def holders(actor: Actor, permission: Permission, region_id: int) -> list[User]:
    """Users whose posts grant ``permission`` over a region today, to address notices to.

    The actor must hold a permission over the region; otherwise nobody is named.
    """
    place = Region.objects.filter(pk=region_id).values_list("tree_id", "position").first()
    if place is None or not any(actor.can(each, region_id) for each in Permission):
        return []
    tree_id, position = place
    covering = Q(region_id=region_id)
    if position is not None:
        covering |= Q(region__tree_id=tree_id, region__position__lte=position, region__last__gte=position)
    granting = posts_in_force().filter(covering | Q(region__isnull=True)).filter(_grants(permission))
    return list(User.objects.filter(pk__in=granting.values("user_id")).order_by("pk"))


def holders_inside(actor: Actor, permission: Permission, region_id: int) -> list[User]:
    """Users whose posts grant ``permission`` over a region strictly inside another one today.

    The actor must hold a permission over the outer region; otherwise nobody is named.
    """
    place = Region.objects.filter(pk=region_id).values_list("tree_id", "position", "last").first()
    if place is None or place[1] is None or not any(actor.can(each, region_id) for each in Permission):
        return []
    tree_id, position, last = place
    inside = Q(region__tree_id=tree_id, region__position__gt=position, region__position__lte=last)
    granting = posts_in_force().filter(inside).filter(_grants(permission))
    return list(User.objects.filter(pk__in=granting.values("user_id")).order_by("pk"))


def _grants(permission: Permission) -> Q:
    roles: Iterable[Role] = [role for role, allowed in ROLE_PERMISSIONS.items() if permission in allowed]
    modules: Iterable[Module] = [key for key, allowed in MODULE_PERMISSIONS.items() if permission in allowed]
    return Q(role__in=list(roles), module__in=["", *modules])


def _must_read(actor: Actor) -> None:
    if not actor.can(Permission.ACCOUNTS_READ):
        raise PermissionDenied(Permission.ACCOUNTS_READ)
