"""What a form is: which elements, for which periods, by whom, until when, reviewed by whom.

A definition is plain data, stored as JSON with each version of a form and written by people as YAML
(:mod:`.definition_text`). Nothing here knows a database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jingtu.core.kernel.characters import unseen_problem
from jingtu.engine.elements import Element, category_key
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import Language, Problem, register_texts
from jingtu.engine.workdays import Term, add_working_days

CADENCES = tuple(kind.value for kind in PeriodKind if kind is not PeriodKind.RANGE)
Counting = Literal["days", "working_days"]
Origin = Literal["typed", "below"]
MOST_CELLS = 400

register_texts(
    {
        "form.no_name": (
            "请写明报表的中文名称和英文名称。",
            "Give the form a name in Chinese and in English.",
        ),
        "form.bad_cadence": (
            "“{cadence}”不是可用的周期种类。",
            '"{cadence}" is not a kind of period that forms use.',
        ),
        "form.no_items": (
            "报表没有任何数据元素，请至少加入一个。",
            "The form has no element; add at least one.",
        ),
        "form.too_many_cells": (
            "报表有{cells}格，超过上限{limit}格，请拆成几张表。",
            "The form has {cells} cells, more than {limit}; split it into several forms.",
        ),
        "form.unknown_element": (
            "指标目录中没有数据元素“{element}”。",
            'The catalogue has no element "{element}".',
        ),
        "form.repeated_element": (
            "数据元素“{element}”在表中出现了不止一次。",
            'The element "{element}" stands in the form more than once.',
        ),
        "form.unknown_dimension": (
            "“{element}”没有分类维度“{dimension}”。",
            '"{element}" has no dimension "{dimension}".',
        ),
        "form.nobody": (
            "请写明由谁填报：级别、名单或分组至少选一项。",
            "Say who fills the form in: a level, a list or a group.",
        ),
        "form.no_review": ("至少需要一级审核。", "At least one step of review is needed."),
        "form.bad_deadline": (
            "截止期须为0至366之间的天数，时间写作18:00。",
            "The term must be between 0 and 366 days, the time written as 18:00.",
        ),
        "form.dates_reversed": ("停用日期不得早于启用日期。", "The last day lies before the first day."),
    }
)


@dataclass(frozen=True)
class Item:
    """One element of a form. ``by``: asked for each value of that dimension, the whole being their sum.
    ``origin`` below: not typed but added up from what the units below have reported."""

    element: str
    by: str = ""
    required: bool = True
    origin: Origin = "typed"


@dataclass(frozen=True)
class Section:
    """Elements under a heading, with what the filler should know."""

    title_zh: str
    title_en: str
    note_zh: str = ""
    note_en: str = ""
    items: tuple[Item, ...] = ()

    def title(self, language: Language) -> str:
        return self.title_zh if language == "zh" else self.title_en

    def note(self, language: Language) -> str:
        return self.note_zh if language == "zh" else self.note_en


@dataclass(frozen=True)
class Who:
    """Who must fill the form: the regions of a level inside a region (all of the tree when empty), of a peer
    group (its members, or what lies below them), or those listed by code. Conditions hold together."""

    level: str = ""
    within: str = ""
    group: str = ""
    listed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deadline:
    """``days`` (or working days) after the last day of the period, until the time ``at``."""

    days: int
    counting: Counting = "working_days"
    at: str = "18:00"

    def term(self, period: Period) -> Term:
        """The day, with the years whose holidays are not announced yet."""
        if self.counting == "working_days":
            return add_working_days(period.end, self.days)
        return Term(period.end + dt.timedelta(days=self.days))

    def time(self) -> dt.time:
        hour, _, minute = self.at.partition(":")
        return dt.time(int(hour), int(minute))


@dataclass(frozen=True)
class Step:
    """One step of the review chain: somebody with the right to review where the unit's region of ``level``
    (the unit itself when empty) lies."""

    level: str = ""


@dataclass(frozen=True)
class Definition:
    """A form as one version defines it."""

    name_zh: str
    name_en: str
    cadence: str
    who: Who
    deadline: Deadline
    review: tuple[Step, ...]
    sections: tuple[Section, ...]
    valid_from: dt.date
    valid_to: dt.date | None = None
    instructions_zh: str = ""
    instructions_en: str = ""

    def name(self, language: Language) -> str:
        return self.name_zh if language == "zh" else self.name_en

    def instructions(self, language: Language) -> str:
        return self.instructions_zh if language == "zh" else self.instructions_en

    @property
    def items(self) -> tuple[Item, ...]:
        """All elements in order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(item.element for item in self.items)

    def covers(self, period: Period) -> bool:
        """Whether the form is asked for in this period."""
        if period.kind.value != self.cadence or period.start < self.valid_from:
            return False
        return self.valid_to is None or period.end <= self.valid_to


