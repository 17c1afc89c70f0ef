"""Regions as rows of a file: who is whose parent, since when and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.textfile import read_table

register_texts(
    {
        "tree.bad_date": (
            "“{text}”不是日期，请写成2017-09-01",
            '"{text}" is not a date; write it like 2017-09-01',
        ),
    }
)

_HEADERS = {
    "编码": "code",
    "代码": "code",
    "名称": "name",
    "上级": "parent",
    "上级编码": "parent",
    "级别": "level",
    "层级": "level",
    "上级级别": "parent_level",
    "设立日期": "valid_from",
    "撤销日期": "valid_to",
    "别名": "aliases",
}


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region as stated in a file or database.

    ``parent`` is the parent's code (None for the root); ``parent_level`` tells which one is meant
    where a code occurs at several levels. ``valid_from`` is its first day, ``valid_to`` the day
    from which it no longer exists. ``id`` is the store's own id (rows without one are numbered
    from 1), ``row`` the row in the user's file.
    """

    code: str
    name: str
    parent: str | None
    level: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    id: int | None = None
    row: int | None = None
    parent_level: str | None = None
    aliases: tuple[str, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether the region exists on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


def rows_in_force(rows: list[RegionRow], as_of: date | None) -> list[RegionRow]:
    """The rows in force on a day; without one, those that have no end."""
    if as_of is None:
        return [row for row in rows if row.valid_to is None]
    return [row for row in rows if row.in_force(as_of)]


def read_region_rows(source: str | Path | bytes) -> list[RegionRow]:
    """All rows of a region file, past and present, numbered as in the file (header = row 1)."""
    header, table = read_table(source)
    columns = {_HEADERS.get(name, name.lower()): index for index, name in enumerate(header) if name}
    missing = [
        Problem("file.header_missing", {"column": name, "found": "、".join(header)}, row=1)
        for name in ("code", "name", "parent")
        if name not in columns
    ]
    if missing:
        raise InvalidInput(missing)
    problems: list[Problem] = []
    code_at, name_at, parent_at = columns["code"], columns["name"], columns["parent"]
    level_at, parent_level_at = columns.get("level", -1), columns.get("parent_level", -1)
    from_at, to_at, aliases_at = (columns.get(name, -1) for name in ("valid_from", "valid_to", "aliases"))
    width = len(header)
    rows: list[RegionRow] = []
    for number, cells in enumerate(table, start=2):
        if not any(cells):
            continue
        if len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        aliases = cells[aliases_at] if aliases_at >= 0 else ""
        rows.append(
            RegionRow(
                cells[code_at].strip(),
                cells[name_at].strip(),
                cells[parent_at].strip() or None,
                (cells[level_at].strip() or None) if level_at >= 0 else None,
                _date(cells[from_at], number, "valid_from", problems) if from_at >= 0 else None,
                _date(cells[to_at], number, "valid_to", problems) if to_at >= 0 else None,
                number - 1,
                number,
                (cells[parent_level_at].strip() or None) if parent_level_at >= 0 else None,
                tuple(alias.strip() for alias in aliases.split("|") if alias.strip()) if aliases else (),
            )
        )
    if problems:
        raise InvalidInput(problems)
    return rows


def _date(text: str, row: int, column: str, problems: list[Problem]) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        problems.append(Problem("tree.bad_date", {"text": text}, row=row, column=column))
        return None
