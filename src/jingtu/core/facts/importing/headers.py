"""Which column is what: found by code, by the names people use, or by the hidden row of a template."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jingtu.engine.elements import Element
from jingtu.engine.problems import Problem, register_texts
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
    "region": ("region", "region_code", "code", "地区", "地区代码", "区划", "区划代码", "行政区划代码", "单位代码"),
    "region_name": ("region_name", "地区名称", "区划名称", "单位名称", "名称"),
    "level": ("level", "层级", "级别"),
    "period": ("period", "期间", "时期", "报告期", "统计期", "月份"),
    "element": ("element", "数据元素", "元素", "数据项", "指标"),
    "value": ("value", "数值", "值", "数据"),
    "category": ("category", "分类", "类别"),
    "qualifier": ("qualifier", "限定", "限定词"),
    "ignored": (
        "source", "note", "remarks", "row", "来源", "出处", "备注", "说明", "序号", "errors", "错误说明",
        # columns of our own exports that only explain
        "元素名称", "element name", "单位", "unit", "来源文件", "source file", "行号", "填报人", "sent by", "填报时间", "sent at",
    ),
}  # fmt: skip
ERROR_COLUMN = {"zh": "错误说明", "en": "Errors"}
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words}
_TAIL = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


@dataclass(frozen=True)
class Layout:
    """Where the header stands and what each column is.

    ``header`` holds what people see; ``roles`` role → column; ``elements`` column → element code (wide
    tables only); ``first_row`` is the number of the first row of data.
    """

    header: list[str]
    header_row: int
    first_row: int
    roles: Mapping[str, int]
    elements: Mapping[int, str]
    problems: tuple[Problem, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether every element has its own column."""
        return "value" not in self.roles


def find_header(top: Sequence[Sequence[str]], elements: Mapping[str, Element]) -> Layout | None:
    """The header among the first rows, or None. A template's row of codes is followed by one of names."""
    names = _element_names(elements)
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


def _resolve(record: Sequence[str], number: int, names: Mapping[str, str]) -> Layout | None:
    header = [unicodedata.normalize("NFKC", cell).strip().lstrip("\ufeff") for cell in record]
    while header and not header[-1]:
        header.pop()
    roles: dict[str, int] = {}
    columns: dict[int, str] = {}
    taken: set[str] = set()
    unknown: list[int] = []
    problems: list[Problem] = []
    for column, text in enumerate(header):
        if not text:
            continue
        role = _role(text)
        code = names.get(_plain(text)) or names.get(_plain(_TAIL.sub("", text)))
        if role == "ignored":
            continue
        if role is not None and role not in roles:
            roles[role] = column
        elif code is not None and code not in taken:
            columns[column] = code
            taken.add(code)
        elif role is not None or code is not None:
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
    known = [*names, *_ROLE_OF]
    for index, column in enumerate(sorted(unknown)):
        problems.append(_unknown(header[column], number, known if index < SUGGESTED else ()))
    return Layout(header, number, number + 1, roles, columns, tuple(problems))


def _role(text: str) -> str | None:
    return _ROLE_OF.get(text.lower()) or _ROLE_OF.get(_TAIL.sub("", text).lower())


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def _element_names(elements: Mapping[str, Element]) -> dict[str, str]:
    names: dict[str, str] = {}
    for element in elements.values():
        for text in (element.name_en, element.name_zh, element.code):
            names[_plain(text)] = element.code
    return names


def _unknown(text: str, number: int, known: Sequence[str]) -> Problem:
    nearest = nearest_text(text, known)
    if nearest is None:
        return Problem("sheet.unknown_column_without_hint", {"text": text}, row=number, column=text)
    return Problem("sheet.unknown_column", {"text": text, "nearest": nearest}, row=number, column=text)
