"""Figures as people write them: the one reader of texts that hold a number, and its pattern for pages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from jingtu.engine.notation import plain_number
from jingtu.engine.problems import Problem
from jingtu.engine.qualifiers import Qualifier


@dataclass(frozen=True)
class WrittenFigure:
    """What a text says: the number (None where it says there is none), how exact it is, and its sign (``%``, ``‰``)."""

    number: Decimal | None
    qualifier: Qualifier = Qualifier.EXACT
    sign: str = ""

    def text(self) -> str:
        """The figure in the one spelling that needs no language and reads back the same; empty for none."""
        if self.number is None:
            return ""
        plain = plain_number(self.number) + self.sign
        return _SYMBOLS.get(self.qualifier, "") + plain + _SIGNS_AFTER.get(self.qualifier, "")


def read_figure(text: str) -> WrittenFigure | Problem:
    """Understand a figure: thousands separators, full-width digits, a plus or minus, 万 and 亿, ``%`` and ``‰``,
    a qualifier before (约, ≥, 近, 超过…) or after (余, 多, 以上, +). What is blank or says so is missing."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text).translate(_MINUS))
    if plain in _MISSING_MARKS:
        return WrittenFigure(None)
    found = _FIGURE.fullmatch(plain)
    if found is None or (found["before"] and found["after"]):
        return Problem("element.unreadable", {"text": text})
    number = Decimal(found["number"].replace(",", "")) * _MULTIPLIERS[found["times"] or ""]
    qualifier = _QUALIFIER_WORDS[found["before"] or found["after"] or ""]
    return WrittenFigure(number, qualifier, found["sign"] or "")


def parse_qualifier(text: str | None) -> Qualifier | Problem:
    """The qualifier a file's qualifier column states; blank is exact."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text or "")).lower()
    found = _QUALIFIER_WORDS.get(plain)
    return Problem("element.unknown_qualifier", {"text": text}) if found is None else found


def figure_pattern() -> str:
    """What a figure may look like, for a page that speaks up before the server does.

    A pattern for the whole text without its blanks; group 1 holds the decimals, group 2 the multiplier.
    """
    before, after = ("|".join(map(re.escape, words)) for words in (_BEFORE, _AFTER))
    return rf"^(?:{before})?[-+]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.(\d+))?[%‰]?(百万|千|万|亿)?(?:{after})?$"


_BLANKS = re.compile(r"\s+")
_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "负": "-", "＜": "<", "＞": ">"})
_MISSING_MARKS = frozenset({"", "-", "--", "—", "——", "/", "N/A", "n/a", "NA", "无数据", "缺报", "未报"})
_MULTIPLIERS = {"": 1, "千": 1_000, "万": 10_000, "百万": 1_000_000, "亿": 100_000_000}
_QUALIFIER_WORDS: dict[str, Qualifier] = {
    "": Qualifier.EXACT,
    "=": Qualifier.EXACT,
    **dict.fromkeys((">=", "=>", "≥", "不低于", "不少于", "至少", "以上", "及以上"), Qualifier.AT_LEAST),
    **dict.fromkeys((">", "超过", "超", "大于", "多于", "逾"), Qualifier.GREATER),
    **dict.fromkeys(
        ("<=", "=<", "≤", "不超过", "不高于", "不多于", "至多", "以下", "及以下"), Qualifier.AT_MOST
    ),
    **dict.fromkeys(("<", "不足", "小于", "少于", "低于"), Qualifier.LESS),
    **dict.fromkeys(("~", "≈", "约", "大约", "约为", "近", "左右", "approx"), Qualifier.APPROX),
    **dict.fromkeys(("+", "余", "多"), Qualifier.MORE),
    "inferred": Qualifier.INFERRED,
    "推断": Qualifier.INFERRED,
}
_BEFORE = sorted(
    (
        word
        for word in _QUALIFIER_WORDS
        if word
        and word not in ("+", "余", "多", "以上", "及以上", "以下", "及以下", "左右", "inferred", "推断")
    ),
    key=len,
    reverse=True,
)
_AFTER = ("及以上", "以上", "及以下", "以下", "左右", "余", "多", "+", "(推断)", "(inferred)")
_QUALIFIER_WORDS |= {"(推断)": Qualifier.INFERRED, "(inferred)": Qualifier.INFERRED}
_FIGURE = re.compile(
    rf"(?P<before>{'|'.join(map(re.escape, _BEFORE))})?"
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
    r"(?P<sign>[%‰])?(?P<times>百万|千|万|亿)?"
    rf"(?P<after>{'|'.join(map(re.escape, _AFTER))})?"
)
_SYMBOLS = {
    Qualifier.AT_LEAST: "≥",
    Qualifier.GREATER: ">",
    Qualifier.AT_MOST: "≤",
    Qualifier.LESS: "<",
    Qualifier.APPROX: "≈",
}
_SIGNS_AFTER = {Qualifier.MORE: "+", Qualifier.INFERRED: "(inferred)"}
