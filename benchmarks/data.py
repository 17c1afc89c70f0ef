"""Invented monthly figures for every township: 60 elements, 36 months, 3 % missing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import shape
from jingtu.engine.dense import DenseFacts, DenseShape, Ratio
from jingtu.engine.tree import RegionTree

ELEMENTS, MONTHS, RATIOS = 60, 36, 200
MISSING = np.iinfo(np.int32).min
SEED = 20261122


@dataclass(frozen=True)
class Data:
    """The figures of one shape. ``wide`` is the Parquet file DuckDB sums, ``dense`` the engine's block."""

    tree: RegionTree
    source: str
    facts: DenseFacts
    wide: Path
    dense: Path

    @cached_property
    def shape(self) -> DenseShape:
        """The tree prepared for bulk work."""
        return DenseShape(self.tree)

    @property
    def values(self) -> int:
        """How many values are stated (missing ones not counted)."""
        return int((self.facts.values != MISSING).sum())


def make(name: str, folder: Path) -> Data:
    """Figures for a shape, written to ``folder``; the same every time."""
    tree, source = shape.build(name)
    leaves = np.flatnonzero(tree.last == np.arange(tree.size))
    rng = np.random.default_rng(SEED)
    values = np.empty((MONTHS * ELEMENTS, leaves.size), dtype=np.int32)
    largest = np.geomspace(6, 600, ELEMENTS).astype(np.int32)
    for row in range(len(values)):
        values[row] = rng.integers(0, largest[row % ELEMENTS], leaves.size, dtype=np.int32)
        values[row][rng.random(leaves.size, dtype=np.float32) < 0.03] = MISSING
    facts = DenseFacts(values)
    wide, dense = folder / f"{name}-wide.parquet", folder / f"{name}-facts.npy"
    _write_wide(values, tree.ids[leaves], wide)
    facts.save(dense)
    return Data(tree, source, facts, wide, dense)


def names() -> list[str]:
    """Codes of the elements."""
    return [f"e{number:02d}" for number in range(ELEMENTS)]


def ratios() -> list[Ratio]:
    """200 shares with target, floor and points; every element is read by six or seven of them."""
    made = []
    for number in range(RATIOS):
        below = number % ELEMENTS
        above = (below + 1 + number // ELEMENTS) % ELEMENTS
        up = number % 3 != 0
        target, floor = (Fraction(95), Fraction(60)) if up else (Fraction(40), Fraction(140))
        made.append(
            Ratio(
                f"R{number:03d}", above, below, Fraction(100), 5 if number % 4 == 0 else 0,
                1 if up else -1, ">=" if up else "<=", target, floor, 50_000,
            )
        )  # fmt: skip
    return made


def month_key(month: int) -> str:
    """The months are those of three years."""
    return f"{2023 + month // 12}-{month % 12 + 1:02d}"


def _write_wide(values: np.ndarray, region_ids: np.ndarray, path: Path) -> None:
    schema = pa.schema(
        [("region", pa.int64()), ("period", pa.int16()), *((name, pa.int32()) for name in names())]
    )
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        # Three months make a row group of DuckDB's own size at the nation's shape.
        for first in range(0, MONTHS, 3):
            block = values[first * ELEMENTS : (first + 3) * ELEMENTS].reshape(3, ELEMENTS, -1)
            columns = [
                pa.array(np.tile(region_ids, 3)),
                pa.array(np.repeat(np.arange(first, first + 3, dtype=np.int16), region_ids.size)),
            ]
            for element in range(ELEMENTS):
                column = np.ascontiguousarray(block[:, element]).ravel()
                columns.append(pa.array(column, mask=column == MISSING))
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
