"""Uploaded tables that are not facts (targets, survey results): read by roles, given back with what is wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jingtu.core.facts.importing.marking import mark
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import content_path
from jingtu.core.files.rules import text_encoding
from jingtu.core.files.services import keep_made
from jingtu.core.kernel.actor import Actor
from jingtu.engine.problems import InvalidInput, Problem, refuse
from jingtu.engine.sheet import Sheet, Top, read_sheet_as
from jingtu.engine.sheetheaders import Layout

Roles = Callable[[Sequence[str]], tuple[dict[str, int], list[Problem]]]
"""Column by role and what is wrong with a header; raises InvalidInput when it is none."""


@dataclass(frozen=True)
class Table:
    """A table as rows of role → text with the row numbers the user sees."""

    sheet: Sheet
    encoding: str
    rows: Sequence[tuple[int, dict[str, str]]]
    problems: Sequence[Problem]

    def column(self, role: str | None) -> str | None:
        """The header over a role's column."""
        at = self.sheet.layout.roles.get(role or "")
        return None if at is None else self.sheet.layout.header[at]


def read_table_by_roles(stored: StoredFile, roles: Roles) -> Table:
    """The rows of a stored CSV or XLSX. InvalidInput when no header is found or nothing below it."""
    path = content_path(stored)
    encoding = ""
    if stored.kind == "csv":
        with path.open("rb") as stream:
            encoding = text_encoding(stream)
    refusals: list[InvalidInput] = []

    def find(top: Top) -> Layout | None:
        for index, record in enumerate(top):
            header = [cell.strip().lstrip("\ufeff") for cell in record]
            while header and not header[-1]:
                header.pop()
            try:
                found, problems = roles(header)
            except InvalidInput as refusal:
                refusals.append(refusal)
                continue
            number = index + 1
            placed = tuple(problem.at(row=number) for problem in problems)
            return Layout(header, number, number + 1, found, {}, placed)
        return None

    def refusal(top: Top) -> InvalidInput:
        return refusals[0] if refusals else refuse("sheet.no_rows")

    sheet = read_sheet_as(path, find, refusal, stored.kind, encoding or None)
    cells = [column.to_pylist() for column in sheet.columns]
    rows = []
    for index, number in enumerate(sheet.rows.tolist()):
        said = {role: (cells[at][index] or "").strip() for role, at in sheet.layout.roles.items()}
        if any(said.values()):
            rows.append((number, said))
    return Table(sheet, encoding, rows, [*sheet.layout.problems, *sheet.problems])


def marked_copy(
    actor: Actor, stored: StoredFile, table: Table, problems: Sequence[Problem], purpose: str
) -> StoredFile:
    """The sender's own file with one more column that says what is wrong in each row."""
    name = Path(stored.name)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"marked.{stored.kind}"
        mark(content_path(stored), target, stored.kind, table.encoding, table.sheet, problems, actor.language)
        word = "有错" if actor.language == "zh" else "errors"
        return keep_made(actor, target, f"{name.stem}-{word}.{stored.kind}", purpose=purpose)
