"""Checking written facts before any is taken: region, element, period, category, figure, duplicates.

Columns come dictionary-encoded, so each distinct text is understood once: a million rows of a few
thousand regions, periods and figures cost a few thousand look-ups.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jingtu.engine.elements import (
    LARGEST_SCALED,
    QUALIFIERS,
    Element,
    ParsedValue,
    parse_qualifier,
)
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.tree import RegionTree, nearest_text

MAX_PROBLEMS = 1000
MAX_SUGGESTIONS = 20

register_texts(
    {
        "factcheck.blank": ("此格不能为空", "this cell must not be blank"),
        "factcheck.name_ambiguous": (
            "有{count}个地区叫“{name}”，请改写编码",
            '{count} regions are called "{name}"; write the code instead',
        ),
        "factcheck.unknown_element": ("没有数据元素“{text}”", 'there is no element "{text}"'),
        "factcheck.unknown_element_near": (
            "没有数据元素“{text}”，是否指“{near}”？",
            'there is no element "{text}"; did you mean "{near}"?',
        ),
        "factcheck.future": (
            "期间“{period}”还没有开始，不能填报",
            'the period "{period}" has not begun and cannot be reported',
        ),
        "factcheck.duplicate": (
            "与第{other}行重复：同一地区、数据元素、期间和分类只能有一个数",
            "repeats row {other}: one region, element, period and category takes one figure",
        ),
        "factcheck.more": (
            "另有{count}处问题未列出；请先改正以上各处",
            "{count} more problems are not listed; mend these first",
        ),
    }
)


@dataclass(frozen=True)
class TextColumn:
    """A column of texts: the distinct ones, and for each row the number of its text."""

    name: str
    texts: Sequence[str]
    codes: NDArray[np.int32]

    @classmethod
    def from_arrow(cls, name: str, column: pa.ChunkedArray | pa.Array) -> TextColumn:
        """From an Arrow column of texts, encoded or not; null is blank. Texts are stripped."""
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(array, pa.ChunkedArray):
            array = pa.array([], pa.string())
        if not pa.types.is_dictionary(array.type):
            array = pc.dictionary_encode(array.cast(pa.string()))
        texts = [plain_text(text) for text in array.dictionary.to_pylist()]
        codes = pc.fill_null(array.indices.cast(pa.int32()), len(texts)).to_numpy(zero_copy_only=False)
        return cls(name, [*texts, ""], codes.astype(np.int32))

    def called(self, name: str) -> TextColumn:
        """The same column under another header."""
        return TextColumn(name, self.texts, self.codes)


def plain_text(text: str | None) -> str:
    """A cell's text without surrounding blanks, full-width characters made plain."""
    if text is None:
        return ""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@dataclass(frozen=True)
