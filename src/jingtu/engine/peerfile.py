"""Peer groups as rows of a file: which regions are ranked among their like (分类考核)."""

from __future__ import annotations

from pathlib import Path

from jingtu.engine.factcheck import plain_text
from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.textfile import read_table
from jingtu.engine.tree import RegionTree

COLUMNS = ("region", "level", "name", "group", "group_name")
"""The header the site exports; a file needs only ``region`` and ``group``."""

_HEADERS = {
    "地区": "region",
    "地区代码": "region",
    "编码": "region",
    "代码": "region",
    "code": "region",
    "级别": "level",
    "层级": "level",
    "分组": "group",
    "同类组": "group",
}

register_texts(
    {
        "peerfile.blank": ("此格不能为空", "this cell must not be blank"),
        "peerfile.repeated": (
            "“{region}”在“{group}”组中重复，首次在第{other}行",
            '"{region}" is in the group "{group}" twice, first in row {other}',
        ),
        "peerfile.none": ("文件中没有分组", "the file names no group"),
    }
)


def read_peer_file(source: str | Path | bytes, tree: RegionTree) -> dict[str, list[int]]:
    """Group code → tree positions in the order of the tree. A region may be in several groups.

    ``region,group[,level]`` in any order of columns; others are for people only. InvalidInput lists
    everything wrong with row and column.
    """
    header, table = read_table(source)
    columns = {_HEADERS.get(name, name.lower()): index for index, name in enumerate(header) if name}
    found = "、".join(name for name in header if name)
    problems = [
        Problem("file.header_missing", {"column": name, "found": found}, row=1)
        for name in ("region", "group")
        if name not in columns
    ]
    if problems:
        raise InvalidInput(problems)
    members: dict[str, dict[int, int]] = {}
    for number, record in enumerate(table, start=2):
        cells = {name: plain_text(record[at]) if at < len(record) else "" for name, at in columns.items()}
        if not any(cells.values()):
            continue
        blank = [name for name in ("region", "group") if not cells[name]]
        problems += [Problem("peerfile.blank", row=number, column=header[columns[name]]) for name in blank]
        if blank:
            continue
        try:
            position = _position(tree, cells["region"], cells.get("level") or None)
        except InvalidInput as refusal:
            column = header[columns["region"]]
            problems += [problem.at(row=number, column=column) for problem in refusal.problems]
            continue
        rows = members.setdefault(cells["group"], {})
        if position in rows:
            told = {"region": cells["region"], "group": cells["group"], "other": rows[position]}
            problems.append(Problem("peerfile.repeated", told, row=number, column=header[columns["region"]]))
        rows.setdefault(position, number)
    if not members and not problems:
        problems.append(Problem("peerfile.none"))
    if problems:
        raise InvalidInput(sorted(problems, key=lambda problem: problem.row or 0))
    return {group: sorted(rows) for group, rows in members.items()}


def _position(tree: RegionTree, text: str, level: str | None) -> int:
    named = [] if tree.candidates(text, level) else tree.named(text)
    return named[0] if len(named) == 1 else tree.position(text, level)
