"""What totals and ranks would be with other weights, targets, rules, figures or another card.

Only the period in question is scored again, from the facts and requirements of the assessment it is held
against; nothing is written. Vetoes and entries count as they were decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.assess import card_coverage, card_ledger, card_marks
from jingtu.engine.cards import CardResult, score_card
from jingtu.engine.catalogue.model import (
    Catalogue,
    DeductionRule,
    Item,
    LinearRule,
    RankRule,
    Rule,
    Scorecard,
    Step,
    StepsRule,
    ThresholdRule,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, refuse, register_texts
from jingtu.engine.rational import decimal_text
from jingtu.engine.rollup import FactView
from jingtu.engine.targets import Requirements
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "simulate.bad_points": (
            "“{text}”不是分值，应为0至1000、最多两位小数的数",
            '"{text}" is not a valid number of points; enter one from 0 to 1000 with at most two decimals',
        ),
        "simulate.bad_rule": (
            "“{text}”不是计分规则；可用：linear 下限 满分值、threshold 达标份额 未达标份额、"
            "deduction 每件扣分 最多扣分、rank 首位份额 末位份额、steps >= 95: 1; >= 90: 0.8（份额0至1）",
            '"{text}" is not a scoring rule; use: linear FLOOR TARGET, threshold MET UNMET, deduction EACH CAP, '
            "rank BEST WORST, steps >= 95: 1; >= 90: 0.8 (shares from 0 to 1)",
        ),
        "simulate.unreachable_step": (
            "“{text}”中的“{later}”排在“{earlier}”之后，永远用不上；请从严到宽排列",
            'in "{text}" the step "{later}" stands after "{earlier}" and is never reached; put the stricter first',
        ),
        "simulate.unknown_item": (
            "评分表没有项目“{code}”",
            'the scorecard has no item "{code}"',
        ),
    }
)
MOST_POINTS = Decimal(1000)


@dataclass(frozen=True)
class Figure:
    """A figure stated otherwise for the period: the region's own value, scaled as facts are."""

    element: str
    position: int
    value: int


@dataclass(frozen=True)
class Changes:
    """What is tried out. Everything by indicator of the card's items; empty for as it was."""

    points: Mapping[str, Decimal] = field(default_factory=dict)
    targets: Mapping[str, Threshold] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    figures: Sequence[Figure] = ()


class Ground(Protocol):
    """What a computed or stored assessment offers to try things out on."""

    @property
    def tree(self) -> RegionTree: ...
    @property
    def period(self) -> Period: ...
    @property
    def within(self) -> int: ...
    @property
    def view(self) -> FactView: ...
    @property
    def evaluator(self) -> Evaluator: ...
    @property
    def requirements(self) -> Requirements: ...
    @property
    def ledger(self) -> Ledger | None: ...


def simulate(
    ground: Ground, catalogue: Catalogue, card: Scorecard, subjects: NDArray[np.int32], changes: Changes
) -> CardResult:
    """The card with the changes over the subjects. InvalidInput for an item the card does not have."""
    view, evaluator = ground.view, ground.evaluator
    if changes.figures or catalogue.elements is not view.elements:
        rows = [
            FactRow(one.element, int(ground.tree.ids[one.position]), ground.period.key, one.value)
            for one in changes.figures
        ]
        facts = FactTable.concat([view.facts, FactTable.from_rows(rows)]) if rows else view.facts
        view = FactView(ground.tree, facts, catalogue.elements, ground.within, view.expected_rule)
        evaluator = Evaluator(view)
    tried = changed_card(card, changes)
    local = subjects.astype(np.int64) - ground.within
    values = {
        code: evaluator.indicator(catalogue.indicators[code], ground.period).exact.take(local)
        for code in tried.indicators
    }
    coverage = card_coverage(view, catalogue, tried, ground.period, local)
    marks = card_marks(tried, ground.requirements, ground.period, local)
    # A target that is tried out stands above what documents ask of single places.
    marks = {code: asked for code, asked in marks.items() if code not in changes.targets}
    added = card_ledger(ground.ledger, tried, ground.period, ground.tree, subjects)
    return score_card(tried, catalogue, values, coverage, marks, added)


def changed_card(card: Scorecard, changes: Changes) -> Scorecard:
    """The card with other points, targets and rules. InvalidInput for an item it does not have."""
    known = {item.indicator for item in card.items}
    for code in (*changes.points, *changes.targets, *changes.rules):
        if code not in known:
            raise refuse("simulate.unknown_item", code=code)

    def changed(item: Item) -> Item:
        code = item.indicator
        rule = changes.rules.get(code, item.rule)
        if code in changes.targets and isinstance(rule, LinearRule):
            rule = replace(rule, target=None)
        return replace(
            item,
            points=changes.points.get(code, item.points),
            target=changes.targets.get(code, item.target),
            rule=rule,
        )

    return replace(
        card,
        sections=tuple(
            replace(section, items=tuple(changed(item) for item in section.items))
            for section in card.sections
        ),
    )


