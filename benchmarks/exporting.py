"""A table of 500,000 rows and 45 columns taken out as CSV and as a workbook: memory of a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import Line, Table

ROWS, COLUMNS = 500_000, 45
MEBIBYTES = 300


def run(folder: Path, shape: str) -> Table:
    """Each format in a process that begins with an empty memory."""
    count = 2_000 if shape == "tiny" else ROWS
    lines = []
    for kind in ("csv", "xlsx"):
        words = [sys.executable, "-m", "benchmarks.exporting", kind, str(count), str(folder)]
        environment = os.environ | {
            "JINGTU_HOME": str(folder),
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        lines += [
            Line(
                f"{count:,} rows × {COLUMNS} columns as {kind}: largest memory of the process",
                f"{found['memory']:.0f} MiB",
                f"< {MEBIBYTES} MiB",
                found["memory"] < MEBIBYTES,
            ),
            Line(
                f"… {found['size'] / 2**20:.0f} MiB, {found['sheets']} sheet(s)",
                f"{count / found['seconds']:,.0f} rows a second",
                seconds=found["seconds"],
            ),
        ]
    return Table(
        "exporting", lines, ["the writer that all exports share, fed by a generator; Django is loaded"]
    )


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    """A third of the cells are words, a third whole numbers, a third decimals."""
    third = COLUMNS // 3
    for number in range(count):
        words = (f"第{number}镇{column}" for column in range(third))
        whole = range(number, number + third)
        yield (*words, *whole, *(Decimal(number * column).scaleb(-2) for column in range(third)))


def _main(kind: str, count: int, folder: Path) -> None:
    import django

    django.setup()
    from jingtu.core.audit.exporting import Outgoing, stamped
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.engine.tablefile import write_csv, write_xlsx

    header = [f"列{column}" for column in range(COLUMNS)]
    table = Outgoing("大表", header, _rows(count), count)
    target = folder / f"export.{kind}"
    start = time.perf_counter()
    sheets = 1
    if kind == "csv":
        write_csv(target, stamped(SYSTEM, table), table.header, table.rows)
    else:
        sheets = write_xlsx(target, stamped(SYSTEM, table), table.header, table.rows)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "size": target.stat().st_size, "sheets": sheets}))
    target.unlink()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
