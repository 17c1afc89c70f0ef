from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jingtu.engine.disclosure import complete, components, hidden_together, small

LIMIT = 5


def roll_up(parent: list[int], leaf_values: list[int]) -> NDArray[np.int64]:
    """Sums over a pre-order tree; only leaves bring values."""
    values = np.zeros(len(parent), dtype=np.int64)
    has_children = set(parent)
    for position in range(len(parent) - 1, -1, -1):
        if position not in has_children:
            values[position] += leaf_values[position]
        if parent[position] >= 0:
            values[parent[position]] += values[position]
    return values


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    size = draw(st.integers(2, 14))
    parent, path = [-1], [0]
    for position in range(1, size):
        path = path[: draw(st.integers(1, len(path)))]
        parent.append(path[-1])
        path.append(position)
    return parent, draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))


def test_zero_and_missing_are_not_small_but_one_to_four_are() -> None:
    assert small(np.array([-1, 0, 1, 4, 5]), LIMIT).tolist() == [False, False, True, True, False]


def test_a_single_small_child_takes_the_next_smallest_with_it() -> None:
    counts = np.array([33, 3, 10, 20])
    mask = complete([counts], np.array([-1, 0, 0, 0], dtype=np.int32), small(counts, LIMIT), LIMIT)
    assert mask.tolist() == [False, True, True, False]


def test_two_small_children_whose_sum_is_small_take_a_third() -> None:
    counts = np.array([23, 1, 2, 20])
    mask = complete([counts], np.array([-1, 0, 0, 0], dtype=np.int32), small(counts, LIMIT), LIMIT)
    assert mask.tolist() == [False, True, True, True]


def test_a_total_hidden_for_its_siblings_sake_hides_one_of_its_own_parts() -> None:
    #        root 33 ─ a 3, b 10 (b1 5, b2 5), c 20
    counts = np.array([33, 3, 10, 5, 5, 20])
    parent = np.array([-1, 0, 0, 2, 2, 0], dtype=np.int32)
    mask = complete([counts], parent, small(counts, LIMIT), LIMIT)
    assert mask.tolist() == [False, True, True, True, False, False]


@given(trees())
def test_no_hidden_cell_follows_from_the_shown_ones(tree: tuple[list[int], list[int]]) -> None:
    parent, leaves = tree
    counts = roll_up(parent, leaves)
    positions = np.array(parent, dtype=np.int32)
    mask = complete([counts], positions, small(counts, LIMIT), LIMIT)
    assert (mask | ~small(counts, LIMIT)).all()
    hidden = np.flatnonzero(mask)
    equations = []
    for family in sorted(set(parent) - {-1}):
        row = np.zeros(len(parent))
        row[family] = -1
        # A zero is shown, so it is no unknown; everybody knows it.
        row[[child for child, up in enumerate(parent) if up == family]] = 1
        equations.append(row[hidden])
    matrix = np.array(equations).reshape(len(equations), hidden.size)
    rank = np.linalg.matrix_rank(matrix) if hidden.size else 0
    for index, cell in enumerate(hidden):
        unit = np.zeros(hidden.size)
        unit[index] = 1
        solvable = np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank
        # Only where nothing else carries a count (all the others are zero) can nothing be hidden with it.
        alone = _nothing_else_to_hide(int(cell), parent, counts, mask)
        assert not solvable or alone


def _nothing_else_to_hide(
    cell: int, parent: list[int], counts: NDArray[np.int64], mask: NDArray[np.bool_]
) -> bool:
    """Whether the cell's chain of totals has no shown sibling with a count left to hide."""
    family = [child for child, up in enumerate(parent) if up == parent[cell]] if cell else []
    shown_below = [
        child for child, up in enumerate(parent) if up == cell and counts[child] and not mask[child]
    ]
    return not shown_below and not any(counts[child] and not mask[child] for child in family)


def test_elements_that_meet_in_indicators_share_a_component() -> None:
    found = components([["a", "b"], ["c"], ["b", "d"]])
    assert found["a"] == found["b"] == found["d"] != found["c"]


def test_a_small_numerator_hides_the_denominator_of_the_same_place() -> None:
    parent = np.array([-1, 0, 0, 0], dtype=np.int32)
    counts = {"done": np.array([62, 3, 29, 30]), "due": np.array([90, 20, 35, 35])}
    found = hidden_together([counts["done"], counts["due"]], parent, LIMIT)
    assert found.tolist() == [False, True, True, False]
