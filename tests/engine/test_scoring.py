from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from jingtu.engine import scoring
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.rational import constant, of_fractions


def points(share: object, worth: str, digits: int = 2) -> str:
    maxima = np.array([int(Decimal(worth) * 10**digits)])
    return str(Decimal(int(scoring.points_of(share, maxima, digits)[0])).scaleb(-digits))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "requirement", "met"),
    [
        ("98", ">= 98", True),
        ("97.999999", ">= 98", False),
        ("98", "> 98", False),
        ("20", "< 20", False),
        ("20", "<= 20", True),
        ("0", "== 0", True),
        ("-1", "< 0", True),
    ],
)
def test_the_boundary_belongs_to_inclusive_requirements_only(value: str, requirement: str, met: bool) -> None:
    values = constant(Fraction(value), 1)
    assert bool(scoring.meets(values, Threshold.parse(requirement))[0]) is met


@pytest.mark.parametrize(
    ("value", "expected"), [("80", "0.00"), ("98", "10.00"), ("89", "5.00"), ("70", "0.00"), ("100", "10.00")]
)
def test_linear_points_between_floor_and_target(value: str, expected: str) -> None:
    assert points(scoring.linear_share(constant(Fraction(value), 1), 80, 98), "10") == expected


def test_linear_points_for_low_values() -> None:
    assert points(scoring.linear_share(constant(35, 1), 60, 10), "4") == "2.00"


def test_points_are_rounded_half_up() -> None:
    assert points(constant(Fraction("0.0005"), 1), "10") == "0.01"
    assert points(constant(Fraction("0.000499"), 1), "10") == "0.00"


def test_the_first_step_that_holds_counts() -> None:
    steps = [(Threshold.parse(">= 98"), 1), (Threshold.parse(">= 95"), Decimal("0.6"))]
    assert points(scoring.steps_share(constant(96, 1), steps), "5") == "3.00"
    assert points(scoring.steps_share(constant(94, 1), steps), "5") == "0.00"


@pytest.mark.parametrize(
    ("events", "cap", "expected"),
    [(0, None, "10.00"), (3, None, "8.50"), (50, None, "0.00"), (50, 4, "6.00")],
)
def test_deductions_stop_at_their_cap(events: int, cap: int | None, expected: str) -> None:
    assert points(scoring.deduction_share(constant(events, 1), Decimal("0.5"), 10, cap), "10") == expected


def test_ranks_share_out_in_equal_steps_and_a_single_place_gets_the_best() -> None:
    shares = scoring.rank_share(np.array([1, 2, 2, 4, 0], dtype=np.int32), 1, Decimal("0.7"))
    assert shares.fractions() == [1, Fraction(9, 10), Fraction(9, 10), Fraction(7, 10), None]
    assert scoring.rank_share(np.array([1], dtype=np.int32), 1, 0).fractions() == [1]


def test_a_bonus_is_capped_and_no_value_earns_none() -> None:
    earned = scoring.bonus_points(of_fractions([Fraction(1), Fraction(9), None]), Decimal("0.5"), 2)
    assert earned.fractions() == [Fraction(1, 2), 2, 0]


def test_dropped_points_stay_in_their_section_first() -> None:
    dropped = np.array([[False, True, False, False], [True, True, False, False]])
    maxima = scoring.item_maxima([Decimal(10)] * 4, [0, 0, 1, 1], dropped, 2)
    assert maxima.tolist() == [[2000, 0, 1000, 1000], [0, 0, 2000, 2000]]


def test_largest_remainders_keep_the_total() -> None:
    dropped = np.array([[False, False, False, True]])
    maxima = scoring.item_maxima([Decimal(1)] * 4, [0, 0, 0, 0], dropped, 2)
    assert maxima.tolist() == [[134, 133, 133, 0]]
