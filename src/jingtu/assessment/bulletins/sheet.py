"""A bulletin as a workbook: typed cells, frozen headers, and formulas where a reader expects them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from jingtu.assessment.bulletins.content import Bulletin, Cell, Column, Heading, Note, Paragraph, Table

Formats = Callable[[dict[str, object]], Format]


def render(bulletin: Bulletin) -> bytes:
    """The .xlsx file: one sheet of text and one for each table."""
    buffer = io.BytesIO()
    # Text stays text: a name that begins with "=" must never become a formula.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {"title": bulletin.title, "author": bulletin.issuer, "comments": bulletin.running_foot}
        )
        zh = bulletin.language == "zh"
        names = {
            "ranking": "排名" if zh else "Ranking",
            "red_lines": "红线与未达标" if zh else "Red lines",
            "changes": "变化" if zh else "Changes",
            "peers": "分组位次" if zh else "Peer groups",
            "too_small": "列出不排名" if zh else "Shown, not ranked",
        }
        for table in (block for block in bulletin.blocks if isinstance(block, Table)):
            sheet = book.add_worksheet(names.get(table.key, table.key))
            shown = _with_ties(table, zh) if table.key == "ranking" else table
            _write_table(sheet, book.add_format, bulletin, shown)
        _write_text(book.add_worksheet("正文" if zh else "Text"), book.add_format, bulletin)
    return buffer.getvalue()


def _with_ties(table: Table, zh: bool) -> Table:
    """The ranking with a column that says which ranks are shared, so that it can be filtered by."""
    held = Counter(row[0].number for row in table.rows)
    column = Column("并列" if zh else "Tied", "center", 0.6)
    shared = [row[0].number is not None and held[row[0].number] > 1 for row in table.rows]
    marks = [("是" if zh else "yes") if tied else "" for tied in shared]
    return replace(
        table,
        columns=(*table.columns[:2], column, *table.columns[2:]),
        rows=tuple((*row[:2], Cell(mark), *row[2:]) for row, mark in zip(table.rows, marks, strict=True)),
    )


def _write_table(sheet: Worksheet, add_format: Formats, bulletin: Bulletin, table: Table) -> None:
    zh = bulletin.language == "zh"
    title = add_format({"bold": True, "font_size": 13})
    small = add_format({"font_color": "#666666", "font_size": 9})
    header = add_format(
        {
            "bold": True,
            "bg_color": "#E8EEF5",
            "border": 1,
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
    )
    text = add_format({"border": 1})
    centred = add_format({"border": 1, "align": "center"})
    figures = {
        decimals: add_format({"border": 1, "num_format": "0" if decimals == 0 else "0." + "0" * decimals})
        for decimals in (0, 2)
    }
    totals = {
        decimals: add_format({"border": 1, "bold": True, "num_format": "0." + "0" * (decimals or 2)})
        for decimals in (0, 2)
    }

    sheet.write_string(0, 0, table.caption, title)
    sheet.write_string(
        1, 0, "　".join(part for part in (bulletin.fictional_notice, bulletin.running_foot) if part), small
    )
    top = 2
    for index, column in enumerate(table.columns):
        sheet.write_string(top, index, column.title, header)
        sheet.set_column(index, index, max(8, round(column.width * 11)))
    for offset, row in enumerate(table.rows, start=1):
        for index, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            if cell.number is not None and column.decimals is not None:
                style = figures[column.decimals]
                number, mark = f"{cell.number:.{column.decimals}f}", ""
                if cell.text.startswith(number):
                    mark = cell.text.removeprefix(number)
                if mark:  # a number still, so that the column sorts, with the words that stand beside it
                    style = add_format({"border": 1, "num_format": f'0"{mark}"'})
                sheet.write_number(top + offset, index, float(cell.number), style)
            elif cell.url:
                sheet.write_url(top + offset, index, cell.url, text, cell.text)
            else:
                sheet.write_string(
                    top + offset, index, cell.text, centred if column.align == "center" else text
                )
    last = top + len(table.rows)
    numeric = [index for index, column in enumerate(table.columns) if column.decimals == 2]
    if numeric and table.rows:
        sheet.write_string(last + 1, 1, "平均" if zh else "Mean", header)
        for index in numeric:
            first_cell, last_cell = xl_rowcol_to_cell(top + 1, index), xl_rowcol_to_cell(last, index)
            values = [row[index].number for row in table.rows if row[index].number is not None]
            mean = float(sum(values) / len(values)) if values else 0  # type: ignore[arg-type]
            sheet.write_formula(
                last + 1, index, f"=IFERROR(AVERAGE({first_cell}:{last_cell}),0)", totals[2], mean
            )
    if table.note:
        sheet.write_string(last + 2, 0, bulletin.note_label + table.note, small)
    sheet.freeze_panes(top + 1, 2)
    sheet.autofilter(top, 0, max(last, top), len(table.columns) - 1)
    sheet.repeat_rows(top)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{bulletin.running_foot}&R&P / &N")


def _write_text(sheet: Worksheet, add_format: Formats, bulletin: Bulletin) -> None:
    wrap = add_format({"text_wrap": True, "valign": "top"})
    bold = add_format({"text_wrap": True, "bold": True})
    sheet.set_column(0, 0, 110)
    lines: list[tuple[str, Format]] = [(bulletin.title, bold), (bulletin.number, wrap)]
    if bulletin.fictional_notice:
        lines.append((bulletin.fictional_notice, wrap))
    for block in bulletin.blocks:
        if isinstance(block, Heading):
            lines.append((block.text, bold))
        elif isinstance(block, Paragraph | Note):
            lines.append((block.text, wrap))
    lines += [(bulletin.signature, wrap), (bulletin.date, wrap)]
    for row, (content, style) in enumerate(lines):
        sheet.write_string(row, 0, content, style)
