"""What people add to a scorecard beyond its figures: bonus and deduction entries, and rulings on vetoes.

An entry states a count on one line of the card (a bonus item, or an item that deducts for each event); the
line's own rule and cap turn it into points. A veto that fires is only proposed: its effect enters the
result when a named person has ruled that it applies. Both belong to exactly one period and one place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.catalogue.model import BonusRule, DeductionRule, Scorecard
from jingtu.engine.notation import plain_number
from jingtu.engine.periods import Period
from jingtu.engine.rational import BoolArray, Rational
from jingtu.engine.tree import RegionTree

Line = Literal["bonus", "deduction"]

LINES: Mapping[Line, tuple[str, str]] = {"bonus": ("加分", "bonus"), "deduction": ("扣分", "deduction")}


@dataclass(frozen=True)
class Entry:
    """An approved count on a line of a card. ``region`` is (level, code), ``evidence`` digests of files.

    ``reference`` is how the office finds it again; it is no part of what is published.
    """

    scorecard: str
    line: Line
    indicator: str
    region: tuple[str, str]
    period: str
    count: Decimal
    reason: str
    entered_by: str = ""
    approved_by: str = ""
    evidence: tuple[str, ...] = ()
    reference: str = ""

    def plain(self) -> dict[str, Any]:
        """JSON types only; the count as text without needless zeros."""
        return {**asdict(self), "region": list(self.region), "count": plain_number(self.count)} | {
            "evidence": list(self.evidence)
        }

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Entry:
        """What :meth:`plain` wrote."""
        level, code = content["region"]
        return cls(
            **{
                **content,
                "region": (level, code),
                "count": Decimal(content["count"]),
                "evidence": tuple(content["evidence"]),
            }
        )


@dataclass(frozen=True)
class Ruling:
    """What a named person decided about a veto that fired for a place, and why."""

    scorecard: str
    indicator: str
    region: tuple[str, str]
    period: str
    applies: bool
    reason: str
    decided_by: str = ""
    reply: str = ""
    reference: str = ""

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {**asdict(self), "region": list(self.region)}

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Ruling:
        """What :meth:`plain` wrote."""
        level, code = content["region"]
        return cls(**{**content, "region": (level, code)})


class Ledger:
    """Entries and rulings in one order, whatever the order they came in. Never changed."""

    def __init__(self, entries: Iterable[Entry] = (), rulings: Iterable[Ruling] = ()) -> None:
        self.entries: tuple[Entry, ...] = tuple(sorted(entries, key=_spelling))
        self.rulings: tuple[Ruling, ...] = tuple(sorted(rulings, key=_spelling))

    def __len__(self) -> int:
        return len(self.entries) + len(self.rulings)

    def digest(self) -> str:
        """SHA-256 of the content; empty for an empty ledger."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        if not len(self):
            return ""
        text = json.dumps(self.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "entries": [entry.plain() for entry in self.entries],
            "rulings": [ruling.plain() for ruling in self.rulings],
        }

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Ledger:
        """What :meth:`plain` wrote."""
        return cls(map(Entry.from_plain, content["entries"]), map(Ruling.from_plain, content["rulings"]))

    def entries_of(self, scorecard: str, period: Period, place: tuple[str, str] | None = None) -> list[Entry]:
        """The entries of a card and period, of one place (level, code) where one is given."""
        return [
            entry
            for entry in self.entries
            if entry.scorecard == scorecard
            and entry.period == period.key
            and (place is None or entry.region == place)
        ]

    def rulings_of(
        self, scorecard: str, period: Period, place: tuple[str, str] | None = None
    ) -> list[Ruling]:
        """The rulings on a card and period, on one place (level, code) where one is given."""
        return [
            ruling
            for ruling in self.rulings
            if ruling.scorecard == scorecard
            and ruling.period == period.key
            and (place is None or ruling.region == place)
        ]

    def for_card(
        self, card: Scorecard, period: Period, tree: RegionTree, places: Sequence[int] | NDArray[Any]
    ) -> CardLedger:
        """What concerns some tree positions, as arrays over them."""
        at = {(tree.levels[p], tree.codes[p]): n for n, p in enumerate(np.asarray(places).tolist())}
        counts: dict[tuple[Line, str], list[Fraction]] = {}
        for entry in self.entries_of(card.code, period):
            place = at.get(entry.region)
            if place is not None and (entry.line, entry.indicator) in lines_of(card):
                column = counts.setdefault((entry.line, entry.indicator), [Fraction(0)] * len(at))
                column[place] += Fraction(entry.count)
        applies = np.zeros((len(at), len(card.vetoes)), dtype=bool)
        columns = {veto.indicator: number for number, veto in enumerate(card.vetoes)}
        for ruling in self.rulings_of(card.code, period):
            place, veto = at.get(ruling.region), columns.get(ruling.indicator)
            if place is not None and veto is not None and ruling.applies:
                applies[place, veto] = True
        return CardLedger({key: _rational(column) for key, column in counts.items()}, applies)


@dataclass(frozen=True, eq=False)
class CardLedger:
    """Counts by line and, for each veto of the card, whether it was ruled to apply; over some places."""

    counts: Mapping[tuple[Line, str], Rational]
    applies: BoolArray | None = None
    """None: nobody rules here, and what fires applies."""

    def counted(self, line: Line, indicator: str, values: Rational) -> Rational:
        """The values of a line with the entries added; where there is no value, entries count alone."""
        added = self.counts.get((line, indicator))
        if added is None:
            return values
        some = np.asarray(added.num > 0)
        base = Rational(
            np.where(values.ok, values.num, 0),
            np.where(values.ok, values.den, 1),
            np.where(values.ok | some, np.uint8(0), values.state),
        )
        total = rational.add(base, added)
        return Rational(
            np.where(some, total.num, values.num),
            np.where(some, total.den, values.den),
            np.where(some, np.uint8(0), values.state),
        )

    def touches(self, indicators: Iterable[str]) -> bool:
        """Whether there are entries on any of these indicators' lines."""
        wanted = set(indicators)
        return any(indicator in wanted for _, indicator in self.counts)


NO_LEDGER = CardLedger({})


def lines_of(card: Scorecard) -> list[tuple[Line, str]]:
    """The lines of a card that take entries: bonus items, and items that deduct for each event."""
    bonus = [item.indicator for item in card.bonus.items] if card.bonus is not None else []
    found: list[tuple[Line, str]] = [("bonus", code) for code in bonus]
    found += [("deduction", item.indicator) for item in card.items if isinstance(item.rule, DeductionRule)]
    return list(dict.fromkeys(found))


def line_rule(card: Scorecard, line: Line, indicator: str) -> tuple[Decimal, Decimal] | None:
    """Points for each one counted on a line, and the most the line can bring or cost; None for no line."""
    if line == "bonus" and card.bonus is not None:
        for item in card.bonus.items:
            if item.indicator == indicator and isinstance(item.rule, BonusRule):
                return item.rule.per_unit, min(item.rule.cap or card.bonus.cap, card.bonus.cap)
    if line == "deduction":
        for item in card.items:
            if item.indicator == indicator and isinstance(item.rule, DeductionRule):
                most = item.points if item.rule.cap is None else min(item.rule.cap, item.points)
                return item.rule.per_event, most
    return None


def _rational(column: Sequence[Fraction]) -> Rational:
    num = np.array([value.numerator for value in column], dtype=np.int64)
    den = np.array([value.denominator for value in column], dtype=np.int64)
    return Rational(num, den, np.zeros(len(column), dtype=np.uint8))


def _spelling(one: Entry | Ruling) -> str:
    return json.dumps(one.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
