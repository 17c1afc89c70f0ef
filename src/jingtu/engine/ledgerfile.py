"""A table of entries and rulings, for assessments from files: one row a bonus, a deduction or a veto decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from jingtu.engine.catalogue.model import Scorecard
from jingtu.engine.ledger import Entry, Ledger, Line, Ruling, line_rule, lines_of
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.textfile import read_table
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "ledger.no_header": (
            "首行应有“类型、指标、地区、期间、数量、事由”各列（裁定一票否决的行写“决定”）",
            "the first row needs the columns kind, indicator, region, period, count and reason "
            "(rows about vetoes: decision)",
        ),
        "ledger.unknown_kind": (
            "“{text}”不是类型，可用：加分、扣分、否决",
            '"{text}" is no kind; use bonus, deduction or veto',
        ),
        "ledger.unknown_line": (
            "评分表“{scorecard}”没有这样的{kind}项“{text}”，可用：{known}",
            'the scorecard "{scorecard}" has no such {kind} line "{text}"; it has: {known}',
        ),
        "ledger.unknown_region": (
            "区划中没有唯一的“{text}”",
            'the tree has no single region "{text}"',
        ),
        "ledger.bad_count": (
            "数量“{text}”应为大于零、最多两位小数的数",
            'the count "{text}" must be above zero with at most two decimals',
        ),
        "ledger.bad_decision": (
            "决定“{text}”应写“适用”或“不适用”",
            'the decision "{text}" must be "apply" or "not apply"',
        ),
        "ledger.no_reason": ("没有写事由", "no reason is given"),
        "ledger.twice": ("同一否决项已由第{first}行决定", "row {first} already decides this veto"),
    }
)

_ROLE_OF: Mapping[str, str] = {
    "类型": "kind", "指标": "indicator", "指标编码": "indicator", "地区": "region", "地区代码": "region", "单位": "region",
    "unit": "region", "地区级别": "level", "期间": "period", "数量": "count", "决定": "decision", "事由": "reason",
    "理由": "reason", "申报人": "entered_by", "批准人": "decided_by", "决定人": "decided_by", "证据": "evidence", "答辩": "reply",
    "entered by": "entered_by", "approved by": "decided_by", "decided by": "decided_by",
}  # fmt: skip
_ROLES = frozenset(_ROLE_OF.values())
_KINDS = {"加分": "bonus", "扣分": "deduction", "否决": "veto", "一票否决": "veto"}
_DECISIONS = {"适用": True, "apply": True, "applies": True, "不适用": False, "not apply": False, "no": False}
MOST_COUNT = Decimal(10_000)


def read_ledger_file(source: str | Path | bytes, tree: RegionTree, card: Scorecard) -> Ledger:
    """The entries and rulings of a CSV for one card, all or none. InvalidInput lists everything wrong."""
    header, rows = read_table(source)
    roles: dict[str, int] = {}
    for column, name in enumerate(header):
        text = name.strip().lower()
        role = _ROLE_OF.get(text, text if text in _ROLES else "")
        if role:
            roles.setdefault(role, column)
    if not {"kind", "indicator", "region", "period", "reason"} <= roles.keys():
        raise refuse("ledger.no_header")
    reader = _Reader(tree, card)
    for number, cells in enumerate(rows, start=2):
        said = {role: cells[column].strip() for role, column in roles.items() if column < len(cells)}
        if any(said.values()):
            reader.read(number, said)
    if reader.problems:
        names = {role: header[column] for role, column in roles.items()}
        raise InvalidInput(
            [problem.at(column=names.get(problem.column or "")) for problem in reader.problems]
        )
    return Ledger(reader.entries, reader.rulings)


def count_problem(text: str) -> Problem | None:
    """What is wrong with a count as it was typed."""
    try:
        count = Decimal(text)
    except InvalidOperation:
        return Problem("ledger.bad_count", {"text": text}, column="count")
    if not count.is_finite() or not 0 < count <= MOST_COUNT or count != round(count, 2):
        return Problem("ledger.bad_count", {"text": text}, column="count")
    return None


class _Reader:
    def __init__(self, tree: RegionTree, card: Scorecard) -> None:
        self.tree, self.card = tree, card
        self.entries: list[Entry] = []
        self.rulings: list[Ruling] = []
        self.problems: list[Problem] = []
        self._decided: dict[tuple[str, tuple[str, str], str], int] = {}

    def read(self, row: int, said: Mapping[str, str]) -> None:
        before = len(self.problems)
        text = said.get("kind", "")
        kind = _KINDS.get(text, text.lower())
        if kind not in ("bonus", "deduction", "veto"):
            self._wrong(row, "ledger.unknown_kind", "kind", text=text)
            return
        indicator = said.get("indicator", "")
        known = self._lines(kind)
        if indicator not in known:
            self._wrong(
                row, "ledger.unknown_line", "indicator", scorecard=self.card.code, kind=text, text=indicator,
                known="、".join(known) or "–",
            )  # fmt: skip
        region, period = self._region(row, said), self._period(row, said)
        if not said.get("reason"):
            self._wrong(row, "ledger.no_reason", "reason")
        count, decision = said.get("count", "1"), _DECISIONS.get(said.get("decision", "").lower())
        if kind == "veto":
            if decision is None:
                self._wrong(row, "ledger.bad_decision", "decision", text=said.get("decision", ""))
            first = self._decided.setdefault((indicator, region, period), row)
            if first != row:
                self._wrong(row, "ledger.twice", "kind", first=first)
        elif (problem := count_problem(count)) is not None:
            self.problems.append(problem.at(row=row))
        if len(self.problems) > before:
            return
        by, reason = said.get("decided_by", ""), said["reason"]
        if kind == "veto":
            self.rulings.append(
                Ruling(
                    self.card.code,
                    indicator,
                    region,
                    period,
                    bool(decision),
                    reason,
                    by,
                    said.get("reply", ""),
                )
            )
            return
        line: Line = "bonus" if kind == "bonus" else "deduction"
        evidence = tuple(filter(None, (said.get("evidence", ""),)))
        entered = said.get("entered_by", "")
        self.entries.append(
            Entry(
                self.card.code, line, indicator, region, period, Decimal(count), reason, entered, by, evidence
            )
        )

    def _lines(self, kind: str) -> Sequence[str]:
        if kind == "veto":
            return [veto.indicator for veto in self.card.vetoes]
        return [
            code for line, code in lines_of(self.card) if line == kind and line_rule(self.card, line, code)
        ]

    def _region(self, row: int, said: Mapping[str, str]) -> tuple[str, str]:
        text, level = said.get("region", ""), said.get("level") or None
        found = self.tree.candidates(text, level) or [
            place for place in self.tree.named(text) if level in (None, self.tree.levels[place])
        ]
        if len(found) != 1:
            self._wrong(row, "ledger.unknown_region", "region", text=text)
            return "", ""
        return self.tree.levels[found[0]], self.tree.codes[found[0]]

    def _period(self, row: int, said: Mapping[str, str]) -> str:
        try:
            return Period.parse(said.get("period", "")).key
        except InvalidInput as refusal:
            self.problems += [problem.at(row=row, column="period") for problem in refusal.problems]
            return ""

    def _wrong(self, row: int, code: str, column: str, **params: object) -> None:
        self.problems.append(Problem(code, params, row=row, column=column))
