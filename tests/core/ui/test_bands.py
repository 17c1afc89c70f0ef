"""Places whose order may be chance share a band; what differs beyond chance does not."""

from __future__ import annotations

from jingtu.core.ui.charts import bands, in_lanes


def test_places_whose_rank_ranges_meet_share_a_band() -> None:
    assert bands([(1, 2), (1, 2), (3, 3)]) == [(0, 1)]


def test_a_place_may_resemble_both_neighbours_that_differ_from_each_other() -> None:
    assert bands([(1, 2), (1, 3), (2, 3)]) == [(0, 1, 2)]
    assert bands([(1, 1), (1, 3), (3, 3)]) == [(0, 1), (1, 2)]


def test_places_without_a_range_stand_in_no_band() -> None:
    assert bands([(None, None), (1, 2), (1, 2)]) == [(1, 2)]
    assert bands([(None, None), (1, 1)]) == []


def test_brackets_that_overlap_stand_side_by_side() -> None:
    assert in_lanes([(0, 1), (1, 2), (2, 3), (4, 5)]) == [(0, (0, 1)), (1, (1, 2)), (0, (2, 3)), (0, (4, 5))]
