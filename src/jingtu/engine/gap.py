"""What is missing to a requirement, in units a person can act on.

The answer is the smallest whole number of countable units: applied, the requirement is met
exactly; one unit less does not meet it. A rate stated without its parts can only be given in its
own unit (percentage points).

Never the denominator: who is due or who lives there is a fact, and no office is told to have fewer of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from jingtu.engine.catalogue.model import Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.evaluate import Evaluator, Operand, parts_of, references
from jingtu.engine.formula import Binary, Call, ElementRef, Node
from jingtu.engine.periods import Period
from jingtu.engine.rational import shown

Side = Literal["value", "numerator", "now"]


@dataclass(frozen=True)
class Move:
    """Change one side by ``amount`` (always positive) in units of its elements.

    ``more`` says whether it must grow; ``node`` is the formula of that side, ``before`` and ``after``
    its value. ``elements`` are the elements that can be moved.
    """

    side: Side
    more: bool
    amount: Fraction
    node: Node
    before: Fraction
    after: Fraction
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """Where a value stands against a requirement.

    ``met``: nothing is missing. ``difference``: the requirement less the value, in the indicator's
    own unit (negative where a lower value is wanted). ``moves``: ways to meet it, the usual one
    first; empty for a rate reported without its parts, and where no whole number of units helps:
    then ``beyond`` is the formula of the side that can be counted and does not suffice.
    """

    met: bool
    difference: Fraction
    threshold: Threshold
    moves: tuple[Move, ...] = ()
    beyond: Node | None = None


def holds(value: Fraction, threshold: Threshold) -> bool:
    """Whether an exact value satisfies the threshold."""
    return bool(threshold.met_by(value.numerator, value.denominator))


def find_gap(
    evaluator: Evaluator, indicator: Indicator, threshold: Threshold, period: Period, place: int
) -> Gap | None:
    """The gap of one local position; None where it has no value."""
    value = shown(evaluator.indicator(indicator, period).exact).fraction(place)
    if value is None:
        return None
    difference = Fraction(threshold.value) - value
    if holds(value, threshold):
        return Gap(True, difference, threshold)
    parts = parts_of(indicator.formula, period)
    top, bottom = parts.of_role("numerator"), parts.of_role("denominator")
    now, before = parts.of_role("now"), parts.of_role("before")
    move: Move | Node | None = None
    if top and bottom and parts.factor is not None:
        n, d = _at(evaluator, top, place), _at(evaluator, bottom, place)
        if n is not None and d is not None and d > 0 and parts.factor > 0:
            goal = Fraction(threshold.value) / parts.factor
            whole_of = d if _is_share(indicator.formula) else None
            move = _move(evaluator, "numerator", top.node, n, goal * d, threshold, whole_of)
    elif now and before:
        x, base = _at(evaluator, now, place), _at(evaluator, before, place)
        if x is not None and base:
            goal = base + Fraction(threshold.value) * abs(base) / 100
            move = _move(evaluator, "now", now.node, x, goal, threshold, None)
    else:
        goal = Fraction(threshold.value)
        move = _move(evaluator, "value", indicator.formula, value, goal, threshold, None)
    if isinstance(move, Move):
        return Gap(False, difference, threshold, (move,))
    return Gap(False, difference, threshold, beyond=move)


def _move(
    evaluator: Evaluator,
    side: Side,
    node: Node,
    before: Fraction,
    goal: Fraction,
    threshold: Threshold,
    whole: Fraction | None,
) -> Move | Node | None:
    """Bring ``before`` to where it satisfies ``threshold.op goal`` in whole steps; the formula itself where none
    suffices, None where it is no count."""
    elements = _countable(evaluator, node)
    if not elements or threshold.op not in (">=", ">", "<=", "<"):
        return None
    step = Fraction(1, max(element.scale for element in elements))
    more = threshold.op in (">=", ">")
    needed = (goal - before if more else before - goal) / step
    steps = math.ceil(needed) if threshold.op in (">=", "<=") else math.floor(needed) + 1
    after = before + steps * step * (1 if more else -1)
    if steps < 1:
        return None
    if whole is not None and after > whole:
        return node
    if after < 0 and all(element.non_negative for element in elements):
        return node
    return Move(side, more, steps * step, node, before, after, tuple(e.code for e in elements))


def _countable(evaluator: Evaluator, node: Node) -> list[Element]:
    """The elements a sum counts, moved one for one; empty for anything that is not such a sum."""
    match node:
        case ElementRef():
            element = evaluator.view.elements[node.code]
            rate = element.kind is ElementKind.REPORTED and element.unit in _RATES
            return [] if rate else [element]
        case Call(name="sum" | "last" | "ytd"):
            return _countable(evaluator, node.args[0])
        case Binary(op="+"):
            left, right = _countable(evaluator, node.left), _countable(evaluator, node.right)
            return left + right if left and right else []
        case Binary(op="-"):
            left = _countable(evaluator, node.left)
            # Moving an element that is also subtracted would not move the sum one for one.
            also = {ref.code for ref, _ in references(node.right)}
            return [] if any(element.code in also for element in left) else left
    return []


_RATES = frozenset({"%", "pp", "per_mille", "per_10k", "per_100k", "score", "points", "rank", "ratio"})


def _at(evaluator: Evaluator, operand: Operand, place: int) -> Fraction | None:
    return evaluator.value(operand.node, operand.period).fraction(place)


def _is_share(formula: Node) -> bool:
    return isinstance(formula, Call) and formula.name == "share"
