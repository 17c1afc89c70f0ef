"""A layout: which figures another evaluation asks for, in which rows and columns. Pure; knows no database.

Written as YAML, with both languages; kept as plain JSON. A row is a heading, an indicator, a data element, what is
required of an indicator, or a text that a person writes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jingtu.core.kernel.characters import unprintable
from jingtu.engine.plainyaml import NotPlainYaml, read_plain_yaml
from jingtu.engine.problems import InvalidInput, Language, Problem, refuse, register_texts

RowKind = Literal["heading", "indicator", "element", "requirement", "text"]
ROW_KINDS: tuple[RowKind, ...] = ("heading", "indicator", "element", "requirement", "text")
COLUMNS: dict[str, tuple[str, str]] = {
    "number": ("序号", "No."),
    "title": ("项目", "Item"),
    "unit": ("单位", "Unit"),
    "value": ("数值", "Value"),
    "requirement": ("要求", "Requirement"),
    "met": ("达标情况", "Met"),
    "period": ("数据周期", "Period"),
    "basis": ("数据依据", "Basis"),
    "status": ("办理状态", "Status"),
    "evidence": ("佐证材料", "Evidence"),
    "confirmed": ("核定人", "Confirmed by"),
    "note": ("备注", "Remark"),
}
CADENCES = ("month", "quarter", "half_year", "year")
MOST_ROWS = 300
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,47}")

register_texts(
    {
        "outputs.no_fields": (
            "不是表样定义：应逐行写“code: …”“name: …”“rows: …”。",
            "Not a definition of a layout: it is written line by line as code: …, name: …, rows: …",
        ),
        "outputs.bad_yaml": ("不是有效的表样定义：{detail}", "Not a valid definition of a layout: {detail}"),
        "outputs.bad_code": (
            "代码“{code}”应以小写字母开头，只含小写字母、数字、下划线和短横，不超过48个字符。",
            'The code "{code}" must begin with a small letter and hold small letters, digits, _ and - only, 48 at most.',
        ),
        "outputs.missing_words": (
            "“{what}”须有中文（zh）和英文（en）两种文字。",
            '"{what}" needs words in Chinese (zh) and in English (en).',
        ),
        "outputs.bad_period": (
            "“{period}”不是可用的周期，可用：month、quarter、half_year、year。",
            '"{period}" is no period of a layout; use month, quarter, half_year or year.',
        ),
        "outputs.bad_column": (
            "“{column}”不是可用的栏目，可用：{known}。",
            '"{column}" is no column of a layout; use {known}.',
        ),
        "outputs.bad_row": (
            "第{row}行应写明一种内容：{known}。",
            "Row {row} must say one of: {known}.",
        ),
        "outputs.no_rows": (
            "表样至少要有一行内容。",
            "A layout needs at least one row that is not a heading.",
        ),
        "outputs.too_many_rows": ("表样最多{most}行。", "A layout has at most {most} rows."),
        "outputs.row_twice": ("行代码“{code}”重复。", 'The row "{code}" stands twice.'),
        "outputs.unknown_indicator": (
            "第“{row}”行的指标“{code}”不在指标目录中。",
            'Row "{row}": the catalogue has no indicator "{code}".',
        ),
        "outputs.unknown_element": (
            "第“{row}”行的数据元素“{code}”不在指标目录中。",
            'Row "{row}": the catalogue has no element "{code}".',
        ),
        "outputs.no_values": (
            "表样须有“项目”和“数值”两栏。",
            "A layout needs the columns title and value.",
        ),
    }
)


@dataclass(frozen=True)
class Row:
    """One row. ``of``: the indicator's or element's code; ``evidence``: it counts only with a file."""

    code: str
    kind: RowKind
    title_zh: str
    title_en: str
    of: str = ""
    unit_zh: str = ""
    unit_en: str = ""
    note_zh: str = ""
    note_en: str = ""
    evidence: bool = False

    def title(self, language: Language) -> str:
        return self.title_zh if language == "zh" else self.title_en

    def note(self, language: Language) -> str:
        return self.note_zh if language == "zh" else self.note_en


@dataclass(frozen=True)
class Layout:
    """One layout. ``level``: of which regions it is filled in; ``periods``: for which kinds of period."""

    code: str
    name_zh: str
    name_en: str
    evaluation_zh: str
    evaluation_en: str
    document_zh: str
    document_en: str
    level: str
    periods: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]
    """(kind, Chinese head, English head)."""
    rows: tuple[Row, ...]
    note_zh: str = ""
    note_en: str = ""

    def name(self, language: Language) -> str:
        return self.name_zh if language == "zh" else self.name_en

    def evaluation(self, language: Language) -> str:
        return self.evaluation_zh if language == "zh" else self.evaluation_en

    def document(self, language: Language) -> str:
        return self.document_zh if language == "zh" else self.document_en

    def note(self, language: Language) -> str:
        return self.note_zh if language == "zh" else self.note_en

    @property
    def items(self) -> tuple[Row, ...]:
        """The rows that are filled in."""
        return tuple(row for row in self.rows if row.kind != "heading")

    def row(self, code: str) -> Row | None:
        """The item of a code."""
        return next((row for row in self.items if row.code == code), None)


def read_layout(text: str) -> Layout:
    """The layout of a YAML text. Raises InvalidInput with everything that is wrong with it."""
    try:
        content = read_plain_yaml(text)
    except NotPlainYaml as error:
        raise refuse("outputs.bad_yaml", row=error.line, column="text", detail=error.reason) from None
    if not isinstance(content, dict):
        raise refuse("outputs.no_fields", column="text")
    if any(unprintable(word) for word in _texts(content)):
        raise refuse("outputs.control_characters", column="text")
    return _Reader().layout(content)


def _texts(given: object) -> Iterator[str]:
    """Every text in it: YAML can spell characters that stand nowhere in its own text."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        for pair in given.items():
            yield from _texts(list(pair))
    elif isinstance(given, list):
        for each in given:
            yield from _texts(each)


