"""Columns of text say, digit for digit, what the texts of single values say."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.publication import part_text
from jingtu.engine.rational import MISSING, NOT_APPLICABLE, Rational, decimal_text, of_fractions
from jingtu.engine.textcolumns import decimal_texts, part_texts

INT64 = st.integers(-(2**63) + 1, 2**63 - 1)
DENOMINATORS = st.one_of(
    st.integers(1, 400), st.sampled_from([10**power for power in range(1, 19)]), st.integers(1, 2**40)
)
FRACTIONS = st.builds(Fraction, st.one_of(st.integers(-2000, 2000), INT64), DENOMINATORS)


@given(st.lists(st.one_of(st.integers(-1000, 1000), INT64), min_size=1), st.integers(0, 9))
def test_scaled_numbers_read_as_one_by_one(numbers: list[int], decimals: int) -> None:
    chosen = np.arange(len(numbers)) % 3 != 2
    found = decimal_texts(np.array(numbers, dtype=np.int64), decimals, chosen).to_pylist()
    assert found == [
        decimal_text(number, decimals) if here else None for number, here in zip(numbers, chosen, strict=True)
    ]


@given(st.lists(st.one_of(st.none(), FRACTIONS), min_size=1), st.booleans())
def test_exact_values_read_as_one_by_one(numbers: list[Fraction | None], fraction: bool) -> None:
    values = of_fractions(numbers)
    found = part_texts(values, np.ones(len(numbers), bool), fraction=fraction).to_pylist()
    assert found == [part_text(values, place, fraction=fraction) for place in range(len(numbers))]


@pytest.mark.parametrize(
    ("num", "den", "plain", "fraction"),
    [
        (3, 4, "0.75", "3/4"),
        (1, 3, "1/3", "1/3"),
        (6, 4, "1.5", "3/2"),
        (-5, 100, "-0.05", "-1/20"),
        (0, 7, "0", "0"),
        (200, 100, "2", "2"),
        (1, 10**9, "0.000000001", f"1/{10**9}"),
        (1, 10**10, f"1/{10**10}", f"1/{10**10}"),
        (2**62 - 1, 8, str(Decimal(2**62 - 1) / 8), f"{2**62 - 1}/8"),
    ],
)
def test_numbers_by_hand(num: int, den: int, plain: str, fraction: str) -> None:
    values = Rational(np.array([num]), np.array([den]), np.zeros(1, dtype=np.uint8))
    everywhere = np.ones(1, dtype=bool)
    assert part_texts(values, everywhere).to_pylist() == [plain]
    assert part_texts(values, everywhere, fraction=True).to_pylist() == [fraction]


def test_what_has_no_value_or_is_not_chosen_has_no_text() -> None:
    state = np.array([0, MISSING, NOT_APPLICABLE, 0], dtype=np.uint8)
    values = Rational(np.array([5, 0, 0, 7]), np.ones(4, dtype=np.int64), state)
    assert part_texts(values, np.array([True, True, True, False])).to_pylist() == ["5", None, None, None]
    assert part_texts(None, np.ones(2, dtype=bool)).to_pylist() == [None, None]
