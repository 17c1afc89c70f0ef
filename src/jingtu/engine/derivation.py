"""What an explanation consists of: steps that came from steps, a sentence, the gap to a requirement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from jingtu.engine.formula import format_formula
from jingtu.engine.gap import Gap
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from jingtu.engine.rational import decimal_text

StepKind = Literal[
    "rank",
    "score",
    "section",
    "item",
    "bonus",
    "veto",
    "entry",
    "ruling",
    "rule",
    "indicator",
    "operand",
    "child",
    "fact",
    "missing",
]


@dataclass(frozen=True)
class Step:
    """One step of a derivation: what it is (both languages), its value as text, and what it came from.

    ``params`` holds plain values for screens: codes, positions, periods, rows of the source.
    """

    kind: StepKind
    zh: str
    en: str
    value: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Step, ...] = ()

    def label(self, language: Language = "zh") -> str:
        """The text in a language."""
        return self.zh if language == "zh" else self.en

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "kind": self.kind,
            "zh": self.zh,
            "en": self.en,
            "value": self.value,
            "params": dict(self.params),
            "children": [child.plain() for child in self.children],
        }

    def walk(self) -> Iterable[Step]:
        """The step and everything below, top first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Explanation:
    """The derivation of one number of one region, its sentence, and the gap to the requirement."""

    region: str
    position: int
    period: Period
    indicator: str | None
    root: Step
    gap: Gap | None
    sentences: Mapping[str, str]

    def sentence(self, language: Language = "zh") -> str:
        """The number and its standing in one sentence, as an official would write it."""
        return self.sentences[language]

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "region": self.region,
            "period": self.period.key,
            "indicator": self.indicator,
            "sentence": dict(self.sentences),
            "gap": None if self.gap is None else gap_plain(self.gap),
            "steps": self.root.plain(),
        }


def gap_plain(gap: Gap) -> dict[str, Any]:
    """A gap in JSON types."""
    return {
        "met": gap.met,
        "requirement": str(gap.threshold),
        "difference": fraction_text(gap.difference),
        "moves": [
            {
                "side": move.side,
                "more": move.more,
                "amount": fraction_text(move.amount),
                "formula": format_formula(move.node),
                "before": fraction_text(move.before),
                "after": fraction_text(move.after),
                "elements": list(move.elements),
            }
            for move in gap.moves
        ],
    }


def fraction_text(value: Fraction) -> str:
    """Plain decimals where they end within nine digits, else ``num/den``."""
    for decimals in range(10):
        if (value * 10**decimals).denominator == 1:
            return decimal_text(int(value * 10**decimals), decimals)
    return f"{value.numerator}/{value.denominator}"
