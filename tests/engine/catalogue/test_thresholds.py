from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.catalogue import Threshold
from jingtu.engine.problems import InvalidInput


@pytest.mark.parametrize(
    "text, num, den, met",
    [
        (">= 98", 98, 1, True),
        ("> 98", 98, 1, False),
        (">= 98", 979999999999, 10**10, False),
        ("<= 98", 98, 1, True),
        ("< 98", 98, 1, False),
        ("< 98", 979999999999, 10**10, True),
        ("≥98%", 49000, 500, True),
        ("> 0", 0, 5, False),
        ("== 0", 0, 7, True),
        ("<= -10", -100, 10, True),
        ("<= -10", 99, -10, False),
        (">= 33.33", 100, 3, True),
        (">= 33.34", 100, 3, False),
    ],
)
def test_the_boundary_is_met_only_where_it_is_included(text: str, num: int, den: int, met: bool) -> None:
    assert Threshold.parse(text).met_by(num, den) is met


def test_a_value_without_denominator_cannot_be_compared() -> None:
    with pytest.raises(ZeroDivisionError):
        Threshold.parse("> 0").met_by(1, 0)


@pytest.mark.parametrize("text", ["98", ">= abc", "", "=> ", ">> 3", ">= 98 99"])
def test_an_unreadable_requirement_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Threshold.parse(text)


def test_it_is_shown_with_its_unit() -> None:
    assert str(Threshold.parse("≥ 98")) == ">= 98"
    assert Threshold.parse(">= 98").label("%") == "≥98%"
    assert Threshold.parse("< 5").label("cases", "en") == "<5 cases"
    assert Threshold.parse(">= 98").inclusive
    assert not Threshold.parse("> 98").inclusive


thresholds = st.builds(
    Threshold, st.sampled_from([">=", ">", "<=", "<", "=="]), st.integers(-3, 3).map(Decimal)
)


@given(thresholds, thresholds)
def test_covering_is_what_trying_all_values_says(one: Threshold, other: Threshold) -> None:
    halves = range(-9, 10)
    assert one.covers(other) == all(one.met_by(n, 2) for n in halves if other.met_by(n, 2))
    if one.side != "point" and other.side != "point" and one.side != other.side:
        assert one.leaves_nothing_beside(other) == all(one.met_by(n, 2) or other.met_by(n, 2) for n in halves)
