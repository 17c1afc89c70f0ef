"""Points that follow from a hidden value stay hidden, and the sum of their section does not tell them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.runs.rules import hidden_points


def items(*points: tuple[str, str]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(scored), Decimal(most)) for scored, most in points]


def test_where_no_value_is_hidden_no_points_are() -> None:
    assert hidden_points([2], items(("1", "5"), ("5", "5")), set()) == frozenset()


def test_another_item_of_the_section_goes_with_it_the_one_with_most_room_first() -> None:
    card = items(("3", "5"), ("10", "10"), ("4", "8"), ("2", "2"))
    assert hidden_points([4], card, {0}) == {0, 2}


def test_other_sections_are_left_alone() -> None:
    assert hidden_points([2, 2], items(("3", "5"), ("3", "5"), ("1", "5"), ("2", "5")), {0}) == {0, 1}


def test_a_section_that_is_full_is_hidden_whole() -> None:
    assert hidden_points([3], items(("5", "5"), ("5", "5"), ("5", "5")), {1}) == {0, 1, 2}


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(1, 10)), min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
)
def test_hidden_points_move_over_half_of_what_they_can_bring_or_all_of_the_section_is_hidden(
    drawn: list[tuple[int, int]], values: set[int]
) -> None:
    card = [(Decimal(min(scored, most)), Decimal(most)) for scored, most in drawn]
    values = {number for number in values if number < len(card)}
    hidden = hidden_points([len(card)], card, values)
    assert values <= hidden
    if values and len(hidden) < len(card):
        total, room = (sum(card[n][part] for n in hidden) for part in (0, 1))
        for number in values:
            most = card[number][1]
            least = max(Decimal(0), total - (room - most))
            assert min(most, total) - least >= most / 2
