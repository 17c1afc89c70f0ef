"""Loads a tree from rows: all rows are checked before any is written, in one transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.regions.models import Region, RegionAlias, RegionChange, RegionTree
from jingtu.core.regions.rules import search_keys
from jingtu.core.regions.sources import TreeSpec
from jingtu.engine.problems import InvalidInput, Problem, refuse
from jingtu.engine.tree import RegionRow
from jingtu.engine.tree import RegionTree as EngineTree

from .history import add_aliases, remember
from .positions import bump, renumber

Progress = Callable[[int, int], None]
Key = tuple[str, str]  # code, level

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_RESERVED = frozenset({"load", "picker", "place"})  # words of addresses below /regions/
_FIXED_FIELDS = ("name_zh", "name_en", "fictional", "kind")
_LIMITS = (("code", 32), ("name", 128), ("level", 32))


@dataclass(frozen=True)
class LoadResult:
    """What a load did. ``unchanged`` means the same content was loaded before and nothing was written."""

    tree: RegionTree
    unchanged: bool
    created: int = 0
    renamed: int = 0
    moved: int = 0
    ended: int = 0


@dataclass(frozen=True)
class CheckedRows:
    """Rows found free of errors: the current tree, and the rows of regions that ended."""

    current: EngineTree
    rows: Sequence[RegionRow]  # current.ids index these, from 1
    ended: Sequence[RegionRow]


def check_rows(spec: TreeSpec, rows: Iterable[RegionRow]) -> CheckedRows:
    """Check rows as :func:`load_tree` would, writing nothing.

    Raises InvalidInput with every problem and its row: cycles, orphans, duplicates, two roots, bad dates,
    texts that are too long.
    """
    day = today()
    problems: list[Problem] = []
    if not _SLUG.fullmatch(spec.slug) or spec.slug in _RESERVED:
        problems.append(Problem("regions.slug", {"value": spec.slug}, column="slug"))
    if not spec.name_zh.strip() or not spec.name_en.strip():
        problems.append(Problem("regions.name_missing", column="name"))
    current: list[RegionRow] = []
    ended: list[RegionRow] = []
    for row in rows:
        for column, limit in _LIMITS:
            text = getattr(row, column) or ""
            if len(text) > limit:
                shown = {"value": text[:20] + "…", "limit": limit}
                problems.append(Problem("regions.too_long", shown, row=row.row, column=column))
        for column in ("valid_from", "valid_to"):
            given: date | None = getattr(row, column)
            if given is not None and given > day:
                problems.append(Problem("regions.future", {"date": given}, row=row.row, column=column))
        (current if row.valid_to is None else ended).append(row)
    if not current:
        problems.append(Problem("regions.no_current_rows"))
        raise InvalidInput(problems)
    numbered = [_with_id(row, number) for number, row in enumerate(current, start=1)]
    try:
        tree = EngineTree.build(numbered, spec.slug)
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems]) from None
    codes = {row.code for row in current} | {row.code for row in ended}
    levels_given = any(row.level for row in current)
    for row in ended:
        if row.parent is not None and row.parent not in codes:
            params = {"code": row.code, "parent": row.parent}
            problems.append(Problem("regions.ended_parent", params, row=row.row, column="parent"))
        if row.valid_from is not None and row.valid_to is not None and row.valid_to <= row.valid_from:
            dates = {"start": row.valid_from, "end": row.valid_to}
            problems.append(Problem("regions.dates", dates, row=row.row, column="valid_to"))
        if levels_given and not row.level:
            problems.append(Problem("tree.missing_level", {"code": row.code}, row=row.row, column="level"))
        if not row.code:
            problems.append(Problem("tree.blank_code", row=row.row, column="code"))
    if problems:
        raise InvalidInput(sorted(problems, key=lambda problem: problem.row or 0))
    return CheckedRows(tree, numbered, ended)


def load_tree(
    actor: Actor, spec: TreeSpec, rows: Iterable[RegionRow], progress: Progress | None = None
) -> LoadResult:
    """Create the tree from rows, or bring an existing one to their content.

    The same content again changes nothing. Other content adds regions, renames and moves them as of
    ``spec.source_date`` (today when it is not given); regions that are missing at a level the rows cover
    are refused, because only a merger or split can say where they went. All or nothing.
    ``progress(done, total)`` is called as rows are written.
    Raises PermissionDenied, InvalidInput (as :func:`check_rows`).
    """
    if not actor.can(Permission.REGIONS_MANAGE):
        raise PermissionDenied(Permission.REGIONS_MANAGE)
    given = list(rows)
    digest = _digest(spec, given)
    report = progress or _say_nothing
    with transaction.atomic():
        tree = RegionTree.objects.select_for_update().filter(slug=spec.slug).first()
        if tree is not None:
            root = Region.objects.filter(tree=tree, position=0).first()
            if root is not None and not actor.can(Permission.REGIONS_MANAGE, root.pk):
                raise PermissionDenied(Permission.REGIONS_MANAGE)
            if tree.loaded_digest == digest:
                return LoadResult(tree, unchanged=True)
            _refuse_other_tree(tree, spec)
        checked = check_rows(spec, given)
        if tree is None:
            result = _create(spec, checked, report)
        else:
            result = _update(actor, tree, spec, checked, report)
        tree = result.tree
        _note_aliases(tree, spec.alias_notes)
        described = {
            "level_names": spec.level_names or tree.level_names,
            "source": spec.source or tree.source,
            "source_date": spec.source_date or tree.source_date,
        }
        if result.unchanged and all(getattr(tree, field) == value for field, value in described.items()):
            return result
        for field, value in described.items():
            setattr(tree, field, value)
        tree.loaded_digest = digest
        tree.save()
        bump(tree, f"load {digest}")
        root_id = Region.objects.filter(tree=tree, position=0).values_list("pk", flat=True).first()
        record(
            actor,
            "regions.tree_loaded",
            target_type="region_tree",
            target_id=tree.slug,
            region_id=root_id,
            after={
                "created": result.created,
                "renamed": result.renamed,
                "moved": result.moved,
                "ended": result.ended,
                "source": spec.source,
                "source_date": spec.source_date.isoformat() if spec.source_date else None,
                "content": digest,
            },
        )
    return result


def _note_aliases(tree: RegionTree, notes: Mapping[str, str]) -> None:
    for name, note in notes.items():
        RegionAlias.objects.filter(region__tree=tree, name=name, note="").update(note=note[:200])


def _say_nothing(done: int, total: int) -> None:
    """Progress for callers who do not show it."""


def _with_id(row: RegionRow, number: int) -> RegionRow:
    return RegionRow(
        row.code,
        row.name,
        row.parent,
        row.level,
        row.valid_from,
        row.valid_to,
        number,
        row.row,
        row.parent_level,
        row.aliases,
    )


def _digest(spec: TreeSpec, rows: Sequence[RegionRow]) -> str:
    state = hashlib.sha256(repr(spec).encode())
    for row in rows:
        parts = (row.code, row.name, row.parent, row.level, row.parent_level, row.valid_from, row.valid_to)
        state.update("\t".join("" if part is None else str(part) for part in (*parts, *row.aliases)).encode())
        state.update(b"\n")
    return state.hexdigest()


def _refuse_other_tree(tree: RegionTree, spec: TreeSpec) -> None:
    for field in _FIXED_FIELDS:
        old, new = getattr(tree, field), getattr(spec, field)
        if old != new:
            raise refuse("regions.tree_differs", slug=tree.slug, field=field, old=old, new=new)


def _create(spec: TreeSpec, checked: CheckedRows, report: Progress) -> LoadResult:
    tree = RegionTree.objects.create(
        slug=spec.slug,
        name_zh=spec.name_zh,
        name_en=spec.name_en,
        fictional=spec.fictional,
        kind=spec.kind,
    )
    _insert(tree, checked, {}, {}, report, placed=True)
    ended = _insert_ended(tree, checked.ended)
    return LoadResult(tree, unchanged=False, created=checked.current.size, ended=ended)


def _insert(
    tree: RegionTree,
    checked: CheckedRows,
    existing: dict[Key, int],
    starts: dict[Key, date],
    report: Progress,
    placed: bool,
) -> dict[Key, int]:
    """Write the regions whose key is not in ``existing``; returns the ids of all.

    Depth by depth, because a child needs its parent's id. ``starts`` gives the first day where the row has none; ``placed``
    writes positions at once (only for a tree that has no regions yet).
    """
    current = checked.current
    ids: list[int] = [0] * current.size
    known = dict(existing)
    by_depth: dict[int, list[int]] = {}
    for position, depth in enumerate(current.depth.tolist()):
        key = (current.codes[position], current.levels[position])
        if key in existing:
            ids[position] = existing[key]
        else:
            by_depth.setdefault(depth, []).append(position)
    parents, lasts, row_numbers = current.parent.tolist(), current.last.tolist(), current.ids.tolist()
    total, done = sum(len(positions) for positions in by_depth.values()), 0
    for depth in sorted(by_depth):
        for start in range(0, len(by_depth[depth]), 10_000):
            chunk = by_depth[depth][start : start + 10_000]
            regions = []
            for position in chunk:
                row = checked.rows[row_numbers[position] - 1]
                pinyin, initials = search_keys(row.name)
                key = (current.codes[position], current.levels[position])
                regions.append(
                    Region(
                        tree=tree,
                        parent_id=ids[parents[position]] if parents[position] >= 0 else None,
                        code=row.code,
                        level=current.levels[position],
                        name=row.name,
                        depth=depth,
                        position=position if placed else None,
                        last=lasts[position] if placed else None,
                        pinyin=pinyin,
                        initials=initials,
                        valid_from=row.valid_from or starts.get(key),
                    )
                )
            for position, region in zip(
                chunk, Region.objects.bulk_create(regions, batch_size=5_000), strict=True
            ):
                ids[position] = region.pk
                known[(region.code, region.level)] = region.pk
            done += len(chunk)
            report(done, total)
    add_aliases((ids[position], alias) for position, names in current.aliases.items() for alias in names)
    return known


def _insert_ended(tree: RegionTree, rows: Sequence[RegionRow]) -> int:
    """Write regions that exist no more, parents as the rows name them; those stored already are left alone."""
    stored = {
        (code, level, valid_to): pk
        for pk, code, level, valid_to in Region.objects.filter(tree=tree, valid_to__isnull=False).values_list(
            "pk", "code", "level", "valid_to"
        )
    }
    written: list[tuple[Region, RegionRow]] = []
    for row in rows:
        level = row.level or "ended"
        if (row.code, level, row.valid_to) in stored:
            continue
        pinyin, initials = search_keys(row.name)
        region = Region(
            tree=tree,
            code=row.code,
            level=level,
            name=row.name,
            pinyin=pinyin,
            initials=initials,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        written.append((region, row))
    if not written:
        return 0
    Region.objects.bulk_create([region for region, _ in written], batch_size=5_000)
    candidates: dict[str, list[Region]] = {}
    codes = {row.parent for _, row in written if row.parent}
    for other in Region.objects.filter(tree=tree, code__in=codes):
        candidates.setdefault(other.code, []).append(other)
    for region, row in written:
        # A code may have been used more than once: the parent is the one that existed when this one ended.
        fitting = [
            other
            for other in candidates.get(row.parent or "", ())
            if other.pk != region.pk
            and (row.parent_level is None or other.level == row.parent_level)
            and (other.valid_to is None or (row.valid_to is not None and other.valid_to >= row.valid_to))
        ]
        fitting.sort(key=lambda other: (other.valid_to is None, other.valid_to or date.max))
        region.parent = fitting[0] if fitting else None
        region.depth = region.parent.depth + 1 if region.parent else 0
    Region.objects.bulk_update([region for region, _ in written], ["parent", "depth"], batch_size=500)
    add_aliases((region.pk, alias) for region, row in written for alias in row.aliases)
    return len(written)


def _update(
    actor: Actor, tree: RegionTree, spec: TreeSpec, checked: CheckedRows, report: Progress
) -> LoadResult:
    current = checked.current
    day = spec.source_date or today()
    if day > today():
        raise refuse("regions.future", date=day, column="source_date")
    stored = {
        (region.code, region.level): region
        for region in Region.objects.filter(tree=tree, valid_to__isnull=True)
    }
    root = next((region for region in stored.values() if region.parent_id is None), None)
    if root is not None and (root.code, root.level) != (current.codes[0], current.levels[0]):
        raise refuse("regions.root_differs", slug=tree.slug, old=root.code, new=current.codes[0])
    keys = list(zip(current.codes, current.levels, strict=True))
    _refuse_missing(stored, set(keys))
    levels_before = {region.level for region in stored.values()}
    created = [key for key in keys if key not in stored]
    # A new region of a level already covered came into being since; a level loaded for the first time did not.
    starts = {key: day for key in created if key[1] in levels_before}
    ids = _insert(tree, checked, {key: region.pk for key, region in stored.items()}, starts, report, False)
    renamed = moved = 0
    parents = current.parent.tolist()
    for position, key in enumerate(keys):
        region = stored.get(key)
        if region is None:
            continue
        parent_id = ids[keys[parents[position]]] if parents[position] >= 0 else None
        name = current.names[position]
        if region.name == name and region.parent_id == parent_id:
            continue
        kind = RegionChange.Kind.MOVE if region.parent_id != parent_id else RegionChange.Kind.RENAME
        change = RegionChange.objects.create(
            tree=tree,
            region=region,
            kind=kind,
            date=day,
            document=spec.source,
            actor_label=actor.label,
            recorded_at=now(),
        )
        remember(region, change)
        if region.name != name:
            renamed += 1
            add_aliases([(region.pk, region.name)])
            region.name = name
            region.pinyin, region.initials = search_keys(name)
        if region.parent_id != parent_id:
            moved += 1
            region.parent_id = parent_id
        region.save()
    ended = _insert_ended(tree, checked.ended)
    if created or moved:
        renumber(tree)
    unchanged = not (created or renamed or moved or ended)
    return LoadResult(tree, unchanged, len(created), renamed, moved, ended)


def _refuse_missing(stored: Mapping[Key, Region], keys: set[Key]) -> None:
    """Refuse a file that covers a level but not all of its regions."""
    covered = {level for _, level in keys}
    missing = [region for key, region in stored.items() if key not in keys and region.level in covered]
    if missing:
        raise InvalidInput(
            Problem("regions.missing_from_file", {"name": region.name, "code": region.code})
            for region in sorted(missing, key=lambda region: region.position or 0)
        )
