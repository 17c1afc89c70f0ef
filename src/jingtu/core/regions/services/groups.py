"""Peer groups and other names of regions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.characters import refuse_unseen
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import PeerGroup, Region, RegionAlias, RegionTree
from jingtu.core.regions.rules import search_keys
from jingtu.engine.problems import refuse


def set_peer_group(
    actor: Actor,
    tree: RegionTree,
    code: str,
    *,
    name_zh: str,
    name_en: str,
    members: Iterable[int],
    note: str = "",
) -> PeerGroup:
    """Create a peer group or bring it to this content; the same content again writes nothing.

    ``members`` are own ids of current regions of the tree, at least two.
    Raises PermissionDenied (the post must cover the tree's root), InvalidInput.
    """
    wanted = set(members)
    with transaction.atomic():
        _require_root(actor, tree)
        if not name_zh.strip() or not name_en.strip() or not code.strip():
            raise refuse("regions.name_missing", column="name")
        refuse_unseen(name_zh=name_zh, name_en=name_en)
        found = set(
            Region.objects.filter(tree=tree, pk__in=wanted, valid_to__isnull=True).values_list(
                "pk", flat=True
            )
        )
        if wanted - found:
            raise refuse("regions.group_members", ids="、".join(map(str, sorted(wanted - found))))
        if len(wanted) < 2:
            raise refuse("regions.group_empty")
        group = PeerGroup.objects.select_for_update().filter(tree=tree, code=code).first()
        before = _content(group) if group is not None else None
        if group is None:
            group = PeerGroup(tree=tree, code=code)
        group.name_zh, group.name_en, group.note = name_zh.strip(), name_en.strip(), note.strip()
        after = {
            "name_zh": group.name_zh,
            "name_en": group.name_en,
            "note": group.note,
            "members": sorted(wanted),
        }
        if before == after:
            return group
        group.save()
        group.members.set(wanted)
        record(
            actor,
            "regions.peer_group_set",
            target_type="peer_group",
            target_id=group.pk,
            before=before,
            after=after,
        )
    return group


def remove_peer_group(actor: Actor, group: PeerGroup) -> None:
    """Delete a peer group; results already computed with it keep their own copy. Raises PermissionDenied."""
    with transaction.atomic():
        _require_root(actor, group.tree)
        record(
            actor,
            "regions.peer_group_removed",
            target_type="peer_group",
            target_id=group.pk,
            before=_content(group),
        )
        group.delete()


def add_alias(actor: Actor, region: Region, name: str, note: str = "") -> RegionAlias:
    """Let a region also be found by another name; a name it has already is returned as it is.

    Raises PermissionDenied, InvalidInput for an empty or too long name.
    """
    name = " ".join(name.split())
    with transaction.atomic():
        _require(actor, region)
        if not name:
            raise refuse("regions.name_missing", column="name")
        if len(name) > 128:
            raise refuse("regions.too_long", column="name", value=name[:20] + "…", limit=128)
        pinyin, initials = search_keys(name)
        alias, fresh = RegionAlias.objects.get_or_create(
            region=region, name=name, defaults={"pinyin": pinyin, "initials": initials, "note": note[:200]}
        )
        if fresh:
            record(
                actor,
                "regions.alias_added",
                target_type="region",
                target_id=region.pk,
                region_id=region.pk,
                after={"name": name, "note": note[:200]},
            )
    return alias


def remove_alias(actor: Actor, region: Region, alias_id: int) -> None:
    """Take another name away. Raises PermissionDenied, NotFound."""
    with transaction.atomic():
        _require(actor, region)
        alias = RegionAlias.objects.filter(region=region, pk=alias_id).first()
        if alias is None:
            raise NotFound(f"#{alias_id}")
        record(
            actor,
            "regions.alias_removed",
            target_type="region",
            target_id=region.pk,
            region_id=region.pk,
            before={"name": alias.name},
        )
        alias.delete()


def _require(actor: Actor, region: Region) -> None:
    if not actor.can(Permission.REGIONS_MANAGE, region.pk):
        raise PermissionDenied(Permission.REGIONS_MANAGE)


def _require_root(actor: Actor, tree: RegionTree) -> None:
    _require(actor, Region.objects.get(tree=tree, position=0))


def _content(group: PeerGroup) -> dict[str, object]:
    return {
        "name_zh": group.name_zh,
        "name_en": group.name_en,
        "note": group.note,
        "members": sorted(group.members.values_list("pk", flat=True)),
    }
