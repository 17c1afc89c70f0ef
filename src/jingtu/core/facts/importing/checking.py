"""Checking every row of a sheet before anything is stored.

What a row says is understood by the engine, as for files on the command line; here stand the questions only
the office can ask: whether the sender may report for the region, and whether a part exceeds its whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jingtu.core.facts.matching import match
from jingtu.engine.elements import Element
from jingtu.engine.factcheck import LongColumns
from jingtu.engine.factfile import long_columns, understand
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.problems import Problem, register_texts
from jingtu.engine.sheet import Sheet
from jingtu.engine.sheetheaders import ElementColumn
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "import.not_allowed": (
            "您的岗位不能填报“{region}”的数据。",
            "Your posts do not let you report for “{region}”.",
        ),
        "import.part_above_whole": (
            "“{part}”（{part_value}）大于“{whole}”（{whole_value}），分子不能大于分母。",
            '"{part}" ({part_value}) exceeds "{whole}" ({whole_value}); a part cannot exceed its whole.',
        ),
    }
)


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
    """The outcome: facts (none when there are problems), and problems in the order of rows."""

    facts: FactTable
    problems: list[Problem]
    row_count: int


def check(sheet: Sheet, rules: Rules, step: Callable[[int], None] = lambda _: None) -> Checked:
    """Understand and check all rows; ``step`` is told the percentage done."""
    columns = long_columns(sheet)
    step(20)
    facts, problems = understand(sheet, rules.tree, rules.elements, rules.today, columns)
    step(70)
    if rules.allowed is not None:
        problems += _not_allowed(columns, rules.tree, rules.allowed)
    step(80)
    if facts is not None:
        problems += _parts_above_wholes(facts, rules, sheet)
    step(90)
    told = {
        (problem.row or 0, problem.column, problem.code, str(problem.params)): problem for problem in problems
    }
    # What has no row (how many more there are) belongs at the end.
    ordered = sorted(told.values(), key=lambda problem: problem.row if problem.row is not None else 2**31)
    return Checked(FactTable.empty() if facts is None else facts, ordered, len(sheet.rows))


def _not_allowed(columns: LongColumns, tree: RegionTree, allowed: NDArray[np.int64]) -> list[Problem]:
    """Rows of regions the sender may not report for; regions that are not clear are named elsewhere."""
    region, level = columns.region, columns.level
    levels = level.texts if level else [""]
    pairs = region.codes.astype(np.int64) * len(levels) + (level.codes if level else 0)
    distinct, codes = np.unique(pairs, return_inverse=True)
    known = set(allowed.tolist())
    problems = []
    for number, pair in enumerate(distinct.tolist()):
        text, wanted = region.texts[pair // len(levels)], levels[pair % len(levels)] or None
        found = tree.candidates(text, wanted) or [
            at for at in tree.named(text) if wanted is None or tree.levels[at] == wanted
        ]
        if len(found) != 1 or int(tree.ids[found[0]]) in known:
            continue
        problem = Problem("import.not_allowed", {"region": text}, column=region.name)
        problems += [problem.at(row=row) for row in columns.rows[np.flatnonzero(codes == number)].tolist()]
    return problems


def _parts_above_wholes(facts: FactTable, rules: Rules, sheet: Sheet) -> list[Problem]:
    """A part may not exceed its whole, whether the other figure is in the sheet or already stored."""
    given = set(facts.element_codes)
    problems = []
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
                    column=_header_of(sheet, source.row(place)),
                )
            )
    return problems


def _header_of(sheet: Sheet, fact: FactRow) -> str:
    """The header above a fact's figure."""
    layout = sheet.layout
    if not layout.wide:
        return layout.header[layout.roles["value"]]
    columns = {target: index for index, target in layout.elements.items()}
    index = columns.get(ElementColumn(fact.element, fact.category))
    return layout.header[columns[ElementColumn(fact.element)] if index is None else index]