@dataclass(frozen=True)
class Move:
    """A place before and after; None where it is not ranked. ``gained``: ranks gained."""

    position: int
    old_total: str | None
    new_total: str | None
    old_rank: int | None
    new_rank: int | None

    @property
    def gained(self) -> int | None:
        """Ranks gained (negative: lost); None without both."""
        return self.old_rank - self.new_rank if self.old_rank and self.new_rank else None

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "total": [self.old_total, self.new_total],
            "rank": [self.old_rank, self.new_rank],
            "gained": self.gained,
        }


def moves(
    subjects: NDArray[np.int32], before: Sequence[tuple[str | None, int | None]], after: CardResult
) -> list[Move]:
    """Every subject with (total, rank) as they were and as they would be, by the new rank."""
    found = [
        Move(
            int(position),
            old[0],
            decimal_text(int(after.totals[at]), after.digits) if after.ranked[at] else None,
            old[1],
            int(after.ranks[at]) or None,
        )
        for at, (position, old) in enumerate(zip(subjects.tolist(), before, strict=True))
    ]
    return sorted(found, key=lambda move: (move.new_rank is None, move.new_rank or 0, move.position))


def read_points(text: str) -> Decimal:
    """Points as somebody typed them. InvalidInput otherwise."""
    try:
        points = Decimal(text.strip())
    except InvalidOperation:
        raise refuse("simulate.bad_points", text=text) from None
    if not points.is_finite() or not 0 <= points <= MOST_POINTS or points != round(points, 2):
        raise refuse("simulate.bad_points", text=text)
    return points


_RULES: Mapping[str, Any] = {
    "linear": LinearRule,
    "threshold": ThresholdRule,
    "deduction": DeductionRule,
    "rank": RankRule,
}


def read_rule(text: str) -> Rule:
    """A rule as a kind and two numbers. InvalidInput otherwise."""
    words = text.split()
    if words[:1] == ["steps"]:
        return _read_steps(text)
    try:
        kind, first, second = words
        numbers = Decimal(first), Decimal(second)
    except (ValueError, InvalidOperation):
        raise refuse("simulate.bad_rule", text=text) from None
    sound = all(number.is_finite() and abs(number) <= 10**9 for number in numbers)
    if kind not in _RULES or not sound or (kind == "linear" and numbers[0] == numbers[1]):
        raise refuse("simulate.bad_rule", text=text)
    if kind != "linear" and min(numbers) < 0:
        raise refuse("simulate.bad_rule", text=text)
    rule: Rule = _RULES[kind](*numbers)
    return rule


def _read_steps(text: str) -> StepsRule:
    """Bands as ``steps >= 95: 1; >= 90: 0.8``: the first that holds gives its share, none gives nothing."""
    steps: list[Step] = []
    for part in text.strip().removeprefix("steps").replace("；", ";").split(";"):
        when, _colon, share = part.replace("：", ":").rpartition(":")
        try:
            step = Step(Threshold.parse(when), Decimal(share.strip()))
        except (InvalidInput, InvalidOperation):
            raise refuse("simulate.bad_rule", text=text) from None
        if not step.share.is_finite() or not 0 <= step.share <= 1:
            raise refuse("simulate.bad_rule", text=text)
        before = next((one for one in steps if one.when.covers(step.when)), None)
        if before is not None:
            raise refuse(
                "simulate.unreachable_step", text=text, later=str(step.when), earlier=str(before.when)
            )
        steps.append(step)
    return StepsRule(tuple(steps))


def rule_words(rule: Rule, target: Threshold | None) -> str:
    """A rule as :func:`read_rule` takes it; empty for one that is not written so."""
    match rule:
        case LinearRule():
            goal = rule.target if rule.target is not None else (target.value if target else None)
            return "" if goal is None else f"linear {rule.floor} {goal}"
        case ThresholdRule():
            return f"threshold {rule.met} {rule.unmet}"
        case DeductionRule():
            return "" if rule.cap is None else f"deduction {rule.per_event} {rule.cap}"
        case RankRule():
            return f"rank {rule.best} {rule.worst}"
        case StepsRule():
            return "steps " + "; ".join(f"{step.when}: {step.share:f}" for step in rule.steps)
    return ""
