"""What is read of facts: only of regions inside the subtrees where the actor may read facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from jingtu.core.facts import store
from jingtu.core.facts.definitions import from_json
from jingtu.core.facts.models import ElementDefinition, FactBatch, FactImport
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import engine_tree
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.engine.elements import Element, Qualifier
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period

EXPORT_PURPOSE = "facts.export"


def elements(actor: Actor) -> Mapping[str, Element]:
    """Definitions in force by code, in the order of their codes. One query."""
    rows = ElementDefinition.objects.filter(in_force=True).order_by("code")
    return {code: from_json(values) for code, values in rows.values_list("code", "definition")}


def ranges(actor: Actor, permission: Permission, tree_id: int) -> list[tuple[int, int]] | None:
    """Position ranges of the tree over which ``permission`` holds; None means all of it."""
    if is_unrestricted(actor):
        return None
    return [
        (span.first, span.last)
        for span in spans(actor, permission)
        if span.tree_id == tree_id and span.first is not None and span.last is not None
    ]


def region_ids_in(
    actor: Actor, permission: Permission, tree: RegionTree, within: Region | None = None
) -> NDArray[np.int64] | None:
    """Own ids over which ``permission`` holds, narrowed to the subtree of ``within``; None means all."""
    held = ranges(actor, permission, tree.pk)
    if held is None and within is None:
        return None
    shape = engine_tree(actor, tree)
    allowed = np.full(shape.size, held is None)
    for first, last in held or ():
        allowed[first : last + 1] = True
    if within is not None:
        chosen = np.zeros(shape.size, dtype=bool)
        if within.position is not None and within.last is not None:
            chosen[within.position : within.last + 1] = True
        allowed &= chosen
    return shape.ids[allowed]


def levels_in(actor: Actor, permission: Permission, tree: RegionTree) -> list[str]:
    """Levels that occur where the actor holds the permission, the highest first."""
    allowed = region_ids_in(actor, permission, tree)
    shape = engine_tree(actor, tree)
    positions = np.arange(shape.size) if allowed is None else np.sort(shape.positions_of_ids(allowed))
    depths: dict[str, int] = {}
    for at in positions.tolist():
        depths.setdefault(shape.levels[at], int(shape.depth[at]))
    return sorted(depths, key=lambda level: depths[level])


def facts(
    actor: Actor,
    tree: RegionTree,
    *,
    within: Region | None = None,
    elements: Collection[str] | None = None,
    periods: Collection[str] | None = None,
) -> FactTable:
    """Facts in force of the regions the actor may read, optionally of one subtree, elements, periods."""
    if not actor.can(Permission.FACTS_READ):
        raise PermissionDenied(Permission.FACTS_READ)
    allowed = region_ids_in(actor, Permission.FACTS_READ, tree, within)
    return store.read(tree.pk, None, elements, periods, allowed)


def list_imports(actor: Actor, tree: RegionTree | None = None, state: str = "") -> QuerySet[FactImport]:
    """Uploaded files, newest first: the actor's own while they may still import, and those whose rows
    all lie inside a subtree where they may read facts."""
    imports = FactImport.objects.filter(_visible(actor)).select_related(
        "file", "tree", "region", "batch__undone_by", "marked_file"
    )
    if tree is not None:
        imports = imports.filter(tree=tree)
    if state:
        imports = imports.filter(state=state)
    return imports


def get_import(actor: Actor, import_id: int) -> FactImport:
    """One uploaded file; NotFound when the actor may not know of it."""
    found = list_imports(actor).select_related("job", "batch__undone_by").filter(pk=import_id).first()
    if found is None:
        raise NotFound(import_id, "import")
    return found


def import_of_batch(actor: Actor, batch_id: int | None) -> FactImport | None:
    """The upload a batch came from; None when it came otherwise or the actor may not see it."""
    return list_imports(actor).filter(batch_id=batch_id).first()


def sees_rows(actor: Actor, made: FactImport) -> bool:
    """Whether an import that the actor was given may be opened row by row: an uploaded file holds small counts
    of persons as they are, so it is for its sender and for who reports or reads exact counts there."""
    if getattr(actor, "unrestricted", False) or actor.actor_id == f"user:{made.owner_id}":
        return True
    return any(
        actor.can(permission, made.region_id)
        for permission in (Permission.SMALL_CELLS_READ, Permission.FACTS_IMPORT)
    )


def standing_import(actor: Actor, tree: RegionTree, sha256: str) -> FactImport | None:
    """The import by which a file of this content already stands in the tree, unless it was undone."""
    found = FactImport.objects.filter(
        _visible(actor),
        tree=tree,
        file__sha256=sha256,
        state=FactImport.State.STORED,
        batch__undone_by__isnull=True,
    )
    return found.select_related("file", "tree", "region", "batch").order_by("pk").first()


def get_batch(actor: Actor, batch_id: int) -> FactBatch:
    """One batch whose rows all lie where the actor may read facts; NotFound otherwise."""
    batch = FactBatch.objects.select_related("tree", "region", "file").filter(pk=batch_id).first()
    if batch is None or not actor.can(Permission.FACTS_READ, batch.region_id):
        raise NotFound(batch_id, "batch")
    return batch


def batches_of(actor: Actor, tree: RegionTree, sequences: Iterable[int]) -> dict[int, FactBatch]:
    """Batches by sequence number, for facts the actor has been shown: who, when, which file."""
    rows = FactBatch.objects.filter(tree=tree, sequence__in=set(sequences)).select_related("file", "region")
    return {batch.sequence: batch for batch in rows}


@dataclass(frozen=True)
class Event:
    """One thing that happened to a value. ``value`` None: taken back. ``import_id`` only if it may be opened."""

    batch: FactBatch
    value: int | None
    qualifier: Qualifier
    source_row: int
    import_id: int | None


def history(actor: Actor, region: Region, element: str, period: str, category: str = "") -> list[Event]:
    """Everything that happened to one value, newest first. NotFound outside the actor's subtrees."""
    if not actor.can(Permission.FACTS_READ, region.pk):
        raise NotFound(region.pk, "region")
    key = Period.parse(period).key
    batches = FactBatch.objects.filter(tree_id=region.tree_id).order_by("-sequence")
    batches = batches.filter(
        Q(region_id=region.pk)
        | Q(region__position__lte=region.position, region__last__gte=region.position)
        | Q(region__position__isnull=True)
    ).select_related("file", "region", "fact_import")
    events = []
    for batch in batches:
        rows = store.read_batch(batch.sha256, batch.sequence).select([element], [key], [region.pk])
        for row in rows.rows():
            if row.category == category:
                known = getattr(batch, "fact_import", None)
                if known is not None and not actor.can(Permission.FACTS_READ, batch.region_id):
                    known = None
                import_id = None if known is None else known.pk
                events.append(Event(batch, row.value, row.qualifier, row.source_row, import_id))
    return events


