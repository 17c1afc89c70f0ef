"""The bulk path equals a plain computation with fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine import dense
from jingtu.engine.problems import InvalidInput
from jingtu.engine.tree import RegionRow, RegionTree

MISSING = np.iinfo(np.int64).min
MONTHS = 14


def a_tree(parents: list[int]) -> RegionTree:
    rows = [RegionRow("0", "0", None, "a", None, None)]
    rows += [
        RegionRow(str(number), str(number), str(above % number), "a", None, None)
        for number, above in enumerate(parents, start=1)
    ]
    return RegionTree.build(rows, "t")


def rolled(tree: RegionTree, values: dict[int, int], place: int) -> int | None:
    inside = [values[leaf] for leaf in values if place <= leaf <= int(tree.last[place])]
    return sum(inside) if inside else None


def half_up(share: Fraction, points: int) -> int:
    return (2 * share.numerator * points + share.denominator) // (2 * share.denominator)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[RegionTree, list[list[dict[int, int]]], dense.Ratio]:
    tree = a_tree(draw(st.lists(st.integers(0, 90), min_size=1, max_size=90)))
    leaves = [place for place in range(tree.size) if int(tree.last[place]) == place]
    # Small figures make ties; large ones leave doubles behind.
    top = draw(st.sampled_from([3, 12, 400, 2**22]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    months = [
        [{leaf: int(rng.integers(0, top)) for leaf in leaves if rng.random() > 0.2} for _ in range(2)]
        for _ in range(MONTHS)
    ]
    op = draw(st.sampled_from([None, ">=", ">", "<=", "<"]))
    ratio = dense.Ratio(
        "r", 0, draw(st.sampled_from([1, -1])), Fraction(draw(st.sampled_from(["100", "1/10", "7/3"]))),
        draw(st.integers(0, 4)), draw(st.sampled_from([1, 0, -1])), op, Fraction(80),
        Fraction(draw(st.sampled_from([0, 80, 95]))), 25,
    )  # fmt: skip
    return tree, months, ratio


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_states_points_and_ranks_equal_a_computation_with_fractions(
    world: tuple[RegionTree, list[list[dict[int, int]]], dense.Ratio],
) -> None:
    tree, months, ratio = world
    shape = dense.DenseShape(tree)
    values = np.array(
        [[row.get(int(leaf), MISSING) for leaf in shape.leaves] for month in months for row in month]
    )
    everything = np.arange(tree.size)
    results = list(dense.assess_series(shape, dense.DenseFacts(values), [ratio], 2, everything))
    assert len(results) == MONTHS

    def parts(month: int, place: int) -> tuple[int | None, int | None]:
        top, bottom = (rolled(tree, row, place) for row in months[month])
        return top, bottom if ratio.denominator >= 0 else 1

    last = results[-1]
    states = [0, 0, 0, 0]
    exact: dict[int, Fraction] = {}
    for place in range(tree.size):
        top, bottom = parts(MONTHS - 1, place)
        if top is None or bottom is None:
            expected = 1
        elif bottom == 0:
            expected = 2
        else:
            value = Fraction(top, bottom) * ratio.factor
            assert last.kept.value[0, place] == pytest.approx(float(value), rel=1e-12)
            expected = 3 if bottom < ratio.minimum else 0
            if expected == 0:
                exact[place] = value
            before_top, before_bottom = parts(MONTHS - 13, place)
            if before_top and before_bottom:
                change = Fraction(top, bottom) / Fraction(before_top, before_bottom) - 1
                assert last.kept.yoy[0, place] == pytest.approx(float(change * 100), rel=1e-12)
            else:
                assert np.isnan(last.kept.yoy[0, place])
        assert last.kept.state[0, place] == expected
        states[expected] += 1
    for place, value in exact.items():
        met = ratio.op is not None and {
            ">=": value >= ratio.target, ">": value > ratio.target,
            "<=": value <= ratio.target, "<": value < ratio.target,
        }[ratio.op]  # fmt: skip
        assert last.kept.met[0, place] == met
        span = ratio.target - ratio.floor
        share = min(Fraction(1), max(Fraction(0), (value - ratio.floor) / span)) if span else Fraction(0)
        assert last.kept.score[0, place] == (half_up(share, ratio.points) if ratio.op else 0)
    for place in range(tree.size):
        rivals = [exact[other] for other in exact if tree.parent[other] == tree.parent[place]]
        rank = 0
        if place in exact and ratio.better:
            rank = 1 + sum(ratio.better * rival > ratio.better * exact[place] for rival in rivals)
        assert last.kept.rank[0, place] == rank
    assert last.checksum.states == tuple(states)
    assert last.checksum.score == int(last.kept.score.sum())


def test_a_month_on_its_own_equals_the_same_month_of_the_series() -> None:
    tree = a_tree([0, 0, 1, 1, 2, 2, 2])
    shape = dense.DenseShape(tree)
    values = np.random.default_rng(3).integers(0, 50, (2 * MONTHS, shape.leaves.size))
    facts = dense.DenseFacts(values)
    ratio = dense.Ratio("r", 0, 1, Fraction(100), op=">=", target=Fraction(90), points=10)
    sums, counts = dense.roll_up_all(shape, facts)
    now, before = (
        dense.DenseBlock.gather(shape, facts, sums, counts, slice(2 * month, 2 * month + 2))
        for month in (13, 1)
    )
    alone = dense.assess_month(shape, now, before, [ratio])
    *_, last = dense.assess_series(shape, facts, [ratio], 2, np.arange(tree.size))
    for whole, kept in zip(alone.row(0), last.kept.row(0), strict=True):
        np.testing.assert_array_equal(whole, kept)


def test_figures_that_could_overflow_are_refused_by_name() -> None:
    tree = a_tree([0, 0])
    shape = dense.DenseShape(tree)
    values = np.array([[2**40, 1], [2**40, 1]])
    ratio = dense.Ratio("HUGE", 0, 1, op=">=", target=Fraction(1))
    with pytest.raises(InvalidInput, match="HUGE"):
        list(dense.assess_series(shape, dense.DenseFacts(values), [ratio], 2, np.arange(3)))


def test_facts_saved_are_the_facts_loaded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    facts = dense.DenseFacts(np.arange(12, dtype=np.int32).reshape(3, 4))
    facts.save(tmp_path / "facts.npy")
    np.testing.assert_array_equal(dense.DenseFacts.load(tmp_path / "facts.npy").values, facts.values)
