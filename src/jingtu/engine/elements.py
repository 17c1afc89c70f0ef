"""Data elements: what is counted, in which unit, and how a written figure becomes an integer.

A value is a scaled 64-bit integer (99.16 with two decimals is 9916), so sums never depend on the
order of adding. A qualifier ("more than", "about") belongs to the value and travels with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from jingtu.engine.facttable import RETRACTED, FactRow, FactTable
from jingtu.engine.figures import figure_pattern, parse_qualifier, read_figure
from jingtu.engine.problems import InvalidInput, Language, Problem, register_texts
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier

__all__ = [
    "LARGEST_SCALED",
    "QUALIFIERS",
    "RETRACTED",
    "Element",
    "ElementKind",
    "FactRow",
    "FactTable",
    "ParsedValue",
    "Qualifier",
    "category_key",
    "figure_pattern",
    "parse_category",
    "parse_qualifier",
    "read_figure",
    "round_half_up",
]

_SIGNS = {"%": "%", "per_mille": "‰"}

LARGEST_SCALED = 10**15
"""Values beyond this are refused: sums over a million regions still fit 64 bits."""

register_texts(
    {
        "element.unreadable": (
            "“{text}”不是数字。请只写数字，可带千分位逗号，如1,234；约数可写“300余”“≥80”“约50”",
            '"{text}" is not a number. Write digits, with thousands separators if you like (1,234); '
            'inexact figures as "300+", ">=80" or "~50"',
        ),
        "element.percent_sign": (
            "“{text}”带百分号或千分号，但“{element}”的单位是“{unit}”，请去掉或核对是否填错列",
            '"{text}" has a percent or per-mille sign, but the unit of "{element}" is "{unit}"; '
            "drop the sign or check the column",
        ),
        "element.too_many_decimals": (
            "“{text}”的小数位过多，“{element}”最多{decimals}位小数",
            '"{text}" has too many decimals; "{element}" takes at most {decimals}',
        ),
        "element.negative": (
            "“{text}”为负数，“{element}”不能小于0",
            '"{text}" is negative; "{element}" cannot be below 0',
        ),
        "element.too_large": (
            "“{text}”过大，请核对单位或是否多写了位数",
            '"{text}" is too large; check the unit or for surplus digits',
        ),
        "element.bad_category": (
            "分类“{text}”写法有误，应为“维度=取值”，多个以分号隔开",
            'the category "{text}" is not well written; use dimension=value, several separated by ";"',
        ),
        "element.unknown_dimension": (
            "“{element}”没有分类维度“{dimension}”，可用：{known}",
            '"{element}" has no dimension "{dimension}"; it has: {known}',
        ),
        "element.unknown_category": (
            "维度“{dimension}”没有取值“{value}”，可用：{known}",
            'the dimension "{dimension}" has no value "{value}"; it has: {known}',
        ),
        "element.unknown_category_word": (
            "“{element}”没有分类“{text}”，可用：{known}；不分类的留空",
            '"{element}" has no category "{text}"; it has: {known}; leave the cell empty for none',
        ),
        "element.unknown_qualifier": (
            "“{text}”不是可识别的限定词，可用：>=、>、<=、<、~、+、inferred",
            '"{text}" is not a known qualifier; use one of: >=, >, <=, <, ~, +, inferred',
        ),
    }
)


class ElementKind(StrEnum):
    """How values of an element combine."""

    FLOW = "flow"
    """Adds over regions and over time."""
    STOCK = "stock"
    """Adds over regions, takes the last over time."""
    REPORTED = "reported"
    """Stated for one region and period; never rolled up."""


@dataclass(frozen=True)
class ParsedValue:
    """A written figure understood: the scaled integer (None when blank, that is missing) and qualifier."""

    value: int | None
    qualifier: Qualifier = Qualifier.EXACT


@dataclass(frozen=True)
class Element:
    """One thing counted. ``decimals`` fixes the scale of its stored integers for good.

    ``dimensions`` maps each category dimension to its allowed values, ``labels`` a dimension (``age``) or
    one of its values (``age=u18``) to its Chinese and English word. ``source`` is where the
    figures come from (form, import, feed); ``status`` how far the definition is verified:
    V read in the law or report, S seen on a public page, G general knowledge, unverified.
    ``parts_of`` names the element this one is a part of (the parts must add up to it).
    """

    code: str
    name_zh: str
    name_en: str
    kind: ElementKind
    unit: str
    decimals: int = 0
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    person_based: bool = False
    non_negative: bool = True
    source: str = "import"
    strand: str = ""
    definition_zh: str = ""
    definition_en: str = ""
    status: str = "G"
    cites: tuple[str, ...] = ()
    parts_of: str | None = None
    unit_zh: str = ""
    unit_en: str = ""
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def scale(self) -> int:
        """How many stored units make one: 100 for two decimals."""
        return int(10**self.decimals)

    def name(self, language: Language = "zh") -> str:
        """The name in a language."""
        return self.name_zh if language == "zh" else self.name_en

    def definition(self, language: Language = "zh") -> str:
        """What is counted, in a language."""
        return self.definition_zh if language == "zh" else self.definition_en

    def unit_name(self, language: Language = "zh") -> str:
        """The unit's word; the code where the catalogue does not list it."""
        return (self.unit_zh if language == "zh" else self.unit_en) or self.unit

    def dimension_name(self, dimension: str, language: Language = "zh") -> str:
        """What a dimension is called; its code where the catalogue does not say."""
        return self._label(dimension, dimension, language)

    def category_name(self, dimension: str, value: str, language: Language = "zh") -> str:
        """What a value of a dimension is called; its code where the catalogue does not say."""
        return self._label(f"{dimension}={value}", value, language)

    def category_label(self, category: str, language: Language = "zh") -> str:
        """A written category as people read it: 级别：部级, level: ministry; as it stands if it is none."""
        colon, semicolon = ("：", "；") if language == "zh" else (": ", "; ")
        try:
            pairs = parse_category(category)
        except ValueError:
            return category
        return semicolon.join(
            f"{self.dimension_name(dimension, language)}{colon}{self.category_name(dimension, value, language)}"
            for dimension, value in pairs.items()
        )

    def _label(self, key: str, code: str, language: Language) -> str:
        return self.labels[key][0 if language == "zh" else 1] if key in self.labels else code

    def parse_value(self, text: str | int | float | Decimal | None) -> ParsedValue:
        """Understand a figure as written or as a spreadsheet number.

        A text is read by :func:`read_figure`; ``%`` and ``‰`` only where they are the unit. Blank is missing.
        InvalidInput for anything else, for decimals beyond the element's, for values below 0
        where the element cannot be, and for values of 10**15 stored units or more.
        """
        problem_or_value = self.try_value(text)
        if isinstance(problem_or_value, Problem):
            raise InvalidInput([problem_or_value])
        return problem_or_value

    def try_value(self, text: str | int | float | Decimal | None) -> ParsedValue | Problem:
        """As :meth:`parse_value`, returning the problem instead of raising it."""
        if text is None:
            return ParsedValue(None)
        if isinstance(text, str):
            return self._from_text(text)
        if isinstance(text, float):
            if not math.isfinite(text):
                return Problem("element.unreadable", {"text": str(text)})
            text = Decimal(repr(text))
        return self._scaled(Decimal(text), str(text), Qualifier.EXACT)

    def format(self, scaled: int, language: Language = "zh", with_unit: bool = False) -> str:
        """A stored integer as people read it: grouped digits, the element's decimals, unit if asked."""
        digits = f"{Decimal(scaled).scaleb(-self.decimals):,.{self.decimals}f}"
        if not with_unit:
            return digits
        unit = self.unit_name(language)
        if language == "zh" or unit == "%":
            return digits + unit
        return f"{digits} {unit_after(digits, unit, language)}"

    def check_category(self, text: str) -> str | Problem:
        """The canonical category (``age=u25;sex=f``, sorted) of a written one, or what is wrong with it."""
        labelled = self._categories_by_label.get(text.casefold())
        if labelled is not None:
            return labelled
        try:
            written = parse_category(text)
        except ValueError:
            if "=" in text:
                return Problem("element.bad_category", {"text": text})
            words = [
                self.category_name(dimension, value)
                for dimension, values in self.dimensions.items()
                for value in values
            ]
            told = {"element": self.name_zh, "text": text, "known": "、".join(words) or "—"}
            return Problem("element.unknown_category_word", told)
        given: dict[str, str] = {}
        for dimension, value in written.items():
            dimension = self._dimensions_by_label.get(dimension.casefold(), dimension)
            named = self._categories_by_label.get(f"{dimension}:{value}".casefold(), "")
            given[dimension] = named.partition("=")[2] or value
        for dimension, value in given.items():
            allowed = self.dimensions.get(dimension)
            if allowed is None:
                known = "、".join(self.dimensions) or "—"
                params = {"element": self.code, "dimension": dimension, "known": known}
                return Problem("element.unknown_dimension", params)
            if value not in allowed:
                params = {"dimension": dimension, "value": value, "known": "、".join(allowed)}
                return Problem("element.unknown_category", params)
        return category_key(given)

    @property
    def _dimensions_by_label(self) -> dict[str, str]:
        return {
            word.casefold(): dimension
            for dimension in self.dimensions
            for word in self.labels.get(dimension, ())
        }

    @property
    def _categories_by_label(self) -> dict[str, str]:
        """Categories by the words of their value, alone where only one dimension has it, or after it."""
        found: dict[str, str] = {}
        often: set[str] = set()
        for dimension, values in self.dimensions.items():
            for value in values:
                key = f"{dimension}={value}"
                for word in self.labels.get(key, ()):
                    alone = word.casefold()
                    if found.get(alone, key) != key:
                        often.add(alone)
                    found[alone] = key
                    found[f"{dimension}:{word}".casefold()] = key
        return {word: key for word, key in found.items() if word not in often}

    def _from_text(self, text: str) -> ParsedValue | Problem:
        written = read_figure(text)
        if isinstance(written, Problem):
            return written
        if written.number is None:
            return ParsedValue(None)
        if written.sign and written.sign != _SIGNS.get(self.unit):
            params = {"text": text, "element": self.name_zh, "unit": self.unit_name("zh")}
            return Problem("element.percent_sign", params)
        return self._scaled(written.number, text, written.qualifier)

    def _scaled(self, number: Decimal, text: str, qualifier: Qualifier) -> ParsedValue | Problem:
        if number < 0 and self.non_negative:
            return Problem("element.negative", {"text": text, "element": self.name_zh})
        if number.adjusted() > 20:
            return Problem("element.too_large", {"text": text})
        scaled = Fraction(number) * self.scale
        if scaled.denominator != 1:
            params = {"text": text, "element": self.name_zh, "decimals": self.decimals}
            return Problem("element.too_many_decimals", params)
        if abs(scaled) >= LARGEST_SCALED:
            return Problem("element.too_large", {"text": text})
        return ParsedValue(int(scaled), qualifier)


def unit_after(number: object, unit: str, language: Language) -> str:
    """The word of a unit after a number: English says 1 person, 1 agency, 1 hour per person, but 2 persons."""
    if language == "zh" or str(number) != "1":
        return unit
    word, space, rest = unit.partition(" ")
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word + space + rest


def round_half_up(value: Fraction, digits: int) -> Decimal:
    """``value`` rounded half-up (away from zero) at ``digits`` decimals, exactly."""
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    result = Decimal(whole if value >= 0 else -whole).scaleb(-digits)
    return result.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def category_key(category: Mapping[str, str]) -> str:
    """The one spelling of a category: ``age=u25;sex=f``, dimensions sorted; empty for none."""
    return ";".join(f"{dimension}={category[dimension]}" for dimension in sorted(category))


def parse_category(text: str) -> dict[str, str]:
    """The dimensions and values of a written category; ValueError when it is not well written."""
    category: dict[str, str] = {}
    for part in re.split(r"[;；,，]", text.strip()):
        if not part.strip():
            continue
        dimension, equals, value = part.partition("=")
        dimension, value = dimension.strip(), value.strip()
        if not (dimension and equals and value) or dimension in category:
            raise ValueError(text)
        category[dimension] = value
    return category
