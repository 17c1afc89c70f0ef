"""Dated changes of a tree: create, rename, move, merge, split.

Each takes the date from which it holds and the document that ordered it, keeps what was before as a
version, numbers the tree anew and writes the audit trail, in one transaction. A change is dated after the
last one of the regions it touches: history is added to, never rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, PermissionDenied
from jingtu.core.regions.hooks import Effect, after_change
from jingtu.core.regions.models import Region, RegionChange, RegionSuccession, RegionTree
from jingtu.core.regions.rules import search_keys
from jingtu.engine.problems import Problem, refuse

from .checks import (
    Part,
    below,
    check_code,
    check_mergeable,
    check_parts,
    clean_name,
    common_parent,
    contains,
    parent_of,
)
from .history import add_aliases, refuse_before, remember
from .positions import bump, renumber

Kind = RegionChange.Kind


@dataclass(frozen=True)
class Order:
    """From which day a change holds, what ordered it, and a remark.

    ``revision``: of the tree on which the change was previewed, if it was; another by now is a conflict.
    """

    date: date
    document: str = ""
    note: str = ""
    revision: int | None = None


def create_region(
    actor: Actor,
    parent: Region,
    *,
    code: str,
    name: str,
    level: str,
    order: Order,
) -> Effect:
    """Set up a region below ``parent`` (设立). Raises PermissionDenied, InvalidInput, Conflict."""
    with transaction.atomic():
        tree, (parent,) = _begin(actor, [parent], order)
        region = _make(tree, parent, code, name, level, order)
        change = _change(actor, tree, Kind.CREATE, region, order)
        effect = Effect(change, created=[region])
        _finish(actor, tree, effect, "regions.created", region, None, _state(region))
    return effect


def rename_region(
    actor: Actor, region: Region, *, name: str | None = None, code: str | None = None, order: Order
) -> Effect:
    """Give a region another name, another code, or both (更名); the old name stays as an alias.

    Raises PermissionDenied, InvalidInput, Conflict.
    """
    with transaction.atomic():
        tree, (region,) = _begin(actor, [region], order)
        before = _state(region)
        old_name = region.name
        name = region.name if name is None else clean_name(name)
        code = region.code if code is None else code.strip()
        if (name, code) == (region.name, region.code):
            raise refuse("regions.nothing_changes")
        change = _change(actor, tree, Kind.RENAME, region, order)
        remember(region, change)
        if code != region.code:
            check_code(tree, code, region.level, but=region.pk)
            region.code = code
        if name != region.name:
            _set_name(region, name)
            add_aliases([(region.pk, old_name)])
        region.save()
        effect = Effect(change, renamed=[(old_name, region)])
        _finish(actor, tree, effect, "regions.renamed", region, before, _state(region))
    return effect


def move_region(
    actor: Actor, region: Region, parent: Region, *, code: str | None = None, order: Order
) -> Effect:
    """Put a region, with everything below it, under another parent (划转), with a new code if it gets one.

    Raises PermissionDenied (the post must cover region and new parent), InvalidInput.
    """
    with transaction.atomic():
        tree, (region, parent) = _begin(actor, [region, parent], order)
        parent_of(region)
        if contains(region, parent):
            raise refuse("regions.cycle", parent=parent.name, name=region.name)
        if region.parent_id == parent.pk:
            raise refuse("regions.nothing_changes")
        before = _state(region)
        change = _change(actor, tree, Kind.MOVE, region, order)
        effect = Effect(change, below=below(region))
        _move(region, parent, change, effect)
        if code is not None and code.strip() != region.code:
            check_code(tree, code.strip(), region.level, but=region.pk)
            region.code = code.strip()
            region.save(update_fields=["code"])
        _finish(actor, tree, effect, "regions.moved", region, before, _state(region))
    return effect


def merge_regions(
    actor: Actor,
    regions: Sequence[Region],
    *,
    into: Region | None = None,
    name: str = "",
    code: str = "",
    level: str | None = None,
    parent: Region | None = None,
    order: Order,
) -> Effect:
    """Merge regions into an existing one, or into a new one of that name and code (合并).

    The merged regions end on the date; their children go over to the target, their names become its
    aliases. A new region stands under ``parent``, or under the common parent.
    Raises PermissionDenied, InvalidInput, Conflict.
    """
    with transaction.atomic():
        ending = [region for region in regions if into is None or region.pk != into.pk]
        named = [*ending, *(other for other in (into, parent) if other is not None)]
        tree, locked = _begin(actor, named, order)
        by_id = {region.pk: region for region in locked}
        ending = list({region.pk: by_id[region.pk] for region in ending}.values())
        if not ending or (into is None and len(ending) < 2):
            raise refuse("regions.merge_needs_two")
        target = by_id[into.pk] if into is not None else None
        check_mergeable(ending, target)
        if target is None:
            above = by_id[parent.pk] if parent is not None else common_parent(ending)
            inner = next((region for region in ending if contains(region, above)), None)
            if inner is not None:
                raise refuse("regions.cycle", parent=above.name, name=inner.name)
        change_region = target or ending[0]
        change = _change(actor, tree, Kind.MERGE, change_region, order)
        effect = Effect(change)
        moving = list(
            Region.objects.select_related("parent").filter(parent__in=ending, valid_to__isnull=True)
        )
        for region in ending:
            _end(region, change, effect)
        if target is None:
            target = _make(tree, above, code, name, level or ending[0].level, order)
            change.region = target
            change.save(update_fields=["region"])
            effect.created.append(target)
        else:
            refuse_before(target, None, order.date)
        for region in ending:
            RegionSuccession.objects.create(
                change=change, from_region=region, to_region=target, share=Decimal(1)
            )
        add_aliases((target.pk, region.name) for region in ending if region.name != target.name)
        for child in moving:
            effect.below += below(child)
            _move(child, target, change, effect)
        _finish(
            actor,
            tree,
            effect,
            "regions.merged",
            target,
            {"regions": [_state(region) for region in ending]},
            _state(target),
        )
    return effect


def split_region(actor: Actor, region: Region, parts: Sequence[Part], *, keeps: bool, order: Order) -> Effect:
    """Split a region (分设): new regions beside it take the children they are given.

    With ``keeps`` the region itself goes on with the children nobody took; otherwise it ends and every
    child must be given to a part. Raises PermissionDenied, InvalidInput, Conflict.
    """
    with transaction.atomic():
        tree, (region,) = _begin(actor, [region], order)
        above = parent_of(region)
        if len(parts) + keeps < 2:
            raise refuse("regions.split_parts")
        children = {
            child.pk: child
            for child in region.children.select_related("parent").filter(valid_to__isnull=True)
        }
        check_parts(region, children, parts, keeps)
        before = _state(region)
        change = _change(actor, tree, Kind.SPLIT, region, order)
        effect = Effect(change)
        if keeps:
            refuse_before(region, None, order.date)
        else:
            _end(region, change, effect)
        for part in parts:
            fresh = _make(tree, above, part.code, part.name, part.level or region.level, order)
            effect.created.append(fresh)
            step = RegionSuccession(change=change, from_region=region, to_region=fresh, share=part.share)
            step.save()
            effect.divided.append(step)
            for child_id in part.children:
                child = children[child_id]
                effect.below += below(child)
                _move(child, fresh, change, effect)
        made = [{**_state(step.to_region), "percent": step.percent} for step in effect.divided]
        after = {"keeps": keeps, "parts": made}
        _finish(actor, tree, effect, "regions.split", region, before, after)
    return effect


# -- steps -------------------------------------------------------------------------------------------------


def _begin(actor: Actor, regions: Sequence[Region], order: Order) -> tuple[RegionTree, list[Region]]:
    """Lock the tree and read the regions anew; refuse what the actor may not change or what cannot."""
    tree = RegionTree.objects.select_for_update().get(pk=regions[0].tree_id)
    if order.revision is not None and order.revision != tree.revision:
        raise Conflict(Problem("regions.changed_meanwhile", {"tree": tree.slug}))
    fresh = {
        region.pk: region
        for region in Region.objects.select_related("parent").filter(pk__in=[region.pk for region in regions])
    }
    found = [fresh[region.pk] for region in regions]
    for region in found:
        if not actor.can(Permission.REGIONS_MANAGE, region.pk):
            raise PermissionDenied(Permission.REGIONS_MANAGE)
        if region.tree_id != tree.pk:
            raise refuse("regions.other_tree", name=region.name)
        if region.valid_to is not None:
            raise refuse("regions.ended", name=region.name, date=region.valid_to)
        region.tree = tree
    return tree, found


def _finish(
    actor: Actor,
    tree: RegionTree,
    effect: Effect,
    action: str,
    region: Region,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
) -> None:
    renumber(tree)
    change = effect.change
    moved = [(touched.pk, touched.parent_id) for _, touched in effect.moved]
    bump(tree, f"{change.kind} {change.date} {before} {after} {moved}")
    for touched in (*effect.created, *(region for _, region in (*effect.renamed, *effect.moved))):
        touched.refresh_from_db(fields=["position", "last", "depth"])
    record(
        actor,
        action,
        target_type="region",
        target_id=region.pk,
        region_id=region.pk,
        before=before,
        after=after,
        reason=" · ".join(text for text in (change.date.isoformat(), change.document, change.note) if text),
    )
    after_change(actor, effect)


def _change(actor: Actor, tree: RegionTree, kind: Kind, region: Region, order: Order) -> RegionChange:
    if order.date > today():
        raise refuse("regions.future", date=order.date, column="date")
    return RegionChange.objects.create(
        tree=tree,
        region=region,
        kind=kind,
        date=order.date,
        document=order.document.strip()[:200],
        note=order.note.strip()[:500],
        actor_label=actor.label[:128],
        recorded_at=now(),
    )


def _make(tree: RegionTree, parent: Region, code: str, name: str, level: str, order: Order) -> Region:
    refuse_before(parent, None, order.date)
    name, code, level = clean_name(name), code.strip(), level.strip()
    check_code(tree, code, level)
    region = Region(
        tree=tree, parent=parent, code=code, level=level, depth=parent.depth + 1, valid_from=order.date
    )
    _set_name(region, name)
    region.save()
    return region


def _end(region: Region, change: RegionChange, effect: Effect) -> None:
    latest = region.versions.order_by("-valid_to").values_list("valid_to", flat=True).first()
    refuse_before(region, latest, change.date)
    if change.date == region.valid_from:
        raise refuse("regions.not_yet_there", name=region.name, start=region.valid_from, date=change.date)
    region.valid_to = change.date
    region.position = region.last = None
    region.save(update_fields=["valid_to", "position", "last"])
    effect.ended.append(region)


def _move(region: Region, parent: Region, change: RegionChange, effect: Effect) -> None:
    refuse_before(parent, None, change.date)
    old = parent_of(region).name
    remember(region, change)
    region.parent = parent
    region.save(update_fields=["parent"])
    effect.moved.append((old, region))


def _set_name(region: Region, name: str) -> None:
    region.name = name
    region.pinyin, region.initials = search_keys(name)


def _state(region: Region) -> dict[str, object]:
    return {
        "id": region.pk,
        "name": region.name,
        "code": region.code,
        "level": region.level,
        "parent": region.parent_id,
    }
