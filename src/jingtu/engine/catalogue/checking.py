"""Whether the definitions of a catalogue make sense together."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from decimal import Decimal

from jingtu.engine.catalogue.alertrules import check_alert_rules
from jingtu.engine.catalogue.checkrules import check_check_rules
from jingtu.engine.catalogue.doubts import error, warning
from jingtu.engine.catalogue.model import (
    BonusRule,
    Catalogue,
    DeductionRule,
    Direction,
    Indicator,
    Item,
    LinearRule,
    RankRule,
    Scorecard,
    StepsRule,
    ThresholdRule,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.formula import (
    Binary,
    Call,
    ElementRef,
    Negate,
    Node,
    Number,
    elements_of,
    references_of,
    walk,
)
from jingtu.engine.notation import plain_number
from jingtu.engine.problems import Problem


def check_catalogue(catalogue: Catalogue) -> list[Problem]:
    """Everything questionable: errors make a catalogue unusable, warnings deserve a look.

    ``column`` names the entry and field (``CDT_EXEC.target``).
    """
    checker = _Checker(catalogue)
    return [
        *checker.references(),
        *checker.elements(),
        *checker.indicators(),
        *checker.scorecards(),
        *check_alert_rules(catalogue),
        *check_check_rules(catalogue),
    ]


class _Checker:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    # -- references -----------------------------------------------------------------------------

    def references(self) -> Iterator[Problem]:
        catalogue = self.catalogue
        cited = [
            (entry.code, entry.cites)
            for entries in (catalogue.elements, catalogue.indicators, catalogue.groups, catalogue.scorecards)
            for entry in entries.values()
        ]
        for subject, cites in cited:
            for cite in cites:
                yield from _known(subject, "cites", cite.partition(":")[0], catalogue.documents)
        for element in catalogue.elements.values():
            if element.parts_of is not None:
                yield from _known(element.code, "parts_of", element.parts_of, catalogue.elements)
        for indicator in catalogue.indicators.values():
            for reference in references_of(indicator.formula):
                yield from _known(indicator.code, "formula", reference.code, catalogue.elements)
        for group in catalogue.groups.values():
            for member in group.members:
                yield from _known(group.code, "members", member.indicator, catalogue.indicators)
            for inner in group.groups:
                yield from _known(group.code, "groups", inner, catalogue.groups)
            if self.holds_itself(group.code):
                yield error("catalogue.group_in_itself", group.code, "groups")
            if group.watch_from > group.met_from:
                yield error("catalogue.group_shares", group.code, "watch_from")
        for card in catalogue.scorecards.values():
            for code in card.indicators:
                yield from _known(card.code, "items", code, catalogue.indicators)

    def holds_itself(self, code: str) -> bool:
        """Whether a group lies inside itself, directly or by others."""
        pending, seen = list(self.catalogue.groups[code].groups), set[str]()
        while pending:
            inner = pending.pop()
            if inner == code:
                return True
            if inner not in seen and inner in self.catalogue.groups:
                seen.add(inner)
                pending += self.catalogue.groups[inner].groups
        return False

    # -- elements -------------------------------------------------------------------------------

    def elements(self) -> Iterator[Problem]:
        used = {
            code
            for indicator in self.catalogue.indicators.values()
            for code in elements_of(indicator.formula)
        }
        for element in self.catalogue.elements.values():
            yield from self.unit_listed(element.code, element.unit)
            yield from self.categories_listed(element)
            if bool(element.definition_zh) != bool(element.definition_en):
                yield warning("catalogue.no_translation", element.code, "definition")
            whole = self.catalogue.elements.get(element.parts_of or "")
            if whole is not None:
                used.add(element.code)
                same = (whole.unit, whole.kind, whole.decimals)
                if same != (element.unit, element.kind, element.decimals):
                    yield error("catalogue.parts", element.code, "parts_of", whole=whole.code)
            published = element.kind is ElementKind.REPORTED
            if self.catalogue.indicators and element.code not in used and not published:
                yield warning("catalogue.unused", element.code, "code")

    def categories_listed(self, element: Element) -> Iterator[Problem]:
        if not self.catalogue.dimensions:
            return
        for dimension, values in element.dimensions.items():
            for key in (dimension, *(f"{dimension}={value}" for value in values)):
                if key not in element.labels:
                    yield warning("catalogue.category_unlisted", element.code, "dimensions", category=key)

    def unit_listed(self, subject: str, unit: str) -> Iterator[Problem]:
        if self.catalogue.units and unit not in self.catalogue.units:
            yield error("catalogue.unit_unlisted", subject, "unit", unit=unit)

    # -- indicators -----------------------------------------------------------------------------

    def indicators(self) -> Iterator[Problem]:
        for indicator in self.catalogue.indicators.values():
            code = indicator.code
            yield from self.unit_listed(code, indicator.unit)
            if bool(indicator.definition_zh) != bool(indicator.definition_en):
                yield warning("catalogue.no_translation", code, "definition")
            yield from requirement_problems(code, indicator.direction, indicator.target, indicator.red_line)
            for threshold in (indicator.target, indicator.red_line):
                if threshold is not None and _finer(threshold.value, indicator.decimals):
                    params = {"threshold": str(threshold), "decimals": indicator.decimals}
                    yield warning("catalogue.target_decimals", code, "target", **params)
            yield from self.formula(indicator)

    def formula(self, indicator: Indicator) -> Iterator[Problem]:
        code, elements = indicator.code, self.catalogue.elements
        if not elements_of(indicator.formula):
            yield error("catalogue.no_elements", code, "formula")
        if any(name not in elements for name in elements_of(indicator.formula)):
            return
        for reference in references_of(indicator.formula):
            dimensions = elements[reference.code].dimensions
            for dimension, value in reference.selection:
                if value not in dimensions.get(dimension, ()):
                    category = f"{dimension}={value}"
                    params = {"element": reference.code, "category": category}
                    yield error("catalogue.unknown_dimension", code, "formula", **params)
        for node in walk(indicator.formula):
            if isinstance(node, Call) and node.name == "sum" and isinstance(node.args[0], ElementRef):
                element = elements[node.args[0].code]
                if element.kind is ElementKind.STOCK:
                    yield warning("catalogue.stock_summed", code, "formula", element=element.code)
        problems: list[Problem] = []
        wanted = self.unit_of(indicator.formula, code, problems)
        yield from problems
        points = wanted == "%" and isinstance(indicator.formula, Binary) and indicator.unit == "pp"
        if wanted is not None and indicator.unit != wanted and not points:
            yield error("catalogue.unit", code, "unit", unit=indicator.unit, wanted=wanted)
        if indicator.min_denominator and not _has_denominator(indicator.formula):
            yield error("catalogue.min_denominator", code, "min_denominator")
        if indicator.lagging and not (
            isinstance(indicator.formula, Call) and indicator.formula.name == "share"
        ):
            yield error("catalogue.lagging", code, "lagging")
        if not indicator.person_based:
            persons = [name for name in _numerators(indicator.formula) if elements[name].person_based]
            if persons:
                yield warning("catalogue.person_based", code, "person_based", element=persons[0])

    def unit_of(self, node: Node, subject: str, problems: list[Problem]) -> str | None:
        """The unit a formula yields; None where it cannot be told."""
        match node:
            case ElementRef():
                return self.catalogue.elements[node.code].unit
            case Negate():
                return self.unit_of(node.operand, subject, problems)
            case Binary(op="+" | "-") | Call(name="min" | "max"):
                sides = (node.left, node.right) if isinstance(node, Binary) else node.args
                units = [self.unit_of(side, subject, problems) for side in sides]
                left, right = units[0], units[1]
                if left is not None and right is not None and left != right:
                    params = {"left": left, "right": right}
                    problems.append(warning("catalogue.mixed_units", subject, "formula", **params))
                    return None
                return left if left == right else None
            case Call(name="share" | "yoy" | "pop" | "since"):
                for arg in node.args:
                    self.unit_of(arg, subject, problems)
                return "%"
            case Call(name="sum" | "last" | "prev" | "lastyear" | "base" | "ytd" | "abs"):
                return self.unit_of(node.args[0], subject, problems)
            case Call() | Binary():
                for arg in node.args if isinstance(node, Call) else (node.left, node.right):
                    self.unit_of(arg, subject, problems)
        return None

    # -- scorecards -----------------------------------------------------------------------------

    def scorecards(self) -> Iterator[Problem]:
        for group in self.catalogue.groups.values():
            if bool(group.definition_zh) != bool(group.definition_en):
                yield warning("catalogue.no_translation", group.code, "definition")
            for member in group.members:
                indicator = self.catalogue.indicators.get(member.indicator)
                if indicator is not None:
                    direction = member.direction or indicator.direction
                    subject = f"{group.code}.{member.indicator}"
                    yield from requirement_problems(subject, direction, member.target, None)
        for card in self.catalogue.scorecards.values():
            yield from self.scorecard(card)

    def scorecard(self, card: Scorecard) -> Iterator[Problem]:
        total = sum((section.points for section in card.sections), Decimal(0))
        if total != card.total:
            params = {"sum": plain_number(total), "total": plain_number(card.total)}
            yield error("catalogue.points", card.code, "sections", **params)
        codes = [item.indicator for item in card.items]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield error("catalogue.repeated_item", card.code, "items", name=code)
        for item in card.items:
            indicator = self.catalogue.indicators.get(item.indicator)
            if indicator is not None:
                yield from _item(card, item, indicator)
        if card.bonus is not None:
            for item in card.bonus.items:
                if isinstance(item.rule, BonusRule) and (item.rule.cap or Decimal(0)) > card.bonus.cap:
                    yield error(
                        "catalogue.cap",
                        card.code,
                        "bonus",
                        item=item.indicator,
                        cap=item.rule.cap,
                        limit=card.bonus.cap,
                    )
        for veto in card.vetoes:
            fits = veto.cap is not None and veto.cap < card.total
            if fits if veto.effect != "cap" else not fits:
                yield error("catalogue.veto_cap", card.code, "vetoes", item=veto.indicator)


def _item(card: Scorecard, item: Item, indicator: Indicator) -> Iterator[Problem]:
    subject, direction = card.code, indicator.direction
    target = item.target or indicator.target
    yield from requirement_problems(f"{card.code}.{item.indicator}", direction, item.target, None)
    match item.rule:
        case ThresholdRule() if target is None:
            yield error("catalogue.no_target", subject, "items", item=item.indicator)
        case LinearRule(floor=floor, target=own):
            goal = own if own is not None else target.value if target is not None else None
            if goal is None:
                yield error("catalogue.no_target", subject, "items", item=item.indicator)
            elif goal == floor or (direction != "none" and (goal > floor) != (direction == "up")):
                params = {"item": item.indicator, "floor": floor, "target": goal, "direction": direction}
                yield error("catalogue.linear", subject, "items", **params)
        case StepsRule() as rule:
            yield from _steps(subject, item.indicator, rule, direction)
        case RankRule(best=best, worst=worst):
            if direction == "none":
                yield error("catalogue.rank_direction", subject, "items", item=item.indicator)
            if best < worst:
                yield error("catalogue.rank_order", subject, "items", item=item.indicator)
        case DeductionRule(cap=cap) if cap is not None and cap > item.points:
            params = {"item": item.indicator, "cap": cap, "limit": item.points}
            yield error("catalogue.cap", subject, "items", **params)
        case BonusRule():
            yield error("catalogue.bonus_rule", subject, "items", item=item.indicator)


def _steps(subject: str, item: str, rule: StepsRule, direction: Direction) -> Iterator[Problem]:
    for index, step in enumerate(rule.steps):
        earlier = [other.when for other in rule.steps[:index]]
        covered = any(when.covers(step.when) for when in earlier) or any(
            one.leaves_nothing_beside(other) for one in earlier for other in earlier
        )
        if covered:
            yield error("catalogue.unreachable_step", subject, "items", item=item, step=str(step.when))
    good = {"up": "high", "down": "low"}.get(direction)
    for index, step in enumerate(rule.steps):
        for later in rule.steps[index + 1 :]:
            # Of two steps the first is the better one where both look to the good side.
            if step.when.side == later.when.side == good and later.share > step.share:
                params = {"item": item, "worse": str(later.when), "better": str(step.when)}
                yield warning("catalogue.step_order", subject, "items", **params)


def requirement_problems(
    subject: str, direction: Direction, target: Threshold | None, red_line: Threshold | None
) -> Iterator[Problem]:
    """What contradicts the direction, or each other, in a target and a red line."""
    if direction == "none":
        if target is not None or red_line is not None:
            yield error("catalogue.target_without_direction", subject, "target")
        return
    good = "high" if direction == "up" else "low"
    params: dict[str, object] = {"direction": direction}
    if target is not None and target.side not in (good, "point"):
        yield error("catalogue.operator_direction", subject, "target", **params, threshold=str(target))
    if red_line is not None and red_line.side == good:
        yield error("catalogue.red_line_direction", subject, "red_line", **params, threshold=str(red_line))
    elif target is not None and red_line is not None and _meet(target, red_line):
        yield error(
            "catalogue.red_line_side", subject, "red_line", target=str(target), red_line=str(red_line)
        )


def _meet(one: Threshold, other: Threshold) -> bool:
    """Whether some value satisfies both."""
    for first, second in ((one, other), (other, one)):
        if first.side == "point":
            return second.met_by(*first.value.as_integer_ratio())
    if one.side == other.side:
        return True
    high, low = (one, other) if one.side == "high" else (other, one)
    return high.value < low.value or (high.value == low.value and high.inclusive and low.inclusive)


def _finer(value: Decimal, decimals: int) -> bool:
    return value != round(value, decimals)


def _has_denominator(node: Node) -> bool:
    return any(
        (isinstance(inner, Binary) and inner.op == "/" and not isinstance(inner.right, Number))
        or (isinstance(inner, Call) and inner.name in ("share", "per"))
        for inner in walk(node)
    )


def _numerators(node: Node) -> Iterator[str]:
    """Elements that are counted, not those a count is merely related to."""
    match node:
        case ElementRef():
            yield node.code
        case Negate():
            yield from _numerators(node.operand)
        case Binary(op="/"):
            yield from _numerators(node.left)
        case Binary():
            yield from _numerators(node.left)
            yield from _numerators(node.right)
        case Call(name="share" | "per"):
            yield from _numerators(node.args[0])
        case Call():
            for arg in node.args:
                yield from _numerators(arg)


def _known(subject: str, field: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        yield error("catalogue.unknown_near", subject, field, name=name, near=near[0])
    else:
        yield error("catalogue.unknown", subject, field, name=name)
