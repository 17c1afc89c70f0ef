from __future__ import annotations

import numpy as np
import pytest

from jingtu.engine.intervals import poisson_exact, rank_ranges, wilson
from jingtu.engine.problems import InvalidInput


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_figures(count: int, of: int, low: float, high: float) -> None:
    interval = wilson(count, of)
    assert round(interval.low, 4) == low
    assert round(interval.high, 4) == high


def test_eighty_events_in_a_million_person_years() -> None:
    interval = poisson_exact(80, 1_255_530, per=100_000)
    assert (round(interval.low, 1), round(interval.high, 1)) == (5.1, 7.9)


def test_no_events_leave_a_lower_end_of_zero() -> None:
    assert poisson_exact(0, 100).low == 0
    assert round(poisson_exact(0, 1).high, 3) == 3.689


@pytest.mark.parametrize(("count", "of"), [(3, 2), (-1, 5), (0, 0)])
def test_what_is_no_share_has_no_interval(count: int, of: int) -> None:
    with pytest.raises(InvalidInput):
        wilson(count, of)


def test_the_rank_range_counts_only_certain_differences() -> None:
    low, high = np.array([0.1, 0.25, 0.5, np.nan]), np.array([0.3, 0.4, 0.6, np.nan])
    best, worst = rank_ranges(low, high, higher_is_better=True)
    assert best.tolist() == [2, 2, 1, 0]
    assert worst.tolist() == [3, 3, 1, 0]
    best, worst = rank_ranges(low, high, higher_is_better=False)
    assert best.tolist() == [1, 1, 3, 0]
    assert worst.tolist() == [2, 2, 3, 0]
