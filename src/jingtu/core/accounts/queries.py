"""What is read of users, units and posts. Lists are for the three administrators; everybody sees their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Case, Prefetch, Q, QuerySet, When

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region

from .actors import UserActor
from .models import Post, PostProposal, PostReview, Unit, User
from .rules import MODULE_PERMISSIONS, ROLE_PERMISSIONS, Module, Role

DORMANT_DAYS = 90


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
        Post.objects.filter(
            ended_at__isnull=True, suspended_at__isnull=True, valid_from__lte=day, user__is_active=True
        )
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .select_related("region__tree", "unit")
    )


def live_posts() -> QuerySet[Post]:
    """Posts that have not ended, also those not begun yet or suspended."""
    return (
        Post.objects.filter(ended_at__isnull=True)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today()))
        .select_related("user", "region__tree", "unit")
        .order_by("user_id", "pk")
    )


def dormant_users(actor: Actor, days: int = DORMANT_DAYS) -> QuerySet[User]:
    """Active accounts that nobody should need: without any post in force, or unused for ``days``.

    Raises PermissionDenied without ACCOUNTS_READ.
    """
    _must_read(actor)
    before = now() - dt.timedelta(days=days)
    unused = Q(last_login__lt=before) | Q(last_login__isnull=True, created_at__lt=before)
    without_post = ~Q(pk__in=posts_in_force().values("user_id"))
    return User.objects.filter(unused | without_post, is_active=True).order_by("username")


def proposals(actor: Actor) -> list[PostProposal]:
    """Proposals that the actor may read: all for those who read accounts, for a leader those to be decided.

    Open ones first. Raises PermissionDenied.
    """
    from .proposals import may_decide

    if not (actor.can(Permission.ACCOUNTS_READ) or actor.can(Permission.POSTS_CONFIRM)):
        raise PermissionDenied(Permission.POSTS_CONFIRM)
    rows = PostProposal.objects.select_related("user", "post__region", "proposed_by", "decided_by")
    found = list(rows.order_by(Case(When(state="open", then=0), default=1), "-proposed_at", "-pk")[:500])
    if actor.can(Permission.ACCOUNTS_READ):
        return found
    return [each for each in found if may_decide(actor, each)]


def reviews(actor: Actor, waiting: bool = True) -> QuerySet[PostReview]:
    """Posts to be looked at again: all for those who read accounts, for a leader those of the own places.

    Raises PermissionDenied.
    """
    if not (actor.can(Permission.ACCOUNTS_READ) or actor.can(Permission.POSTS_CONFIRM)):
        raise PermissionDenied(Permission.POSTS_CONFIRM)
    found = PostReview.objects.select_related(
        "post__user", "post__region__tree", "campaign", "change", "successor", "decided_by"
    )
    if waiting:
        found = found.filter(state__in=["open", "suspended"])
    if actor.can(Permission.ACCOUNTS_READ):
        return found
    own = Q(pk__in=[])
    for scope in actor.scopes(Permission.POSTS_CONFIRM):
        root = Region.objects.get(pk=scope.region_id)
        own |= Q(post__region_id=root.pk)
        if root.position is not None:
            own |= Q(
                post__region__tree_id=root.tree_id,
                post__region__position__gte=root.position,
                post__region__position__lte=root.last,
            )
    return found.filter(own)


def waiting_for(actor: Actor) -> tuple[int, int]:
    """How many proposals and how many posts wait for the actor's decision."""
    if not isinstance(actor, UserActor) or not actor.can(Permission.POSTS_CONFIRM):
        return 0, 0
    from .proposals import may_decide

    rows = PostProposal.objects.filter(state="open", expires_at__gt=now()).select_related("post")
    proposed = sum(1 for each in rows[:200] if may_decide(actor, each))
    return proposed, reviews(actor).exclude(post__user_id=actor.user_id).count()


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
