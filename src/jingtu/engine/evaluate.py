"""Formulas over the facts of a subtree, exactly.

A value is a fraction of whole numbers until it is shown. Comparisons inside a formula (``yoy``,
``pop``, ``since``, ``prev``, ``lastyear``, ``base``, ``ytd``) evaluate their argument for another
period; results are kept per (formula, period), so nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.catalogue.model import Catalogue, Indicator
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.formula import (
    Binary,
    Call,
    ElementRef,
    Negate,
    Node,
    Number,
    Text,
    base_period,
    year_to_date,
)
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier
from jingtu.engine.rational import BELOW_MINIMUM, OK, IntArray, Rational
from jingtu.engine.rollup import ElementValues, Selection

Role = Literal["value", "numerator", "denominator", "now", "before"]

_EXACT = QUALIFIERS.index(Qualifier.EXACT)
_APPROX = QUALIFIERS.index(Qualifier.APPROX)


@dataclass(frozen=True)
class Operand:
    """One part of an indicator a reader can open: a formula, its period and the part it plays."""

    role: Role
    node: Node
    period: Period


@dataclass(frozen=True)
class Parts:
    """How a formula reads: ``factor × numerator / denominator``, or one value."""

    operands: tuple[Operand, ...]
    factor: Fraction | None = None

    def of_role(self, role: Role) -> Operand | None:
        """The operand that plays ``role``."""
        return next((operand for operand in self.operands if operand.role == role), None)


@dataclass(frozen=True, eq=False)
class IndicatorValues:
    """One indicator for one period, over the local positions of a view.

    ``exact`` holds the values (state BELOW_MINIMUM keeps its value: it is shown, not ranked),
    ``scaled`` the same rounded half-up at the indicator's decimals, ``reported``/``expected`` the
    coverage of its least covered element, ``qualifier`` an index into QUALIFIERS or None.
    """

    indicator: Indicator
    period: Period
    exact: Rational
    scaled: IntArray
    numerator: Rational | None
    denominator: Rational | None
    reported: NDArray[np.int32]
    expected: NDArray[np.int32]
    qualifier: NDArray[np.int8] | None

    def text(self, place: int) -> str | None:
        """The rounded value as plain digits, None where there is none."""
        if self.exact.state[place] not in (OK, BELOW_MINIMUM):
            return None
        return rational.decimal_text(int(self.scaled[place]), self.indicator.decimals)

    def qualifier_at(self, place: int) -> Qualifier:
        """What is said about the value's exactness."""
        return Qualifier.EXACT if self.qualifier is None else QUALIFIERS[int(self.qualifier[place])]


class Measured(NamedTuple):
    """Values, the same rounded, and numerator and denominator of a ratio."""

    exact: Rational
    scaled: IntArray
    numerator: Rational | None
    denominator: Rational | None


class Counts(Protocol):
    """What formulas are evaluated on: the elements rolled up for ``size`` places. A :class:`FactView` is one."""

    elements: Mapping[str, Element]
    size: int

    def values(
        self,
        element: str,
        period: Period,
        selection: Selection = (),
        kind: ElementKind | None = None,
    ) -> ElementValues:
        """An element in a period for every place."""


