"""The tests behind sudden changes, against reference values and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from jingtu.engine.alerting.statistics import (
    count_change,
    lower_chance,
    moment_dispersion,
    robust_distance,
    upper_chance,
)


@pytest.mark.parametrize(
    ("newest", "total", "periods"), [(5, 8, 6), (1, 1, 12), (30, 120, 6), (0, 10, 6), (12, 12, 3)]
)
def test_the_poisson_chance_is_the_binomial_tail(newest: int, total: int, periods: int) -> None:
    share = 1 / (periods + 1)
    assert upper_chance(newest, total, periods) == pytest.approx(stats.binom.sf(newest - 1, total, share))
    assert lower_chance(newest, total, periods) == pytest.approx(stats.binom.cdf(newest, total, share))


@pytest.mark.parametrize(
    ("newest", "total", "periods", "dispersion"),
    [(5, 8, 6, 0.3), (30, 120, 6, 0.05), (40, 90, 12, 1.0), (900, 4000, 6, 0.02), (1, 3, 6, 2.0)],
)
def test_the_spread_out_chance_is_the_beta_binomial_tail(
    newest: int, total: int, periods: int, dispersion: float
) -> None:
    reference = stats.betabinom(total, 1 / dispersion, periods / dispersion)
    assert upper_chance(newest, total, periods, dispersion) == pytest.approx(
        reference.sf(newest - 1), rel=1e-6
    )
    assert lower_chance(newest, total, periods, dispersion) == pytest.approx(reference.cdf(newest), rel=1e-6)


def test_almost_no_dispersion_gives_the_poisson_chance_back() -> None:
    assert upper_chance(20, 80, 6, 1e-9) == pytest.approx(upper_chance(20, 80, 6), rel=1e-4)


@given(
    history=st.lists(st.integers(0, 60), min_size=6, max_size=12),
    newest=st.integers(0, 200),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_the_past_does_not_matter(history: list[int], newest: int, order: object) -> None:
    shuffled = list(history)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    found = [
        count_change(np.array([past]).T.astype(np.int64), np.array([newest]), "up", 6)
        for past in (history, shuffled)
    ]
    assert found[0].chance[0] == pytest.approx(found[1].chance[0])


@given(history=st.lists(st.integers(0, 40), min_size=6, max_size=6), newest=st.integers(0, 100))
def test_more_of_a_count_is_never_more_likely(history: list[int], newest: int) -> None:
    columns = np.array([history, history]).T.astype(np.int64)
    found = count_change(columns, np.array([newest, newest + 1]), "up", 6)
    assert found.chance[1] <= found.chance[0] + 1e-12


@pytest.mark.parametrize("side", ["up", "down", "both"])
def test_false_alarms_of_poisson_counts_stay_near_the_stated_level(side: str) -> None:
    random = np.random.default_rng(20261122)
    rates = random.uniform(5, 80, 20_000)
    history = random.poisson(rates, (12, rates.size)).astype(np.int64)
    found = count_change(history, random.poisson(rates).astype(np.int64), side, 6)  # type: ignore[arg-type]
    share = float((found.chance < 0.01).mean())
    assert 0.004 < share < 0.012


def test_false_alarms_of_spread_out_counts_stay_near_the_stated_level() -> None:
    random = np.random.default_rng(20261123)
    mean, k = random.uniform(10, 60, 4000), 4.0
    history = random.negative_binomial(k, k / (k + mean), (12, mean.size)).astype(np.int64)
    newest = random.negative_binomial(k, k / (k + mean)).astype(np.int64)
    found = count_change(history, newest, "up", 6)
    assert found.dispersion == pytest.approx(1 / k, rel=0.1)
    assert 0.004 < float((found.chance < 0.01).mean()) < 0.016
    poisson = [
        upper_chance(*case) for case in zip(newest, history.sum(axis=0) + newest, [12] * 4000, strict=True)
    ]
    assert float((np.array(poisson) < 0.01).mean()) > 0.1  # which is why the spread is estimated at all


def test_counts_no_more_varied_than_poisson_ones_have_no_dispersion() -> None:
    assert moment_dispersion(np.array([[5, 9], [5, 9], [5, 9]], dtype=np.int64)) == 0.0


def test_unknown_counts_are_no_part_of_the_past() -> None:
    history = np.array([[4], [-1], [6], [5], [5], [4], [6]], dtype=np.int64)
    found = count_change(history, np.array([20]), "up", 6)
    assert found.expected[0] == 5
    short = count_change(history[:-1], np.array([20]), "up", 6)
    assert short.chance[0] == 1
    assert count_change(history, np.array([-1]), "up", 6).chance[0] == 1


@pytest.mark.parametrize(
    ("history", "newest", "floor", "distance"),
    [
        ([10, 12, 14, 16, 18, 20, 22], 16.0, 0.01, 0.0),
        ([10, 12, 14, 16, 18, 20, 22], 36.0, 0.01, 20 / (1.4826 * 4)),
        ([90, 90, 90, 90, 90, 90], 89.0, 0.5, -2.0),
    ],
)
def test_robust_distances(history: list[float], newest: float, floor: float, distance: float) -> None:
    found = robust_distance(np.array([history]).T, np.array([newest]), np.array([floor]), 6)
    assert found.distance[0] == pytest.approx(distance)


def test_the_robust_deviation_is_the_reference_one() -> None:
    random = np.random.default_rng(1)
    history = random.normal(50, 4, (12, 5))
    found = robust_distance(history, history[0], np.zeros(5), 6)
    reference = stats.median_abs_deviation(history, axis=0, scale="normal")
    assert found.deviation == pytest.approx(reference, rel=1e-4)


def test_one_wild_month_in_the_past_does_not_hide_a_change() -> None:
    calm = [80.0, 81, 79, 80, 82, 78, 80, 81]
    found = robust_distance(
        np.array([[*calm, 80.0], [*calm, 5.0]]).T, np.array([60.0, 60.0]), np.array([0.5, 0.5]), 6
    )
    assert (found.distance < -8).all()
