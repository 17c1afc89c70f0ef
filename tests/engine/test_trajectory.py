from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.periods import Period
from jingtu.engine.trajectory import (
    Better,
    Interpolation,
    Milestone,
    Observation,
    Trajectory,
    TurningRule,
    find_turning,
)

START = Milestone(date(2024, 12, 31), Fraction(100))


def path(interpolation: Interpolation = "linear", better: Better = "down", tolerance: int = 0) -> Trajectory:
    """Down to 90 in a year, 70 in two, 40 in three."""
    points = (
        Milestone(date(2025, 12, 31), Fraction(90)),
        Milestone(date(2026, 12, 31), Fraction(70)),
        Milestone(date(2027, 12, 31), Fraction(40)),
    )
    return Trajectory(START, points, interpolation, better, Fraction(tolerance))


@pytest.mark.parametrize(
    ("interpolation", "day", "asked"),
    [
        ("linear", date(2024, 12, 30), None),
        ("linear", date(2024, 12, 31), Fraction(100)),
        ("linear", date(2025, 12, 31), Fraction(90)),
        ("linear", date(2026, 7, 2), Fraction(90) - Fraction(20 * 183, 365)),
        ("linear", date(2030, 1, 1), Fraction(40)),
        ("step", date(2025, 12, 30), Fraction(100)),
        ("step", date(2025, 12, 31), Fraction(90)),
        ("step", date(2027, 12, 30), Fraction(70)),
    ],
)
def test_what_is_asked_on_a_day(interpolation: Interpolation, day: date, asked: Fraction | None) -> None:
    assert path(interpolation).asked_on(day) == asked


@pytest.mark.parametrize(
    ("interpolation", "value", "tolerance", "standing"),
    [
        ("linear", 70, 0, "on"),
        ("linear", 69, 0, "ahead"),
        ("linear", 71, 0, "behind"),
        ("linear", 69, 2, "on"),
        ("linear", 72, 2, "on"),
        ("linear", 73, 2, "behind"),
        ("step", 60, 0, "on"),
        ("step", 40, 0, "ahead"),
        ("step", 71, 0, "behind"),
    ],
)
def test_standing_at_the_second_milestone(
    interpolation: Interpolation, value: int, tolerance: int, standing: str
) -> None:
    found = path(interpolation, tolerance=tolerance).standing(Fraction(value), date(2026, 12, 31))
    assert found.standing == standing
    assert found.gap == 70 - value


def test_no_value_is_said_to_be_unknown_and_milestones_must_be_in_order() -> None:
    assert path().standing(None, date(2026, 1, 1)).standing == "unknown"
    assert path().standing(Fraction(1), date(2020, 1, 1)).standing == "before"
    with pytest.raises(ValueError, match="milestones"):
        Trajectory(START, (), "step", "up")


@given(st.dates(date(2025, 1, 1), date(2028, 6, 1)), st.integers(0, 120))
def test_a_better_value_never_stands_worse(day: date, value: int) -> None:
    order = {"behind": 0, "on": 1, "ahead": 2}
    for interpolation in ("linear", "step"):
        worse = path(interpolation).standing(Fraction(value), day)  # type: ignore[arg-type]
        better = path(interpolation).standing(Fraction(value - 1), day)  # type: ignore[arg-type]
        assert order[better.standing] >= order[worse.standing]


# -- turning points ------------------------------------------------------------------------------


def series(*values: int | None, first: int = 2015, margin: int | None = None) -> list[Observation]:
    return [
        Observation(
            Period.parse(str(first + number)),
            None if value is None else Fraction(value),
            None if margin is None or value is None else Fraction(value - margin),
            None if margin is None or value is None else Fraction(value + margin),
        )
        for number, value in enumerate(values)
    ]


DOWN = TurningRule("down", 2, 2)


