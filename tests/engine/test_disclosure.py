"""Nobody who sees everything that is shown, from every root and over every period, finds a small count."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from jingtu.engine.disclosure import hidden_blocks, hidden_together, small

LIMIT = 5
MONTHS = 6
QUARTERS = np.array([0, 0, 0, 1, 1, 1])
HALF = np.zeros(6, dtype=np.int64)
LENGTH = {1: QUARTERS, 2: HALF}


def roll_up(parent: list[int], leaf_values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums over a pre-order tree; only leaves bring values."""
    values = np.zeros_like(leaf_values)
    above = set(parent)
    for position in range(len(parent) - 1, -1, -1):
        if position not in above:
            values[position] += leaf_values[position]
        if parent[position] >= 0:
            values[parent[position]] += values[position]
    return values


@st.composite
def figures(draw: st.DrawFn) -> tuple[list[int], NDArray[np.int64]]:
    """A tree of up to three levels and six months of counts, most of them small or none."""
    size = draw(st.integers(2, 9))
    parent, path = [-1], [0]
    for position in range(1, size):
        path = path[: draw(st.integers(1, min(len(path), 3)))]
        parent.append(path[-1])
        path.append(position)
    amounts = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 20, 40])
    leaves = draw(st.lists(amounts, min_size=size * MONTHS, max_size=size * MONTHS))
    return parent, roll_up(parent, np.array(leaves, dtype=np.int64).reshape(size, MONTHS))


def shown_period(level: NDArray[np.int64], start: int, end: int) -> bool:
    """Whether the months start … end of one place form whole blocks."""
    for month in range(start, end + 1):
        number = int(level[month])
        if number > len(LENGTH):
            return False
        if number:
            block = np.flatnonzero(LENGTH[number] == LENGTH[number][month])
            if block[0] < start or block[-1] > end:
                return False
    return True


@settings(max_examples=60, deadline=None)
@given(figures())
def test_who_collects_everything_shown_cannot_narrow_a_small_count(
    found: tuple[list[int], NDArray[np.int64]],
) -> None:
    parent, counts = found
    size = len(parent)
    up = np.array(parent, dtype=np.int32)
    level = hidden_blocks(counts[None], up, [QUARTERS, HALF], LIMIT)
    # The unknowns are the months of the leaves: every other number is a sum of them.
    leaves = [place for place in range(size) if place not in set(parent)]

    def below(place: int) -> list[int]:
        return [leaf for leaf in leaves if place in chain(leaf)]

    def chain(place: int) -> list[int]:
        return [place] if parent[place] < 0 else [place, *chain(parent[place])]

    index = {cell: number for number, cell in enumerate(itertools.product(leaves, range(MONTHS)))}
    equations, sums = [], []
    # Every range of months, so every month, quarter, year to date and odd range, whatever the root.
    for place, start in itertools.product(range(size), range(MONTHS)):
        for end in range(start, MONTHS):
            if shown_period(level[place], start, end):
                row = np.zeros(len(index))
                row[[index[leaf, m] for leaf in below(place) for m in range(start, end + 1)]] = 1
                equations.append(row)
                sums.append(counts[place, start : end + 1].sum())
    small_sums = [
        (place, start, end)
        for place, start in itertools.product(range(size), range(MONTHS))
        for end in range(start, MONTHS)
        if 0 < counts[place, start : end + 1].sum() < LIMIT
    ]
    assert not any(shown_period(level[place], start, end) for place, start, end in small_sums)
    for place, month in np.argwhere(small(counts, LIMIT)).tolist():
        aim = np.zeros(len(index))
        aim[[index[leaf, month] for leaf in below(place)]] = 1
        ends = []
        for sign in (1, -1):
            answer = linprog(
                sign * aim,
                A_eq=np.array(equations) if equations else None,
                b_eq=np.array(sums) if sums else None,
                bounds=(0, None),
            )
            ends.append(np.inf if answer.status == 3 else abs(answer.fun))
            assert answer.status in (0, 3)
        assert ends[1] - ends[0] >= LIMIT - 1e-6, (place, month, ends)


def blocks(counts: list[list[int]], parent: list[int]) -> list[list[int]]:
    values = np.array(counts, dtype=np.int64)[None]
    return hidden_blocks(values, np.array(parent, dtype=np.int32), [QUARTERS, HALF], LIMIT).tolist()


def test_zero_and_missing_are_not_small_but_one_to_four_are() -> None:
    assert small(np.array([-1, 0, 1, 4, 5]), LIMIT).tolist() == [False, False, True, True, False]


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    assert not np.any(blocks([[30] * 6, [10] * 6, [20] * 6], [-1, 0, 0]))


def test_a_small_month_takes_its_quarter_apart_and_one_neighbour_with_it() -> None:
    """The quarters stay shown, and the third place and the second quarter whole."""
    months = [[9, 3, 8, 9, 9, 9], [10] * 6, [20] * 6]
    total = [sum(column) for column in zip(*months, strict=True)]
    hidden = blocks([total, *months], [-1, 0, 0, 0])
    assert hidden == [[0] * 6, [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0] * 6]


def test_a_small_quarter_takes_the_half_year_apart() -> None:
    months = [[1, 0, 1, 9, 9, 9], [10] * 6, [20] * 6]
    total = [sum(column) for column in zip(*months, strict=True)]
    assert blocks([total, *months], [-1, 0, 0, 0])[1:3] == [[2] * 6, [2] * 6]


def test_a_place_that_is_small_altogether_is_shown_over_no_period() -> None:
    months = [[1, 0, 1, 0, 0, 0], [10] * 6, [20] * 6]
    total = [sum(column) for column in zip(*months, strict=True)]
    assert blocks([total, *months], [-1, 0, 0, 0])[1] == [3] * 6


def together(*columns: list[int], parent: list[int]) -> list[bool]:
    return hidden_together([np.array(c) for c in columns], np.array(parent, dtype=np.int32), LIMIT).tolist()


def test_a_single_small_part_takes_the_next_smallest_with_it() -> None:
    assert together([33, 3, 10, 20], parent=[-1, 0, 0, 0]) == [False, True, True, False]


def test_two_small_parts_whose_sum_is_small_take_a_third() -> None:
    assert together([23, 1, 2, 20], parent=[-1, 0, 0, 0]) == [False, True, True, True]


def test_a_total_hidden_for_its_siblings_sake_hides_one_of_its_own_parts() -> None:
    #          root 33 ─ a 3, b 10 (b1 5, b2 5), c 20
    assert together([33, 3, 10, 5, 5, 20], parent=[-1, 0, 0, 2, 2, 0]) == [
        False, True, True, True, False, False,
    ]  # fmt: skip


def test_columns_of_one_element_are_hidden_together() -> None:
    young, all_ages = [62, 3, 29, 30], [90, 20, 35, 35]
    assert together(young, all_ages, parent=[-1, 0, 0, 0]) == [False, True, True, False]


@pytest.mark.parametrize("limit", [0, 1])
def test_a_limit_of_one_switches_suppression_off(limit: int) -> None:
    counts = np.array([[[3], [1], [2]]])
    assert not hidden_blocks(counts, np.array([-1, 0, 0], dtype=np.int32), [np.array([0])], limit).any()