def importable_regions(actor: Actor, tree: RegionTree) -> NDArray[np.int64] | None:
    """Own ids the actor may report for; None means every region of the tree."""
    return region_ids_in(actor, Permission.FACTS_IMPORT, tree)


def _visible(actor: Actor) -> Q:
    if is_unrestricted(actor):
        return Q()
    condition = inside(spans(actor, Permission.FACTS_READ), "region__")
    own = user_id_of(actor)
    if own is not None and actor.can(Permission.FACTS_IMPORT):
        condition |= Q(owner_id=own, batch__isnull=True)
    return condition


__all__ = [
    "Event",
    "batches_of",
    "elements",
    "exports_since",
    "facts",
    "get_batch",
    "get_import",
    "history",
    "importable_regions",
    "levels_in",
    "list_imports",
    "may_open_export",
    "may_open_import_file",
    "ranges",
    "region_ids_in",
    "sees_rows",
    "standing_import",
]


def exports_since() -> dt.datetime:
    """Exported files made from this moment on still have a link that works."""
    return now() - dt.timedelta(hours=settings.EXPORT_HOURS)


def may_open_export(actor: Actor, stored: StoredFile) -> bool:
    """An exported file is its owner's, for some hours and while they may still read facts."""
    own = stored.owner_id is not None and stored.owner_id == user_id_of(actor)
    return own and stored.created_at >= exports_since() and actor.can(Permission.FACTS_READ)


def may_open_import_file(actor: Actor, stored: StoredFile) -> bool:
    """Whether an uploaded or marked file may be opened: it goes with its import."""
    found = list_imports(actor).filter(Q(file=stored) | Q(marked_file=stored))
    return any(sees_rows(actor, made) for made in found)
