"""What a change of a tree must satisfy before anything is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.problems import InvalidInput, Problem, refuse

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")


@dataclass(frozen=True)
class Part:
    """One region that comes out of a split: what it is called and which children it takes.

    ``share`` is its part of the region that was split (population, say), between 0 and 1, if known.
    """

    name: str
    code: str
    children: Sequence[int] = ()
    level: str | None = None
    share: Decimal | None = None


def contains(region: Region, other: Region) -> bool:
    return (
        region.position is not None
        and region.last is not None
        and other.position is not None
        and region.position <= other.position <= region.last
    )


def below(region: Region) -> int:
    return (region.last or 0) - (region.position or 0)


def clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise refuse("regions.name_missing", column="name")
    if len(name) > 128:
        raise refuse("regions.too_long", column="name", value=name[:20] + "…", limit=128)
    return name


def check_code(tree: RegionTree, code: str, level: str, but: int = 0) -> None:
    if not _CODE.fullmatch(code):
        raise refuse("regions.code", column="code", value=code)
    if not level:
        raise refuse("regions.level_missing", column="level")
    if len(level) > 32:
        raise refuse("regions.too_long", column="level", value=level[:20] + "…", limit=32)
    taken = (
        Region.objects.filter(tree=tree, code=code, level=level, valid_to__isnull=True)
        .exclude(pk=but)
        .first()
    )
    if taken is not None:
        raise refuse("regions.code_taken", column="code", code=code, level=level, name=taken.name)


def parent_of(region: Region) -> Region:
    """The parent; refuses the root, which has none and stays where it is."""
    if region.parent is None:
        raise refuse("regions.root_stays", name=region.name)
    return region.parent


def check_mergeable(ending: Sequence[Region], target: Region | None) -> None:
    for region in ending:
        parent_of(region)
        for other in (*ending, *([target] if target else [])):
            if other.pk != region.pk and contains(region, other):
                raise refuse("regions.merge_nested", inner=other.name, outer=region.name)


def common_parent(ending: Sequence[Region]) -> Region:
    parents = {above.pk: above for above in map(parent_of, ending)}
    if len(parents) != 1:
        raise refuse("regions.merge_parents", column="parent")
    return parents.popitem()[1]


def check_parts(region: Region, children: Mapping[int, Region], parts: Sequence[Part], keeps: bool) -> None:
    problems: list[Problem] = []
    taken: set[int] = set()
    for part in parts:
        for child_id in part.children:
            if child_id not in children:
                problems.append(Problem("regions.split_child_unknown", {"id": child_id, "name": region.name}))
            elif child_id in taken:
                problems.append(Problem("regions.split_child_twice", {"name": children[child_id].name}))
            taken.add(child_id)
    if not keeps:
        problems += [
            Problem("regions.split_child_left", {"name": child.name})
            for child_id, child in children.items()
            if child_id not in taken
        ]
    problems += [
        Problem("regions.share_range", {"share": part.share})
        for part in parts
        if part.share is not None and not (part.share.is_finite() and 0 < part.share <= 1)
    ]
    total = sum(
        (part.share for part in parts if part.share is not None and part.share.is_finite()), Decimal(0)
    )
    if total > 1:
        problems.append(Problem("regions.share", {"total": total}))
    if problems:
        raise InvalidInput(problems)
