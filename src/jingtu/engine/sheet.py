"""Reading a table of facts, CSV or XLSX, into columns of text with the row numbers the user sees."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import python_calamine as calamine
from defusedxml import ElementTree
from numpy.typing import NDArray

from jingtu.engine.elements import Element
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.sheetheaders import Layout, find_header, missing_columns
from jingtu.engine.textfile import encoding_of

register_texts(
    {
        "sheet.no_header": (
            "没有找到表头。长表需要“地区、数据元素、期间、数值”各列；宽表需要“地区、期间”和各数据元素列。可下载模板填写。",
            "No header found. A long table needs the columns region, element, period, value; a wide one region, "
            "period and a column for each element. You can download a template.",
        ),
        "sheet.no_rows": ("表头以下没有数据行。", "There are no rows below the header."),
        "sheet.ragged": (
            "本行有 {found} 格，表头有 {expected} 列；请检查是否多了逗号或缺了引号。",
            "The row has {found} cells but the header {expected}; look for a surplus comma or a missing quote.",
        ),
        "sheet.formula": (
            "单元格 {cell} 是公式。请复制后“选择性粘贴—数值”，只留数字。",
            "Cell {cell} holds a formula. Copy it and paste as values, so that only the figure is left.",
        ),
        "sheet.merged": (
            "单元格 {cells} 是合并单元格。请取消合并，每格各填各的。",
            "Cells {cells} are merged. Unmerge them and fill in each one.",
        ),
        "sheet.date_or_month": (
            "单元格是日期 {date}，分不清是“日”还是“月”。请把该列设为文本，再填 {month} 或 {date}。",
            "The cell is the date {date}, which may mean the day or the month. Format the column as text and write "
            "{month} or {date}.",
        ),
        "sheet.too_sparse": (
            "工作表在很远的位置有内容（{cell}）。请删除表外的内容后另存。",
            "The sheet has content far away ({cell}). Delete what lies outside the table and save it again.",
        ),
        "sheet.bad_workbook": (
            "不是可读取的Excel工作簿（.xlsx），请另存为.xlsx或CSV UTF-8",
            'not a readable Excel workbook (.xlsx); save it as .xlsx or "CSV UTF-8"',
        ),
        "sheet.unpacks_too_large": (
            "工作簿解压后超过{limit}MB，请拆分或改用CSV",
            "the workbook unpacks to more than {limit} MB; split it or use CSV",
        ),
        "sheet.quotes": (
            "引号不成对，无法分清各行；请检查单元格里的英文双引号。",
            'The quotation marks do not pair up, so rows cannot be told apart; look for a stray " in a cell.',
        ),
    }
)

HEADER_WITHIN = 20  # rows at the top among which the header is looked for
MAX_AREA = 30_000_000  # cells of the rectangle a sheet spans
MAX_COLUMNS = 2_000
MAX_UNPACKED = 512 * 1024 * 1024
Source = Path | bytes
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?>(\s*<(?:\w+:)?f[\s/>])?')


@dataclass(frozen=True)
class Sheet:
    """A table as text. ``columns`` run parallel to ``layout.header``; ``rows`` are the user's row numbers."""

    layout: Layout
    columns: list[pa.Array]
    rows: NDArray[np.int32]
    name: str = ""
    dates: dict[int, set[int]] = field(default_factory=dict)  # column -> indices of cells typed as dates
    problems: list[Problem] = field(default_factory=list)


def read_sheet(
    source: Source, elements: Mapping[str, Element], kind: str | None = None, encoding: str | None = None
) -> Sheet:
    """The table of facts in a file or in its bytes; InvalidInput when there is none that could be understood.

    ``kind`` (csv or xlsx) and ``encoding`` are found out when they are not given.
    """

    def refusal(top: Top) -> InvalidInput:
        return _no_header(top, elements)

    return read_sheet_as(source, lambda top: find_header(top, elements), refusal, kind, encoding)


