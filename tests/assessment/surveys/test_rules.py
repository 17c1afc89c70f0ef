from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.surveys.rules import Answer, is_unsure, read_answer, standings, streak
from jingtu.engine.intervals import wilson


def test_counts_give_the_percentage_and_wilsons_interval() -> None:
    answer, problems = read_answer({"sample": "400", "positives": "388"})
    assert problems == []
    assert answer is not None
    ends = wilson(388, 400)
    assert (answer.value, answer.interval_given) == (Decimal("97.00"), False)
    assert (float(answer.low or 0), float(answer.high or 0)) == pytest.approx(
        (ends.low * 100, ends.high * 100), abs=0.006
    )


def test_a_given_interval_is_kept_and_a_bare_percentage_has_none() -> None:
    given_one, _ = read_answer({"value": "96.5%", "low": "95", "high": "98"})
    bare, _ = read_answer({"value": "96.5"})
    assert given_one == Answer(Decimal("96.50"), None, None, Decimal(95), Decimal(98), True)
    assert bare == Answer(Decimal("96.50"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "surveys.no_result"),
        ({"sample": "40"}, "surveys.no_result"),
        ({"sample": "40", "positives": "41"}, "surveys.too_many"),
        ({"sample": "4.5", "positives": "4"}, "surveys.not_a_count"),
        ({"value": "101"}, "surveys.not_a_percentage"),
        ({"value": "nan"}, "surveys.not_a_percentage"),
        ({"value": "96", "sample": "400", "positives": "300"}, "surveys.does_not_fit"),
        ({"value": "96", "low": "97", "high": "99"}, "surveys.outside_interval"),
        ({"value": "96", "low": "95"}, "surveys.half_interval"),
    ],
)
def test_what_is_wrong_in_a_row(row: dict[str, str], code: str) -> None:
    answer, problems = read_answer(row)
    assert answer is None
    assert [problem.code for problem in problems] == [code]


def test_a_rounded_percentage_fits_its_counts() -> None:
    for said in ("96.67", "96.7", "97"):
        answer, problems = read_answer({"value": said, "sample": "300", "positives": "290"})
        assert problems == []
        assert answer is not None
        assert answer.value == Decimal("96.67")


def answer_of(positives: int, sample: int) -> Answer:
    found, _ = read_answer({"sample": str(sample), "positives": str(positives)})
    assert found is not None
    return found


def test_places_whose_intervals_overlap_share_their_range() -> None:
    found = standings([answer_of(390, 400), answer_of(388, 400), answer_of(300, 400)])
    assert [(one.rank, one.best, one.worst) for one in found] == [(1, 1, 2), (2, 1, 2), (3, 3, 3)]


def test_equal_values_share_a_rank_and_a_missing_interval_leaves_the_range_untold() -> None:
    found = standings([Answer(Decimal(97)), Answer(Decimal(97)), Answer(Decimal(96))])
    assert [(one.rank, one.best) for one in found] == [(1, None), (1, None), (3, None)]


@pytest.mark.parametrize(
    ("values", "length"),
    [((90, 91, 92, 93), 3), ((93, 92, 91), -2), ((90, 92, 91, 93), 1), ((90, 90), 0), ((90,), 0), ((), 0)],
)
def test_rises_in_a_row(values: tuple[int, ...], length: int) -> None:
    assert streak([Answer(Decimal(value)) for value in values]).length == length


def test_a_rise_is_certain_when_the_intervals_part() -> None:
    found = streak([answer_of(300, 400), answer_of(360, 400), answer_of(364, 400)])
    assert (found.length, found.certain) == (2, 1)


def test_few_answers_or_a_wide_interval_call_for_a_warning() -> None:
    assert is_unsure(answer_of(20, 25))
    assert is_unsure(answer_of(50, 100))
    assert not is_unsure(answer_of(970, 1000))
    assert not is_unsure(Answer(Decimal(97)))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=1, max_size=9))
def test_the_rank_lies_in_its_range(counts: list[tuple[int, int]]) -> None:
    answers = [answer_of(min(positives, sample), sample) for positives, sample in counts]
    for one in standings(answers):
        assert one.best is not None
        assert one.worst is not None
        assert 1 <= one.best <= one.worst <= len(answers)
