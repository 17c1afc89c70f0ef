"""Exact arithmetic on arrays of fractions, with *missing* and *not applicable* as first-class states.

Numerators and denominators are 64-bit integers as long as a bound on the magnitudes proves that
nothing can overflow; beyond that the same operations run on Python integers. Nothing is ever
rounded before :func:`round_half_up` is asked to.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[Any]  # int64, or object holding Python integers
StateArray = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]

OK, MISSING, NOT_APPLICABLE, BELOW_MINIMUM = 0, 1, 2, 3
STATE_NAMES = ("ok", "missing", "not_applicable", "below_minimum")

_LIMIT = 2**62  # one bit of room, so that the sum of two in-bound products still fits


@dataclass(frozen=True, eq=False, slots=True)
class Rational:
    """``num / den`` with ``den > 0`` where ``state`` is OK; elsewhere 0 / 1 and the reason in ``state``.

    The three arrays have one length; nothing may change them.
    """

    num: IntArray
    den: IntArray
    state: StateArray

    def __len__(self) -> int:
        return len(self.state)

    @property
    def ok(self) -> BoolArray:
        """Where there is a value."""
        return np.asarray(self.state == OK)

    def take(self, index: Any) -> Rational:
        """The values at ``index`` (integers, mask or slice)."""
        return Rational(self.num[index], self.den[index], self.state[index])

    def fraction(self, position: int) -> Fraction | None:
        """One value, or None where there is none."""
        if self.state[position] not in (OK, BELOW_MINIMUM):
            return None
        return Fraction(int(self.num[position]), int(self.den[position]))

    def fractions(self) -> list[Fraction | None]:
        """Every value as a Python fraction, None where there is none."""
        return [self.fraction(position) for position in range(len(self))]

    def floats(self) -> NDArray[np.float64]:
        """Nearest doubles for drawing and sorting; NaN where there is no value."""
        quotient = np.asarray(self.num / self.den, dtype=np.float64)
        return np.where(self.ok | (self.state == BELOW_MINIMUM), quotient, np.nan)

    def with_state(self, where: BoolArray, state: int) -> Rational:
        """The same values, with another state at ``where`` (the value itself is kept)."""
        return Rational(self.num, self.den, np.where(where, np.uint8(state), self.state))


def integers(values: IntArray, present: BoolArray, denominator: int = 1) -> Rational:
    """Whole numbers over one denominator; absent ones are missing."""
    return Rational(
        np.where(present, values, 0),
        np.where(present, denominator, 1),
        np.where(present, np.uint8(OK), np.uint8(MISSING)),
    )


def constant(value: Fraction | Decimal | int, size: int) -> Rational:
    """One number, ``size`` times."""
    fraction = Fraction(value)
    if abs(fraction.numerator) < _LIMIT and fraction.denominator < _LIMIT:
        kind: Any = np.int64
    else:
        kind = object
    return Rational(
        np.full(size, fraction.numerator, dtype=kind),
        np.full(size, fraction.denominator, dtype=kind),
        np.zeros(size, dtype=np.uint8),
    )


def of_fractions(values: list[Fraction | None]) -> Rational:
    """The array of Python fractions; None becomes missing."""
    numbers = [Fraction(0) if value is None else value for value in values]
    return _pack(
        np.array([number.numerator for number in numbers], dtype=object),
        np.array([number.denominator for number in numbers], dtype=object),
        np.array([MISSING if value is None else OK for value in values], dtype=np.uint8),
    )


def add(left: Rational, right: Rational) -> Rational:
    """Sum; a missing or not applicable part makes the sum so."""
    state = combined_state(left.state, right.state)
    if left.den.dtype != object and right.den.dtype != object and np.array_equal(left.den, right.den):
        return _pack(plus(left.num, right.num), left.den, state)
    num = plus(times(left.num, right.den), times(right.num, left.den))
    return _pack(num, times(left.den, right.den), state)


def negate(value: Rational) -> Rational:
    """The value with the other sign."""
    return Rational(-value.num, value.den, value.state)


def subtract(left: Rational, right: Rational) -> Rational:
    """Difference."""
    return add(left, negate(right))


def multiply(left: Rational, right: Rational) -> Rational:
    """Product."""
    return _pack(
        times(left.num, right.num), times(left.den, right.den), combined_state(left.state, right.state)
    )


def divide(left: Rational, right: Rational) -> Rational:
    """Quotient; dividing by zero is not applicable, whatever is divided."""
    state = combined_state(left.state, right.state)
    zero = right.num == 0
    state = np.where((state == OK) & zero, np.uint8(NOT_APPLICABLE), state)
    sign = np.where(right.num < 0, -1, 1)
    num = times(left.num, right.den) * sign
    den = np.where(zero, 1, times(left.den, np.where(zero, 1, right.num * sign)))
    return _pack(num, den, state)


def absolute(value: Rational) -> Rational:
    """The value without its sign."""
    return Rational(np.abs(value.num), value.den, value.state)


def minimum(left: Rational, right: Rational) -> Rational:
    """The smaller of two values."""
    return _choose(left, right, compare(left, right) <= 0)


def maximum(left: Rational, right: Rational) -> Rational:
    """The larger of two values."""
    return _choose(left, right, compare(left, right) >= 0)


def compare(left: Rational, right: Rational) -> NDArray[np.int64]:
    """−1, 0 or 1 as left is below, at or above right; meaningless where either has no value."""
    difference = plus(times(left.num, right.den), -times(right.num, left.den))
    return (difference > 0).astype(np.int64) - (difference < 0).astype(np.int64)


def round_half_up(value: Rational, decimals: int) -> IntArray:
    """Values × 10**decimals as whole numbers, halves away from zero (四舍五入); 0 where there is none."""
    doubled = times(np.abs(value.num), np.full(len(value), 2 * 10**decimals, dtype=np.int64))
    magnitude = plus(doubled, value.den) // times(value.den, np.full(len(value), 2, dtype=np.int64))
    return narrowed(np.where(value.num < 0, -magnitude, magnitude))


def combined_state(left: StateArray, right: StateArray) -> StateArray:
    """What two operands leave: missing outweighs not applicable, which outweighs a value."""
    missing = (left == MISSING) | (right == MISSING)
    rest = np.where((left == OK) & (right == OK), np.uint8(OK), np.uint8(NOT_APPLICABLE))
    return np.where(missing, np.uint8(MISSING), rest)


def known(values: Rational) -> BoolArray:
    """Where there is a value to show, ranked or not."""
    return np.asarray((values.state == OK) | (values.state == BELOW_MINIMUM))


def shown(values: Rational) -> Rational:
    """Values below the minimum denominator as ordinary ones: shown and compared, only never ranked."""
    few = values.state == BELOW_MINIMUM
    return values.with_state(few, OK) if few.any() else values


def times(left: IntArray, right: IntArray) -> IntArray:
    """Elementwise product that cannot overflow."""
    if left.dtype != object and right.dtype != object and _bound(left) * _bound(right) <= _LIMIT:
        return np.asarray(left * right)
    return np.asarray(left.astype(object) * right.astype(object))


def plus(left: IntArray, right: IntArray) -> IntArray:
    """Elementwise sum that cannot overflow."""
    if left.dtype != object and right.dtype != object and _bound(left) + _bound(right) <= 2 * _LIMIT - 1:
        return np.asarray(left + right)
    return np.asarray(left.astype(object) + right.astype(object))


def narrowed(values: IntArray) -> IntArray:
    """Back to 64 bits where all fit."""
    if values.dtype == object and _bound(values) <= _LIMIT:
        return values.astype(np.int64)
    return values


def decimal_text(scaled: int, decimals: int) -> str:
    """A scaled whole number as plain digits: (9916, 2) → "99.16"."""
    sign, magnitude = ("-", -scaled) if scaled < 0 else ("", scaled)
    if decimals == 0:
        return f"{sign}{magnitude}"
    digits = f"{magnitude:0{decimals + 1}d}"
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def _choose(left: Rational, right: Rational, take_left: BoolArray) -> Rational:
    return _pack(
        np.where(take_left, left.num, right.num),
        np.where(take_left, left.den, right.den),
        combined_state(left.state, right.state),
    )


def _pack(num: IntArray, den: IntArray, state: StateArray) -> Rational:
    """Clean values: 0 / 1 where there is none; big ones reduced, back in 64 bits when they fit."""
    ok = state == OK
    if not ok.all():
        num, den = np.where(ok, num, 0), np.where(ok, den, 1)
    if num.dtype == object or den.dtype == object:
        num, den = num.astype(object), den.astype(object)
        if len(num):
            divisor = np.gcd(num, den)
            num, den = num // divisor, den // divisor
        num, den = narrowed(num), narrowed(den)
    return Rational(num, den, state)


def _bound(values: IntArray) -> int:
    if values.size == 0:
        return 0
    if values.size <= 32:  # a reduction costs more than it saves
        return int(max(map(abs, values.tolist())))
    return max(int(values.max()), -int(values.min()))
