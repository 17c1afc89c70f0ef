"""Targets written in a table: which column is what, and what each row means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from jingtu.engine.catalogue.checking import requirement_problems
from jingtu.engine.catalogue.model import Catalogue, Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts
from jingtu.engine.targets import BASES, SCOPES, Basis, Scope, Span, Target, TargetTable
from jingtu.engine.textfile import read_table
from jingtu.engine.tree import RegionTree, nearest_text

register_texts(
    {
        "targets.no_header": (
            "没有找到表头：需要“指标”“期间”和“目标”或“红线”列。可下载模板填写。",
            "No header found: the columns indicator, period and requirement or red line are needed. "
            "You can download a template.",
        ),
        "targets.unknown_column": ("不认识的列“{text}”", 'unknown column "{text}"'),
        "targets.repeated_column": ("“{text}”列出现了不止一次", 'the column "{text}" occurs more than once'),
        "targets.unknown_indicator": ("目录中没有指标“{text}”", 'the catalogue has no indicator "{text}"'),
        "targets.unknown_indicator_near": (
            "目录中没有指标“{text}”，是否指“{near}”？",
            'the catalogue has no indicator "{text}"; did you mean "{near}"?',
        ),
        "targets.ambiguous_indicator": (
            "有几个指标都叫“{text}”，请写编码：{codes}",
            'several indicators are called "{text}"; write the code: {codes}',
        ),
        "targets.unknown_region": ("区划中没有“{text}”", 'there is no region "{text}"'),
        "targets.unknown_region_near": (
            "区划中没有“{text}”，是否指“{near}”？",
            'there is no region "{text}"; did you mean "{near}"?',
        ),
        "targets.ambiguous_region": (
            "有几个地区都是“{text}”，请写代码并注明级别",
            'several regions are "{text}"; write the code and its level',
        ),
        "targets.unknown_group": (
            "没有分类组“{text}”，现有：{known}",
            'there is no peer group "{text}"; there are: {known}',
        ),
        "targets.no_group": (
            "没有写分类组，现有：{known}",
            "no peer group is given; there are: {known}",
        ),
        "targets.unknown_level": (
            "区划中没有级别“{text}”，现有：{known}",
            'the tree has no level "{text}"; it has: {known}',
        ),
        "targets.unknown_scope": (
            "适用对象“{text}”应为：" + "、".join(zh for zh, _ in SCOPES.values()),
            'the scope "{text}" must be one of: ' + ", ".join(en for _, en in SCOPES.values()),
        ),
        "targets.unknown_basis": (
            "适用方式“{text}”应为：" + "、".join(zh for zh, _ in BASES.values()),
            'the basis "{text}" must be one of: ' + ", ".join(en for _, en in BASES.values()),
        ),
        "targets.no_place": ("没有写地区或分类组", "neither a region nor a peer group is given"),
        "targets.nothing_asked": ("目标和红线都没有写", "neither a requirement nor a red line is given"),
        "targets.no_direction": (
            "指标“{code}”没有方向，不能有目标",
            'the indicator "{code}" has no direction and cannot have a target',
        ),
        "targets.against_direction": (
            "要求“{threshold}”与指标“{code}”的方向相反，照此越差的地方越算达标",
            'the requirement "{threshold}" runs against the direction of "{code}": the worse a place, the sooner it '
            "would meet it",
        ),
        "targets.red_line_against_direction": (
            "红线“{threshold}”与指标“{code}”的方向相反，照此越好的地方越踩红线",
            'the red line "{threshold}" runs against the direction of "{code}": the better a place, the sooner it '
            "would cross it",
        ),
        "targets.both_hold": (
            "目标“{requirement}”与红线“{red_line}”相交：达到目标也会踩红线",
            'the requirement "{requirement}" overlaps the red line "{red_line}": a place could meet both',
        ),
        "targets.open_exact": (
            "没有终点的期间只能用“期间内每一期”",
            "an open period can only be used for every period inside",
        ),
        "targets.too_long": ("文字太长，最多{most}个字", "the text is too long: at most {most} characters"),
        "targets.twice": ("与第{first}行是同一目标", "states the same target as row {first}"),
        "targets.no_rows": ("表头下面没有数据", "there is no row below the header"),
    }
)

COLUMNS: Mapping[str, tuple[str, str]] = {
    "indicator": ("指标", "Indicator"),
    "region": ("地区", "Region"),
    "region_level": ("地区级别", "Level of region"),
    "group": ("分类组", "Peer group"),
    "scope": ("适用对象", "Scope"),
    "level": ("下级级别", "Level below"),
    "period": ("期间", "Period"),
    "basis": ("适用方式", "Basis"),
    "requirement": ("目标", "Requirement"),
    "red_line": ("红线", "Red line"),
    "document": ("依据文件", "Document"),
    "reason": ("说明", "Reason"),
}
OTHER_NAMES: Mapping[str, str] = {
    "指标编码": "indicator", "地区代码": "region", "单位": "region", "unit": "region", "目标值": "requirement",
    "target": "requirement", "red_line": "red_line", "region_level": "region_level", "region_code": "region",
    "依据": "document", "文件": "document", "peer group": "group", "level below": "level", "备注": "reason", "note": "reason",
}  # fmt: skip
_ROLE_OF = {text.lower(): role for role, both in COLUMNS.items() for text in (role, *both)} | {**OTHER_NAMES}
LONGEST_DOCUMENT = 255
IGNORED = ("错误说明", "errors", "序号", "指标名称", "indicator name", "地区名称", "region name")


def target_roles(header: Sequence[str]) -> tuple[dict[str, int], list[Problem]]:
    """Column by role, and what is wrong with the header. InvalidInput when it is none."""
    roles, problems = column_roles(header, _ROLE_OF)
    if not {"indicator", "period"} <= roles.keys() or not {"requirement", "red_line"} & roles.keys():
        raise refuse("targets.no_header")
    return roles, problems


def column_roles(header: Sequence[str], role_of: Mapping[str, str]) -> tuple[dict[str, int], list[Problem]]:
    """Column by role, and the columns that are none or stand there twice."""
    roles: dict[str, int] = {}
    problems: list[Problem] = []
    for column, name in enumerate(header):
        text = name.strip()
        role = role_of.get(text.lower())
        if not text or text.lower() in IGNORED:
            continue
        if role is None:
            problems.append(Problem("targets.unknown_column", {"text": text}, row=1, column=text))
        elif role in roles:
            problems.append(Problem("targets.repeated_column", {"text": text}, row=1, column=text))
        else:
            roles[role] = column
    return roles, problems


class RowReader:
    """Understands indicators and places of rows by the names and codes of one tree and one catalogue."""

    def __init__(self, tree: RegionTree, catalogue: Catalogue) -> None:
        self.tree, self.catalogue = tree, catalogue
        self._problems: list[Problem] = []
        self._named: dict[str, list[str]] = {}
        for code, definition in catalogue.indicators.items():
            for name in {definition.name_zh, definition.name_en}:
                self._named.setdefault(name.lower(), []).append(code)

    def _indicator(self, text: str) -> Indicator | None:
        if text in self.catalogue.indicators:
            return self.catalogue.indicators[text]
        named = self._named.get(text.lower(), [])
        if len(named) == 1:
            return self.catalogue.indicators[named[0]]
        if named:
            self._wrong("targets.ambiguous_indicator", "indicator", text=text, codes=" / ".join(named))
            return None
        near = nearest_text(text, [*self.catalogue.indicators, *self._named]) if text else None
        if near:
            self._wrong("targets.unknown_indicator_near", "indicator", text=text, near=near)
        else:
            self._wrong("targets.unknown_indicator", "indicator", text=text)
        return None

    def _region(self, said: Mapping[str, str]) -> tuple[str, str]:
        text = said.get("region", "")
        if not text:
            self._wrong("targets.no_place", "region")
            return "", ""
        level = said.get("region_level")
        found = self.tree.candidates(text, level) or [
            place for place in self.tree.named(text) if level is None or self.tree.levels[place] == level
        ]
        if len(found) == 1:
            return self.tree.levels[found[0]], self.tree.codes[found[0]]
        near = None if found else self.tree.nearest(text)
        if found:
            self._wrong("targets.ambiguous_region", "region", text=text)
        elif near:
            self._wrong("targets.unknown_region_near", "region", text=text, near=near)
        else:
            self._wrong("targets.unknown_region", "region", text=text)
        return "", ""

    def _wrong(self, code: str, column: str, **params: object) -> None:
        self._problems.append(Problem(code, params, column=column))


class TargetReader(RowReader):
    """Understands rows of targets, and the peer groups they name."""

    def __init__(self, tree: RegionTree, catalogue: Catalogue, groups: Mapping[str, Collection[str]]) -> None:
        """``groups``: code of each peer group → all names it goes by, first the one to call it by."""
        super().__init__(tree, catalogue)
        self._groups = {name.lower(): code for code, names in groups.items() for name in (code, *names)}
        self._group_names = [next((name for name in names if name), code) for code, names in groups.items()]

    def read(self, row: Mapping[str, str]) -> tuple[Target | None, list[Problem]]:
        """The target a row states, or everything wrong in it; ``column`` of a problem is a role."""
        self._problems = []
        said = {role: text.strip() for role, text in row.items() if text.strip()}
        indicator = self._indicator(said.get("indicator", ""))
        scope, region, group, level = self._place(said)
        basis = self._word(said, "basis", BASES, "each")
        period = self._period(said, basis)
        asked = {what: self._threshold(said, what) for what in ("requirement", "red_line")}
        if not any(said.get(what) for what in asked):
            self._wrong("targets.nothing_asked", "requirement")
        if indicator is not None:
            self._problems += asked_problems(indicator, asked["requirement"], asked["red_line"])
        if len(said.get("document", "")) > LONGEST_DOCUMENT:
            self._wrong("targets.too_long", "document", most=LONGEST_DOCUMENT)
        if self._problems or indicator is None:
            return None, self._problems
        return (
            Target(
                indicator.code,
                scope,  # type: ignore[arg-type]
                period,
                basis,  # type: ignore[arg-type]
                region,
                group,
                level,
                asked["requirement"],
                asked["red_line"],
                said.get("document", ""),
            ),
            [],
        )

    def _place(self, said: Mapping[str, str]) -> tuple[str, tuple[str, str], str, str]:
        usual: Scope = "group" if "group" in said else "level" if "level" in said else "place"
        scope = self._word(said, "scope", SCOPES, usual)
        if scope == "group":
            group = self._groups.get(said.get("group", "").lower(), "")
            if not group:
                known = " / ".join(self._group_names) or "–"
                if "group" in said:
                    self._wrong("targets.unknown_group", "group", text=said["group"], known=known)
                else:
                    self._wrong("targets.no_group", "group", known=known)
            return scope, ("", ""), group, ""
        region = self._region(said)
        level = said.get("level", "") if scope == "level" else ""
        if scope == "level" and level not in self.tree.level_names:
            self._wrong("targets.unknown_level", "level", text=level, known=" / ".join(self.tree.level_names))
        return scope, region, "", level

    def _word(
        self,
        said: Mapping[str, str],
        role: str,
        words: Mapping[Basis, tuple[str, str]] | Mapping[Scope, tuple[str, str]],
        usual: str,
    ) -> str:
        text = said.get(role, "")
        if not text:
            return usual
        for code, names in words.items():
            if text.lower() in (code, *(name.lower() for name in names)):
                return code
        self._wrong(f"targets.unknown_{role}", role, text=text)
        return usual

    def _period(self, said: Mapping[str, str], basis: str) -> str:
        text = said.get("period", "")
        try:
            span = Span.parse(text)
        except InvalidInput as refusal:
            self._problems += [problem.at(column="period") for problem in refusal.problems]
            return ""
        if span.end is None and basis == "exact":
            self._wrong("targets.open_exact", "basis")
        return canonical_period(text)

    def _threshold(self, said: Mapping[str, str], role: str) -> Threshold | None:
        if role not in said:
            return None
        try:
            return Threshold.parse(said[role])
        except InvalidInput as refusal:
            self._problems += [problem.at(column=role) for problem in refusal.problems]
            return None


def canonical_period(text: str) -> str:
    """The one spelling of a target's period."""
    written = text.strip()
    if written.endswith(".."):
        return Period.parse(written.removesuffix("..")).key + ".."
    return Period.parse(written).key


