"""What is missing to a requirement, found by trying: one unit more at a time, in ever larger strides."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from tests.reference.card import holds


def fewest(value_after: Callable[[int], Fraction | None], target: str, limit: int) -> int | None:
    """The smallest whole number of units up to ``limit`` after which the requirement is met.

    The value must move one way only with the number of units; None after too many of them.
    """

    def met(units: int) -> bool:
        value = value_after(units)
        return value is not None and holds(value, target)

    if limit < 1 or not met(limit):
        return None
    low, high = 0, limit  # not met at low, met at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if met(middle) else (middle, high)
    return high
