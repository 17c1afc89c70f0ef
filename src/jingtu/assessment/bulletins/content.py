"""What a composed bulletin consists of: blocks that the Word, PDF, Excel and screen renderers print.

None of the renderers adds a sentence or a number of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from jingtu.engine.problems import Language

Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (一、) or 2 (（一）)."""

    kind: ClassVar[str] = "heading"

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    kind: ClassVar[str] = "paragraph"
    text: str
    indent: bool = True
    align: Align = "left"


@dataclass(frozen=True)
class Cell:
    """A table cell: what is shown, and the number behind it for typed formats; ``url`` opens its derivation."""

    text: str
    number: Decimal | None = None
    url: str = ""


@dataclass(frozen=True)
class Column:
    title: str
    align: Align = "left"
    width: float = 1.0
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """A table with a caption. ``key`` names it for sheets and tests."""

    kind: ClassVar[str] = "table"

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """Each row as pairs of column and cell, for templates."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Chart:
    """A bar chart: one series of numbers by category, in the order to be drawn."""

    kind: ClassVar[str] = "chart"

    title: str
    series: str
    categories: tuple[str, ...]
    values: tuple[Decimal, ...]
    unit: str


@dataclass(frozen=True)
class Note:
    """A numbered line of the data notes."""

    kind: ClassVar[str] = "note"

    text: str


Block = Heading | Paragraph | Table | Chart | Note


@dataclass(frozen=True)
class Bulletin:
    """A composed bulletin in one language."""

    language: Language
    issuer: str
    number: str
    title: str
    recipient: str
    blocks: tuple[Block, ...]
    signature: str
    date: str
    distribution: str
    fictional_notice: str
    running_foot: str

    @property
    def note_label(self) -> str:
        """What stands before the note of a table."""
        return "注：" if self.language == "zh" else "Note: "

    @property
    def copies_label(self) -> str:
        """What stands before the list of readers."""
        return "抄送：" if self.language == "zh" else "Copies: "

    def text(self) -> str:
        """All its words in order, for searching and for tests."""
        parts = [self.title, self.number, self.recipient, self.fictional_notice]
        for block in self.blocks:
            if isinstance(block, Heading | Paragraph | Note):
                parts.append(block.text)
            elif isinstance(block, Table):
                parts.append(block.caption)
                parts.extend(cell.text for row in block.rows for cell in row)
        return "\n".join(part for part in parts if part)