def asked_problems(
    indicator: Indicator, requirement: Threshold | None, red_line: Threshold | None
) -> list[Problem]:
    """What contradicts the indicator's direction, or each other."""
    if indicator.direction == "none":
        return [Problem("targets.no_direction", {"code": indicator.code}, column="requirement")]
    problems = []
    for problem in requirement_problems(indicator.code, indicator.direction, requirement, red_line):
        if problem.code == "catalogue.red_line_side":
            params = {"requirement": str(requirement), "red_line": str(red_line)}
            problems.append(Problem("targets.both_hold", params, column="red_line"))
        elif problem.code == "catalogue.operator_direction":
            params = {"code": indicator.code, "threshold": str(requirement)}
            problems.append(Problem("targets.against_direction", params, column="requirement"))
        else:
            params = {"code": indicator.code, "threshold": str(red_line)}
            problems.append(Problem("targets.red_line_against_direction", params, column="red_line"))
    return problems


def duplicate_problems(targets: Iterable[tuple[int, Target]]) -> list[Problem]:
    """Rows that state what an earlier row states for the same place and period."""
    seen: dict[tuple[object, ...], int] = {}
    problems = []
    for row, target in targets:
        first = seen.setdefault(identity(target), row)
        if first != row:
            problems.append(Problem("targets.twice", {"first": first}, row=row))
    return problems


def identity(target: Target) -> tuple[object, ...]:
    """What makes two targets versions of one."""
    return (
        target.indicator,
        target.scope,
        target.region,
        target.group,
        target.level,
        target.period,
        target.basis,
    )


def read_target_file(
    source: str | Path | bytes,
    tree: RegionTree,
    catalogue: Catalogue,
    groups: Mapping[str, Collection[str]] | None = None,
) -> TargetTable:
    """The targets of a CSV, all or none. InvalidInput lists everything wrong with row and column."""
    header, rows = read_table(source)
    roles, problems = target_roles(header)
    reader = TargetReader(tree, catalogue, groups or {})
    found: list[tuple[int, Target]] = []
    for number, cells in enumerate(rows, start=2):
        said = {role: cells[column] for role, column in roles.items() if column < len(cells)}
        if not any(text.strip() for text in said.values()):
            continue
        target, wrong = reader.read(said)
        problems += [
            problem.at(row=number, column=header[roles[problem.column]] if problem.column in roles else None)
            for problem in wrong
        ]
        if target is not None:
            found.append((number, target))
    problems += duplicate_problems(found)
    if problems:
        raise InvalidInput(problems)
    if not found:
        raise refuse("targets.no_rows")
    return TargetTable(target for _, target in found)