class Evaluator:
    """Evaluates formulas on one view, each (formula, period) once."""

    def __init__(self, view: Counts) -> None:
        self.view = view
        self._results: dict[tuple[Node, Period], Rational] = {}

    def value(self, node: Node, period: Period) -> Rational:
        """The formula for every local position in ``period``."""
        key = (node, period)
        found = self._results.get(key)
        if found is None:
            found = self._results[key] = self._compute(node, period)
        return found

    def forget(self) -> None:
        """Drop what was computed, because facts below changed."""
        self._results.clear()

    def measured(self, indicator: Indicator, period: Period) -> Measured:
        """An indicator's values and the two parts of a ratio, without coverage and qualifiers."""
        exact = self.value(indicator.formula, period)
        parts = parts_of(indicator.formula, period)
        numerator, denominator = parts.of_role("numerator"), parts.of_role("denominator")
        top = self.value(numerator.node, numerator.period) if numerator else None
        bottom = self.value(denominator.node, denominator.period) if denominator else None
        if bottom is not None and indicator.min_denominator:
            least = rational.constant(Fraction(indicator.min_denominator), len(bottom))
            few = exact.ok & bottom.ok & (rational.compare(bottom, least) < 0)
            if few.any():
                exact = exact.with_state(few, BELOW_MINIMUM)
        return Measured(exact, rational.round_half_up(exact, indicator.decimals), top, bottom)

    def indicator(self, indicator: Indicator, period: Period) -> IndicatorValues:
        """Everything about an indicator in a period."""
        reported, expected = self.coverage(indicator.formula, period)
        return IndicatorValues(
            indicator,
            period,
            *self.measured(indicator, period),
            reported,
            expected,
            self.qualifier(indicator.formula, period),
        )

    def readings(self, node: Node, period: Period) -> Iterator[tuple[ElementRef, ElementKind | None, Period]]:
        """Every element a value rests on, how it adds up over time, and the period it is read for."""
        match node:
            case ElementRef():
                yield node, None, period
            case Negate():
                yield from self.readings(node.operand, period)
            case Binary():
                yield from self.readings(node.left, period)
                yield from self.readings(node.right, period)
            case Call(name="sum" | "last", args=(ElementRef() as inner,)) if self._rolls_up(inner):
                yield inner, ElementKind.FLOW if node.name == "sum" else ElementKind.STOCK, period
            case Call(name="yoy" | "pop" | "since" | "prev" | "lastyear" | "base" | "ytd"):
                for _, other in windows(node, period):
                    yield from self.readings(node.args[0], other)
            case Call():
                for argument in node.args:
                    yield from self.readings(argument, period)

    def coverage(self, node: Node, period: Period) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """(regions reporting, regions expected) of the least covered element of this period itself."""
        reported = np.zeros(self.view.size, dtype=np.int32)
        expected = np.zeros(self.view.size, dtype=np.int32)
        first = True
        for reference, kind in references(node):
            values = self.view.values(reference.code, period, reference.selection, kind)
            if first:
                reported, expected, first = values.reported, values.expected, False
                continue
            worse = values.reported.astype(np.int64) * expected < reported.astype(np.int64) * values.expected
            reported = np.where(worse, values.reported, reported)
            expected = np.where(worse, values.expected, expected)
        return reported, expected

    def qualifier(self, node: Node, period: Period) -> NDArray[np.int8] | None:
        """What the qualifiers of the facts make of the result; None when everything is exact."""
        match node:
            case ElementRef():
                return self.view.values(node.code, period, node.selection).qualifier
            case Number() | Text():
                return None
            case Negate():
                return _inexact([self.qualifier(node.operand, period)])
            case Binary():
                left, right = self.qualifier(node.left, period), self.qualifier(node.right, period)
                if right is None and isinstance(node.right, Number) and node.op in "*/":
                    return left
                return _qualified_ratio(left, right) if node.op == "/" else _inexact([left, right])
            case Call():
                if node.name in ("share", "per"):
                    return _qualified_ratio(
                        self.qualifier(node.args[0], period), self.qualifier(node.args[1], period)
                    )
                if node.name in ("sum", "last"):
                    return self.qualifier(node.args[0], period)
                periods = [other for _, other in windows(node, period)]
                return _inexact([self.qualifier(node.args[0], other) for other in periods])
        raise TypeError(node)

    # -- inside ---------------------------------------------------------------------------------

    def _compute(self, node: Node, period: Period) -> Rational:
        size = self.view.size
        match node:
            case Number():
                return rational.constant(Fraction(node.value), size)
            case ElementRef():
                return self.view.values(node.code, period, node.selection).rational()
            case Negate():
                return rational.negate(self.value(node.operand, period))
            case Binary():
                left, right = self.value(node.left, period), self.value(node.right, period)
                return _OPERATIONS[node.op](left, right)
            case Call():
                return self._call(node, period)
        raise TypeError(node)

    def _call(self, node: Call, period: Period) -> Rational:
        args = node.args
        match node.name:
            case "sum" | "last":
                kind = ElementKind.FLOW if node.name == "sum" else ElementKind.STOCK
                inner = args[0]
                if isinstance(inner, ElementRef) and self._rolls_up(inner):
                    return self.view.values(inner.code, period, inner.selection, kind).rational()
                return self.value(inner, period)
            case "share" | "per":
                ratio = rational.divide(self.value(args[0], period), self.value(args[1], period))
                factor = self.value(args[2], period) if node.name == "per" else None
                scale = factor if factor is not None else rational.constant(100, self.view.size)
                return rational.multiply(ratio, scale)
            case "yoy" | "pop" | "since":
                (_, now_period), (_, before_period) = windows(node, period)
                now, before = self.value(args[0], now_period), self.value(args[0], before_period)
                # The change is measured on the size of the base, so that a rise is positive there too.
                change = rational.divide(rational.subtract(now, before), rational.absolute(before))
                return rational.multiply(change, rational.constant(100, self.view.size))
            case "prev" | "lastyear" | "base" | "ytd":
                ((_, other),) = windows(node, period)
                return self.value(args[0], other)
            case "abs":
                return rational.absolute(self.value(args[0], period))
            case "min":
                return rational.minimum(self.value(args[0], period), self.value(args[1], period))
            case "max":
                return rational.maximum(self.value(args[0], period), self.value(args[1], period))
        raise TypeError(node)

    def _rolls_up(self, reference: ElementRef) -> bool:
        return self.view.elements[reference.code].kind is not ElementKind.REPORTED


