"""Invariants of the engine on random worlds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine import rational, scoring
from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue.model import (
    Catalogue,
    CheckRule,
    DeductionRule,
    LinearRule,
    RankRule,
    Step,
    StepsRule,
    Veto,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import round_half_up
from jingtu.engine.explain import gap_of
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.gap import holds
from jingtu.engine.incremental import Recomputer
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.ranking import rank_values
from jingtu.engine.rational import Rational, of_fractions
from jingtu.engine.rollup import FactView
from jingtu.engine.tree import RegionRow, RegionTree
from jingtu.engine.whatif import applied, what_if
from tests.engine.worlds import card, catalogue, city, element, facts, indicator, item

OCTOBER = Period.parse("2026-10")
MONTHS = ("2026-10", "2026-09", "2025-10", "2025-09")


@st.composite
def trees(draw: st.DrawFn) -> RegionTree:
    size = draw(st.integers(1, 25))
    parents = [None] + [draw(st.integers(0, number - 1)) for number in range(1, size)]
    rows = [
        RegionRow(f"R{number}", f"地区{number}", None if parent is None else f"R{parent}", None)
        for number, parent in enumerate(parents)
    ]
    return RegionTree.build(rows, "random")


@given(trees(), st.data())
def test_roll_up_equals_adding_every_descendant(tree: RegionTree, data: st.DataObject) -> None:
    cells = st.dictionaries(st.integers(0, tree.size - 1), st.integers(-(10**14), 10**14))
    flow, stock = data.draw(cells), data.draw(cells)
    rows = [FactRow("flow", int(tree.ids[p]), "2026-10", v) for p, v in flow.items()]
    rows += [FactRow("stock", int(tree.ids[p]), "2026-09", v) for p, v in stock.items()]
    rows += [FactRow("told", int(tree.ids[p]), "2026-10", v) for p, v in flow.items()]
    elements = {e.code: e for e in (element("flow"), element("stock", "stock"), element("told", "reported"))}
    view = FactView(tree, FactTable.from_rows(rows), elements)
    quarter = view.values("stock", Period.parse("2026-Q3"))
    month, told = view.values("flow", OCTOBER), view.values("told", OCTOBER)
    for position in range(tree.size):
        below = [p for p in range(tree.size) if position in (p, *tree.ancestors(p))]
        for values, given_values in ((month, flow), (quarter, stock)):
            assert int(values.value[position]) == sum(given_values.get(p, 0) for p in below)
            assert values.reported[position] == sum(p in given_values for p in below)
        assert bool(told.present[position]) == (position in flow)
        if position in flow:
            assert int(told.value[position]) == flow[position]


fractions = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)


@given(st.lists(st.tuples(fractions, fractions), min_size=1, max_size=8))
def test_array_arithmetic_equals_python_fractions(pairs: list[tuple[Fraction, Fraction]]) -> None:
    left, right = of_fractions([a for a, _ in pairs]), of_fractions([b for _, b in pairs])
    assert rational.add(left, right).fractions() == [a + b for a, b in pairs]
    assert rational.multiply(left, right).fractions() == [a * b for a, b in pairs]
    assert rational.divide(left, right).fractions() == [a / b if b else None for a, b in pairs]
    assert rational.compare(left, right).tolist() == [(a > b) - (a < b) for a, b in pairs]
    rounded = rational.round_half_up(left, 2).tolist()
    assert rounded == [int(round_half_up(a, 2) * 100) for a, _ in pairs]


@given(st.lists(st.one_of(st.none(), st.fractions(0, 20, max_denominator=7)), max_size=30), st.booleans())
def test_competition_ranks_count_the_better_ones(values: list[Fraction | None], up: bool) -> None:
    ranks = rank_values(of_fractions(values), "up" if up else "down").tolist()
    for value, rank in zip(values, ranks, strict=True):
        if value is None:
            assert rank == 0
        else:
            better = [v for v in values if v is not None and (v > value if up else v < value)]
            assert rank == 1 + len(better)


def test_values_closer_than_doubles_are_still_told_apart() -> None:
    one = Fraction(10**17 + 1, 10**17)
    assert rank_values(of_fractions([Fraction(1), one, Fraction(1)]), "up").tolist() == [2, 1, 2]


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.data(),
)
def test_redistribution_keeps_the_total(points: list[int], data: st.DataObject) -> None:
    count = len(points)
    sections = sorted(data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
    dropped = np.array([data.draw(st.lists(st.booleans(), min_size=count, max_size=count)) for _ in range(4)])
    maxima = scoring.item_maxima([Decimal(p) for p in points], sections, dropped, 2)
    for pattern, row in zip(dropped, maxima, strict=True):
        assert row.sum() == (0 if pattern.all() else sum(points) * 100)
        assert not row[pattern].any()


@given(st.lists(st.fractions(-50, 150, max_denominator=9), min_size=2, max_size=12), st.data())
def test_linear_and_stepped_points_are_bounded_and_monotone(
    values: list[Fraction], data: st.DataObject
) -> None:
    values.sort()
    floor = data.draw(st.integers(-20, 100))
    target = data.draw(st.integers(-20, 100).filter(lambda number: number != floor))
    array = of_fractions(list(values))
    linear = scoring.linear_share(array, floor, target).fractions()
    steps = [(Threshold.parse(">= 90"), 1), (Threshold.parse(">= 50"), Decimal("0.5"))]
    stepped = scoring.steps_share(array, steps).fractions()
    for shares, rising in ((linear, target > floor), (stepped, True)):
        known = [share for share in shares if share is not None]
        assert len(known) == len(values)
        assert all(0 <= share <= 1 for share in known)
        assert known == sorted(known, reverse=not rising)


@settings(max_examples=60)
@given(
    st.integers(0, 60),
    st.integers(1, 60),
    st.sampled_from([">= 98", "> 98", ">= 50", "<= 20", "< 20", "> 0", "<= 0"]),
    st.sampled_from(["share(a, b)", "a / b * 10", "a", "yoy(a)", "per(a, b, 1000)"]),
)
def test_the_stated_gap_meets_the_target_and_one_unit_less_does_not(
    top: int, bottom: int, target: str, formula: str
) -> None:
    direction = "up" if target[0] == ">" else "down"
    top = min(top, bottom) if formula == "share(a, b)" else top
    tree = city(counties=2, townships=1)
    definitions = catalogue(
        [element("a"), element("b")],
        [indicator("R", formula, direction, target)],
        card([item("R", "10", LinearRule(Decimal(0), Decimal(100)))]),
    )
    rows = [("a", "C1-1", "2026-10", top), ("b", "C1-1", "2026-10", bottom), ("a", "C1-1", "2025-10", 7)]
    result = assess(tree, facts(tree, rows), definitions, "card", OCTOBER)
    county = tree.position("C1")
    gap = gap_of(result, county, "R")
    assert gap is not None
    threshold = Threshold.parse(target)

    def value_after(amount: Fraction) -> Fraction:
        after = applied(result, county, move, amount).current.values["R"].exact.fraction(county)
        assert after is not None
        return after

    # Nobody is told to have fewer people due: only what is counted above the line is named.
    assert not {code for move in gap.moves for code in move.elements} & {"b"}
    assert gap.beyond is None or not gap.moves
    for move in gap.moves:
        assert holds(value_after(move.amount), threshold)
        assert move.amount >= 1
        if move.amount > 1:
            assert not holds(value_after(move.amount - 1), threshold)
        else:
            assert not gap.met
    if gap.moves:
        told = what_if(result, county, "R")
        assert told is not None
        assert told.met


def test_a_rate_reported_without_its_parts_has_only_a_difference() -> None:
    tree = city(counties=1, townships=1)
    definitions = catalogue(
        [element("rate", "reported", decimals=2, unit="%")],
        [indicator("R", "rate", "up", ">= 98")],
        card([item("R", "10", LinearRule(Decimal(0), Decimal(100)))]),
    )
    result = assess(tree, facts(tree, [("rate", "C1", "2026-10", 9716)]), definitions, "card", OCTOBER)
    gap = gap_of(result, tree.position("C1"), "R")
    assert gap is not None
    assert gap.moves == ()
    assert gap.difference == Fraction(84, 100)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "s", "r"]),
        st.integers(0, 9),
        st.sampled_from([*MONTHS, "2026-Q4", "2026-11"]),
        st.one_of(st.none(), st.integers(0, 30)),
        st.sampled_from(["", "", "age=u25", "age=u25;sex=f"]),
    ),
    min_size=1,
    max_size=12,
)


def _world(by_rank: bool = True) -> tuple[RegionTree, Catalogue, FactTable]:
    tree = city(counties=3, townships=2)
    definitions = catalogue(
        [element("a"), element("b"), element("s", "stock"), element("r", "reported")],
        [
            indicator("T", "r", "up"),
            indicator("L", "lastyear(a) + a", "up"),
            indicator("R", "share(a, b)", "up", ">= 60", min_denominator=4),
            indicator("G", "yoy(a)", "up"),
            indicator("P", "prev(s) + s", "down", decimals=0),
            indicator("S", "last(s) / b", "down"),
        ],
        card(
            [
                item("R", "40", LinearRule(Decimal(20), Decimal(60))),
                item("G", "20", StepsRule((Step(Threshold.parse(">= 0"), Decimal(1)),))),
                item("P", "20", DeductionRule(Decimal("0.5"))),
                item(
                    "S",
                    "20",
                    RankRule(Decimal(1), Decimal("0.5")) if by_rank else LinearRule(Decimal(9), Decimal(0)),
                ),
            ],
            tie_breaks=("G",),
            vetoes=(Veto("P", Threshold.parse("> 50"), "rank_last", "多", "many"),),
            min_coverage=Decimal("0.7"),
        ),
    )
    # Checks of figures as they are written down, set to speak of almost anything.
    checks = (
        CheckRule("copy", "雷同", "Copied", "copied_period", "error", 1, Decimal("0.5")),
        CheckRule("round", "整数", "Round", "round_numbers", "warning", 1, Decimal("0.9")),
    )
    definitions = replace(definitions, checks={rule.code: rule for rule in checks})
    generator = np.random.default_rng(7)
    rows = [
        (code, f"C{county}-{town}", month, int(generator.integers(0, 20)))
        for code in ("a", "b", "s")
        for county in (1, 2, 3)
        for town in (1, 2)
        for month in MONTHS
        if generator.random() > 0.1
    ]
    return tree, definitions, facts(tree, rows)


def _same(kept: Assessment, full: Assessment) -> None:
    assert publication_hash(publication(kept)) == publication_hash(publication(full))
    for mine, theirs in (
        (kept.current, full.current),
        (kept.previous, full.previous),
        (kept.last_year, full.last_year),
    ):
        assert (mine is None) == (theirs is None)
        if mine is None or theirs is None:
            continue
        assert mine.card.ranks.tolist() == theirs.card.ranks.tolist()
        assert mine.card.totals.tolist() == theirs.card.totals.tolist()
        for code, values in theirs.values.items():
            assert mine.values[code].exact.fractions() == values.exact.fractions()
            assert mine.values[code].reported.tolist() == values.reported.tolist()
            assert mine.values[code].expected.tolist() == values.expected.tolist()
            assert mine.ranks[code].tolist() == theirs.ranks[code].tolist()
    for code in full.catalogue.indicators:
        earlier = [values.exact.fractions() for values in full.trend(code)]
        assert [values.exact.fractions() for values in kept.trend(code)] == earlier


@settings(max_examples=60)
@given(EDITS, st.booleans(), st.sampled_from(["ever", "leaves"]))
def test_incremental_equals_full_after_random_edits(
    edits: list[tuple[str, int, str, int | None, str]], by_rank: bool, expected: str
) -> None:
    tree, definitions, table = _world(by_rank)
    recomputer = Recomputer(assess(tree, table, definitions, "card", OCTOBER, expected=expected))
    if len(edits) % 2:
        recomputer.assessment.trend("G")  # what was read meanwhile is kept right too
    added = [table]
    for code, position, month, value, category in edits:
        recomputer.change(code, position, month, value, category)
        added.append(FactTable.from_rows([FactRow(code, int(tree.ids[position]), month, value, category)]))
    full = assess(tree, FactTable.concat(added), definitions, "card", OCTOBER, expected=expected)
    _same(recomputer.assessment, full)
    assert table.digest() == _world(by_rank)[2].digest()


@settings(max_examples=12)
@given(st.permutations(range(12)), st.integers(0, 11))
def test_withdrawing_and_stating_again_takes_the_short_way_and_ends_where_it_began(
    order: list[int], kept: int
) -> None:
    tree, definitions, table = _world()
    before = publication_hash(publication(assess(tree, table, definitions, "card", OCTOBER)))
    recomputer = Recomputer(assess(tree, table, definitions, "card", OCTOBER))
    made_once = recomputer.assessment
    rows = [row for row in table.rows() if row.period == "2026-10"]
    places = tree.positions_of_ids(np.array([row.region_id for row in rows])).tolist()
    chosen = [index for index in order if index < len(rows) and index != kept]
    for index in chosen:
        recomputer.change(rows[index].element, places[index], "2026-10", None)
    for index in reversed(chosen):
        recomputer.change(rows[index].element, places[index], "2026-10", rows[index].value)
    assert recomputer.assessment is made_once  # nothing was assessed afresh
    assert publication_hash(publication(made_once)) == before


def test_an_assessment_that_would_lose_its_last_figure_is_refused_and_stays() -> None:
    tree = city(counties=1, townships=1)
    definitions = catalogue(
        [element("a")],
        [indicator("R", "a", "up")],
        card([item("R", "10", LinearRule(Decimal(0), Decimal(100)))]),
    )
    recomputer = Recomputer(
        assess(tree, facts(tree, [("a", "C1-1", "2026-10", 7)]), definitions, "card", OCTOBER)
    )
    before = publication_hash(publication(recomputer.assessment))
    with pytest.raises(InvalidInput):
        recomputer.change("a", tree.position("C1-1"), "2026-10", None)
    assert publication_hash(publication(recomputer.assessment)) == before


@given(st.permutations(range(20)))
@settings(max_examples=20)
def test_the_publication_hash_does_not_depend_on_the_order_of_facts(order: list[int]) -> None:
    tree, definitions, table = _world()
    expected = publication_hash(publication(assess(tree, table, definitions, "card", OCTOBER)))
    rest = list(range(20, len(table)))
    shuffled = table.where(np.array([*rest, *order]))
    again = assess(tree, shuffled, definitions, "card", OCTOBER)
    assert publication_hash(publication(again)) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bulk_path_agrees_with_the_exact_one(seed: int) -> None:
    from jingtu.engine.dense import DenseBlock, DenseFacts, DenseShape, Ratio, assess_month, roll_up_all

    generator = np.random.default_rng(seed)
    rows = [RegionRow("0", "根", None, None)]
    rows += [
        RegionRow(str(n), f"地{n}", str(generator.integers(0, (n + 2) // 3)), None) for n in range(1, 160)
    ]
    tree = RegionTree.build(rows, "bulk")
    shape = DenseShape(tree)
    leaves = generator.integers(0, 40, (4, shape.leaves.size)).astype(np.int32)
    leaves[generator.random(leaves.shape) < 0.2] = np.iinfo(np.int32).min
    block = DenseFacts(leaves)
    sums, counts = roll_up_all(shape, block)
    now = DenseBlock.gather(shape, block, sums, counts, slice(0, 2))
    before = DenseBlock.gather(shape, block, sums, counts, slice(2, 4))
    ratios = [
        Ratio("up", 0, 1, Fraction(100), 5, 1, ">=", Fraction(98), Fraction(60), 1000),
        Ratio("down", 0, 1, Fraction(100), 0, -1, "<", Fraction(20), Fraction(150), 500),
        Ratio("count", 0, -1, Fraction(1), 0, 1, ">", Fraction(30), Fraction(0), 300),
    ]
    result = assess_month(shape, now, before, ratios)

    facts_rows = []
    for number, (code, month) in enumerate(
        (("a", "2026-10"), ("b", "2026-10"), ("a", "2025-10"), ("b", "2025-10"))
    ):
        for leaf, value in zip(shape.leaves.tolist(), leaves[number].tolist(), strict=True):
            if value >= 0:
                facts_rows.append(FactRow(code, int(tree.ids[leaf]), month, value))
    formulas = {"up": "share(a, b)", "down": "share(a, b)", "count": "a"}
    view = FactView(tree, FactTable.from_rows(facts_rows), {e.code: e for e in (element("a"), element("b"))})
    from jingtu.engine.evaluate import Evaluator

    evaluator = Evaluator(view)
    for index, ratio in enumerate(ratios):
        definition = indicator(
            ratio.code.upper(),
            formulas[ratio.code],
            "up" if ratio.better > 0 else "down",
            min_denominator=ratio.minimum,
        )
        exact = evaluator.indicator(definition, OCTOBER).exact
        assert result.state[index].tolist() == exact.state.tolist()
        known = rational.known(exact)
        assert np.allclose(result.value[index][known], exact.floats()[known], rtol=1e-12, atol=0)
        target = Threshold(ratio.op, Decimal(int(ratio.target)))  # type: ignore[arg-type]
        assert result.met[index].astype(bool).tolist() == scoring.meets(exact, target).tolist()
        share = scoring.linear_share(exact, ratio.floor, ratio.target)
        maxima = np.where(exact.ok, ratio.points, 0)
        assert result.score[index].tolist() == scoring.points_of(share, maxima, 2).tolist()
        ranks = rank_values(exact, "up" if ratio.better > 0 else "down", groups=tree.parent.astype(np.int64))
        assert result.rank[index].tolist() == ranks.tolist()


def test_figures_that_could_overflow_are_refused_by_the_bulk_path() -> None:
    from jingtu.engine.dense import Ratio

    with pytest.raises(InvalidInput):
        Ratio("R", 0, 1, Fraction(100), points=1000).check_room(10**12, 10**12)


def test_the_exact_path_goes_beyond_64_bits() -> None:
    big = Rational(np.array([2**61]), np.array([3]), np.zeros(1, dtype=np.uint8))
    assert rational.multiply(big, big).fraction(0) == Fraction(2**122, 9)
