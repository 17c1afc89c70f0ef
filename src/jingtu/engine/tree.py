"""Region trees: any depth, any code scheme, one root; positions are pre-order.

In pre-order a subtree is the contiguous range ``position .. last[position]``, so rolling up is a
segmented sum over plain arrays. Siblings stand in the order of their codes, whatever the order of
the rows a tree was built from: the same regions always get the same positions.
"""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.textfile import read_table

register_texts(
    {
        "tree.empty": ("没有任何地区", "there is no region"),
        "tree.blank_code": ("编码为空，每个地区都要有编码", "the code is blank; every region needs one"),
        "tree.blank_name": ("“{code}”的名称为空", 'the name of "{code}" is blank'),
        "tree.missing_level": (
            "“{code}”没有写级别；要么全部写，要么全部不写",
            'no level is given for "{code}"; give it for all regions or for none',
        ),
        "tree.duplicate": (
            "编码“{code}”（级别“{level}”）与第{other}行重复",
            'the code "{code}" (level "{level}") was already given in row {other}',
        ),
        "tree.duplicate_id": (
            "内部编号{id}与第{other}行重复",
            "the id {id} was already given in row {other}",
        ),
        "tree.orphan": (
            "“{code}”的上级“{parent}”不在表中",
            'the parent "{parent}" of "{code}" is not among the regions',
        ),
        "tree.parent_ambiguous": (
            "“{code}”的上级编码“{parent}”同属几个级别（{levels}），请在parent_level列写明",
            'the parent code "{parent}" of "{code}" occurs at several levels ({levels}); say which in parent_level',
        ),
        "tree.no_root": (
            "没有根：应有且只有一个地区不写上级",
            "there is no root: exactly one region must have no parent",
        ),
        "tree.two_roots": (
            "“{code}”没有上级，但根已是第{other}行的“{root}”；一个文件只能有一个根",
            '"{code}" has no parent, but row {other} ("{root}") is already the root; a file has one root',
        ),
        "tree.cycle": (
            "上下级成环：{path}，没有一个连到根",
            "the parents form a circle: {path}; none of them leads to the root",
        ),
        "tree.bad_date": (
            "“{text}”不是日期，请写成2017-09-01",
            '"{text}" is not a date; write it like 2017-09-01',
        ),
        "tree.dates_backwards": (
            "“{code}”的撤销日期{end}不晚于设立日期{start}",
            '"{code}" ends on {end}, which is not after it starts on {start}',
        ),
        "tree.unknown_region": ("没有编码为“{code}”的地区", 'there is no region with the code "{code}"'),
        "tree.unknown_region_near": (
            "没有编码为“{code}”的地区，是否指“{near}”？",
            'there is no region with the code "{code}"; did you mean "{near}"?',
        ),
        "tree.code_ambiguous": (
            "编码“{code}”同属几个级别（{levels}），请写明级别",
            'the code "{code}" occurs at several levels ({levels}); say which level is meant',
        ),
    }
)

