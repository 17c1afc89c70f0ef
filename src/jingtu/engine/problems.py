"""What is wrong with an input, said in the reader's language, with the place and the remedy.

The engine, the imports, the command line and the API all speak of bad input through
:class:`Problem`; the sentence is chosen only when it is shown, so one problem can be
printed in Chinese on paper and in English on a terminal.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Language = Literal["zh", "en"]

_texts: dict[str, tuple[str, str]] = {}


def register_texts(texts: Mapping[str, tuple[str, str]]) -> None:
    """Add ``code -> (Chinese, English)`` sentences; both use the same ``{placeholders}``.

    Raises ValueError for a code registered twice with other words, or for sentences
    whose placeholders differ.
    """
    for code, (zh, en) in texts.items():
        if _placeholders(zh) != _placeholders(en):
            raise ValueError(f"{code}: the two languages use different placeholders")
        if _texts.get(code, (zh, en)) != (zh, en):
            raise ValueError(f"{code} is registered twice")
        _texts[code] = (zh, en)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@dataclass(frozen=True)
class Problem:
    """One thing wrong: a registered code, its parameters, and where it is.

    ``row`` counts as the user's file does (the header is row 1); ``column`` is the header
    text or field name. ``severity`` is ``"error"`` (refuses the input) or ``"warning"``.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    row: int | None = None
    column: str | None = None
    severity: Literal["error", "warning"] = "error"

    def text(self, language: Language = "zh") -> str:
        """The sentence without its place."""
        zh, en = _texts[self.code]
        return (zh if language == "zh" else en).format(**self.params)

    def located_text(self, language: Language = "zh") -> str:
        """The sentence, led by row and column where they are known."""
        place = []
        if self.row is not None:
            place.append(f"第{self.row}行" if language == "zh" else f"row {self.row}")
        if self.column is not None:
            place.append(f"“{self.column}”列" if language == "zh" else f'column "{self.column}"')
        if not place:
            return self.text(language)
        separator, end = ("", "：") if language == "zh" else (", ", ": ")
        return separator.join(place) + end + self.text(language)

    def at(self, row: int | None = None, column: str | None = None) -> Problem:
        """The same problem at a place."""
        return replace(self, row=row if row is not None else self.row, column=column or self.column)


class InvalidInput(Exception):
    """Input refused as a whole, with everything found wrong in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(problem.located_text("en") for problem in self.problems))


def refuse(code: str, /, row: int | None = None, column: str | None = None, **params: object) -> InvalidInput:
    """An :class:`InvalidInput` of one problem, ready to raise."""
    return InvalidInput([Problem(code, params, row=row, column=column)])
