"""Checking every row of a sheet before anything is stored.

Columns are looked at by their distinct texts, so a million rows of a few thousand regions, periods and
figures cost a few thousand look-ups; only what is unusual is understood text by text.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jingtu.core.facts.importing.sheets import Sheet
from jingtu.core.facts.matching import match, stack
from jingtu.engine.elements import (
    LARGEST_SCALED,
    QUALIFIERS,
    Element,
    ParsedValue,
    Qualifier,
    parse_qualifier,
)
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.tree import RegionTree, nearest_text

register_texts(
    {
        "import.missing": ("此格必填。", "This cell must be filled in."),
        "import.not_allowed": (
            "您的岗位不能填报“{region}”的数据。",
            "Your posts do not let you report for “{region}”.",
        ),
        "import.ambiguous_name": (
            "有多个地区叫“{text}”，请改填区划代码。",
            'Several regions are called "{text}"; write the code instead.',
        ),
        "import.duplicate": (
            "与第 {first} 行重复：同一地区、数据元素、期间和分类只能有一个数。",
            "Repeats row {first}: one region, element, period and category takes one value.",
        ),
        "import.part_above_whole": (
            "“{part}”（{part_value}）大于“{whole}”（{whole_value}），分子不能大于分母。",
            '"{part}" ({part_value}) exceeds "{whole}" ({whole_value}); a part cannot exceed its whole.',
        ),
    }
)

SUGGESTIONS = 20  # unlike names cost a search each; beyond this many the sheet is for another tree anyway
_MISSING_ROW = -1


@dataclass(frozen=True)
class Rules:
    """What the rows are checked against. ``allowed``: own ids the sender may report for, None for all.
    ``parts``: pairs of element codes of which the first may not exceed the second."""

    tree: RegionTree
    elements: Mapping[str, Element]
    allowed: NDArray[np.int64] | None
    parts: Sequence[tuple[str, str]]
    today: dt.date
    current: FactTable


@dataclass(frozen=True)
class Checked:
    """The outcome: facts (complete only when there are no problems), and problems in the order of rows."""

    facts: FactTable
    problems: list[Problem]
    row_count: int


def check(sheet: Sheet, rules: Rules, step: Callable[[int], None] = lambda _: None) -> Checked:
    """Resolve and check all rows; ``step`` is told the percentage done."""
    problems = [*sheet.layout.problems, *sheet.problems]
    reader = _Reader(sheet, rules, problems)
    step(20)
    region = reader.regions()
    period = reader.periods()
    step(40)
    facts = reader.wide(region, period) if sheet.layout.wide else reader.long(region, period)
    step(70)
    _find_duplicates(facts, reader, problems)
    step(80)
    _compare_parts(facts, rules, reader, problems)
    step(90)
    told = {
        (problem.row or 0, problem.column, problem.code, str(problem.params)): problem for problem in problems
    }
    unique = sorted(told.values(), key=lambda problem: problem.row or 0)
    return Checked(facts, unique, len(sheet.rows))


@dataclass(frozen=True)
class _Column:
    """A column by its distinct texts: cleaned texts and, for each row, the number of its text."""

    name: str
    texts: list[str]
    codes: NDArray[np.int32]

    def rows_of(self, wrong: Sequence[int]) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(self.codes, np.asarray(wrong, dtype=np.int32)))


class _Reader:
    def __init__(self, sheet: Sheet, rules: Rules, problems: list[Problem]) -> None:
        self.sheet = sheet
        self.rules = rules
        self.problems = problems
        self.count = len(sheet.rows)
        self.element_columns: dict[str, str] = {}

    def complain(self, rows: NDArray[np.int64], column: str, problem: Problem) -> None:
        """The same problem at each of these rows (indices into the sheet)."""
        numbers = self.sheet.rows[rows].tolist()
        self.problems.extend(problem.at(row=number, column=column) for number in numbers)

    def column(self, index: int) -> _Column:
        """The column at an index, its texts stripped and in their plain width."""
        encoded = self.sheet.columns[index].dictionary_encode()
        texts = [unicodedata.normalize("NFKC", text or "").strip() for text in encoded.dictionary.to_pylist()]
        return _Column(self.sheet.layout.header[index], texts, encoded.indices.to_numpy())

    def role(self, name: str) -> _Column | None:
        index = self.sheet.layout.roles.get(name)
        return None if index is None else self.column(index)

    def needed(self, column: _Column, filled: NDArray[np.bool_] | None = None) -> None:
        """Complain of blank cells (only where ``filled`` says that the row states a figure)."""
        blank = [number for number, text in enumerate(column.texts) if not text]
        if blank:
            rows = column.rows_of(blank)
            self.complain(
                rows if filled is None else rows[filled[rows]], column.name, Problem("import.missing")
            )

    # -- what each row is about ----------------------------------------------------------------------

    def regions(self) -> NDArray[np.int64]:
        """Own id of each row's region, -1 where it could not be told."""
        column, level = self.role("region"), self.role("level")
        by_name = column is None
        if column is None:
            column = self.role("region_name")
        assert column is not None  # the header asks for one of the two
        self.needed(column)
        levels = level.texts if level else [""]
        combined = column.codes.astype(np.int64) * len(levels) + (level.codes if level else 0)
        pairs, inverse = np.unique(combined, return_inverse=True)
        ids = np.full(len(pairs), -1, dtype=np.int64)
        hints = SUGGESTIONS
        allowed = None if self.rules.allowed is None else set(self.rules.allowed.tolist())
        for number, pair in enumerate(pairs.tolist()):
            text, wanted = column.texts[pair // len(levels)], levels[pair % len(levels)]
            if not text:
                continue
            found = self._region(text, wanted, by_name, hints > 0)
            if isinstance(found, int):
                region_id = int(self.rules.tree.ids[found])
                if allowed is None or region_id in allowed:
                    ids[number] = region_id
                    continue
                problem = Problem("import.not_allowed", {"region": text})
            else:
                problem = found
                hints -= 1
            self.complain(np.flatnonzero(inverse == number), column.name, problem)
        return ids[inverse]

    def _region(self, text: str, level: str, by_name: bool, hint: bool) -> int | Problem:
        tree = self.rules.tree
        found = [] if by_name else tree.candidates(text, level or None)
        if not found:
            found = [at for at in tree.named(text) if not level or tree.levels[at] == level]
        if len(found) == 1:
            return found[0]
        if found and (by_name or not tree.candidates(text)):
            return Problem("import.ambiguous_name", {"text": text})
        if not found and not hint:
            return Problem("tree.unknown_region", {"code": text})
        try:
            return tree.position(text, level or None)
        except InvalidInput as error:
            return error.problems[0]

    def periods(self) -> _Column:
        """Canonical period keys per row; an empty text where the period could not be told."""
        index = self.sheet.layout.roles["period"]
        column = self.column(index)
        self.needed(column)
        keys = []
        dates = self.sheet.dates.get(index, set())
        only_firsts = bool(dates) and all(
            column.texts[column.codes[row]].endswith("-01") for row in dates if row < self.count
        )
        for number, text in enumerate(column.texts):
            found = self._period(text) if text else ""
            if isinstance(found, Problem):
                self.complain(column.rows_of([number]), column.name, found)
                found = ""
            keys.append(found)
        if only_firsts:
            for row in sorted(dates):
                date = column.texts[column.codes[row]]
                problem = Problem("sheet.date_or_month", {"date": date, "month": date[:7]})
                self.complain(np.array([row]), column.name, problem)
        return _Column(column.name, keys, column.codes)

    def _period(self, text: str) -> str | Problem:
        try:
            period = Period.parse(text)
        except InvalidInput as error:
            return error.problems[0]
        if period.start > self.rules.today:
            return Problem("facts.future_period", {"period": period.key})
        return period.key

    # -- figures ----------------------------------------------------------------------------------------

    def wide(self, region: NDArray[np.int64], period: _Column) -> FactTable:
        """Facts of a table with a column for each element."""
        parts = []
        row = np.arange(self.count)
        category = self.role("category")
        for index, code in sorted(self.sheet.layout.elements.items()):
            element = self.rules.elements[code]
            column = self.column(index)
            self.element_columns[code] = column.name
            value, qualifier, good = self.figures(column, [element], np.zeros(self.count, dtype=np.int64))
            categories = self.categories(category, [element], np.zeros(self.count, dtype=np.int64), good)
            good &= categories.codes >= 0
            parts.append(
                self.table(
                    [code],
                    np.zeros(self.count, np.int16),
                    region,
                    period,
                    categories,
                    value,
                    qualifier,
                    row,
                    good,
                )
            )
        return _concatenate(parts)

    def long(self, region: NDArray[np.int64], period: _Column) -> FactTable:
        """Facts of a table with one figure a row."""
        element_column, value_column = self.role("element"), self.role("value")
        assert element_column is not None  # a long header has both
        assert value_column is not None
        numbers, known = self.elements(element_column)
        value, qualifier, good = self.figures(value_column, known, numbers)
        stated = self.role("qualifier")
        if stated is not None:
            qualifier = self.qualifiers(stated, qualifier)
        categories = self.categories(self.role("category"), known, numbers, good)
        good &= categories.codes >= 0
        for element in known:
            self.element_columns[element.code] = value_column.name
        codes = [element.code for element in known]
        row = np.arange(self.count)
        return self.table(
            codes,
            numbers.astype(np.int16),
            region,
            period,
            categories,
            value,
            qualifier,
            row,
            good & (numbers >= 0),
        )

    def elements(self, column: _Column) -> tuple[NDArray[np.int64], list[Element]]:
        """Number of each row's element (-1 unknown), and the elements so numbered."""
        self.needed(column)
        by_text = {element.name_zh: element for element in self.rules.elements.values()}
        by_text |= {element.name_en.lower(): element for element in self.rules.elements.values()}
        by_text |= {element.code: element for element in self.rules.elements.values()}
        known: list[Element] = []
        numbers = np.full(len(column.texts), -1, dtype=np.int64)
        hints = SUGGESTIONS
        for number, text in enumerate(column.texts):
            element = by_text.get(text) or by_text.get(text.lower())
            if element is not None:
                if element not in known:
                    known.append(element)
                numbers[number] = known.index(element)
            elif text:
                nearest = nearest_text(text, list(by_text)) if hints > 0 else None
                hints -= 1
                if nearest is None:
                    problem = Problem("facts.unknown_element_without_hint", {"text": text})
                else:
                    problem = Problem("facts.unknown_element", {"text": text, "nearest": nearest})
                self.complain(column.rows_of([number]), column.name, problem)
        return numbers[column.codes], known

    def figures(
        self, column: _Column, known: Sequence[Element], numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.bool_]]:
        """Scaled value and qualifier of each row, and whether the row states a figure."""
        texts = pa.array(column.texts, pa.string())
        values = np.zeros(self.count, dtype=np.int64)
        qualifiers = np.zeros(self.count, dtype=np.int8)
        plain = np.zeros(self.count, dtype=bool)
        decimals = np.array([element.decimals for element in known] or [0])
        for places in sorted(set(decimals.tolist())):
            scaled, fits = _plain_figures(texts, places)
            rows = fits[column.codes] & (numbers >= 0) & (decimals[numbers] == places)
            values[rows] = scaled[column.codes[rows]]
            plain |= rows
        blank = np.array([not text for text in column.texts])[column.codes]
        good = plain.copy()
        rest = np.flatnonzero(~plain & ~blank & (numbers >= 0))
        understood: dict[tuple[int, int], ParsedValue | Problem] = {}
        for row in rest.tolist():
            key = (int(numbers[row]), int(column.codes[row]))
            if key not in understood:
                understood[key] = known[key[0]].try_value(column.texts[key[1]])
            found = understood[key]
            if isinstance(found, Problem):
                self.problems.append(found.at(row=int(self.sheet.rows[row]), column=column.name))
            elif found.value is not None:
                values[row], qualifiers[row] = found.value, QUALIFIERS.index(found.qualifier)
                good[row] = True
        return values, qualifiers, good

    def qualifiers(self, column: _Column, read: NDArray[np.int8]) -> NDArray[np.int8]:
        """The stated qualifier where there is one, otherwise the one written with the figure."""
        stated = np.full(len(column.texts), -1, dtype=np.int8)
        for number, text in enumerate(column.texts):
            found = parse_qualifier(text) if text else None
            if isinstance(found, Problem):
                self.complain(column.rows_of([number]), column.name, found)
            elif isinstance(found, Qualifier):
                stated[number] = QUALIFIERS.index(found)
        per_row = stated[column.codes]
        return np.where(per_row >= 0, per_row, read).astype(np.int8)

    def categories(
        self,
        column: _Column | None,
        known: Sequence[Element],
        numbers: NDArray[np.int64],
        good: NDArray[np.bool_],
    ) -> _Column:
        """Canonical category of each row; -1 as code where it is wrong."""
        if column is None:
            return _Column("", [""], np.zeros(self.count, dtype=np.int32))
        texts: dict[str, int] = {"": 0}
        codes = np.zeros(self.count, dtype=np.int32)
        combined = np.where(good, numbers, -1) * len(column.texts) + column.codes
        for pair in np.unique(combined[good & (numbers >= 0)]).tolist():
            number, text = divmod(pair, len(column.texts))
            if not column.texts[text]:
                continue
            found = known[number].check_category(column.texts[text])
            rows = np.flatnonzero(combined == pair)
            if isinstance(found, Problem):
                self.complain(rows, column.name, found)
                codes[rows] = -1
            else:
                codes[rows] = texts.setdefault(found, len(texts))
        return _Column(column.name, list(texts), codes)

    def table(
        self,
        element_codes: Sequence[str],
        element: NDArray[np.int16],
        region: NDArray[np.int64],
        period: _Column,
        category: _Column,
        value: NDArray[np.int64],
        qualifier: NDArray[np.int8],
        row: NDArray[np.int64],
        good: NDArray[np.bool_],
    ) -> FactTable:
        keys = sorted({key for key in period.texts if key})
        number_of = {key: number for number, key in enumerate(keys)}
        period_numbers = np.array([number_of.get(key, -1) for key in period.texts] or [-1], dtype=np.int16)
        periods = period_numbers[period.codes]
        take = np.flatnonzero(good & (region >= 0) & (periods >= 0))
        return FactTable(
            tuple(element_codes),
            tuple(keys),
            tuple(category.texts),
            element[take],
            region[take],
            periods[take],
            category.codes[take].astype(np.int16),
            value[take],
            qualifier[take],
            self.sheet.rows[row[take]],
            np.zeros(len(take), dtype=np.int32),
        )


