"""Which column of a table of facts is what: found by code, by the names people use, or by the hidden row of
codes in a template. Files of the command line and uploads of the site are read by the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jingtu.engine.elements import Element, category_key, parse_category
from jingtu.engine.problems import Language, Problem, register_texts
from jingtu.engine.tree import nearest_text

register_texts(
    {
        "sheet.unknown_column": (
            "不认识的列“{text}”，最接近的是“{nearest}”。如不是数据，请删除该列。",
            'Unknown column "{text}"; the nearest is "{nearest}". If it holds no data, delete it.',
        ),
        "sheet.unknown_column_without_hint": (
            "不认识的列“{text}”。如不是数据，请删除该列。",
            'Unknown column "{text}". If it holds no data, delete it.',
        ),
        "sheet.repeated_column": ("“{text}”列出现了不止一次。", 'The column "{text}" occurs more than once.'),
    }
)

SUGGESTED = 20
"""So many unknown columns get a suggestion: looking for one costs, and a sheet may have thousands."""

ROLES: dict[str, tuple[str, ...]] = {
    "region": (
        "region", "region_code", "region code", "code", "地区", "地区代码", "地区编码", "区划", "区划代码", "行政区划代码", "单位代码",
    ),
    "region_name": ("region_name", "region name", "name", "地区名称", "区划名称", "单位名称", "名称"),
    "level": ("level", "层级", "级别"),
    "period": ("period", "期间", "时期", "报告期", "统计期", "月份"),
    "element": ("element", "element_code", "数据元素", "元素", "数据项", "指标", "项目"),
    "value": ("value", "数值", "值", "数据"),
    "category": ("category", "分类", "类别"),
    "qualifier": ("qualifier", "限定", "限定词"),
    "ignored": (
        "source", "note", "remarks", "row", "来源", "出处", "备注", "说明", "序号", "errors", "错误说明",
        # columns of our own exports that only explain
        "元素名称", "element name", "单位", "unit", "来源文件", "source file", "行号", "填报人", "sent by", "填报时间", "sent at",
    ),
}  # fmt: skip
REGION_IF_ALONE = "单位"
"""Beside a column of regions this is the unit of measure; without one it is the member unit reported for."""
ERROR_COLUMN = {"zh": "错误说明", "en": "Errors"}
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words}
_TAIL = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


TOTAL: Mapping[Language, str] = {"zh": "合计", "en": "total"}


class ElementColumn(NamedTuple):
    """What a column of a wide table holds: an element, or one category of it."""

    code: str
    category: str = ""


@dataclass(frozen=True)
class Layout:
    """Where the header stands and what each column is.

    ``header`` holds what people see; ``roles`` role → column; ``elements`` column → element
    (wide tables only); ``first_row`` is the number of the first row of data.
    """

    header: list[str]
    header_row: int
    first_row: int
    roles: Mapping[str, int]
    elements: Mapping[int, ElementColumn]
    problems: tuple[Problem, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether every element has its own column."""
        return "value" not in self.roles


def column_code(column: ElementColumn) -> str:
    """How a template's row of codes names a column: ``users``, ``users[age=u18]``."""
    return f"{column.code}[{column.category}]" if column.category else column.code


def column_name(element: Element, category: str, language: Language) -> str:
    """How a template's header names a column: 缴获毒品·合计（千克）, 缴获毒品·海洛因（千克）."""
    name = element.name(language)
    if element.dimensions:
        words = [
            element.category_name(dimension, value, language)
            for dimension, value in parse_category(category).items()
        ]
        name += f"·{'、'.join(words) or TOTAL[language]}"
    return (
        f"{name}（{element.unit_name(language)}）"
        if language == "zh"
        else f"{name} ({element.unit_name(language)})"
    )


def find_header(top: Sequence[Sequence[str]], elements: Mapping[str, Element]) -> Layout | None:
    """The header among the first rows, or None. A template's row of codes is followed by one of names."""
    names = _Names(elements)
    for index, record in enumerate(top):
        found = _resolve(record, index + 1, names)
        if found is None:
            continue
        below = top[index + 1] if index + 1 < len(top) else ()
        second = _resolve(below, index + 2, names)
        if second is None:
            return found
        return Layout(
            [name or code for name, code in zip(second.header, found.header, strict=False)]
            + found.header[len(second.header) :],
            index + 2,
            index + 3,
            found.roles,
            found.elements,
            found.problems,
        )
    return None


