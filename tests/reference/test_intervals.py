"""Intervals equal their definitions, and the figures given for them."""

from __future__ import annotations

import math

import pytest

from jingtu.engine.evaluate import parts_of
from jingtu.engine.intervals import poisson_exact, wilson
from tests.reference import intervals
from tests.reference.conftest import Demo


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_holds_every_share_within_the_normal_deviate(
    count: int, of: int, low: float, high: float
) -> None:
    engine, definition = wilson(count, of), intervals.wilson(count, of)
    assert engine == pytest.approx(definition, abs=1e-12)
    assert [round(end, 4) for end in engine] == [low, high]


def test_eighty_events_in_a_million_person_years() -> None:
    engine = poisson_exact(80, 1_255_530, 100_000)
    assert engine == pytest.approx(intervals.poisson(80, 1_255_530, 100_000), rel=1e-9)
    assert [round(end, 1) for end in engine] == [5.1, 7.9]
    assert round(80 / 1_255_530 * 100_000, 1) == 6.4


@pytest.mark.parametrize("events", [0, 1, 2, 7, 150])
def test_the_exact_interval_leaves_the_tails_out(events: int) -> None:
    assert poisson_exact(events, 1000, 10) == pytest.approx(intervals.poisson(events, 1000, 10), rel=1e-9)


@pytest.mark.parametrize("code", ["CDT_EXEC", "NEW_U25_SHARE", "CASE_RATE", "NEW_10K", "VENUE_CASE_RATE"])
def test_rank_ranges_of_the_counties_follow_from_the_intervals(demo: Demo, code: str) -> None:
    assessment, card = (
        demo.assessment("demo", "county_monthly", "2026-09"),
        demo.card("demo", "county_monthly", "2026-09"),
    )
    world, node = card.world, card.world.formulas[code]
    mine = {}
    for region in card.subjects:
        top, bottom = (world.value(part, region, card.asked) for part in node[2][:2])
        if card.rankable(code, region) is None:
            continue
        if node[1] == "per":
            mine[region] = intervals.poisson(int(top), int(bottom), float(node[2][2][1]))
        else:
            mine[region] = tuple(100 * end for end in intervals.wilson(int(top), int(bottom)))
    low, high = assessment.interval(code) or pytest.fail("no interval")
    ranges = assessment.rank_range(code)
    assert ranges is not None
    for index, region in enumerate(card.subjects):
        place = assessment.local[index]
        if region not in mine:
            assert ranges[0][index] == 0
            continue
        assert (low[place], high[place]) == pytest.approx(mine[region], rel=1e-9)
        stated = int(ranges[0][index]), int(ranges[1][index])
        assert stated == intervals.rank_range(mine, region, up=card.higher_is_better(code))
    assert parts_of(demo.catalogue.indicators[code].formula, assessment.period).factor
    assert not math.isnan(float(low[assessment.local[0]]))