_HEADERS = {
    "编码": "code",
    "代码": "code",
    "名称": "name",
    "上级": "parent",
    "上级编码": "parent",
    "级别": "level",
    "层级": "level",
    "上级级别": "parent_level",
    "设立日期": "valid_from",
    "撤销日期": "valid_to",
    "别名": "aliases",
}


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region as stated in a file or database.

    ``parent`` is the parent's code (None for the root); ``parent_level`` tells which one is meant
    where a code occurs at several levels. ``valid_from`` is its first day, ``valid_to`` the day
    from which it no longer exists. ``id`` is the store's own id (rows without one are numbered
    from 1), ``row`` the row in the user's file.
    """

    code: str
    name: str
    parent: str | None
    level: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    id: int | None = None
    row: int | None = None
    parent_level: str | None = None
    aliases: tuple[str, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether the region exists on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True, eq=False)
class RegionTree:
    """An immutable tree; index ``i`` of every array and tuple is the region at position ``i``.

    ``parent`` holds positions (-1 for the root), ``last`` the position of the last descendant
    (the region itself when it has none). Levels are as given, or ``L0``, ``L1``… by depth when no
    row states one. ``(code, level)`` is unique; codes alone need not be.
    """

    key: str
    ids: NDArray[np.int64]
    parent: NDArray[np.int32]
    depth: NDArray[np.int16]
    last: NDArray[np.int32]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    aliases: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    # -- making ---------------------------------------------------------------------------------

    @classmethod
    def build(cls, rows: Iterable[RegionRow], key: str) -> RegionTree:
        """The tree of all ``rows``, in any order.

        InvalidInput lists everything wrong, with row numbers: blank or duplicate codes, orphans,
        circles, no root or several, levels missing in some rows, impossible dates, parents whose
        level is not clear.
        """
        return _Builder(list(rows), key).build()

    @classmethod
    def read_csv(cls, source: str | Path | bytes, key: str, as_of: date | None = None) -> RegionTree:
        """The tree in a CSV file: ``code,name,parent[,level,parent_level,valid_from,valid_to,aliases]``.

        UTF-8 (BOM or not) or GB18030; Chinese headers (编码, 名称, 上级, 级别…) are understood;
        several aliases are separated by ``|``. Only regions in force on ``as_of`` are taken;
        without it, those that have no end.
        """
        return cls.build(_rows_in_force(read_region_rows(source), as_of), key)

    # -- reading --------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many regions there are."""
        return len(self.codes)

    def position_of_id(self, region_id: int) -> int:
        """The position of an own id; KeyError when there is none."""
        at = int(np.searchsorted(self._sorted_ids[0], region_id))
        if at == self.size or self._sorted_ids[0][at] != region_id:
            raise KeyError(region_id)
        return int(self._sorted_ids[1][at])

    def positions_of_ids(self, region_ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """Positions of many own ids at once; -1 for ids that are not in this tree."""
        ids, positions = self._sorted_ids
        at = np.minimum(np.searchsorted(ids, region_ids), self.size - 1)
        return np.where(ids[at] == region_ids, positions[at], -1).astype(np.int32)

    def position(self, code: str, level: str | None = None) -> int:
        """The position of a code; ``level`` is needed only where a code occurs at several levels.

        InvalidInput when there is none (with the nearest code) or the level is not clear.
        """
        found = self.candidates(code, level)
        if len(found) == 1:
            return found[0]
        if found:
            levels = "、".join(self.levels[position] for position in found)
            raise refuse("tree.code_ambiguous", code=code, levels=levels)
        near = self.nearest(code)
        if near:
            raise refuse("tree.unknown_region_near", code=code, near=near)
        raise refuse("tree.unknown_region", code=code)

    def candidates(self, code: str, level: str | None = None) -> list[int]:
        """All positions with this code (and level, if given), in pre-order."""
        found = self._by_code.get(code, ())
        positions = [found] if isinstance(found, int) else list(found)
        return [position for position in positions if level is None or self.levels[position] == level]

    def named(self, name: str) -> list[int]:
        """All positions whose name or alias is exactly ``name``."""
        return list(self._by_name.get(name, ()))

    def nearest(self, text: str) -> str | None:
        """The code or name most like ``text``, for "did you mean"; None when nothing is close."""
        return nearest_text(text, self._spellings)

    def children(self, position: int) -> NDArray[np.int32]:
        """Positions of the direct children, in order."""
        start, stop = np.searchsorted(self._children_keys, [position, position + 1])
        children: NDArray[np.int32] = self._children_order[start:stop]
        return children

    def is_leaf(self, position: int) -> bool:
        """Whether nothing lies below."""
        return int(self.last[position]) == position

    @cached_property
    def leaves(self) -> NDArray[np.int32]:
        """Positions with nothing below them."""
        return np.flatnonzero(self.last == np.arange(self.size)).astype(np.int32)

    def subtree(self, position: int) -> slice:
        """The positions of a region and everything below it."""
        return slice(position, int(self.last[position]) + 1)

    def contains(self, position: int, other: int) -> bool:
        """Whether ``other`` is the region at ``position`` or lies below it."""
        return position <= other <= int(self.last[position])

    def ancestors(self, position: int) -> list[int]:
        """Positions above, nearest first, the root last."""
        above: list[int] = []
        while (position := int(self.parent[position])) >= 0:
            above.append(position)
        return above

    def path(self, position: int) -> list[int]:
        """From the root down to the region itself."""
        return [*reversed(self.ancestors(position)), position]

    def at_level(self, level: str, within: int = 0) -> NDArray[np.int32]:
        """Positions of a level inside the subtree of ``within``; empty when it has none."""
        index = self._level_index.get(level)
        if index is None:
            return np.empty(0, dtype=np.int32)
        part = self.subtree(within)
        found: NDArray[np.int32] = np.flatnonzero(self._level_codes[part] == index).astype(np.int32)
        return found + np.int32(part.start)

    @cached_property
    def level_names(self) -> tuple[str, ...]:
        """The levels that occur, from the root downward."""
        return tuple(sorted(self._level_index, key=lambda level: self._level_index[level]))

    def digest(self) -> str:
        """SHA-256 of the regions (codes, levels, names, parents), the same for any row order.

        Own ids and the tree's key stay outside: the same regions read from a file and from a
        database have one digest.
        """
        state = hashlib.sha256(b"jingtu region tree 1\n")
        lines = zip(self.depth.tolist(), self.levels, self.codes, self.names, strict=True)
        state.update("\n".join("\t".join((str(d), lv, c, n)) for d, lv, c, n in lines).encode())
        return state.hexdigest()

    # -- inside ---------------------------------------------------------------------------------

    @cached_property
    def _sorted_ids(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.ids, kind="stable")
        return self.ids[order], order

    @cached_property
    def _by_code(self) -> dict[str, int | tuple[int, ...]]:
        return _index(self.codes)

    @cached_property
    def _by_name(self) -> dict[str, tuple[int, ...]]:
        index: dict[str, tuple[int, ...]] = {}
        for position, name in enumerate(self.names):
            index[name] = (*index.get(name, ()), position) if name in index else (position,)
        for position, names in self.aliases.items():
            for name in names:
                if position not in index.get(name, ()):
                    index[name] = (*index.get(name, ()), position)
        return index

    @cached_property
    def _spellings(self) -> list[str]:
        return list(dict.fromkeys((*self.codes, *self.names)))

    @cached_property
    def _children_order(self) -> NDArray[np.int32]:
        return np.argsort(self.parent, kind="stable").astype(np.int32)

    @cached_property
    def _children_keys(self) -> NDArray[np.int32]:
        keys: NDArray[np.int32] = self.parent[self._children_order]
        return keys

    @cached_property
    def _level_index(self) -> dict[str, int]:
        first: dict[str, tuple[int, int]] = {}
        for position, level in enumerate(self.levels):
            if level not in first:
                first[level] = (int(self.depth[position]), position)
        return {level: rank for rank, level in enumerate(sorted(first, key=lambda level: first[level]))}

    @cached_property
    def _level_codes(self) -> NDArray[np.int16]:
        index = self._level_index
        return np.fromiter((index[level] for level in self.levels), dtype=np.int16, count=self.size)


def nearest_text(text: str, known: Sequence[str]) -> str | None:
    """The member of ``known`` most like ``text``, or None when nothing is close.

    Large lists are first narrowed to entries that share a beginning or an end with ``text``.
    """
    if len(known) > 20_000 and text:
        head, tail = text[:4], text[-2:]
        known = [item for item in known if item.startswith(head) or item.endswith(tail)][:20_000]
    found = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
    return found[0] if found else None


def _index(texts: Sequence[str]) -> dict[str, int | tuple[int, ...]]:
    index: dict[str, int | tuple[int, ...]] = dict(zip(texts, range(len(texts)), strict=True))
    if len(index) < len(texts):
        several: dict[str, tuple[int, ...]] = {}
        counts = Counter(texts)
        repeated = {text for text, count in counts.items() if count > 1}
        for position, text in enumerate(texts):
            if text in repeated:
                several[text] = (*several.get(text, ()), position)
        index.update(several)
    return index


def _rows_in_force(rows: list[RegionRow], as_of: date | None) -> list[RegionRow]:
    if as_of is None:
        return [row for row in rows if row.valid_to is None]
    return [row for row in rows if row.in_force(as_of)]


def read_region_rows(source: str | Path | bytes) -> list[RegionRow]:
    """All rows of a region file, past and present, numbered as in the file (header = row 1)."""
    header, table = read_table(source)
    columns = {_HEADERS.get(name, name.lower()): index for index, name in enumerate(header) if name}
    missing = [
        Problem("file.header_missing", {"column": name, "found": "、".join(header)}, row=1)
        for name in ("code", "name", "parent")
        if name not in columns
    ]
    if missing:
        raise InvalidInput(missing)
    problems: list[Problem] = []
    code_at, name_at, parent_at = columns["code"], columns["name"], columns["parent"]
    level_at, parent_level_at = columns.get("level", -1), columns.get("parent_level", -1)
    from_at, to_at, aliases_at = (columns.get(name, -1) for name in ("valid_from", "valid_to", "aliases"))
    width = len(header)
    rows: list[RegionRow] = []
    for number, cells in enumerate(table, start=2):
        if not any(cells):
            continue
        if len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        aliases = cells[aliases_at] if aliases_at >= 0 else ""
        rows.append(
            RegionRow(
                cells[code_at].strip(),
                cells[name_at].strip(),
                cells[parent_at].strip() or None,
                (cells[level_at].strip() or None) if level_at >= 0 else None,
                _date(cells[from_at], number, "valid_from", problems) if from_at >= 0 else None,
                _date(cells[to_at], number, "valid_to", problems) if to_at >= 0 else None,
                number - 1,
                number,
                (cells[parent_level_at].strip() or None) if parent_level_at >= 0 else None,
                tuple(alias.strip() for alias in aliases.split("|") if alias.strip()) if aliases else (),
            )
        )
    if problems:
        raise InvalidInput(problems)
    return rows


def _date(text: str, row: int, column: str, problems: list[Problem]) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        problems.append(Problem("tree.bad_date", {"text": text}, row=row, column=column))
        return None


class _Builder:
    """Checks the rows and lays them out in pre-order; linear in the number of rows."""

    def __init__(self, rows: list[RegionRow], key: str) -> None:
        self.rows = rows
        self.key = key
        self.problems: list[Problem] = []
        self.has_levels = any(row.level is not None for row in rows)

    def number(self, index: int) -> int:
        row = self.rows[index].row
        return index + 1 if row is None else row

    def complain(self, index: int, code: str, column: str, /, **params: object) -> None:
        self.problems.append(Problem(code, params, row=self.number(index), column=column))

    def build(self) -> RegionTree:
        if not self.rows:
            raise refuse("tree.empty")
        self.check_rows()
        ids = self.own_ids()
        parents = self.resolve_parents()
        if self.problems:
            raise InvalidInput(sorted(self.problems, key=lambda problem: problem.row or 0))
        order, parent, depth, last = self.lay_out(parents)
        rows = [self.rows[index] for index in order.tolist()]
        depths = depth.tolist()
        return RegionTree(
            key=self.key,
            ids=ids[order],
            parent=parent,
            depth=depth,
            last=last,
            codes=tuple(row.code for row in rows),
            names=tuple(row.name for row in rows),
            levels=tuple(row.level or f"L{depths[at]}" for at, row in enumerate(rows)),
            aliases={at: row.aliases for at, row in enumerate(rows) if row.aliases},
        )

    def check_rows(self) -> None:
        has_levels = self.has_levels
        for index, row in enumerate(self.rows):
            if row.code and row.name and (row.level or not has_levels) and not row.valid_to:
                continue
            if not row.code:
                self.complain(index, "tree.blank_code", "code")
            elif not row.name:
                self.complain(index, "tree.blank_name", "name", code=row.code)
            if self.has_levels and row.level is None:
                self.complain(index, "tree.missing_level", "level", code=row.code)
            if row.valid_from and row.valid_to and row.valid_to <= row.valid_from:
                self.complain(
                    index,
                    "tree.dates_backwards",
                    "valid_to",
                    code=row.code,
                    start=row.valid_from,
                    end=row.valid_to,
                )

    def own_ids(self) -> NDArray[np.int64]:
        ids = np.fromiter(
            (index + 1 if row.id is None else row.id for index, row in enumerate(self.rows)),
            dtype=np.int64,
            count=len(self.rows),
        )
        if np.unique(ids).size < ids.size:
            first: dict[int, int] = {}
            for index, region_id in enumerate(ids.tolist()):
                if first.setdefault(region_id, index) != index:
                    other = self.number(first[region_id])
                    self.complain(index, "tree.duplicate_id", "id", id=region_id, other=other)
        return ids

    def resolve_parents(self) -> NDArray[np.int64]:
        """The index of each row's parent, -1 for the root; complaints for what cannot be resolved."""
        rows = self.rows
        unique = {row.code: index for index, row in enumerate(rows)}
        if len(unique) == len(rows):
            parents = [-1 if row.parent is None else unique.get(row.parent, -2) for row in rows]
            if (
                parents.count(-1) == 1
                and -2 not in parents
                and all(
                    row.parent_level is None or rows[parent].level == row.parent_level
                    for row, parent in zip(rows, parents, strict=True)
                )
            ):
                return np.array(parents, dtype=np.int64)
        return self.resolve_with_care()

    def resolve_with_care(self) -> NDArray[np.int64]:
        """As :meth:`resolve_parents`, for codes that repeat across levels or rows that are wrong."""
        rows = self.rows
        by_key: dict[tuple[str, str | None], int] = {}
        by_code: dict[str, list[int]] = {}
        for index, row in enumerate(rows):
            other = by_key.setdefault((row.code, row.level), index)
            if other == index:
                by_code.setdefault(row.code, []).append(index)
            elif row.code:
                self.complain(
                    index,
                    "tree.duplicate",
                    "code",
                    code=row.code,
                    level=row.level or "",
                    other=self.number(other),
                )
        parents = np.full(len(rows), -1, dtype=np.int64)
        root = -1
        for index, row in enumerate(rows):
            if row.parent is None:
                if root < 0:
                    root = index
                else:
                    self.complain(
                        index,
                        "tree.two_roots",
                        "parent",
                        code=row.code,
                        root=rows[root].code,
                        other=self.number(root),
                    )
                continue
            if row.parent_level is not None:
                exact = by_key.get((row.parent, row.parent_level))
                found = [] if exact is None else [exact]
            else:
                found = by_code.get(row.parent, [])
            if len(found) > 1 and row.code == row.parent:
                found = [other for other in found if other != index]
            if len(found) == 1:
                parents[index] = found[0]
            elif found:
                levels = "、".join(str(rows[other].level) for other in found)
                self.complain(
                    index,
                    "tree.parent_ambiguous",
                    "parent",
                    code=row.code,
                    parent=row.parent,
                    levels=levels,
                )
            else:
                self.complain(index, "tree.orphan", "parent", code=row.code, parent=row.parent)
        if root < 0:
            self.problems.append(Problem("tree.no_root"))
        return parents

    def lay_out(
        self, parents: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int16], NDArray[np.int32]]:
        """Row indices in pre-order, with parent positions, depths and last descendants."""
        count = len(self.rows)
        keys = pa.table(
            {
                "parent": parents,
                "code": pa.array([row.code for row in self.rows]),
                "level": pa.array([row.level or "" for row in self.rows]),
            }
        )
        order = pc.sort_indices(
            keys, sort_keys=[("parent", "ascending"), ("code", "ascending"), ("level", "ascending")]
        )
        by_parent = order.to_numpy().astype(np.int64)
        first_child = np.searchsorted(parents[by_parent], np.arange(count + 1))
        generations = [by_parent[:1]]
        while generations[-1].size:
            above = generations[-1]
            starts, stops = first_child[above], first_child[above + 1]
            generations.append(by_parent[_ranges(starts, stops)])
        if sum(generation.size for generation in generations) < count:
            raise self.circles(parents, generations)
        depth = np.empty(count, dtype=np.int16)
        size = np.ones(count, dtype=np.int64)
        for level, generation in enumerate(generations):
            depth[generation] = level
        for generation in reversed(generations[1:]):
            np.add.at(size, parents[generation], size[generation])
        before = np.cumsum(size[by_parent]) - size[by_parent]
        offset = np.empty(count, dtype=np.int64)
        group_start = np.searchsorted(parents[by_parent], parents[by_parent])
        offset[by_parent] = before - before[group_start]
        position = np.zeros(count, dtype=np.int64)
        for generation in generations[1:]:
            position[generation] = position[parents[generation]] + 1 + offset[generation]
        pre_order = np.empty(count, dtype=np.int64)
        pre_order[position] = np.arange(count)
        parent = np.full(count, -1, dtype=np.int32)
        parent[1:] = position[parents[pre_order[1:]]]
        last = np.arange(count) + size[pre_order] - 1
        return pre_order, parent, depth[pre_order], last.astype(np.int32)

    def circles(self, parents: NDArray[np.int64], generations: list[NDArray[np.int64]]) -> InvalidInput:
        """One complaint per circle, at its first row."""
        lost = np.ones(len(self.rows), dtype=bool)
        for generation in generations:
            lost[generation] = False
        done: set[int] = set()
        for start in np.flatnonzero(lost).tolist():
            walk: list[int] = []
            at = start
            while at not in done:
                done.add(at)
                walk.append(at)
                at = int(parents[at])
            if at in walk:
                circle = walk[walk.index(at) :]
                first = min(circle)
                path = " → ".join(self.rows[index].code for index in [*circle, at])
                self.complain(first, "tree.cycle", "parent", path=path)
        return InvalidInput(self.problems)


def _ranges(starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    """The concatenation of ``arange(start, stop)`` over all pairs."""
    lengths = stops - starts
    total = int(lengths.sum())
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total)
