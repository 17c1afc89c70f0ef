"""From rows in any order to positions in pre-order, or to everything that is wrong with the rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.regionfile import RegionRow

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
        "tree.dates_backwards": (
            "“{code}”的撤销日期{end}不晚于设立日期{start}",
            '"{code}" ends on {end}, which is not after it starts on {start}',
        ),
    }
)


class Layout:
    """Checks the rows and lays them out in pre-order; linear in the number of rows.

    After :meth:`compute`, ``order`` holds the indices of the rows in pre-order, and ``parent``,
    ``depth`` and ``last`` describe the positions as in a region tree; ``ids`` are in the order of
    the rows.
    """

    order: NDArray[np.int64]
    parent: NDArray[np.int32]
    depth: NDArray[np.int16]
    last: NDArray[np.int32]
    ids: NDArray[np.int64]

    def __init__(self, rows: list[RegionRow]) -> None:
        self.rows = rows
        self.problems: list[Problem] = []
        self.has_levels = any(row.level is not None for row in rows)

    def number(self, index: int) -> int:
        row = self.rows[index].row
        return index + 1 if row is None else row

    def complain(self, index: int, code: str, column: str, /, **params: object) -> None:
        self.problems.append(Problem(code, params, row=self.number(index), column=column))

    def compute(self) -> None:
        """Fill in the arrays; InvalidInput lists everything wrong in the order of rows."""
        if not self.rows:
            raise refuse("tree.empty")
        self.check_rows()
        self.ids = self.own_ids()
        parents = self.resolve_parents()
        if self.problems:
            raise InvalidInput(sorted(self.problems, key=lambda problem: problem.row or 0))
        self.order, self.parent, self.depth, self.last = self.lay_out(parents)

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
