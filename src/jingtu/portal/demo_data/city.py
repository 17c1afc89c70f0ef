"""Fifteen months of synthetic reports of the fictional city 示范市（虚构）.

Everything is drawn from :data:`~.reports.SEED` with numpy's PCG64, so the same files come out each time.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .county_reports import Counties
from .places import CITY_TREE, FOLDER, UNITS_TREE, counties, member_units, townships
from .reports import CALENDAR, MONTHS, OPEN_MONTH, ReportRow
from .township_reports import Townships
from .unit_reports import MemberUnits

COLUMNS = ("region", "element", "period", "value", "category")


@dataclass(frozen=True)
class MonthReport:
    """The reports of one month for one tree, in the order of the file written from them."""

    tree: str
    month: str
    rows: tuple[ReportRow, ...]

    @property
    def file_name(self) -> str:
        """The name of the file :func:`write` gives them."""
        return f"{self.tree}-{self.month}.csv"


def generate() -> list[MonthReport]:
    """All reports of both trees, month by month: first the city's, then the member units'."""
    places = townships()
    towns = Townships(places)
    county_places = counties()
    county_of = np.array([[place.code for place in county_places].index(place.parent) for place in places])
    count = len(county_places)
    county_reports = Counties(
        county_places,
        np.bincount(county_of, towns.population, count).astype(np.int64),
        np.bincount(county_of, towns.current, count).astype(np.int64),
    )
    units = MemberUnits(member_units())
    reports = []
    for number, month in enumerate(MONTHS):
        rows = tuple(towns.month(number)) + tuple(county_reports.month(number))
        reports.append(MonthReport(CITY_TREE, month, rows))
        reports.append(MonthReport(UNITS_TREE, month, tuple(units.month(number))))
    return reports


def open_month() -> list[MonthReport]:
    """What the townships and member units are about to report for the month that is still open."""
    towns, units = Townships(townships()), MemberUnits(member_units())
    last = len(CALENDAR) - 1
    for number in range(last):
        towns.month(number)
    return [
        MonthReport(CITY_TREE, OPEN_MONTH, tuple(towns.month(last))),
        MonthReport(UNITS_TREE, OPEN_MONTH, tuple(units.month(last))),
    ]


def write(folder: Path) -> list[MonthReport]:
    """Write ``regions.csv``, ``units.csv`` and one long import file per tree and month; returns them too.

    ``folder`` is created if missing; files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("regions.csv", "units.csv"):
        shutil.copyfile(FOLDER / name, folder / name)
    reports = generate()
    for report in reports:
        _write_rows(folder / report.file_name, report.rows)
    return reports


def _write_rows(path: Path, rows: Iterable[ReportRow]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((row.region, row.element, row.period, row.value, row.category) for row in rows)
