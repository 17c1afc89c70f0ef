"""How numbers and days are written out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from jingtu.engine.notation import chinese_day, english_day, plain_number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("12.50", "12.5"),
        ("1E+2", "100"),
        ("100", "100"),
        ("0.00", "0"),
        ("-3.10", "-3.1"),
        ("1E-7", "0.0000001"),
    ],
)
def test_a_number_has_neither_an_exponent_nor_needless_zeros(number: str, text: str) -> None:
    assert plain_number(Decimal(number)) == text


def test_a_day_is_written_without_leading_zeros() -> None:
    day = dt.date(2026, 3, 1)

    assert (chinese_day(day), english_day(day)) == ("2026年3月1日", "1 March 2026")
