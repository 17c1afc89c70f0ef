"""Numbers the current regions of a tree anew after its structure changed."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from django.db import connection
from django.db.models import F, Max

from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.rules import preorder


def renumber(tree: RegionTree) -> int:
    """Set ``position``, ``last`` and ``depth`` of all current regions; returns how many rows changed.

    Siblings stand in the order of code and level, as the engine lays trees out.
    """
    rows = Region.objects.filter(tree=tree, valid_to__isnull=True).values_list(
        "pk", "parent_id", "code", "level", "position", "last", "depth"
    )
    siblings: dict[int | None, list[tuple[str, str, int]]] = defaultdict(list)
    stored = {}
    for pk, parent_id, code, level, position, last, depth in rows:
        siblings[parent_id].append((code, level, pk))
        stored[pk] = (position, last, depth)
    children = {parent: [pk for _, _, pk in sorted(below)] for parent, below in siblings.items()}
    changed = [
        (-1 - position, last, depth, pk)
        for pk, position, last, depth in preorder(children)
        if stored[pk] != (position, last, depth)
    ]
    if changed:
        quoted = [
            connection.ops.quote_name(name)
            for name in (Region._meta.db_table, "position", "last", "depth", "id")
        ]
        with connection.cursor() as cursor:
            # Through negative numbers, because positions are unique at every single statement.
            cursor.executemany(
                "UPDATE {} SET {} = %s, {} = %s, {} = %s WHERE {} = %s".format(*quoted),  # noqa: S608
                changed,
            )
        Region.objects.filter(tree=tree, position__lt=0).update(position=-1 - F("position"))
    return len(changed)


def bump(tree: RegionTree, what: str) -> None:
    """Give the tree its next revision and a new fingerprint."""
    newest = Region.objects.filter(tree=tree).aggregate(newest=Max("pk"))["newest"]
    tree.revision += 1
    chain = f"{tree.fingerprint}\n{tree.slug}\n{tree.revision}\n{newest}\n{what}"
    tree.fingerprint = hashlib.sha256(chain.encode()).hexdigest()
    tree.save(update_fields=["revision", "fingerprint"])