Top = Sequence[Sequence[str]]
"""The first rows of a table."""
Finder = Callable[[Top], Layout | None]
"""Finds the header among the first rows."""
Refusal = Callable[[Top], InvalidInput]
"""What to say when there is none."""


def read_sheet_as(
    source: Source, find: Finder, refusal: Refusal, kind: str | None = None, encoding: str | None = None
) -> Sheet:
    """As :func:`read_sheet`, for a table whose header ``find`` knows."""
    if isinstance(source, Path) and not source.is_file():
        raise refuse("file.no_such_file", path=str(source))
    with _binary(source) as stream:
        start = stream.read(4)
        kind = kind or ("xlsx" if start == b"PK\x03\x04" else "csv")
        if not start.strip():
            stream.seek(0)
            if not stream.read().strip():
                raise refuse("file.empty")
        if kind == "csv" and encoding is None:
            stream.seek(0)
            encoding = encoding_of(stream)
    if kind == "xlsx":
        return _read_workbook(source, find, refusal)
    return _read_text(source, encoding or "utf-8-sig", find, refusal)


def _binary(source: Source) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _text(source: Source, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(_binary(source), encoding=encoding, newline="")


# -- CSV -------------------------------------------------------------------------------------------------


def _read_text(source: Source, encoding: str, find: Finder, refusal: Refusal) -> Sheet:
    separator = separator_of(source, encoding)
    _refuse_open_quote(source, encoding)
    with _text(source, encoding) as stream:
        top = _first_records(stream, separator)
    found = find(top)
    if found is None:
        raise refusal(top)
    sheet = _read_fast(source, encoding, separator, found) or _read_careful(
        source, encoding, separator, found
    )
    if len(sheet.rows) == 0 and not sheet.problems:
        raise refuse("sheet.no_rows")
    return sheet


def _no_header(top: Sequence[Sequence[str]], elements: Mapping[str, Element]) -> InvalidInput:
    missing = missing_columns(top, elements)
    return InvalidInput(missing) if missing else refuse("sheet.no_header")


def _refuse_open_quote(source: Source, encoding: str) -> None:
    """An open quotation mark would swallow every row after it without a word."""
    count = 0
    # Only in UTF-16 may the byte of a quotation mark be part of another character.
    with _text(source, encoding) if encoding == "utf-16" else _binary(source) as stream:
        mark: Any = '"' if encoding == "utf-16" else b'"'
        while block := stream.read(1 << 20):
            count += block.count(mark)
    if count % 2:
        raise refuse("sheet.quotes")


def separator_of(source: Source, encoding: str) -> str:
    """Comma, semicolon or tab: whichever the first lines use most."""
    with _text(source, encoding) as stream:
        first = stream.readline() + stream.readline()
    return max(",;\t", key=first.count)


def _first_records(stream: io.TextIOBase, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    reader = csv.reader(stream, delimiter=separator)
    try:
        for record in reader:
            records.append(record)
            if len(records) == HEADER_WITHIN:
                break
    except csv.Error as error:
        raise refuse("sheet.quotes") from error
    return records


def _read_fast(source: Source, encoding: str, separator: str, layout: Layout) -> Sheet | None:
    """Arrow's reader; None for a file with anything unusual in it, which is then read with care."""
    width = len(layout.header)
    unusual = False

    def complain(_row: arrow_csv.InvalidRow) -> str:
        nonlocal unusual
        unusual = True
        return "skip"

    names = [str(number) for number in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(source) if isinstance(source, bytes) else source,
            arrow_csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=0,
                skip_rows=layout.first_row - 1,
                encoding="utf8" if encoding == "utf-8-sig" else encoding,
                use_threads=True,
            ),
            arrow_csv.ParseOptions(
                delimiter=separator,
                invalid_row_handler=complain,
                ignore_empty_lines=False,
                newlines_in_values=False,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    if unusual or width < 2:
        return None
    columns = [_array(table.column(name).combine_chunks()) for name in names]
    rows = np.arange(layout.first_row, layout.first_row + table.num_rows, dtype=np.int32)
    return Sheet(layout, *_without_blank_rows(columns, rows))


def _without_blank_rows(
    columns: list[pa.Array], rows: NDArray[np.int32]
) -> tuple[list[pa.Array], NDArray[np.int32]]:
    candidates = np.flatnonzero(_blank(columns[0]))
    for column in columns[1:]:
        if not len(candidates):
            return columns, rows
        candidates = candidates[_blank(column.take(pa.array(candidates)))]
    if not len(candidates):
        return columns, rows
    kept = np.ones(len(rows), dtype=bool)
    kept[candidates] = False
    return [column.filter(pa.array(kept)) for column in columns], rows[kept]


def _blank(column: pa.Array) -> NDArray[np.bool_]:
    blank: NDArray[np.bool_] = pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy(zero_copy_only=False)
    return blank


def _read_careful(source: Source, encoding: str, separator: str, layout: Layout) -> Sheet:
    width = len(layout.header)
    cells: list[list[str]] = [[] for _ in range(width)]
    rows: list[int] = []
    problems: list[Problem] = []
    needed = _needed_width(layout)
    with _text(source, encoding) as stream:
        reader = csv.reader(stream, delimiter=separator)
        try:
            for number, record in enumerate(reader, start=1):
                if number < layout.first_row or not any(cell.strip() for cell in record):
                    continue
                if len(record) < needed or any(cell.strip() for cell in record[width:]):
                    problems.append(
                        Problem("sheet.ragged", {"found": len(record), "expected": width}, row=number)
                    )
                    continue
                rows.append(number)
                for index, column in enumerate(cells):
                    column.append(record[index] if index < len(record) else "")
        except csv.Error as error:
            raise refuse("sheet.quotes") from error
    columns = [pa.array(column, pa.string()) for column in cells]
    return Sheet(layout, columns, np.array(rows, dtype=np.int32), problems=problems)


def _needed_width(layout: Layout) -> int:
    """How many cells a row has at least: surplus columns of remarks may be left off at its end."""
    needed = [layout.roles[role] for role in ("region", "period", "element", "value") if role in layout.roles]
    return max([*needed, *layout.elements]) + 1


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


# -- XLSX ------------------------------------------------------------------------------------------------


def _read_workbook(source: Source, find: Finder, refusal: Refusal) -> Sheet:
    try:
        _refuse_bomb(source)
        book = calamine.load_workbook(io.BytesIO(source) if isinstance(source, bytes) else str(source))
        visible = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == calamine.SheetVisibleEnum.Visible
            and meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        parts = _sheet_parts(source)
        first: list[list[str]] = []
        for name in visible:
            formulas = _inspect_cells(source, parts[name]) if name in parts else []
            raw = book.get_sheet_by_name(name)
            top = raw.to_python(skip_empty_area=False, nrows=HEADER_WITHIN)
            texts = [[text_of(cell) for cell in row] for row in top]
            first = first or texts
            layout = find(texts)
            if layout is not None:
                return _from_workbook(raw, layout, name, formulas)
    except InvalidInput:
        raise
    except (
        calamine.CalamineError,
        zipfile.BadZipFile,
        zlib.error,
        ElementTree.ParseError,
        KeyError,
        ValueError,
        EOFError,
        NotImplementedError,
        OSError,
    ) as error:
        raise refuse("sheet.bad_workbook") from error
    raise refusal(first)


def _refuse_bomb(source: Source) -> None:
    """What the archive says of its own size; a reader that trusts it stops where it lies."""
    with zipfile.ZipFile(_binary(source)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED:
        raise refuse("sheet.unpacks_too_large", limit=MAX_UNPACKED >> 20)


def _from_workbook(
    raw: calamine.CalamineSheet, layout: Layout, name: str, formulas: list[tuple[str, int]]
) -> Sheet:
    width = len(layout.header)
    dates: dict[int, set[int]] = {}
    rows: list[int] = []
    cells: list[list[str]] = [[] for _ in range(width)]
    for number, record in enumerate(raw.to_python(skip_empty_area=False), start=1):
        if number < layout.first_row:
            continue
        texts = [text_of(cell) for cell in record[:width]]
        if not any(text.strip() for text in texts):
            continue
        for index in range(width):
            cells[index].append(texts[index] if index < len(texts) else "")
            if index < len(record) and isinstance(record[index], dt.date):
                dates.setdefault(index, set()).add(len(rows))
        rows.append(number)
    problems = [
        Problem(
            "sheet.formula", {"cell": f"{letters}{row}"}, row=row, column=layout.header[column_of(letters)]
        )
        for letters, row in formulas
        if row >= layout.first_row and column_of(letters) < width
    ]
    for (top, left), (bottom, right) in raw.merged_cell_ranges or ():
        if bottom + 1 >= layout.header_row and left < width:
            cells_name = f"{letters_of(left)}{top + 1}:{letters_of(right)}{bottom + 1}"
            row = max(top + 1, layout.header_row)
            problems.append(
                Problem("sheet.merged", {"cells": cells_name}, row=row, column=layout.header[left])
            )
    if not rows and not problems:
        raise refuse("sheet.no_rows")
    columns = [pa.array(column, pa.string()) for column in cells]
    return Sheet(layout, columns, np.array(rows, dtype=np.int32), name, dates, problems)


def text_of(cell: Any) -> str:
    """A spreadsheet value as somebody would have typed it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(" ")
    return "" if cell is None else str(cell)


def _sheet_parts(source: Source) -> dict[str, str]:
    """Which part of the archive holds which sheet."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    with zipfile.ZipFile(_binary(source)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {link.get("Id"): (link.get("Target") or "").lstrip("/") for link in links}
    found = {}
    for sheet in book.iter(f"{main}sheet"):
        target = targets.get(sheet.get(relation), "")
        found[sheet.get("name") or ""] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def _inspect_cells(source: Source, part: str) -> list[tuple[str, int]]:
    """Cells that hold formulas; refuses a sheet whose few cells span an absurd area.

    A dense reader would allocate the whole rectangle, so this looks at the addresses first.
    """
    formulas: list[tuple[str, int]] = []
    widest, tallest = 0, 0
    with zipfile.ZipFile(_binary(source)) as archive, archive.open(part) as stream:
        carry = b""
        while block := stream.read(1 << 20):
            text = carry + block
            cut = text.rfind(b"<")
            # Keep the last two elements back: a formula is the child of its cell.
            cut = text.rfind(b"<", 0, cut) if cut > 0 else -1
            cut = cut if cut > 0 else len(text)
            for found in _CELL.finditer(text, 0, cut):
                letters, row = found[1], int(found[2])
                tallest = max(tallest, row)
                if len(letters) > 1:
                    widest = max(widest, column_of(letters.decode()) + 1)
                if found[3]:
                    formulas.append((letters.decode(), row))
            carry = text[cut:]
        for found in _CELL.finditer(carry):
            widest = max(widest, column_of(found[1].decode()) + 1)
            tallest = max(tallest, int(found[2]))
            if found[3]:
                formulas.append((found[1].decode(), int(found[2])))
    if widest > MAX_COLUMNS or max(widest, 26) * tallest > MAX_AREA:
        raise refuse("sheet.too_sparse", cell=f"{letters_of(max(widest, 1) - 1)}{tallest}")
    return formulas


def column_of(letters: str) -> int:
    """Index from 0 of a spreadsheet column."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters_of(index: int) -> str:
    """Name of a spreadsheet column, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


__all__: Sequence[str] = ("Sheet", "column_of", "letters_of", "read_sheet", "separator_of", "text_of")