class _Reader:
    """Collects everything wrong before refusing."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def layout(self, content: Mapping[str, Any]) -> Layout:
        code = str(content.get("code", ""))
        if not _CODE.fullmatch(code):
            self._wrong("outputs.bad_code", code=code[:60])
        name = self._words(content.get("name"), "name")
        evaluation = self._words(content.get("evaluation"), "evaluation")
        document = self._words(content.get("document"), "document")
        note = self._words(content.get("note"), "note") if content.get("note") else ("", "")
        given = content.get("periods")
        periods = tuple(str(period) for period in given) if isinstance(given, list) and given else ()
        for period in periods or ("",):
            if period not in CADENCES:
                self._wrong("outputs.bad_period", period=period[:20])
        columns = self._columns(content.get("columns"))
        rows = self._rows(content.get("rows"))
        if self.problems:
            raise InvalidInput(self.problems)
        level = str(content.get("level", ""))[:32]
        return Layout(code, *name, *evaluation, *document, level, periods, columns, rows, *note)

    def _columns(self, given: object) -> tuple[tuple[str, str, str], ...]:
        columns = []
        for entry in given if isinstance(given, list) else ["number", "title", "unit", "value", "status"]:
            kind = str(entry.get("kind", "") if isinstance(entry, dict) else entry)
            if kind not in COLUMNS:
                self._wrong("outputs.bad_column", column=kind[:40], known=", ".join(COLUMNS))
                continue
            head = COLUMNS[kind]
            if isinstance(entry, dict) and entry.get("title"):
                head = self._words(entry["title"], f"columns.{kind}.title")
            columns.append((kind, *head))
        if not {"title", "value"} <= {kind for kind, _zh, _en in columns}:
            self._wrong("outputs.no_values")
        return tuple(columns)

    def _rows(self, given: object) -> tuple[Row, ...]:
        rows: list[Row] = []
        entries = given if isinstance(given, list) else []
        if len(entries) > MOST_ROWS:
            self._wrong("outputs.too_many_rows", most=MOST_ROWS)
            return ()
        for number, entry in enumerate(entries, start=1):
            row = self._row(number, entry)
            if row is None:
                continue
            if row.code in {other.code for other in rows}:
                self._wrong("outputs.row_twice", code=row.code)
            rows.append(row)
        if not any(row.kind != "heading" for row in rows):
            self._wrong("outputs.no_rows")
        return tuple(rows)

    def _row(self, number: int, entry: object) -> Row | None:
        kinds = [kind for kind in ROW_KINDS if isinstance(entry, dict) and kind in entry]
        if len(kinds) != 1 or not isinstance(entry, dict):
            self._wrong("outputs.bad_row", row=number, known=", ".join(ROW_KINDS))
            return None
        kind = kinds[0]
        code = str(entry.get("code") or f"row{number}")
        if not _CODE.fullmatch(code):
            self._wrong("outputs.bad_code", code=code[:60])
        if kind in ("heading", "text"):
            title, of = self._words(entry[kind], code), ""
        else:
            title, of = self._words(entry.get("title"), code), str(entry[kind])[:64]
        unit = self._words(entry["unit"], f"{code}.unit") if entry.get("unit") else ("", "")
        note = self._words(entry["note"], f"{code}.note") if entry.get("note") else ("", "")
        return Row(code, kind, *title, of, *unit, *note, evidence=entry.get("evidence") is True)

    def _words(self, given: object, what: str) -> tuple[str, str]:
        zh = en = ""
        if isinstance(given, dict):
            zh, en = str(given.get("zh") or "").strip()[:300], str(given.get("en") or "").strip()[:300]
        if not zh or not en:
            self._wrong("outputs.missing_words", what=what)
        return zh, en

    def _wrong(self, problem: str, /, **params: object) -> None:
        self.problems.append(Problem(problem, params, column="text"))


def problems_of(layout: Layout, indicators: Collection[str], elements: Collection[str]) -> list[Problem]:
    """What a layout asks for that the catalogue does not have."""
    problems = []
    for row in layout.items:
        if row.kind in ("indicator", "requirement") and row.of not in indicators:
            problems.append(
                Problem("outputs.unknown_indicator", {"row": row.code, "code": row.of}, column="text")
            )
        if row.kind == "element" and row.of not in elements:
            problems.append(
                Problem("outputs.unknown_element", {"row": row.code, "code": row.of}, column="text")
            )
    return problems


def to_json(layout: Layout) -> dict[str, Any]:
    """The layout as plain values."""
    plain = asdict(layout)
    plain["columns"] = [list(column) for column in layout.columns]
    plain["periods"] = list(layout.periods)
    plain["rows"] = [dict(row) for row in plain["rows"]]
    return plain


def from_json(plain: Mapping[str, Any]) -> Layout:
    """The layout of :func:`to_json`."""
    values = dict(plain)
    values["periods"] = tuple(plain["periods"])
    values["columns"] = tuple((kind, zh, en) for kind, zh, en in plain["columns"])
    values["rows"] = tuple(Row(**row) for row in plain["rows"])
    return Layout(**values)
