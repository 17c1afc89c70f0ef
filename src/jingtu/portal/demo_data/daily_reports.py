"""A week of daily reports of the counties of the fictional city, for the daily monitor and the weekly bulletin.

Drawn from the same seed as the months, so the same file comes out each time. One county is silent on the
last day.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np

from .places import counties
from .reports import SEED

FIRST, DAYS = dt.date(2026, 10, 12), 7
SILENT = "F07"
"""Did not report on the last day."""


def days() -> list[dt.date]:
    """The days of the week."""
    return [FIRST + dt.timedelta(days=number) for number in range(DAYS)]


def rows() -> list[tuple[str, str, str, int]]:
    """(region, element, day, value) of every report."""
    drawn = np.random.default_rng([SEED, 20261012])
    found = []
    for place in counties():
        daily = int(drawn.integers(90, 260))
        checks = int(drawn.integers(80, 190))
        for day in days():
            parcels = int(drawn.poisson(daily))
            values = {
                "parcels_due": parcels,
                "parcels_inspected": int(drawn.binomial(parcels, 0.985)),
                "parcels_realname": int(drawn.binomial(parcels, 0.992)),
                "parcels_xray": int(drawn.binomial(parcels, 0.975)),
                "checkpoint_inspections": int(drawn.poisson(checks)),
            }
            if (place.code, day) != (SILENT, days()[-1]):
                found += [(place.code, element, day.isoformat(), value) for element, value in values.items()]
    return found


def write(path: Path) -> None:
    """Write the week as a file to import."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("region", "element", "period", "value", "category"))
        writer.writerows((*row, "") for row in rows())
