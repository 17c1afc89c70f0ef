"""One changed figure: its ancestors, every indicator that reads it, every rank it moves, and a year later."""

from __future__ import annotations

import time

import numpy as np

from benchmarks import data as figures
from benchmarks.data import ELEMENTS, MISSING, Data, month_key
from benchmarks.measure import Line, Table, timed, within
from benchmarks.world import catalogue, facts
from jingtu.engine.assess import Assessment, assess
from jingtu.engine.incremental import Recomputer
from jingtu.engine.periods import Period

MONTH, YEAR_LATER = 23, 35
CHANGES = 100


def run(data: Data) -> Table:
    """Change figures of a month in its own assessment and in that of twelve months later."""
    definitions = catalogue()

    def assessed(month: int) -> Assessment:
        table = facts(data, (month, month - 1, month - 12))
        return assess(data.tree, table, definitions, "card", Period.parse(month_key(month)))

    full = timed(lambda: assessed(MONTH))
    books = [Recomputer(assessed(month)) for month in (MONTH, YEAR_LATER)]
    rng = np.random.default_rng(7)
    block = data.facts.values[MONTH * ELEMENTS : (MONTH + 1) * ELEMENTS]
    seconds: list[float] = []
    processor: list[float] = []
    split: list[tuple[float, float]] = []
    key = month_key(MONTH)
    for number in range(ELEMENTS + CHANGES):
        # Every element once beforehand: the first change of a figure copies what it is about to write.
        element = number if number < ELEMENTS else int(rng.integers(ELEMENTS))
        leaf = int(rng.choice(np.flatnonzero(block[element] != MISSING)))
        place = int(data.shape.leaves[leaf])
        value = int(rng.integers(0, 50))
        clock, began = [time.perf_counter()], time.thread_time()
        for book in books:
            book.change(figures.names()[element], place, key, value)
            clock.append(time.perf_counter())
        if number >= ELEMENTS:
            seconds.append(clock[2] - clock[0])
            processor.append(time.thread_time() - began)
            split.append((clock[1] - clock[0], clock[2] - clock[1]))
    now, later = np.median(np.array(split), axis=0) * 1000
    return Table(
        "change",
        [
            within("one value → ancestors, indicators, ranks, and a year later", seconds, 0.005, "ms"),
            Line("… in its own month / twelve months later", f"{now:.2f} ms / {later:.2f} ms"),
            Line("… processor time of it (the machine is shared)", f"{np.median(processor) * 1000:.2f} ms"),
            Line("… 95 of 100 changes", f"{np.quantile(seconds, 0.95) * 1000:.2f} ms"),
            Line("for comparison: the exact assessment from scratch", f"{full:.1f} s", seconds=full),
        ],
        [
            f"{data.tree.size:,} regions, 200 indicators (exact fractions), {len(books[0].assessment.subjects):,} "
            f"counties ranked; {CHANGES} changes of stated figures; every element changed once before"
        ],
    )