@pytest.mark.parametrize(
    ("values", "state", "at"),
    [
        ((1, 2, 3, 2, 1), "turned", "2017"),
        ((1, 2, 3, 2), "too_short", None),
        ((0, 1, 2, 3, 2), "perhaps", "2018"),
        ((1, 2, 3, 3, 2), "not_yet", None),
        ((1, 2, 3, 4, 5), "not_yet", None),
        ((5, 4, 3, 2, 1), "improving", None),
        ((3, 3, 4, 3, 2), "not_yet", None),
        ((1, 2, 3, 2, 1, 3), "undone", "2017"),
        ((1, 2, 3, 2, 1, 2), "turned", "2017"),
        ((1, 2, 3, 2, 1, 2, 4, 3, 1), "turned", "2021"),
        ((1, 2, 3, None, 2, 1), "too_short", None),
        ((1, 2, None, 1, 2, 3, 2, 1), "turned", "2020"),
        ((), "too_short", None),
    ],
)
def test_what_a_series_shows(values: tuple[int | None, ...], state: str, at: str | None) -> None:
    found = find_turning(series(*values), DOWN)
    assert (found.state, found.at.key if found.at else None) == (state, at)


def test_the_deciding_periods_are_named() -> None:
    found = find_turning(series(9, 1, 2, 3, 2, 1), DOWN)
    assert [period.key for period in found.against] == ["2016", "2017", "2018"]
    assert [period.key for period in found.towards] == ["2019", "2020"]


def test_what_lies_within_the_intervals_is_no_turn() -> None:
    assert find_turning(series(10, 20, 30, 20, 10, margin=4), DOWN).state == "turned"
    assert find_turning(series(10, 20, 30, 28, 26, margin=4), DOWN).state == "perhaps"
    assert find_turning(series(26, 28, 30, 20, 10, margin=4), DOWN).state == "not_yet"


def test_a_stated_noise_must_be_exceeded() -> None:
    assert find_turning(series(1, 2, 3, 2, 1), TurningRule("down", 2, 2, Fraction(2))).state != "turned"
    assert find_turning(series(1, 2, 4, 3, 1), TurningRule("down", 2, 2, Fraction(2))).state == "turned"


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=14)


@given(VALUES, st.integers(1, 3), st.integers(1, 3))
def test_a_turn_is_only_told_where_the_steps_are(values: list[int | None], wrong: int, right: int) -> None:
    points = series(*values)
    found = find_turning(points, TurningRule("down", wrong, right))
    known = {point.period: point.value for point in points}
    if found.state in ("turned", "undone"):
        against = [known[period] for period in found.against]
        towards = [known[period] for period in (found.against[-1], *found.towards)]
        assert len(against) == wrong + 1
        assert len(towards) >= right + 1
        assert all(a < b for a, b in pairwise(against))  # type: ignore[operator]
        assert all(a > b for a, b in pairwise(towards))  # type: ignore[operator]


@given(VALUES)
def test_up_and_down_mirror_each_other(values: list[int | None]) -> None:
    mirrored = [None if value is None else 30 - value for value in values]
    down = find_turning(series(*values), DOWN)
    up = find_turning(series(*mirrored), TurningRule("up", 2, 2))
    assert down == up


@given(VALUES, st.integers(1, 9), st.integers(-50, 50))
def test_neither_unit_nor_origin_matters(values: list[int | None], scale: int, shift: int) -> None:
    moved = [None if value is None else value * scale + shift for value in values]
    assert find_turning(series(*values), DOWN) == find_turning(series(*moved), DOWN)


@given(st.lists(st.integers(0, 30), min_size=5, max_size=12))
def test_a_monotone_series_never_turned(values: list[int]) -> None:
    for ordered in (sorted(values), sorted(values, reverse=True)):
        assert find_turning(series(*ordered), DOWN).state not in ("turned", "undone", "perhaps")


@given(VALUES)
def test_intervals_wider_than_all_differences_leave_nothing_to_tell(values: list[int | None]) -> None:
    assert find_turning(series(*values, margin=40), DOWN).state not in ("turned", "undone")
