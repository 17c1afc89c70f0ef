from __future__ import annotations

import numpy as np

from jingtu.assessment.runs.checks import (
    Series,
    far_from_peers,
    missing,
    numerator_above_denominator,
    outliers,
    sudden_zero,
    sum_of_parts,
)
from jingtu.assessment.runs.rules import Severity


def series(columns: list[list[int | None]], element: str = "cases", flow: bool = True) -> Series:
    """One list a region, oldest period first; None is missing."""
    table = np.array([[-1 if value is None else value for value in column] for column in columns]).T
    return Series(element, np.maximum(table, 0).astype(np.int64), table >= 0, flow=flow)


def test_a_region_that_stops_reporting_is_named_and_one_that_never_did_is_not() -> None:
    found = missing([series([[3, 4, None], [None, None, None], [1, 2, 3]])])
    assert [(finding.region, finding.code) for finding in found] == [(0, "runs.finding.nothing_reported")]
    assert found[0].severity is Severity.ERROR


def test_a_single_element_left_out_is_a_warning() -> None:
    found = missing([series([[3, 4, None]]), series([[3, 4, 5]], "tests")])
    assert [(finding.severity, finding.element) for finding in found] == [(Severity.WARNING, "cases")]


def test_a_zero_after_steady_sevens_is_sudden_but_after_small_counts_is_not() -> None:
    found = sudden_zero([series([[7, 7, 8, 7, 0], [1, 2, 1, 2, 0], [9, 0, 9, 30, 0]])])
    assert [finding.region for finding in found] == [0]


def test_a_value_far_from_its_own_history_is_found() -> None:
    usual: list[int | None] = [20, 22, 19, 21, 20, 23]
    found = outliers([series([[*usual, 300], [*usual, 45], [*usual, 24]])])
    assert [(finding.region, finding.severity) for finding in found] == [
        (0, Severity.ERROR),
        (1, Severity.WARNING),
    ]


def test_a_short_history_says_nothing() -> None:
    assert outliers([series([[20, 21, 300]])]) == []


def test_parts_that_do_not_add_up_are_found_only_where_all_are_given() -> None:
    total = series([[10], [10], [10]], "all")
    young, old = series([[4], [4], [None]], "young"), series([[6], [5], [6]], "old")
    found = sum_of_parts({"all": total}, {"all": [young, old]})
    assert [(finding.region, finding.params["parts"]) for finding in found] == [(1, "9")]


def test_a_part_larger_than_its_whole_is_found() -> None:
    found = numerator_above_denominator("RATE", np.array([5, 6]), np.array([5, 5]), np.array([True, True]))
    assert [finding.region for finding in found] == [1]


def test_peers_are_compared_only_in_company() -> None:
    values = np.array([90.0, 91, 92, 90, 93, 91, 92, 20])
    assert [f.region for f in far_from_peers("RATE", values, np.ones(8, dtype=bool))] == [7]
    assert far_from_peers("RATE", values[-3:], np.ones(3, dtype=bool)) == []
