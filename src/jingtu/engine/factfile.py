"""From a table of facts to checked facts: long (one figure a row) or wide (a column for each element).

The one reader: files of the command line and uploads of the site come through here alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from jingtu.engine.catalogue import Catalogue
from jingtu.engine.elements import Element
from jingtu.engine.factcheck import LongColumns, TextColumn, validate_long
from jingtu.engine.facttable import FactTable
from jingtu.engine.problems import InvalidInput, Problem
from jingtu.engine.sheet import Sheet, read_sheet
from jingtu.engine.tree import RegionTree


def read_fact_file(
    source: str | Path | bytes,
    tree: RegionTree,
    catalogue: Catalogue,
    today: date | None = None,
) -> FactTable:
    """The facts of a file, all or none.

    Long: ``region, element, period, value [, category, level, qualifier, source]``; wide: ``region,
    period [, category, level], <element>…``, in any order of columns, headers in English or Chinese,
    elements by code or name, categories as ``element[dimension=value]``. CSV in UTF-8, UTF-16 or
    GB18030, or an XLSX workbook; the header may stand below a title. Wholly blank rows are passed
    over; columns of sources and region names are for people only.
    InvalidInput lists everything wrong with row and column.
    """
    sheet = read_sheet(source if isinstance(source, bytes) else Path(source), catalogue.elements)
    facts, problems = understand(sheet, tree, catalogue.elements, today)
    if facts is None:
        raise InvalidInput(problems)
    return facts


def understand(
    sheet: Sheet,
    tree: RegionTree,
    elements: Mapping[str, Element],
    today: date | None = None,
    columns: LongColumns | None = None,
) -> tuple[FactTable | None, list[Problem]]:
    """The facts of a sheet, or None and everything wrong in it, in the order of rows.

    ``columns``: what :func:`long_columns` made of the sheet, where the caller has it already.
    """
    facts, found = validate_long(columns or long_columns(sheet), tree, elements, today)
    problems = [*sheet.layout.problems, *sheet.problems, *found, *_dates_or_months(sheet)]
    if not problems:
        return facts, []
    # What has no row (how many more there are) belongs at the end.
    return None, sorted(problems, key=lambda problem: problem.row if problem.row is not None else 2**31)


def long_columns(sheet: Sheet) -> LongColumns:
    """The sheet as one figure a row, whichever way it was written."""
    return _wide(sheet) if sheet.layout.wide else _long(sheet)


def _long(sheet: Sheet) -> LongColumns:
    def column(role: str) -> TextColumn | None:
        index = sheet.layout.roles.get(role)
        return None if index is None else _text_column(sheet, index)

    region = column("region") or column("region_name")
    element, period, value = column("element"), column("period"), column("value")
    # The header was only taken for one because it has all four.
    assert region is not None and element is not None and period is not None and value is not None  # noqa: PT018
    return LongColumns(
        region,
        element,
        period,
        value,
        sheet.rows,
        column("category"),
        column("level"),
        column("qualifier"),
    )


def _wide(sheet: Sheet) -> LongColumns:
    """The same rows once for each element's column."""
    indices = sorted(sheet.layout.elements)
    targets = [sheet.layout.elements[index] for index in indices]
    repeat, count = len(indices), len(sheet.rows)

    def column(*roles: str) -> TextColumn | None:
        index = next((sheet.layout.roles[role] for role in roles if role in sheet.layout.roles), None)
        if index is None:
            return None
        once = _text_column(sheet, index)
        return TextColumn(once.name, once.texts, np.tile(once.codes, repeat))

    region, period = column("region", "region_name"), column("period")
    assert region is not None and period is not None  # noqa: PT018
    values = (
        pa.concat_arrays([sheet.columns[index] for index in indices])
        if indices
        else pa.array([], pa.string())
    )
    each = np.repeat(np.arange(repeat, dtype=np.int32), count)
    category = column("category")
    if any(target.category for target in targets):
        category = _with_categories(category, [target.category for target in targets], each)
    return LongColumns(
        region,
        TextColumn("", [target.code for target in targets], each),
        period,
        TextColumn.from_arrow("", values),
        np.tile(sheet.rows, repeat),
        category,
        column("level"),
        column("qualifier"),
        [sheet.layout.header[index] for index in indices],
    )


def _with_categories(
    column: TextColumn | None, categories: list[str], each: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> TextColumn:
    """The category of each cell: its column's, joined to the row's own where the table has one."""
    if column is None:
        return TextColumn("", categories, each)
    texts = [";".join(part for part in (own, text) if part) for own in categories for text in column.texts]
    return TextColumn(column.name, texts, each * np.int32(len(column.texts)) + column.codes)


def _text_column(sheet: Sheet, index: int) -> TextColumn:
    return TextColumn.from_arrow(sheet.layout.header[index], sheet.columns[index])


def _dates_or_months(sheet: Sheet) -> list[Problem]:
    """Cells typed as dates, all of them firsts of a month: Excel makes those of months by itself."""
    index = sheet.layout.roles["period"]
    rows = sorted(sheet.dates.get(index, set()))
    texts = [sheet.columns[index][row].as_py() for row in rows]
    if not all(text.endswith("-01") for text in texts):
        return []
    return [
        Problem(
            "sheet.date_or_month",
            {"date": text, "month": text[:7]},
            row=int(sheet.rows[row]),
            column=sheet.layout.header[index],
        )
        for row, text in zip(rows, texts, strict=True)
    ]
