"""Requirements such as ``>= 98``, compared exactly; whether the boundary itself meets them is stated."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from jingtu.engine.problems import Language, refuse, register_texts

register_texts(
    {
        "threshold.unreadable": (
            "“{text}”不是要求，应写成“>= 98”“> 0”“<= 5”“< 20”或“== 0”",
            '"{text}" is not a requirement; write ">= 98", "> 0", "<= 5", "< 20" or "== 0"',
        ),
    }
)

Comparison = Literal[">=", ">", "<=", "<", "=="]

_PATTERN = re.compile(r"(>=|=>|≥|<=|=<|≤|==|=|>|<)\s*(-?\d+(?:\.\d+)?)\s*%?")
_SAME: dict[str, Comparison] = {"=>": ">=", "≥": ">=", "=<": "<=", "≤": "<=", "=": "=="}
_SIGNS: dict[Comparison, str] = {">=": "≥", ">": "＞", "<=": "≤", "<": "＜", "==": "＝"}


@dataclass(frozen=True)
class Threshold:
    """A comparison with a fixed number, in the indicator's unit.

    ``>=`` and ``<=`` include the boundary, ``>`` and ``<`` do not.
    """

    op: Comparison
    value: Decimal

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """The threshold written as ``>= 98``; InvalidInput for anything else."""
        found = _PATTERN.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if found is None:
            raise refuse("threshold.unreadable", text=text)
        sign = found.group(1)
        return cls(_SAME.get(sign) or cast(Comparison, sign), Decimal(found.group(2)))

    def met_by(self, num: int, den: int = 1) -> bool:
        """Whether ``num / den`` satisfies it, without rounding. ZeroDivisionError when ``den`` is 0."""
        if den == 0:
            raise ZeroDivisionError("a value without denominator cannot be compared")
        top, bottom = self.value.as_integer_ratio()
        difference = num * bottom - top * den
        if den < 0:
            difference = -difference
        match self.op:
            case ">=":
                return difference >= 0
            case ">":
                return difference > 0
            case "<=":
                return difference <= 0
            case "<":
                return difference < 0
            case "==":
                return difference == 0

    @property
    def inclusive(self) -> bool:
        """Whether the boundary value itself satisfies it."""
        return self.op in (">=", "<=", "==")

    @property
    def side(self) -> Literal["high", "low", "point"]:
        """Which values satisfy it: high ones, low ones, or one only."""
        return "point" if self.op == "==" else "high" if self.op[0] == ">" else "low"

    def covers(self, other: Threshold) -> bool:
        """Whether every value that satisfies ``other`` satisfies this one."""
        if other.side == "point" or self.side == "point":
            return other.side == "point" and self.met_by(*other.value.as_integer_ratio())
        if self.side != other.side:
            return False
        if self.value == other.value:
            return self.inclusive or not other.inclusive
        return (self.value < other.value) == (self.side == "high")

    def leaves_nothing_beside(self, other: Threshold) -> bool:
        """Whether every number satisfies this or ``other``."""
        if {self.side, other.side} != {"high", "low"}:
            return False
        high, low = (self, other) if self.side == "high" else (other, self)
        if high.value == low.value:
            return high.inclusive or low.inclusive
        return high.value < low.value

    def __str__(self) -> str:
        return f"{self.op} {self.value:f}"

    def label(self, unit: str = "", language: Language = "zh") -> str:
        """As readers see it: ≥98%; in English with a blank before a unit that is a word."""
        sign = _SIGNS[self.op] if language == "zh" else _SIGNS[self.op].translate(_NARROW)
        gap = " " if language == "en" and unit and unit != "%" else ""
        return f"{sign}{self.value:f}{gap}{unit}"


_NARROW = str.maketrans("＞＜＝", "><=")