def windows(node: Call, period: Period) -> list[tuple[Role, Period]]:
    """The periods a call looks at, seen from ``period``."""
    match node.name:
        case "yoy":
            return [("now", period), ("before", period.last_year())]
        case "pop":
            return [("now", period), ("before", period.previous())]
        case "since":
            return [("now", period), ("before", _stated_period(node, period))]
        case "prev":
            return [("value", period.previous())]
        case "lastyear":
            return [("value", period.last_year())]
        case "base":
            return [("value", _stated_period(node, period))]
        case "ytd":
            return [("value", year_to_date(period))]
    return [("value", period)]


def parts_of(node: Node, period: Period) -> Parts:
    """How a formula is to be read and opened: a ratio, a comparison, or one value."""
    match node:
        case Call(name="share"):
            return _ratio(node.args[0], node.args[1], Fraction(100), period)
        case Call(name="per") if isinstance(node.args[2], Number):
            return _ratio(node.args[0], node.args[1], Fraction(node.args[2].value), period)
        case Call(name="yoy" | "pop" | "since"):
            return Parts(tuple(Operand(role, node.args[0], other) for role, other in windows(node, period)))
        case Binary(op="/") if isinstance(node.right, Number):
            inner = parts_of(node.left, period)
            if inner.factor is not None and node.right.value:
                return Parts(inner.operands, inner.factor / Fraction(node.right.value))
        case Binary(op="/"):
            return _ratio(node.left, node.right, Fraction(1), period)
        case Binary(op="*"):
            for number, other in ((node.right, node.left), (node.left, node.right)):
                if isinstance(number, Number):
                    inner = parts_of(other, period)
                    if inner.factor is not None:
                        return Parts(inner.operands, inner.factor * Fraction(number.value))
    return Parts((Operand("value", node, period),))


def references(
    node: Node, kind: ElementKind | None = None
) -> Iterable[tuple[ElementRef, ElementKind | None]]:
    """Every element a formula mentions, with how ``sum`` or ``last`` make it add up over time."""
    match node:
        case ElementRef():
            yield node, kind
        case Negate():
            yield from references(node.operand)
        case Binary():
            yield from references(node.left)
            yield from references(node.right)
        case Call():
            for argument in node.args:
                yield from references(argument)


def persons_counted(catalogue: Catalogue, indicator: Indicator) -> frozenset[str]:
    """The elements of the formula that count persons: all of them where the indicator is said to."""
    return frozenset(
        reference.code
        for reference, _ in references(indicator.formula)
        if indicator.person_based or catalogue.elements[reference.code].person_based
    )


def counts_persons(catalogue: Catalogue, code: str) -> bool:
    """Whether the indicator or element of that code counts persons; one that is not known may do so."""
    indicator = catalogue.indicators.get(code)
    if indicator is not None:
        return indicator.person_based or bool(persons_counted(catalogue, indicator))
    element = catalogue.elements.get(code)
    return element is None or element.person_based


def _ratio(top: Node, bottom: Node, factor: Fraction, period: Period) -> Parts:
    return Parts((Operand("numerator", top, period), Operand("denominator", bottom, period)), factor)


def _stated_period(node: Call, asked: Period) -> Period:
    stated = node.args[1]
    if not isinstance(stated, Text):
        raise TypeError(stated)
    return base_period(stated.value, asked)


def _inexact(parts: list[NDArray[np.int8] | None]) -> NDArray[np.int8] | None:
    """≈ wherever any part is inexact."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    touched = np.any([part != _EXACT for part in known], axis=0)
    return np.where(touched, np.int8(_APPROX), np.int8(_EXACT))


def _qualified_ratio(
    top: NDArray[np.int8] | None, bottom: NDArray[np.int8] | None
) -> NDArray[np.int8] | None:
    """A ratio keeps its numerator's qualifier; an inexact denominator makes it approximate."""
    if bottom is None:
        return top
    base = np.full_like(bottom, _EXACT) if top is None else top
    return np.where(bottom != _EXACT, np.int8(_APPROX), base)


_OPERATIONS = {
    "+": rational.add,
    "-": rational.subtract,
    "*": rational.multiply,
    "/": rational.divide,
}
