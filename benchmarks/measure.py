"""Timing in interleaved rounds, and what there is to say about the machine."""

from __future__ import annotations

import gc
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Line:
    """One measured number: what, how much, what is asked for, and whether that is reached."""

    what: str
    reached: str
    required: str = ""
    good: bool | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Table:
    """The lines of one part and remarks a reader needs to judge them."""

    part: str
    lines: list[Line]
    notes: list[str]


def interleaved(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every case in every round: each round runs all cases in turn, so that a busy moment
    of the machine meets all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            seconds[name].append(timed(case))
    return seconds


def timed(case: Callable[[], object]) -> float:
    """Seconds one call takes; what it returns is dropped after the clock has stopped."""
    gc.collect()
    start = time.perf_counter()
    kept = case()
    passed = time.perf_counter() - start
    del kept
    return passed


def ratio(seconds: Mapping[str, list[float]], case: str, unit: str = "LB") -> float:
    """Median over the rounds of case ÷ unit, both of the same round."""
    return statistics.median(a / b for a, b in zip(seconds[case], seconds[unit], strict=True))


def against(what: str, seconds: Mapping[str, list[float]], case: str, limit: float | None = None) -> Line:
    """A line that compares a case with the unit."""
    reached = ratio(seconds, case)
    return Line(
        what,
        f"{reached:.2f} LB",
        "" if limit is None else f"≤ {limit:g} LB",
        None if limit is None else reached <= limit,
        statistics.median(seconds[case]),
    )


def within(what: str, seconds: list[float], limit: float, unit: str = "s") -> Line:
    """A line for a stated time: the median of the rounds."""
    middle = statistics.median(seconds)
    shown = f"{middle * 1000:.2f} ms" if unit == "ms" else f"{middle:.2f} s"
    asked = f"≤ {limit * 1000:g} ms" if unit == "ms" else f"≤ {limit:g} s"
    return Line(what, shown, asked, middle <= limit, middle)


def peak_gib() -> float:
    """Largest resident memory of this process so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


PACKAGES = ("numpy", "numba", "pyarrow", "duckdb", "django")


def machine() -> list[str]:
    """Cores, memory, load and versions, without anything that names the host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, load {load}",
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    ]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            names = [line.partition(":")[2].strip() for line in stream if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "processor unknown"