def _plain_figures(texts: pa.Array, places: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Scaled integers of texts that are nothing but digits (and at most ``places`` decimals)."""
    pattern = rf"^\d{{1,{15 - places}}}(\.\d{{1,{places}}})?$" if places else r"^\d{1,15}$"
    fits = pc.match_substring_regex(texts, pattern)
    kept = pc.if_else(fits, texts, pa.scalar(None, pa.string()))
    if places:
        figures = pc.cast(kept, pa.float64()).to_numpy(zero_copy_only=False)
        scaled = np.rint(np.nan_to_num(figures) * 10**places).astype(np.int64)
    else:
        scaled = pc.fill_null(pc.cast(kept, pa.int64()), 0).to_numpy(zero_copy_only=False)
    plain = fits.to_numpy(zero_copy_only=False) & (scaled < LARGEST_SCALED)
    return scaled, plain


def _concatenate(parts: list[FactTable]) -> FactTable:
    """Tables with the same periods one after the other, repeated keys kept."""
    whole = FactTable.empty()
    for part in parts:
        whole = stack(whole, part)
    return whole


def _find_duplicates(facts: FactTable, reader: _Reader, problems: list[Problem]) -> None:
    repeated = facts.duplicated()
    if not repeated.any():
        return
    at = match(facts.where(np.flatnonzero(~repeated)), facts.where(np.flatnonzero(repeated)))
    first_rows = facts.source_row[np.flatnonzero(~repeated)][at]
    for index, first in zip(np.flatnonzero(repeated).tolist(), first_rows.tolist(), strict=True):
        code = facts.element_codes[facts.element[index]]
        column = reader.element_columns.get(code)
        problems.append(
            Problem("import.duplicate", {"first": first}, row=int(facts.source_row[index]), column=column)
        )


def _compare_parts(facts: FactTable, rules: Rules, reader: _Reader, problems: list[Problem]) -> None:
    """A part may not exceed its whole, whether the other figure is in the sheet or already stored."""
    given = set(facts.element_codes)
    for part, whole in rules.parts:
        if not {part, whole} & given or not {part, whole} <= rules.elements.keys():
            continue
        stored = rules.current.select(elements=[part, whole], periods=facts.period_keys)
        both = FactTable.concat([stored, facts.select(elements=[part, whole])])
        parts, wholes = both.select(elements=[part]), both.select(elements=[whole])
        at = match(wholes, parts, across_elements=True)
        paired = np.flatnonzero(at >= 0)
        part_element, whole_element = rules.elements[part], rules.elements[whole]
        left = parts.value[paired].astype(object) * whole_element.scale
        right = wholes.value[at[paired]].astype(object) * part_element.scale
        for index in paired[(left > right).astype(bool)].tolist():
            other = int(at[index])
            from_sheet = parts.batch[index] == 0
            source = parts if from_sheet else wholes
            place = index if from_sheet else other
            if source.batch[place] != 0:
                continue  # both were stored before: not this sheet's doing
            problems.append(
                Problem(
                    "import.part_above_whole",
                    {
                        "part": part_element.name_zh,
                        "whole": whole_element.name_zh,
                        "part_value": part_element.format(int(parts.value[index])),
                        "whole_value": whole_element.format(int(wholes.value[other])),
                    },
                    row=int(source.source_row[place]),
                    column=reader.element_columns.get(part if from_sheet else whole),
                )
            )
