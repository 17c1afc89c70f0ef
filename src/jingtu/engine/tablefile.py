"""Tables that leave the house: CSV and workbooks written row by row, in constant memory, and never cut."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from jingtu.engine.export import safe_cell

SHEET_ROWS = 1_048_576
"""How many rows a sheet of a workbook holds; a longer table goes on on further sheets."""

BLOCK = 64 * 1024
EXACT_DIGITS = 15  # beyond these a spreadsheet's number is no longer the figure
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

Row = Sequence[object]


@dataclass(frozen=True)
class Around:
    """What stands about a table: lines above it, a line below that says the count, a mark on each printed page."""

    above: Sequence[Sequence[object]]
    facts: str
    about: str
    mark: str = ""
    end: Callable[[int], str] | None = None


def csv_blocks(around: Around, header: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as UTF-8 that Excel opens rightly, in blocks of some size: stamp, header, rows, end."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for line in around.above:
        writer.writerow(_plain(line))
    writer.writerow(_plain(header))
    count = 0
    for row in rows:
        writer.writerow(_plain(row))
        count += 1
        if buffer.tell() >= BLOCK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if around.end is not None:
        writer.writerow([around.end(count)])
    yield buffer.getvalue().encode()


def write_csv(path: Path, around: Around, header: Row, rows: Iterable[Row]) -> None:
    """The same into a file."""
    with path.open("wb") as stream:
        stream.writelines(csv_blocks(around, header, rows))


def write_xlsx(
    target: Path | IO[bytes],
    around: Around,
    header: Row,
    rows: Iterable[Row],
    *,
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """Typed cells under a frozen header, on as many sheets as it takes, and a last one that says what they are.

    Returns how many sheets hold rows.
    """
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, _OPTIONS) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DCE3EC"})
        sheets = 1
        page = _page(book, around.facts, around.mark, header, bold)
        number = 0
        for row in rows:
            number += 1
            if number == sheet_rows:
                sheets += 1
                page = _page(book, f"{around.facts} {sheets}", around.mark, header, bold)
                number = 1
            for column, cell in enumerate(row):
                _write(page, number, column, cell)
        note = book.add_worksheet(around.about)
        note.set_column(0, 0, 90)
        for at, line in enumerate(around.above):
            note.write_string(at, 0, "　".join(str(cell) for cell in line))
    return sheets


def _page(book: Any, name: str, mark: str, header: Row, style: Any) -> Any:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    # A printed page says whose copy it is; "&" begins a command there, and 255 letters are the most.
    page.set_footer("&L" + mark.replace("&", "＆")[:230] + "&R&P / &N")
    for column, text in enumerate(header):
        page.write_string(0, column, str(text), style)
    return page


def _write(page: Any, row: int, column: int, cell: object) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        page.write_string(row, column, str(cell))
    elif isinstance(cell, Decimal) and len(cell.as_tuple().digits) > EXACT_DIGITS:
        page.write_string(row, column, f"{cell:f}")
    else:
        page.write_number(row, column, cell)


def _plain(row: Iterable[object]) -> list[object]:
    """Numbers as they are, text as no formula."""
    return [
        cell
        if cell is None or isinstance(cell, int | float)
        else f"{cell:f}"
        if isinstance(cell, Decimal)
        else safe_cell(cell)
        for cell in row
    ]
