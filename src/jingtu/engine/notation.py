"""How numbers and days are written out for people."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal


def plain_number(number: Decimal) -> str:
    """A number without exponent or needless zeros: 12.50 as 12.5, 1E+2 as 100."""
    return f"{number.normalize():f}"


def chinese_day(day: dt.date) -> str:
    """A day as official Chinese papers write it: 2026年3月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def english_day(day: dt.date) -> str:
    """A day as English letters write it: 1 March 2026."""
    return f"{day.day} {day:%B %Y}"