def problems_of(definition: Definition, elements: Mapping[str, Element]) -> list[Problem]:
    """Everything that keeps a definition from being published."""
    found: list[Problem] = []
    if not definition.name_zh.strip() or not definition.name_en.strip():
        found.append(Problem("form.no_name", column="name"))
    if (unseen := unseen_problem("name", definition.name_zh, definition.name_en)) is not None:
        found.append(unseen)
    if definition.cadence not in CADENCES:
        found.append(Problem("form.bad_cadence", {"cadence": definition.cadence}, column="cadence"))
    who = definition.who
    if not (who.level or who.group or who.listed):
        found.append(Problem("form.nobody", column="who"))
    if not definition.review:
        found.append(Problem("form.no_review", column="review"))
    if not 0 <= definition.deadline.days <= 366 or not _is_time(definition.deadline.at):
        found.append(Problem("form.bad_deadline", column="deadline"))
    if definition.valid_to is not None and definition.valid_to < definition.valid_from:
        found.append(Problem("form.dates_reversed", column="valid_to"))
    if not definition.items:
        found.append(Problem("form.no_items", column="sections"))
    seen: set[str] = set()
    cells = 0
    for item in definition.items:
        element = elements.get(item.element)
        if element is None:
            found.append(Problem("form.unknown_element", {"element": item.element}, column="sections"))
            continue
        if item.element in seen:
            found.append(Problem("form.repeated_element", {"element": item.element}, column="sections"))
        seen.add(item.element)
        cells += 1
        if item.by and item.by not in element.dimensions:
            found.append(
                Problem(
                    "form.unknown_dimension",
                    {"element": item.element, "dimension": item.by},
                    column="sections",
                )
            )
        elif item.by:
            cells += len(element.dimensions[item.by])
    if cells > MOST_CELLS:
        found.append(Problem("form.too_many_cells", {"cells": cells, "limit": MOST_CELLS}, column="sections"))
    return found


def _is_time(text: str) -> bool:
    try:
        dt.time.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 5


# -- cells -------------------------------------------------------------------------------------------------

CellKind = Literal["typed", "total", "below"]


@dataclass(frozen=True)
class Line:
    """One cell of the form: an element, or one category of it. ``key`` is its one spelling.

    ``kind``: typed by people, or the total of other lines (``parts``), or added up from the units below.
    """

    key: str
    element: str
    category: str
    section: int
    required: bool
    kind: CellKind
    parts: tuple[str, ...] = ()
    indent: bool = False


def cell_key(element: str, category: str = "") -> str:
    """How a cell is called in addresses, files and messages."""
    return f"{element}|{category}" if category else element


def lines_of(definition: Definition, elements: Mapping[str, Element]) -> tuple[Line, ...]:
    """The cells of a form in order. Elements the catalogue no longer has are left out.

    A whole whose every part stands in the form is their total, so that nobody adds by hand.
    """
    codes = {code for code in definition.elements if code in elements}
    parts: dict[str, list[str]] = {}
    for element in elements.values():
        if element.parts_of in codes:
            parts.setdefault(str(element.parts_of), []).append(element.code)
    lines: list[Line] = []
    for number, section in enumerate(definition.sections):
        for item in section.items:
            element_of = elements.get(item.element)
            if element_of is None:
                continue
            element = element_of
            keys: tuple[str, ...] = ()
            if item.by:
                keys = tuple(
                    cell_key(element.code, category_key({item.by: value}))
                    for value in element.dimensions[item.by]
                )
            elif (own := parts.get(element.code)) and set(own) <= codes:
                keys = tuple(own)
            kind: CellKind = "below" if item.origin == "below" else ("total" if keys else "typed")
            lines.append(
                Line(
                    element.code,
                    element.code,
                    "",
                    number,
                    item.required,
                    kind,
                    () if kind == "below" else keys,
                )
            )
            if item.by:
                for value in element.dimensions[item.by]:
                    category = category_key({item.by: value})
                    lines.append(
                        Line(
                            cell_key(element.code, category),
                            element.code,
                            category,
                            number,
                            item.required,
                            "below" if item.origin == "below" else "typed",
                            indent=True,
                        )
                    )
    return tuple(lines)


# -- as stored ---------------------------------------------------------------------------------------------


def to_json(definition: Definition) -> dict[str, Any]:
    """The definition as JSON-able values, equal for equal definitions."""
    values = asdict(definition)
    values["valid_from"] = definition.valid_from.isoformat()
    values["valid_to"] = definition.valid_to.isoformat() if definition.valid_to else None
    values["review"] = [step.level for step in definition.review]
    values["who"]["listed"] = list(definition.who.listed)
    for section in values["sections"]:
        section["items"] = list(section["items"])
    values["sections"] = list(values["sections"])
    return values


def from_json(values: Mapping[str, Any]) -> Definition:
    """The definition :func:`to_json` described."""
    who = values["who"]
    return Definition(
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        cadence=values["cadence"],
        who=Who(who["level"], who["within"], who["group"], tuple(who["listed"])),
        deadline=Deadline(**values["deadline"]),
        review=tuple(Step(level) for level in values["review"]),
        sections=tuple(
            Section(
                section["title_zh"],
                section["title_en"],
                section["note_zh"],
                section["note_en"],
                tuple(Item(**item) for item in section["items"]),
            )
            for section in values["sections"]
        ),
        valid_from=dt.date.fromisoformat(values["valid_from"]),
        valid_to=dt.date.fromisoformat(values["valid_to"]) if values["valid_to"] else None,
        instructions_zh=values["instructions_zh"],
        instructions_en=values["instructions_en"],
    )