def missing_columns(top: Sequence[Sequence[str]], elements: Mapping[str, Element]) -> list[Problem]:
    """Which columns the row that looks most like a header lacks; empty when none looks like one."""
    names = _Names(elements)
    best: tuple[int, int, list[str], set[str]] | None = None
    for number, record in enumerate(top, start=1):
        header = _texts(record)
        roles = {role for text in header if (role := _role(text)) is not None} - {"ignored"}
        if len(roles) >= 2 and (best is None or len(roles) > best[0]):
            best = len(roles), number, header, roles
    if best is None:
        return []
    _, number, header, roles = best
    wide = not {"element", "value"} & roles and any(names.find(text) for text in header)
    absent = [] if {"region", "region_name"} & roles else ["region"]
    absent += [role for role in ("period", *(() if wide else ("element", "value"))) if role not in roles]
    found = "、".join(text for text in header if text)
    return [Problem("file.header_missing", {"column": role, "found": found}, row=number) for role in absent]


def _texts(record: Sequence[str]) -> list[str]:
    header = [unicodedata.normalize("NFKC", cell).strip().lstrip("\ufeff") for cell in record]
    while header and not header[-1]:
        header.pop()
    return header


def _resolve(record: Sequence[str], number: int, names: _Names) -> Layout | None:
    header = _texts(record)
    has_region = any(_role(text) in ("region", "region_name") for text in header)
    roles: dict[str, int] = {}
    columns: dict[int, ElementColumn] = {}
    taken: set[ElementColumn] = set()
    unknown: list[int] = []
    problems: list[Problem] = []
    for column, text in enumerate(header):
        if not text:
            continue
        role = "region" if text == REGION_IF_ALONE and not has_region else _role(text)
        found = names.find(text)
        if role == "ignored":
            continue
        if role is not None and role not in roles:
            roles[role] = column
        elif found is not None and found not in taken:
            columns[column] = found
            taken.add(found)
        elif role is not None or found is not None:
            problems.append(Problem("sheet.repeated_column", {"text": text}, row=number, column=text))
        else:
            unknown.append(column)
    long = {"element", "value"} <= roles.keys()
    if not ("region" in roles or "region_name" in roles) or "period" not in roles:
        return None
    if not long and not columns and not unknown:
        return None
    if not long and ("value" in roles or "element" in roles) and not columns:
        return None
    if not long:
        roles = {role: column for role, column in roles.items() if role not in {"value", "element"}}
    else:
        unknown, columns = [*unknown, *columns], {}
    known = [*names.known, *_ROLE_OF]
    for index, column in enumerate(sorted(unknown)):
        problems.append(_unknown(header[column], number, known if index < SUGGESTED else ()))
    return Layout(header, number, number + 1, roles, columns, tuple(problems))


def _role(text: str) -> str | None:
    return _ROLE_OF.get(text.lower()) or _ROLE_OF.get(_TAIL.sub("", text).lower())


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


class _Names:
    """Every way a header may name an element or one category of it."""

    def __init__(self, elements: Mapping[str, Element]) -> None:
        self.elements = elements
        self.known: dict[str, ElementColumn] = {}
        for element in elements.values():
            for text in (element.name_en, element.name_zh, element.code):
                self.known[_plain(text)] = ElementColumn(element.code)
            for language in ("zh", "en"):
                for category in categories_of(element) if element.dimensions else ():
                    text = _TAIL.sub("", column_name(element, category, language))
                    self.known.setdefault(_plain(text), ElementColumn(element.code, category))

    def find(self, text: str) -> ElementColumn | None:
        """The element (and category) that a header names."""
        found = self.known.get(_plain(text)) or self.known.get(_plain(_TAIL.sub("", text)))
        if found is not None or not text.endswith("]"):
            return found
        code, _, category = text[:-1].partition("[")
        element = self.elements.get(code.strip())
        key = element.check_category(category) if element else None
        return ElementColumn(element.code, key) if element and isinstance(key, str) else None


def categories_of(element: Element) -> list[str]:
    """What an element is reported by: the total, then each value of each dimension."""
    single = [
        category_key({dimension: value})
        for dimension, values in element.dimensions.items()
        for value in values
    ]
    return ["", *single]


def _unknown(text: str, number: int, known: Sequence[str]) -> Problem:
    nearest = nearest_text(text, known)
    if nearest is None:
        return Problem("sheet.unknown_column_without_hint", {"text": text}, row=number, column=text)
    return Problem("sheet.unknown_column", {"text": text, "nearest": nearest}, row=number, column=text)
