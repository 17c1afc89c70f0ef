"""``jingtu assess run`` on the demonstration city's files, as a whole process."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Line, Table, within
from jingtu.portal.demo_data import city

ROOT = Path(__file__).resolve().parents[1]
PERIOD = "2026-09"


def run(folder: Path, rounds: int) -> Table:
    """A first call from sources never compiled before, then calls as of every day."""
    reports = [report for report in city.write(folder / "files") if report.tree != "demo-units"]
    month = [folder / "files" / report.file_name for report in reports if report.month == PERIOD]
    every = [folder / "files" / report.file_name for report in reports]
    first, processor = [], []
    for number in range(min(rounds, 3)):
        used = _processor_seconds()
        first.append(_call(_fresh(folder, number), folder, month))
        processor.append(_processor_seconds() - used)
    source = _fresh(folder, 0)
    _call(source, folder, month)
    later = [_call(source, folder, month) for _ in range(rounds)]
    whole = [_call(source, folder, every) for _ in range(min(rounds, 3))]
    written = [_call(source, folder, month, out=True) for _ in range(min(rounds, 3))]
    rows = sum(len(report.rows) for report in reports if report.month == PERIOD)
    total = sum(len(report.rows) for report in reports)
    return Table(
        "command",
        [
            within("one city, one month: first call, nothing compiled", first, 2),
            Line("… processor time of it (the machine is shared)", f"{min(processor):.2f} s"),
            within("the same, later calls", later, 2),
            Line("the same with --out (publication, ranking, snapshot)", f"{min(written):.2f} s"),
            Line(f"with all {len(every)} months of reports", f"{min(whole):.2f} s"),
        ],
        [f"9 counties, 160 townships; {rows:,} rows in the month, {total:,} in all; county_monthly card"],
    )


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fresh(folder: Path, number: int) -> Path:
    """A copy of the sources without anything compiled."""
    target = folder / f"source-{number}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / "src", target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return target


def _call(source: Path, folder: Path, facts: list[Path], out: bool = False) -> float:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    environment |= {"PYTHONPATH": str(source), "JINGTU_LANG": "en"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    words = [
        *(sys.executable, "-m", "jingtu", "assess", "run"),
        *("--regions", str(folder / "files" / "regions.csv")),
        *(word for path in facts for word in ("--facts", str(path))),
        *("--catalogue", str(source / "jingtu" / "catalogue")),
        *("--scorecard", "county_monthly", "--period", PERIOD),
        *(("--out", str(folder / "results")) if out else ()),
    ]
    start = time.perf_counter()
    subprocess.run(words, env=environment, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start
