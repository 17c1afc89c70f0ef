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
from numpy.typing import NDArray

from jingtu.engine.problems import refuse, register_texts
from jingtu.engine.regionfile import RegionRow, read_region_rows, rows_in_force
from jingtu.engine.treelayout import Layout

__all__ = ["RegionRow", "RegionTree", "nearest_text", "read_region_rows"]

register_texts(
    {
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
        rows = list(rows)
        layout = Layout(rows)
        layout.compute()
        in_order = [rows[index] for index in layout.order.tolist()]
        depths = layout.depth.tolist()
        return cls(
            key=key,
            ids=layout.ids[layout.order],
            parent=layout.parent,
            depth=layout.depth,
            last=layout.last,
            codes=tuple(row.code for row in in_order),
            names=tuple(row.name for row in in_order),
            levels=tuple(row.level or f"L{depths[at]}" for at, row in enumerate(in_order)),
            aliases={at: row.aliases for at, row in enumerate(in_order) if row.aliases},
        )

    @classmethod
    def read_csv(cls, source: str | Path | bytes, key: str, as_of: date | None = None) -> RegionTree:
        """The tree in a CSV file: ``code,name,parent[,level,parent_level,valid_from,valid_to,aliases]``.

        UTF-8 (BOM or not) or GB18030; Chinese headers (编码, 名称, 上级, 级别…) are understood;
        several aliases are separated by ``|``. Only regions in force on ``as_of`` are taken;
        without it, those that have no end.
        """
        return cls.build(rows_in_force(read_region_rows(source), as_of), key)

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
