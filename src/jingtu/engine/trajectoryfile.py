"""Trajectories written in a table: which column is what, and what each row means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.targetfile import COLUMNS, OTHER_NAMES, RowReader, column_roles

register_texts(
    {
        "targets.no_way_header": (
            "没有找到表头：需要“指标”“地区”“名称”“基期”“基期值”和“里程碑”列。可下载模板填写。",
            "No header found: the columns indicator, region, name, base period, base value and milestones are needed. "
            "You can download a template.",
        ),
        "targets.milestone_line": (
            "“{text}”应写成“期间 数值 名称”，如“2026 70 见成效”；数值最多四位小数。",
            '"{text}" must read "period value name", such as "2026 70 effect"; at most four decimals.',
        ),
        "targets.no_name": ("没有写名称", "no name is given"),
        "targets.not_a_value": ("“{text}”不是数字", '"{text}" is not a number'),
    }
)

WAY_COLUMNS: Mapping[str, tuple[str, str]] = {
    "indicator": COLUMNS["indicator"],
    "region": COLUMNS["region"],
    "region_level": COLUMNS["region_level"],
    "name": ("名称", "Name"),
    "name_en": ("英文名称", "English name"),
    "base_period": ("基期", "Base period"),
    "base_value": ("基期值", "Base value"),
    "milestones": ("里程碑", "Milestones"),
    "tolerance": ("容差", "Tolerance"),
    "document": COLUMNS["document"],
    "reason": COLUMNS["reason"],
}
"""Columns of a table of trajectories, one a row; milestones as "2027 70 两年见成效；2028 80 三年拐点"."""
_WAY_ROLE_OF = {text.lower(): role for role, both in WAY_COLUMNS.items() for text in (role, *both)} | {
    text: role for text, role in OTHER_NAMES.items() if role in WAY_COLUMNS
}
LARGEST = Decimal(10) ** 14
"""No value of a trajectory is as large, and none has more than four decimals."""


def way_roles(header: Sequence[str]) -> tuple[dict[str, int], list[Problem]]:
    """Column by role, and what is wrong with the header. InvalidInput when it is none."""
    roles, problems = column_roles(header, _WAY_ROLE_OF)
    if not {"indicator", "region", "name", "base_period", "base_value", "milestones"} <= roles.keys():
        raise refuse("targets.no_way_header")
    return roles, problems


@dataclass(frozen=True)
class Way:
    """What a row says of a trajectory; ``milestones``: period, value and name, as they are written."""

    indicator: str
    region: tuple[str, str]
    name: str
    name_en: str
    base_period: Period
    base_value: Decimal
    milestones: tuple[tuple[str, Decimal, str], ...]
    tolerance: Decimal
    document: str
    reason: str


def _fits(value: Decimal) -> bool:
    """Whether a trajectory can hold the value."""
    return value.is_finite() and abs(value) < LARGEST and value == round(value, 4)


def read_milestone(line: str) -> tuple[str, Decimal, str]:
    """Period, value and name of a milestone written "2027 70 two years: effect". InvalidInput for anything else."""
    parts = line.split(maxsplit=2)
    try:
        value = Decimal(parts[1])
        if not _fits(value):
            raise InvalidOperation
        return Period.parse(parts[0]).key, value, parts[2].strip() if len(parts) > 2 else ""
    except (InvalidInput, IndexError, InvalidOperation) as error:
        raise refuse("targets.milestone_line", text=line.strip()) from error


class WayReader(RowReader):
    """Understands rows of trajectories."""

    def read(self, row: Mapping[str, str]) -> tuple[Way | None, list[Problem]]:
        """The trajectory a row states, or everything wrong in it; ``column`` of a problem is a role."""
        self._problems = []
        said = {role: text.strip() for role, text in row.items() if text.strip()}
        indicator, region = self._indicator(said.get("indicator", "")), self._region(said)
        if "name" not in said:
            self._wrong("targets.no_name", "name")
        base: Period | None = None
        points: list[tuple[str, Decimal, str]] = []
        try:
            base = Period.parse(said.get("base_period", ""))
        except InvalidInput as refusal:
            self._problems += [problem.at(column="base_period") for problem in refusal.problems]
        for line in said.get("milestones", "").replace("；", "\n").replace(";", "\n").splitlines():
            try:
                points += [read_milestone(line)] if line.strip() else []
            except InvalidInput as refusal:
                self._problems += [problem.at(column="milestones") for problem in refusal.problems]
        start = self._number(said.get("base_value", ""), "base_value")
        tolerance = self._number(said.get("tolerance", "0"), "tolerance")
        if self._problems or indicator is None or base is None or start is None or tolerance is None:
            return None, self._problems
        return (
            Way(
                indicator.code, region, said["name"], said.get("name_en", ""), base, start, tuple(points),
                tolerance, said.get("document", ""), said.get("reason", ""),
            ),
            [],
        )  # fmt: skip

    def _number(self, text: str, column: str) -> Decimal | None:
        try:
            value = Decimal(text.replace("%", "").replace("％", "").strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if not _fits(value):
            self._wrong("targets.not_a_value", column, text=text)
            return None
        return value
