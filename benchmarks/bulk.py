"""Roll-up, one month and all months of the whole nation, in units of what DuckDB needs to read the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from benchmarks import data as figures
from benchmarks import shape as shapes
from benchmarks.data import ELEMENTS, MONTHS, RATIOS, Data
from benchmarks.measure import Line, Table, against, interleaved, peak_gib, timed
from jingtu.engine import dense

CURVE = ("county", "city", "province", "nation")


def unit(data: Data) -> Callable[[], object]:
    """1 LB: DuckDB sums the 60 columns of the wide Parquet file."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    sums = ", ".join(f"sum({name})::BIGINT" for name in figures.names())
    query = f"SELECT {sums} FROM '{data.wide}'"
    return lambda: connection.execute(query).fetchone()


def run(data: Data, rounds: int, name: str) -> Table:
    """Measure one shape; the figures of the engine are first shown to be DuckDB's."""
    shape, facts, ratios = data.shape, data.facts, figures.ratios()
    smallest_unit = unit(data)
    first_call = [timed(lambda: dense.roll_up_all(shape, facts)), timed(lambda: month(data, MONTHS - 1))]
    sums, _ = dense.roll_up_all(shape, facts)
    if smallest_unit() != tuple(sums[:, 0].reshape(MONTHS, ELEMENTS).sum(axis=0).tolist()):
        raise RuntimeError("the engine and DuckDB disagree about the totals")
    del sums
    seconds = interleaved(
        {
            "LB": smallest_unit,
            "memory": lambda: dense.roll_up_all(shape, facts),
            "snapshot": lambda: dense.roll_up_all(shape, dense.DenseFacts.load(data.dense)),
            "month": lambda: month(data, MONTHS - 1),
        },
        rounds,
    )
    alone = [_alone(name, data.dense.parent) for _ in range(max(1, rounds // 3))]
    units = [timed(smallest_unit) for _ in range(3)]
    middle = float(np.median([*seconds["LB"], *units]))
    series = min(found["seconds"] for found in alone)
    unit_seconds = min(found["unit"] for found in alone)
    peak = max(found["peak"] for found in alone)
    reached = float(np.median([found["seconds"] / found["unit"] for found in alone]))
    lines = [
        Line("1 LB: DuckDB sums 60 columns of wide Parquet", f"{middle:.2f} s", seconds=middle),
        against("roll-up of everything to all levels, from memory", seconds, "memory", 1),
        against("the same from the bulk snapshot on disk", seconds, "snapshot", 3),
        against(f"one month, {RATIOS} indicators, all outputs kept", seconds, "month", 5),
        Line(
            f"all {MONTHS} months, reduced to counties and checksums",
            f"{reached:.1f} LB", "≤ 30 LB", reached <= 30, series,
        ),
        Line("the same, largest memory of its own process", f"{peak:.2f} GiB", "≤ 3 GiB", peak <= 3),
        *_writing(data, middle),
    ]  # fmt: skip
    notes = [
        f"{data.tree.size:,} regions ({data.source}), {data.values / 1e6:.1f} million values, "
        f"{ELEMENTS} elements × {MONTHS} months, {len(ratios)} ratios",
        f"first calls (compiling or loading compiled code): {first_call[0]:.1f} s and {first_call[1]:.1f} s",
        f"all months: {series / (MONTHS * RATIOS * data.tree.size) * 1e9:.0f} ns a value, "
        f"LB in those processes {unit_seconds:.2f} s",
    ]
    return Table("bulk", lines, notes)


def curve(folder: Path, upto: str) -> Table:
    """All months for a county, a city, a province, the nation: the time a value takes must not grow."""
    lines = []
    for name in CURVE[: CURVE.index(upto) + 1] if upto in CURVE else [upto]:
        data = figures.make(name, folder)
        series(data)
        seconds = min(timed(lambda data=data: series(data)) for _ in range(3))  # type: ignore[misc]
        cells = MONTHS * RATIOS * data.tree.size
        lines.append(
            Line(
                f"all months of one {name}: {data.tree.size:,} regions",
                f"{seconds:.3f} s", seconds=seconds,
            )
        )  # fmt: skip
        lines.append(Line("… a value", f"{seconds / cells * 1e9:.0f} ns"))
    return Table("curve", lines, ["best of three; small shapes pay the fixed cost of 36 × 200 calls"])


def month(data: Data, number: int) -> dense.DenseResult:
    """Roll up a month and the same month of the year before; compute and keep everything."""
    return dense.assess_month(data.shape, _block(data, number), _block(data, number - 12), figures.ratios())


def series(data: Data) -> dense.Checksum:
    """All months, of which counties are kept."""
    counties = data.tree.at_level("county").astype(np.int64)
    kept = list(dense.assess_series(data.shape, data.facts, figures.ratios(), ELEMENTS, counties))
    return kept[-1].checksum


def _block(data: Data, number: int) -> dense.DenseBlock:
    rows = dense.DenseFacts(data.facts.values[number * ELEMENTS : (number + 1) * ELEMENTS])
    return dense.DenseBlock.gather(data.shape, rows, *dense.roll_up_all(data.shape, rows), slice(None))


def _writing(data: Data, unit_seconds: float) -> list[Line]:
    """Writing all results of one month to Parquet."""
    result = month(data, MONTHS - 1)
    codes = [ratio.code for ratio in figures.ratios()]
    path = data.dense.parent / "month.parquet"

    def write() -> None:
        pq.write_table(result.to_arrow(codes, data.tree.ids), path, compression="zstd")

    seconds = timed(write)
    size = path.stat().st_size / 1e6
    return [
        Line(
            "writing all results of one month to Parquet (apart)",
            f"{seconds / unit_seconds:.1f} LB, {size:.0f} MB", seconds=seconds,
        )
    ]  # fmt: skip


def _alone(name: str, folder: Path) -> dict[str, float]:
    """The series in a process of its own, so that its memory can be told."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bulk", name, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _main(name: str, folder: Path) -> None:
    tree, source = shapes.build(name)
    path = folder / f"{name}-facts.npy"
    data = Data(tree, source, dense.DenseFacts.load(path), folder / f"{name}-wide.parquet", path)
    counties = tree.at_level("county").astype(np.int64)
    smallest_unit = unit(data)
    smallest_unit()
    next(dense.assess_series(data.shape, data.facts, figures.ratios(), ELEMENTS, counties))
    months, units, kept = [], [], []
    running = dense.assess_series(data.shape, data.facts, figures.ratios(), ELEMENTS, counties)
    for number in range(MONTHS):
        if number % 4 == 0:  # the unit among the months, so that both meet the same moments
            units.append(timed(smallest_unit))
        start = time.perf_counter()
        kept.append(next(running))
        months.append(time.perf_counter() - start)
    middle = float(np.median(units))
    print(json.dumps({"seconds": sum(months), "peak": peak_gib(), "unit": middle}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
