"""The state of a catalogue as a whole: what nothing uses, what says the same twice, what nobody can meet.

``check_catalogue`` refuses what cannot be computed; this says what deserves a person's eye.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jingtu.engine.catalogue.checking import check_catalogue
from jingtu.engine.catalogue.model import Catalogue
from jingtu.engine.elements import ElementKind
from jingtu.engine.formula import (
    Binary,
    Call,
    ElementRef,
    Negate,
    Node,
    Number,
    Text,
    elements_of,
    format_formula,
    walk,
)
from jingtu.engine.notation import plain_number
from jingtu.engine.problems import Problem, register_texts

Topic = Literal["other", "units", "duplicate", "silent", "unreachable", "unused", "idle"]
TOPICS: tuple[Topic, ...] = ("other", "units", "duplicate", "silent", "unreachable", "unused", "idle")
"""What deserves a look, the worst first: from figures that may be wrong to ``idle``, which harms nothing."""

register_texts(
    {
        "integrity.unused_element": (
            "数据元素“{subject}”没有被指标、预警规则或报表使用",
            'the element "{subject}" is used by no indicator, alert rule or form',
        ),
        "integrity.unused_unit": ("计量单位“{subject}”没有使用", 'the unit "{subject}" is not used'),
        "integrity.unused_dimension": ("分类“{subject}”没有使用", 'the dimension "{subject}" is not used'),
        "integrity.unused_document": (
            "文件“{subject}”没有被任何定义引用",
            'no definition cites the document "{subject}"',
        ),
        "integrity.duplicate": (
            "“{subject}”与“{other}”的公式实质相同：{formula}",
            'the formulas of "{subject}" and "{other}" say the same: {formula}',
        ),
        "integrity.unreachable": (
            "指标“{subject}”不在任何评分表、指标组或预警规则中，算了也没有地方用",
            'the indicator "{subject}" stands in no scorecard, group or alert rule: it is computed for nothing',
        ),
        "integrity.whole_decimals": (
            "“{subject}”由整数个数相加减得出，却显示{decimals}位小数",
            '"{subject}" adds and subtracts whole counts but is shown with {decimals} decimals',
        ),
        "integrity.share_unit": (
            "“{subject}”按公式是百分比，单位却是“{unit}”",
            'by its formula "{subject}" is a percentage, but its unit is "{unit}"',
        ),
        "integrity.silent": (
            "数据元素“{subject}”最近{count}个月没有任何报表、导入或接口报来数据，而报表、评分表、指标组或预警规则在等它",
            'no form, import or feed has brought a figure of the element "{subject}" in the last {count} months, '
            "although a form, scorecard, group or alert rule waits for it",
        ),
        "integrity.idle": (
            "数据元素“{subject}”最近{count}个月没有数据，也没有评分表、指标组、预警规则或报表在等它",
            'no figure of the element "{subject}" has come in the last {count} months; no scorecard, group, alert '
            "rule or form waits for one",
        ),
    }
)

_UNITS = {"catalogue.unit", "catalogue.mixed_units", "catalogue.unit_unlisted", "catalogue.parts"}


@dataclass(frozen=True)
class Remark:
    """Something about one definition: of which topic, about which kind and code, in words."""

    topic: Topic
    kind: str
    code: str
    problem: Problem


def integrity(
    catalogue: Catalogue,
    asked: Collection[str] = (),
    silent: Mapping[str, int] | None = None,
    used: Collection[str] = (),
) -> list[Remark]:
    """Everything that deserves a look, the worst topic first. ``asked``: elements some form asks for;
    ``silent``: elements of which nothing has come in, with the number of months looked at; ``used``:
    definitions that pages, sheets or targets use by themselves, elements and indicators alike."""
    reached = _reached(catalogue)
    found = [
        *_unused(catalogue, {*asked, *used}),
        *_duplicates(catalogue),
        *_unreachable(catalogue, {*reached, *used}),
        *_units(catalogue),
        *_silent(catalogue, silent or {}, {*asked, *_resting(catalogue, reached)} - {*used}),
    ]
    kinds = _kinds(catalogue)
    for problem in check_catalogue(catalogue):
        if problem.code == "catalogue.unused":
            continue
        code = (problem.column or "").partition(".")[0]
        topic: Topic = "units" if problem.code in _UNITS else "other"
        found.append(Remark(topic, kinds.get(code, ""), code, problem))
    order = {topic: place for place, topic in enumerate(TOPICS)}
    return sorted(found, key=lambda remark: order[remark.topic])


def kind_of(catalogue: Catalogue, code: str) -> str:
    """The kind of the definition with a code; empty without one."""
    return _kinds(catalogue).get(code, "")


def _kinds(catalogue: Catalogue) -> dict[str, str]:
    kinds = (
        "documents",
        "dimensions",
        "units",
        "checks",
        "alerts",
        "groups",
        "scorecards",
        "elements",
        "indicators",
    )
    return {code: kind for kind in kinds for code in getattr(catalogue, kind)}


def _remark(topic: Topic, kind: str, code: str, problem: str, **params: object) -> Remark:
    return Remark(topic, kind, code, Problem(problem, {"subject": code, **params}, severity="warning"))


def _unused(catalogue: Catalogue, asked: set[str]) -> Iterator[Remark]:
    used = {code for one in catalogue.indicators.values() for code in elements_of(one.formula)} | asked
    for rule in catalogue.alerts.values():
        used.update(rule.elements)
    for element in catalogue.elements.values():
        # A part of a used whole is what the whole is checked against.
        if element.code not in used and element.parts_of not in used:
            yield _remark("unused", "elements", element.code, "integrity.unused_element")
    units = {one.unit for one in catalogue.elements.values()}
    units |= {one.unit for one in catalogue.indicators.values()}
    dimensions = {name for one in catalogue.elements.values() for name in one.dimensions}
    cited = {
        cite.partition(":")[0]
        for entries in (
            catalogue.elements,
            catalogue.indicators,
            catalogue.groups,
            catalogue.scorecards,
            catalogue.alerts,
            catalogue.checks,
        )
        for one in entries.values()
        for cite in one.cites
    }
    for code in catalogue.units.keys() - units:
        yield _remark("unused", "units", code, "integrity.unused_unit")
    for code in catalogue.dimensions.keys() - dimensions:
        yield _remark("unused", "dimensions", code, "integrity.unused_dimension")
    for code in catalogue.documents.keys() - cited:
        yield _remark("unused", "documents", code, "integrity.unused_document")


def _duplicates(catalogue: Catalogue) -> Iterator[Remark]:
    seen: dict[str, str] = {}
    for indicator in catalogue.indicators.values():
        meaning = normal_form(indicator.formula)
        first = seen.setdefault(meaning, indicator.code)
        if first != indicator.code:
            yield _remark(
                "duplicate",
                "indicators",
                indicator.code,
                "integrity.duplicate",
                other=first,
                formula=format_formula(indicator.formula),
            )


def _reached(catalogue: Catalogue) -> set[str]:
    reached = {code for card in catalogue.scorecards.values() for code in card.indicators}
    reached |= {member.indicator for group in catalogue.groups.values() for member in group.members}
    return reached | {code for rule in catalogue.alerts.values() for code in rule.indicators}


def _resting(catalogue: Catalogue, reached: Collection[str]) -> set[str]:
    """The elements behind these indicators and behind alert rules."""
    indicators = (catalogue.indicators[code] for code in reached if code in catalogue.indicators)
    found = {code for one in indicators for code in elements_of(one.formula)}
    return found | {code for rule in catalogue.alerts.values() for code in rule.elements}


def _unreachable(catalogue: Catalogue, reached: Collection[str]) -> Iterator[Remark]:
    for code in catalogue.indicators:
        if code not in reached:
            yield _remark("unreachable", "indicators", code, "integrity.unreachable")


def _units(catalogue: Catalogue) -> Iterator[Remark]:
    for indicator in catalogue.indicators.values():
        formula, elements = indicator.formula, catalogue.elements
        if any(code not in elements for code in elements_of(formula)):
            continue
        if isinstance(formula, Call) and formula.name == "share" and indicator.unit not in ("%", "‰", "pp"):
            yield _remark("units", "indicators", indicator.code, "integrity.share_unit", unit=indicator.unit)
        whole = all(not elements[code].decimals for code in elements_of(formula))
        counted = all(elements[code].kind is not ElementKind.REPORTED for code in elements_of(formula))
        if indicator.decimals and whole and counted and _adds_only(formula):
            decimals = indicator.decimals
            yield _remark(
                "units", "indicators", indicator.code, "integrity.whole_decimals", decimals=decimals
            )


def _adds_only(formula: Node) -> bool:
    steps = ("sum", "last", "prev", "lastyear", "base", "ytd", "abs", "min", "max")
    return all(
        isinstance(node, ElementRef | Negate | Text)
        or (isinstance(node, Binary) and node.op in "+-")
        or (isinstance(node, Call) and node.name in steps)
        for node in walk(formula)
    )


def _silent(catalogue: Catalogue, silent: Mapping[str, int], waited: Collection[str]) -> Iterator[Remark]:
    """Figures that did not come: amiss where something waits for them, else only to be known."""
    for code, months in silent.items():
        if code in catalogue.elements:
            topic: Topic = "silent" if code in waited else "idle"
            yield _remark(topic, "elements", code, f"integrity.{topic}", count=months)


def normal_form(formula: Node) -> str:
    """The formula in one of its equal writings: factors and addends sorted, shares as quotients, numbers joined."""
    coefficient, over, under = _product(formula)
    parts = ["*".join(sorted(over)) or "1", "*".join(sorted(under)) or "1"]
    return f"{plain_number(coefficient)}*{parts[0]}/{parts[1]}"


def _product(node: Node) -> tuple[Decimal, list[str], list[str]]:
    """A number, the factors above and the factors below the line."""
    match node:
        case Number():
            return node.value, [], []
        case Negate():
            coefficient, over, under = _product(node.operand)
            return -coefficient, over, under
        case Binary(op="*"):
            left, right = _product(node.left), _product(node.right)
            return left[0] * right[0], left[1] + right[1], left[2] + right[2]
        case Binary(op="/"):
            left, right = _product(node.left), _product(node.right)
            if right[0]:
                return left[0] / right[0], left[1] + right[2], left[2] + right[1]
        case Call(name="share" | "per"):
            scale = node.args[2] if node.name == "per" else None
            left, right = _product(node.args[0]), _product(node.args[1])
            factor = scale.value if isinstance(scale, Number) else Decimal(100)
            if right[0]:
                return factor * left[0] / right[0], left[1] + right[2], left[2] + right[1]
    return Decimal(1), [_single(node)], []


def _single(node: Node) -> str:
    match node:
        case Binary(op="+" | "-"):
            return "(" + "+".join(sorted(_addends(node, 1))) + ")"
        case Call():
            args = [inner.value if isinstance(inner, Text) else normal_form(inner) for inner in node.args]
            return f"{node.name}({','.join(sorted(args) if node.name in ('min', 'max') else args)})"
    return format_formula(node)


def _addends(node: Node, sign: int) -> list[str]:
    match node:
        case Binary(op="+"):
            return _addends(node.left, sign) + _addends(node.right, sign)
        case Binary(op="-"):
            return _addends(node.left, sign) + _addends(node.right, -sign)
        case Negate():
            return _addends(node.operand, -sign)
    return [("-" if sign < 0 else "") + normal_form(node)]
