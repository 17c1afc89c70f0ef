"""Reading a file of facts: CSV or XLSX, long (one figure a row) or wide (a column for each element)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import python_calamine as calamine
from numpy.typing import NDArray

from jingtu.engine.catalogue import Catalogue
from jingtu.engine.elements import Element
from jingtu.engine.factcheck import LongColumns, TextColumn, plain_text, validate_long
from jingtu.engine.facttable import FactTable
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.textfile import decode, read_bytes, separator_of
from jingtu.engine.tree import RegionTree, nearest_text

MAX_UNPACKED = 512 * 1024 * 1024

register_texts(
    {
        "factfile.ragged": (
            "这一行有{found}格，表头有{expected}格；请检查多余的逗号或缺少的引号",
            "this row has {found} cells, the header {expected}; look for a surplus comma or a missing quote",
        ),
        "factfile.no_rows": ("表头下面没有数据", "there is no row below the header"),
        "factfile.unknown_column": (
            "表头“{text}”既不是规定的列，也不是数据元素",
            'the header "{text}" is neither a known column nor an element',
        ),
        "factfile.unknown_column_near": (
            "表头“{text}”既不是规定的列，也不是数据元素，是否指“{near}”？",
            'the header "{text}" is neither a known column nor an element; did you mean "{near}"?',
        ),
        "factfile.repeated_element": (
            "表头“{text}”和“{other}”是同一数据元素",
            'the headers "{text}" and "{other}" are the same element',
        ),
        "factfile.bad_workbook": (
            "不是可读取的Excel工作簿（.xlsx），请另存为.xlsx或CSV UTF-8",
            'not a readable Excel workbook (.xlsx); save it as .xlsx or "CSV UTF-8"',
        ),
        "factfile.unpacks_too_large": (
            "工作簿解压后超过{limit}MB，请拆分或改用CSV",
            "the workbook unpacks to more than {limit} MB; split it or use CSV",
        ),
        "factfile.quotes": (
            "引号不成对，各行无法分清；请检查单元格里的英文双引号",
            'the quotation marks do not pair up, so rows cannot be told apart; look for a stray " in a cell',
        ),
        "factfile.csv": ("CSV无法读取：{reason}", "the CSV cannot be read: {reason}"),
    }
)

_ROLES = {
    "region": ("region", "region_code", "地区", "区划代码", "地区代码", "地区编码", "单位"),
    "element": ("element", "element_code", "数据元素", "指标", "项目"),
    "period": ("period", "期间", "时期", "月份"),
    "value": ("value", "数值", "值"),
    "category": ("category", "分类"),
    "level": ("level", "级别", "层级"),
    "qualifier": ("qualifier", "限定", "限定词"),
    "remark": ("source", "note", "region_name", "name", "来源", "备注", "地区名称", "名称"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}


def read_fact_file(
    source: str | Path | bytes,
    tree: RegionTree,
    catalogue: Catalogue,
    today: date | None = None,
) -> FactTable:
    """The facts of a file, all or none.

    Long: ``region, element, period, value [, category, level, qualifier, source]``; wide: ``region,
    period [, category, level], <element>…``, in any order of columns, headers in English or Chinese,
    elements by code or name. CSV in UTF-8 or GB18030, or the first sheet of an XLSX workbook.
    Wholly blank rows are passed over; columns of sources and region names are for people only.
    InvalidInput lists everything wrong with row and column.
    """
    data = read_bytes(source)
    if not data.strip():
        raise refuse("file.empty")
    if data.startswith(b"PK\x03\x04"):
        header, columns, rows, problems = _read_workbook(data)
    else:
        header, columns, rows, problems = _read_text(data)
    roles, elements = _layout(header, catalogue.elements)
    if problems:
        raise InvalidInput(problems)
    if rows.size == 0:
        raise refuse("factfile.no_rows")
    if elements:
        written = _long_from_wide(header, columns, rows, roles, elements)
    else:
        named = {role: columns[at].called(header[at]) for role, at in roles.items()}
        written = LongColumns(
            named["region"],
            named["element"],
            named["period"],
            named["value"],
            rows,
            named.get("category"),
            named.get("level"),
            named.get("qualifier"),
        )
    facts, found = validate_long(written, tree, catalogue.elements, today)
    if facts is None:
        raise InvalidInput(found)
    return facts


def _layout(header: Sequence[str], elements: Mapping[str, Element]) -> tuple[dict[str, int], dict[str, int]]:
    """Which column plays which role, and which holds which element (wide tables only)."""
    roles: dict[str, int] = {}
    others: list[int] = []
    for at, name in enumerate(header):
        role = _ROLE_OF.get(name.lower())
        if role is None or (role != "remark" and role in roles):
            others.append(at)
        elif role != "remark":
            roles[role] = at
    problems: list[Problem] = []
    wanted = ["region", "period"]
    by_text = {name: code for code, one in elements.items() for name in (one.name_zh, one.name_en)}
    by_text |= {code: code for code in elements}
    found: dict[str, int] = {}
    if "element" in roles or "value" in roles:
        wanted += ["element", "value"]
    else:
        for at in others:
            name = header[at]
            code = by_text.get(name)
            if code is None:
                if name:
                    near = nearest_text(name, [*by_text, *_ROLE_OF])
                    key = "factfile.unknown_column" + ("_near" if near else "")
                    problems.append(Problem(key, {"text": name, "near": near or ""}, row=1, column=name))
            elif code in found:
                params = {"text": name, "other": header[found[code]]}
                problems.append(Problem("factfile.repeated_element", params, row=1, column=name))
            else:
                found[code] = at
        if not found and not problems:
            wanted += ["element", "value"]
    listed = "、".join(name for name in header if name)
    for role in wanted:
        if role not in roles:
            problems.append(Problem("file.header_missing", {"column": role, "found": listed}, row=1))
    if problems:
        raise InvalidInput(problems)
    return roles, found


def _long_from_wide(
    header: Sequence[str],
    columns: Sequence[TextColumn],
    rows: NDArray[np.int32],
    roles: Mapping[str, int],
    elements: Mapping[str, int],
) -> LongColumns:
    """One long row for each cell of an element column."""
    count = len(elements)

    def repeated(role: str) -> TextColumn | None:
        if role not in roles:
            return None
        column = columns[roles[role]]
        return TextColumn(header[roles[role]], column.texts, np.tile(column.codes, count))

    texts: dict[str, int] = {}
    codes: list[NDArray[np.int32]] = []
    for at in elements.values():
        column = columns[at]
        mapping = [texts.setdefault(text, len(texts)) for text in column.texts]
        codes.append(np.array(mapping, dtype=np.int32)[column.codes])
    region, period = repeated("region"), repeated("period")
    if region is None or period is None:
        raise ValueError("a wide table has the columns region and period")
    numbers = np.repeat(np.arange(count, dtype=np.int32), rows.size)
    return LongColumns(
        region,
        TextColumn("element", list(elements), numbers),
        period,
        TextColumn("value", list(texts), np.concatenate(codes)),
        np.tile(rows, count),
        repeated("category"),
        repeated("level"),
        repeated("qualifier"),
        {code: header[at] for code, at in elements.items()},
    )


Sheet = tuple[list[str], list[TextColumn], NDArray[np.int32], list[Problem]]


def _read_text(data: bytes) -> Sheet:
    """Header, columns, row numbers of a CSV; rows of the wrong width are complained of."""
    if data.isascii():
        text_start = data[:65536].decode("ascii")
    else:
        text = decode(data)
        data, text_start = text.encode(), text[:65536]
    if data.count(b'"') % 2:
        # An open quotation mark would swallow every row after it without a word.
        raise refuse("factfile.quotes")
    separator = separator_of(text_start)
    record = next(csv.reader(io.StringIO(text_start, newline=""), delimiter=separator), [])
    header = [plain_text(name) for name in record]
    wrong: list[tuple[int, int]] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        wrong.append((row.number, row.actual_columns))
        return "skip"

    names = [str(at) for at in range(len(header))]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            # One thread, because only then do complaints carry their row number.
            arrow_csv.ReadOptions(column_names=names, skip_rows_after_names=1, use_threads=False),
            arrow_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=b'"' in data,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            arrow_csv.ConvertOptions(
                column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in names},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise refuse("factfile.csv", reason=str(error)) from None
    skipped = np.array([number for number, _ in wrong], dtype=np.int64)
    rows = np.setdiff1d(np.arange(2, table.num_rows + skipped.size + 2), skipped).astype(np.int32)
    problems = [
        Problem("factfile.ragged", {"found": found, "expected": len(header)}, row=number)
        for number, found in wrong
        if found != 1
    ]
    columns = [TextColumn.from_arrow("", column.unify_dictionaries()) for column in table.columns]
    filled = np.zeros(rows.size, dtype=bool)
    for column in columns:
        filled |= np.array([bool(text) for text in column.texts])[column.codes]
    if filled.all():
        return header, columns, rows, problems
    kept = [TextColumn("", column.texts, column.codes[filled]) for column in columns]
    return header, kept, rows[filled], problems


def _read_workbook(data: bytes) -> Sheet:
    """Header, columns, row numbers of the first sheet; blank rows are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise refuse("factfile.unpacks_too_large", limit=MAX_UNPACKED >> 20)
        sheet = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, calamine.CalamineError, IndexError):
        raise refuse("factfile.bad_workbook") from None
    if not cells:
        raise refuse("file.empty")
    header = [plain_text(_cell_text(cell)) for cell in cells[0]]
    kept = [
        (number, [_cell_text(cell) for cell in record])
        for number, record in enumerate(cells[1:], start=2)
        if any(cell not in ("", None) for cell in record)
    ]
    columns = [
        TextColumn.from_arrow(name, pa.array([record[at] for _, record in kept], pa.string()))
        for at, name in enumerate(header)
    ]
    return header, columns, np.array([number for number, _ in kept], dtype=np.int32), []


def _cell_text(cell: object) -> str:
    """What a reader of the sheet sees: 12 for 12.0, 2026-10-05 for a date."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
