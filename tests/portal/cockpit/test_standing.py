"""What the explorer says of the newest value: against the period before, last year, the base, and the streak."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jingtu.assessment.indicators.queries import Point
from jingtu.engine.periods import Period
from jingtu.portal.cockpit.explorer import Row, standing


def rows(values: list[str | None], first: str = "2025-09") -> list[Row]:
    period, found = Period.parse(first), []
    for text in values:
        value = None if text is None else Decimal(text)
        point = Point(period.key, period.label(), value, "value" if value is not None else "missing")
        found.append(Row(period, period.label(), point, None, None))
        period = period.next()
    return found


def test_thirteen_months_tell_all_three_and_the_streak() -> None:
    found = standing(rows(["40", *["50"] * 9, "30", "20", "10"]), "人", "zh")
    assert found is not None
    assert (found.on_previous, found.on_last_year, found.on_base) == ("下降50.0%", "下降75.0%", "下降75.0%")
    assert (found.base, found.streak) == ("2025年9月", -3)


def test_percentages_are_held_against_each_other_in_points() -> None:
    found = standing(rows(["96.5", "98.5"]), "%", "en")
    assert found is not None
    assert (found.on_previous, found.on_last_year, found.streak) == ("up 2 points", "", 1)


@pytest.mark.parametrize(
    ("values", "previous", "base", "streak"),
    [(["3", None, "6", None], "", "增长100.0%", 0), (["5", None], "", "", 0), (["0", "4"], "", "", 1)],
)
def test_a_gap_a_single_value_and_a_zero_are_not_compared(
    values: list[str | None], previous: str, base: str, streak: int
) -> None:
    found = standing(rows(values), "人", "zh")
    assert found is not None
    assert (found.on_previous, found.on_base, found.streak) == (previous, base, streak)


def test_nothing_is_said_without_a_value() -> None:
    assert standing(rows([None, None]), "人", "zh") is None
