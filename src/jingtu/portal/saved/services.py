"""Keeping, naming, ordering and sharing views."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.engine.problems import Problem

from .models import SavedView
from .queries import get_own, keepable, own_views, sharing_choices
from .rules import MOST, moved, name_problem

register_actions(
    {
        "saved.kept": ("保存视图", "View saved"),
        "saved.changed": ("修改视图", "View changed"),
        "saved.removed": ("删除视图", "View removed"),
        "saved.restored": ("恢复视图", "View restored"),
    }
)
register_objects({"saved_view": ("常用视图", "Saved view")})


@transaction.atomic
def save_view(
    actor: Actor, name: str, address: str, *, share_with: int | None = None, home: bool = False
) -> SavedView:
    """Keep a page's address under a name. Raises InvalidInput (no such page, name taken, too many)."""
    owner = _owner(actor)
    kept = keepable(address)
    if not kept:
        raise InvalidInput([Problem("saved.not_a_page", column="address")])
    others = list(own_views(actor).select_for_update(of=("self",)))
    _check_name(name, others)
    if len(others) >= MOST:
        raise InvalidInput([Problem("saved.too_many", {"most": MOST})])
    _check_share(actor, share_with)
    if home:
        own_views(actor).filter(is_home=True).update(is_home=False)
    last = SavedView.objects.filter(owner_id=owner).aggregate(last=Max("place"))["last"]
    view = SavedView.objects.create(
        owner_id=owner,
        name=name.strip(),
        address=kept,
        shared_with_id=share_with,
        is_home=home,
        place=0 if last is None else last + 1,
    )
    _record(actor, "saved.kept", view)
    return view


@transaction.atomic
def change_view(actor: Actor, view_id: int, name: str, share_with: int | None) -> SavedView:
    """Rename a view and say with whom it is shared. Raises NotFound and InvalidInput."""
    view = get_own(actor, view_id)
    _check_name(name, [other for other in own_views(actor) if other.pk != view.pk])
    if share_with != view.shared_with_id:
        _check_share(actor, share_with)
    view.name, view.shared_with_id = name.strip(), share_with
    view.save(update_fields=["name", "shared_with"])
    _record(actor, "saved.changed", view)
    return view


@transaction.atomic
def set_home(actor: Actor, view_id: int, home: bool) -> SavedView:
    """Let the day begin with a view, or with the usual page again. Raises NotFound."""
    view = get_own(actor, view_id)
    own_views(actor).filter(is_home=True).update(is_home=False)
    view.is_home = home
    view.save(update_fields=["is_home"])
    _record(actor, "saved.changed", view)
    return view


@transaction.atomic
def move_view(actor: Actor, view_id: int, step: int) -> None:
    """Move a view up or down among the actor's own. Raises NotFound."""
    view = get_own(actor, view_id)
    own = {other.pk: other for other in own_views(actor)}
    for place, pk in enumerate(moved(list(own), view.pk, step)):
        if own[pk].place != place:
            SavedView.objects.filter(pk=pk).update(place=place)


@transaction.atomic
def remove_view(actor: Actor, view_id: int) -> SavedView:
    """Take a view off the list; :func:`restore_view` brings it back. Raises NotFound."""
    view = get_own(actor, view_id)
    view.removed_at, view.is_home = now(), False
    view.save(update_fields=["removed_at", "is_home"])
    _record(actor, "saved.removed", view)
    return view


@transaction.atomic
def restore_view(actor: Actor, view_id: int) -> SavedView:
    """Bring a removed view back. Raises NotFound, and InvalidInput when its name is taken by now."""
    view = get_own(actor, view_id, removed=True)
    _check_name(view.name, list(own_views(actor)))
    view.removed_at = None
    view.save(update_fields=["removed_at"])
    _record(actor, "saved.restored", view)
    return view


def _owner(actor: Actor) -> int:
    owner = user_id_of(actor)
    if owner is None:
        raise PermissionDenied("保存视图 · save a view")
    return owner


def _check_name(name: str, others: list[SavedView]) -> None:
    problem = name_problem(name, [other.name for other in others])
    if problem is not None:
        raise InvalidInput([problem])


def _check_share(actor: Actor, region_id: int | None) -> None:
    if region_id is not None and region_id not in {region.pk for region in sharing_choices(actor)}:
        raise InvalidInput([Problem("saved.not_your_unit", column="share_with")])


def _record(actor: Actor, action: str, view: SavedView) -> None:
    record(
        actor,
        action,
        target_type="saved_view",
        target_id=view.pk,
        region_id=view.shared_with_id,
        after={"name": view.name, "address": view.address, "home": view.is_home},
    )