class LongColumns:
    """Facts as written, one a row. ``rows`` are the row numbers of the user's file."""

    region: TextColumn
    element: TextColumn
    period: TextColumn
    value: TextColumn
    rows: NDArray[np.int32]
    category: TextColumn | None = None
    level: TextColumn | None = None
    qualifier: TextColumn | None = None
    value_headers: Sequence[str] = ()
    """For a wide table, whose rows are repeated for each of its columns: the headers of these."""

    def value_name(self, at: int) -> str:
        """The header of the column in which the figure of a row (its index) was written."""
        if not self.value_headers:
            return self.value.name
        return self.value_headers[at * len(self.value_headers) // len(self.rows)]


def validate_long(
    columns: LongColumns,
    tree: RegionTree,
    elements: Mapping[str, Element],
    today: date | None = None,
) -> tuple[FactTable | None, list[Problem]]:
    """The facts of all rows, or None and everything wrong, in the order of rows.

    Regions are given by code (with level where codes repeat) or by a name no other region bears,
    elements by code or name. A blank figure is missing and yields no fact. With ``today``, periods
    that begin later are refused. At most 1000 problems are listed, the rest counted.
    """
    return _Check(columns, tree, elements, today).run()


class _Check:
    def __init__(
        self,
        columns: LongColumns,
        tree: RegionTree,
        elements: Mapping[str, Element],
        today: date | None,
    ) -> None:
        self.columns = columns
        self.tree = tree
        self.elements = elements
        self.today = today
        self.problems: list[Problem] = []
        self.unlisted = 0
        self.suggestions = MAX_SUGGESTIONS
        self.taken: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def run(self) -> tuple[FactTable | None, list[Problem]]:
        columns = self.columns
        element, known = self.element_numbers()
        value, qualifier, stated = self.figures(element, known)
        region = self.regions()
        period, keys = self.periods()
        category, categories = self.categories(element, known)
        if columns.qualifier is not None:
            qualifier = self.stated_qualifiers(columns.qualifier, qualifier)
        take = self.taken = np.flatnonzero(
            stated & (element >= 0) & (region >= 0) & (period >= 0) & (category >= 0)
        )
        facts = FactTable(
            tuple(one.code for one in known),
            tuple(keys),
            tuple(categories),
            element[take].astype(np.int16),
            region[take],
            period[take].astype(np.int16),
            category[take].astype(np.int16),
            value[take],
            qualifier[take],
            columns.rows[take],
            np.zeros(take.size, dtype=np.int32),
        )
        self.duplicates(facts)
        if not self.problems:
            return facts, []
        found = sorted(self.problems, key=lambda problem: problem.row or 0)
        if self.unlisted:
            found.append(Problem("factcheck.more", {"count": self.unlisted}))
        return None, found

    def complain(self, rows: NDArray[np.int64], column: str, problem: Problem) -> None:
        """The same problem at each of these rows (indices)."""
        room = max(MAX_PROBLEMS - len(self.problems), 0)
        numbers = self.columns.rows[rows[:room]].tolist()
        self.problems += [problem.at(row=number, column=column) for number in numbers]
        self.unlisted += max(rows.size - room, 0)

    def complain_of_figures(self, rows: NDArray[np.int64], problem: Problem) -> None:
        """The same problem at each of these rows, in the column where its figure stands."""
        width = max(len(self.columns.value_headers), 1)
        place = rows * width // max(len(self.columns.rows), 1)
        for at in np.unique(place).tolist():
            inside = rows[place == at]
            self.complain(inside, self.columns.value_name(int(inside[0])), problem)

    def understand(self, column: TextColumn, read: Callable[[str], int | Problem]) -> NDArray[np.int64]:
        """The number ``read`` gives each row's text, -1 (and a complaint) where there is none."""
        numbers = np.full(len(column.texts), -1, dtype=np.int64)
        present = np.bincount(column.codes, minlength=len(column.texts)) > 0
        for at in np.flatnonzero(present).tolist():
            text = column.texts[at]
            found = read(text) if text else Problem("factcheck.blank")
            if isinstance(found, Problem):
                self.complain(np.flatnonzero(column.codes == at), column.name, found)
            else:
                numbers[at] = found
        return numbers[column.codes]

    # -- what a row is about --------------------------------------------------------------------

    def element_numbers(self) -> tuple[NDArray[np.int64], list[Element]]:
        by_text = {name: element for element in self.elements.values() for name in _names(element)}
        by_text |= dict(self.elements)
        known: dict[str, int] = {}

        def read(text: str) -> int | Problem:
            element = by_text.get(text) or by_text.get(text.lower())
            if element is not None:
                return known.setdefault(element.code, len(known))
            near = nearest_text(text, list(by_text)) if self.may_suggest() else None
            if near is None:
                return Problem("factcheck.unknown_element", {"text": text})
            return Problem("factcheck.unknown_element_near", {"text": text, "near": near})

        numbers = self.understand(self.columns.element, read)
        return numbers, [self.elements[code] for code in known]

    def regions(self) -> NDArray[np.int64]:
        """Own id of each row's region, -1 where it could not be told."""
        column, level = self.columns.region, self.columns.level
        if level is None:
            return self.understand(column, lambda text: self.region_id(text, None))
        pairs = column.codes.astype(np.int64) * len(level.texts) + level.codes
        distinct, codes = np.unique(pairs, return_inverse=True)
        ids = np.full(distinct.size, -1, dtype=np.int64)
        for at, pair in enumerate(distinct.tolist()):
            text, level_text = column.texts[pair // len(level.texts)], level.texts[pair % len(level.texts)]
            found = self.region_id(text, level_text or None) if text else Problem("factcheck.blank")
            if isinstance(found, Problem):
                self.complain(np.flatnonzero(codes == at), column.name, found)
            else:
                ids[at] = found
        return ids[codes]

    def region_id(self, text: str, level: str | None) -> int | Problem:
        tree = self.tree
        found = tree.candidates(text, level)
        if not found:
            found = [at for at in tree.named(text) if level is None or tree.levels[at] == level]
            if len(found) > 1:
                return Problem("factcheck.name_ambiguous", {"name": text, "count": len(found)})
        if len(found) == 1:
            return int(tree.ids[found[0]])
        if not found and not self.may_suggest():
            return Problem("tree.unknown_region", {"code": text})
        try:
            return int(tree.ids[tree.position(text, level)])
        except InvalidInput as refusal:
            return refusal.problems[0]

    def periods(self) -> tuple[NDArray[np.int64], list[str]]:
        keys: dict[str, int] = {}

        def read(text: str) -> int | Problem:
            try:
                period = Period.parse(text)
            except InvalidInput as refusal:
                return refusal.problems[0]
            if self.today is not None and period.start > self.today:
                return Problem("factcheck.future", {"period": period.key})
            return keys.setdefault(period.key, len(keys))

        numbers = self.understand(self.columns.period, read)
        return numbers, list(keys)

    def categories(
        self, element: NDArray[np.int64], known: Sequence[Element]
    ) -> tuple[NDArray[np.int64], list[str]]:
        column = self.columns.category
        numbers = np.zeros(element.size, dtype=np.int64)
        texts: dict[str, int] = {"": 0}
        if column is None:
            return numbers, list(texts)
        pairs = np.where(element >= 0, element * len(column.texts) + column.codes, -1)
        distinct, codes = np.unique(pairs, return_inverse=True)
        for at, pair in enumerate(distinct.tolist()):
            if pair < 0 or not column.texts[pair % len(column.texts)]:
                continue
            found = known[pair // len(column.texts)].check_category(column.texts[pair % len(column.texts)])
            rows = np.flatnonzero(codes == at)
            if isinstance(found, Problem):
                self.complain(rows, column.name, found)
                numbers[rows] = -1
            else:
                numbers[rows] = texts.setdefault(found, len(texts))
        return numbers, list(texts)

    # -- figures --------------------------------------------------------------------------------

    def figures(
        self, element: NDArray[np.int64], known: Sequence[Element]
    ) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.bool_]]:
        """Scaled value and qualifier of each row, and whether the row states a figure at all."""
        column = self.columns.value
        value = np.zeros(element.size, dtype=np.int64)
        qualifier = np.zeros(element.size, dtype=np.int8)
        stated = np.zeros(element.size, dtype=bool)
        texts = pa.array(column.texts, pa.string())
        decimals = np.array([*(one.decimals for one in known), -1])[element]
        for places in sorted({one.decimals for one in known}):
            scaled, plain = _plain_figures(texts, places)
            rows = plain[column.codes] & (decimals == places)
            value[rows] = scaled[column.codes[rows]]
            stated |= rows
        blank = np.array([not text for text in column.texts], dtype=bool)[column.codes]
        rest = np.flatnonzero(~stated & ~blank & (element >= 0))
        pairs = element[rest] * len(column.texts) + column.codes[rest]
        distinct, codes = np.unique(pairs, return_inverse=True)
        order = np.argsort(codes, kind="stable")
        groups = np.split(rest[order], np.flatnonzero(np.diff(codes[order])) + 1) if rest.size else []
        for pair, rows_of in zip(distinct.tolist(), groups, strict=True):
            one = known[pair // len(column.texts)]
            found = one.try_value(column.texts[pair % len(column.texts)])
            if isinstance(found, ParsedValue):
                if found.value is not None:
                    value[rows_of] = found.value
                    qualifier[rows_of] = QUALIFIERS.index(found.qualifier)
                    stated[rows_of] = True
            else:
                self.complain_of_figures(rows_of, found)
        return value, qualifier, stated

    def stated_qualifiers(self, column: TextColumn, written: NDArray[np.int8]) -> NDArray[np.int8]:
        """The qualifier of the qualifier column where it says one, else the one at the figure."""
        numbers = np.full(len(column.texts), -1, dtype=np.int8)
        for at in np.unique(column.codes).tolist():
            if column.texts[at]:
                found = parse_qualifier(column.texts[at])
                if isinstance(found, Problem):
                    self.complain(np.flatnonzero(column.codes == at), column.name, found)
                else:
                    numbers[at] = QUALIFIERS.index(found)
        stated = numbers[column.codes]
        return np.where(stated >= 0, stated, written).astype(np.int8)

    def duplicates(self, facts: FactTable) -> None:
        first = facts.first_of_key()
        repeated = np.flatnonzero(first != np.arange(len(facts)))
        room = max(MAX_PROBLEMS - len(self.problems), 0)
        for at in repeated[:room].tolist():
            self.problems.append(
                Problem(
                    "factcheck.duplicate",
                    {"other": int(facts.source_row[first[at]])},
                    row=int(facts.source_row[at]),
                    column=self.columns.value_name(int(self.taken[at])),
                )
            )
        self.unlisted += max(repeated.size - room, 0)

    def may_suggest(self) -> bool:
        """Searching for likenesses costs time; a file with many unknown names is for another tree."""
        self.suggestions -= 1
        return self.suggestions >= 0


def _names(element: Element) -> Iterable[str]:
    return element.name_zh, element.name_en, element.name_en.lower()


def _plain_figures(texts: pa.Array, places: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Scaled integers of texts that are digits with at most ``places`` decimals; others are left out."""
    whole = len(str(LARGEST_SCALED)) - 1 - places
    pattern = rf"^\d{{1,{whole}}}" + (rf"(\.\d{{1,{places}}})?$" if places else "$")
    fits = pc.match_substring_regex(texts, pattern)
    kept = pc.if_else(fits, texts, pa.scalar("0", pa.string()))
    exact = pc.cast(kept, pa.decimal128(30, places))
    # A decimal128 is a 16-byte little-endian integer; these fit its lower half.
    halves = np.frombuffer(exact.buffers()[1], dtype="<i8", count=2 * len(exact), offset=16 * exact.offset)
    return halves[::2].astype(np.int64), fits.to_numpy(zero_copy_only=False).astype(bool)
