"""Giving and ending posts, the first administrators, and the member units they belong to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region, RegionTree

from . import sessions
from .models import Post, Unit, User
from .rules import Module, Role, needs_second_person, periods_overlap, post_problems, separation_problems
from .services import NewPassword, create_user, locked_user, user_of


def grant_post(
    actor: Actor,
    *,
    user_id: int,
    role: str,
    region_id: int | None = None,
    unit_id: int | None = None,
    module: str = "",
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    reason: str = "",
    confirmed_by: Actor | None = None,
) -> Post:
    """Give a user a role over a region subtree from one day to another (both inclusive; today, open-ended).

    ``confirmed_by``: the second person, without whom a person cannot give a post with power (see
    :mod:`.proposals`). Raises PermissionDenied; Conflict for a post of one's own or a suspended user; InvalidInput when the
    separation of duties, the period or the region stand against it.
    """
    if not actor.can(Permission.POSTS_GRANT):
        raise PermissionDenied(Permission.POSTS_GRANT)
    chosen, valid_from = _role(role), valid_from or today()
    _refuse_alone(actor, chosen, confirmed_by)
    if module and module not in set(Module):
        raise refuse("accounts.module_unknown", column="module", module=module)
    with transaction.atomic():
        user = locked_user(user_id)
        _refuse_own(actor, user)
        if not user.is_active:
            raise Conflict(Problem("accounts.user_suspended"))
        _end_expired(user)
        problems = post_problems(
            chosen, module, region_id is not None, unit_id is not None, valid_from, valid_to
        )
        held = list(Post.objects.filter(user=user, ended_at__isnull=True))
        problems += separation_problems(chosen, [Role(post.role) for post in held])
        if not problems and any(
            (post.role, post.region_id, post.unit_id, post.module) == (chosen, region_id, unit_id, module)
            and periods_overlap((post.valid_from, post.valid_to), (valid_from, valid_to))
            for post in held
        ):
            problems.append(Problem("accounts.post_held_already"))
        if problems:
            raise InvalidInput(problems)
        post = Post.objects.create(
            user=user,
            role=chosen,
            region=None if region_id is None else _current_region(region_id),
            unit=_unit(unit_id),
            module=module,
            valid_from=valid_from,
            valid_to=valid_to,
            granted_by=user_of(actor),
            confirmed_by=user_of(confirmed_by) if confirmed_by else None,
        )
        record(
            actor,
            "accounts.post_granted",
            target_type="post",
            target_id=post.pk,
            region_id=region_id,
            after={**_content(post), "confirmed_by": confirmed_by.label if confirmed_by else None},
            reason=reason.strip(),
        )
    return post


def extend_post(
    actor: Actor,
    post_id: int,
    valid_to: dt.date | None,
    reason: str,
    confirmed_by: Actor | None = None,
) -> Post:
    """Give a live post another last day (None: open-ended). Raises as :func:`end_post`."""
    with transaction.atomic():
        post = _live_post(actor, post_id, reason, confirmed_by)
        problems = post_problems(
            Role(post.role),
            post.module,
            post.region_id is not None,
            post.unit_id is not None,
            post.valid_from,
            valid_to,
        )
        if problems:
            raise InvalidInput(problems)
        before = _content(post)
        post.valid_to = valid_to
        post.save(update_fields=["valid_to"])
        record(
            actor,
            "accounts.post_extended",
            target_type="post",
            target_id=post.pk,
            region_id=post.region_id,
            before=before,
            after={**_content(post), "confirmed_by": confirmed_by.label if confirmed_by else None},
            reason=reason.strip(),
        )
    return post


def move_post(
    actor: Actor, post_id: int, region_id: int, reason: str, confirmed_by: Actor | None = None
) -> Post:
    """End a post and give its holder the same one over another region. Raises as :func:`grant_post`."""
    with transaction.atomic():
        holder = Post.objects.filter(pk=post_id).values_list("user_id", flat=True).first()
        if holder is not None:
            # Before the first audit entry: others have the user's row and then wait for the trail's head.
            locked_user(holder)
        post = end_post(actor, post_id, reason, confirmed_by)
        return grant_post(
            actor,
            user_id=post.user_id,
            role=post.role,
            region_id=region_id,
            unit_id=post.unit_id,
            module=post.module,
            valid_to=post.valid_to,
            reason=reason,
            confirmed_by=confirmed_by,
        )


def end_post(actor: Actor, post_id: int, reason: str, confirmed_by: Actor | None = None) -> Post:
    """End a post at once. Raises PermissionDenied, Conflict, InvalidInput without a reason, NotFound."""
    with transaction.atomic():
        post = _live_post(actor, post_id, reason, confirmed_by)
        post.ended_at, post.ended_by, post.end_reason = now(), user_of(actor), reason.strip()[:255]
        post.save(update_fields=["ended_at", "ended_by", "end_reason"])
        record(
            actor,
            "accounts.post_ended",
            target_type="post",
            target_id=post.pk,
            region_id=post.region_id,
            before=_content(post),
            after={"confirmed_by": confirmed_by.label} if confirmed_by else None,
            reason=reason.strip(),
        )
        if not Post.objects.filter(user=post.user, ended_at__isnull=True).exists():
            sessions.end_all(actor, post.user)
    return post


def _live_post(actor: Actor, post_id: int, reason: str, confirmed_by: Actor | None) -> Post:
    if not actor.can(Permission.POSTS_GRANT):
        raise PermissionDenied(Permission.POSTS_GRANT)
    if not reason.strip():
        raise refuse("accounts.reason_needed", column="reason")
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise NotFound(post_id, "post")
    _refuse_own(actor, post.user)
    _refuse_alone(actor, post.role, confirmed_by)
    if post.ended_at is not None:
        raise Conflict(Problem("accounts.post_ended_already"))
    return post


def save_unit(
    actor: Actor,
    *,
    name: str,
    region_id: int,
    short_name: str = "",
    unit_region_id: int | None = None,
    is_active: bool = True,
    unit_id: int | None = None,
) -> Unit:
    """Make a member unit, or change the one with ``unit_id``.

    ``region_id`` is the place whose committee it belongs to, ``unit_region_id`` the subject that stands
    for it in a tree of member units. Raises PermissionDenied, InvalidInput, NotFound.
    """
    if not actor.can(Permission.ACCOUNTS_MANAGE):
        raise PermissionDenied(Permission.ACCOUNTS_MANAGE)
    if not name.strip():
        raise refuse("accounts.name_empty", column="name")
    with transaction.atomic():
        unit = Unit() if unit_id is None else _unit(unit_id)
        assert unit is not None
        before = None if unit.pk is None else _unit_content(unit)
        others = Unit.objects.exclude(pk=unit.pk)
        if others.filter(region_id=region_id, name=name.strip()).exists():
            raise refuse("accounts.unit_exists", column="name")
        unit.name, unit.short_name, unit.is_active = name.strip(), short_name.strip(), is_active
        unit.region = _current_region(region_id)
        unit.unit_region = _unit_region(unit_region_id)
        if unit.unit_region and others.filter(unit_region=unit.unit_region).exists():
            raise refuse("accounts.unit_region_taken", column="unit_region")
        unit.save()
        record(
            actor,
            "accounts.unit_created" if before is None else "accounts.unit_changed",
            target_type="unit",
            target_id=unit.pk,
            region_id=unit.region_id,
            before=before,
            after=_unit_content(unit),
        )
    return unit


def make_first_administrators(usernames: Sequence[tuple[Role, str, str]]) -> list[NewPassword]:
    """The first accounts of an empty installation: (administrative role, user name, full name) each.

    Done by whoever can run commands on the server. Raises Conflict when there are users already.
    """
    with transaction.atomic():
        if User.objects.exists():
            raise Conflict(Problem("accounts.users_exist"))
        made = []
        for role, username, full_name in usernames:
            new = create_user(SYSTEM, username=username, full_name=full_name)
            grant_post(SYSTEM, user_id=new.user.pk, role=role)
            made.append(new)
    return made


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise refuse("accounts.role_unknown", column="role", role=role) from error


def _refuse_alone(actor: Actor, role: str, confirmed_by: Actor | None) -> None:
    if user_of(actor) is not None and confirmed_by is None and needs_second_person(role):
        raise Conflict(Problem("accounts.second_person"))


def _refuse_own(actor: Actor, user: User) -> None:
    own = user_of(actor)
    if own is not None and own.pk == user.pk:
        raise Conflict(Problem("accounts.own_post"))


def _end_expired(user: User) -> None:
    """Close posts whose last day has passed, so that the one-administrator constraint sees only live ones."""
    day = today()
    for post in Post.objects.filter(user=user, ended_at__isnull=True, valid_to__lt=day):
        post.ended_at, post.end_reason = now(), "到期"
        post.save(update_fields=["ended_at", "end_reason"])


def _current_region(region_id: int) -> Region:
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        raise NotFound(region_id, "region")
    if region.valid_to is not None:
        raise refuse("accounts.region_ended", column="region")
    return region


def _unit(unit_id: int | None) -> Unit | None:
    if unit_id is None:
        return None
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(unit_id, "unit")
    return unit


def _unit_region(region_id: int | None) -> Region | None:
    if region_id is None:
        return None
    region = _current_region(region_id)
    if region.tree.kind != RegionTree.Kind.UNITS:
        raise refuse("accounts.unit_region_wrong", column="unit_region")
    return region


def _content(post: Post) -> dict[str, object]:
    return {
        "user": post.user.username,
        "role": post.role,
        "region": post.region_id,
        "unit": post.unit_id,
        "module": post.module,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
    }


def _unit_content(unit: Unit) -> dict[str, object]:
    return {
        "name": unit.name,
        "short_name": unit.short_name,
        "region": unit.region_id,
        "unit_region": unit.unit_region_id,
        "is_active": unit.is_active,
    }
