"""Dated targets: which requirement and which red line hold for one place in one period.

A catalogue states what is expected of everybody. A target states what a document asks of one place, of
a peer group or of all places of a level inside an area, for some time, without a copy of the indicator.
The most specific one holds: the place itself before its peer group, the group before a level (the nearest
area first), and only then scorecard and catalogue. Requirement and red line are looked for separately.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from jingtu.engine.tree import RegionTree

Scope = Literal["place", "group", "level"]
Basis = Literal["exact", "each", "cumulative"]
Asked = Literal["requirement", "red_line"]

SCOPES: Mapping[Scope, tuple[str, str]] = {
    "place": ("该地区（单位）", "this place"),
    "group": ("分类组", "peer group"),
    "level": ("该地区内各地", "every place of a level inside"),
}
BASES: Mapping[Basis, tuple[str, str]] = {
    "each": ("期间内每一期", "every period inside"),
    "exact": ("正好这一期", "exactly this period"),
    "cumulative": ("年初累计至期内", "year to date, ending inside"),
}
_SCOPE_ORDER: Mapping[Scope, int] = {"place": 0, "group": 1, "level": 2}
_BASIS_ORDER: Mapping[Basis, int] = {"exact": 0, "cumulative": 1, "each": 2}
_OPEN = ".."


@dataclass(frozen=True)
class Span:
    """Days a target is dated for: a period, or a period's first day and everything after it."""

    start: date
    end: date | None

    @classmethod
    def parse(cls, text: str) -> Span:
        """``2026``, ``2026-Q3``, ``2026-01..2026-06`` or open ``2026-01..``; InvalidInput otherwise."""
        written = text.strip()
        if written.endswith(_OPEN) and len(written) > len(_OPEN):
            return cls(Period.parse(written.removesuffix(_OPEN)).start, None)
        period = Period.parse(written)
        return cls(period.start, period.end)

    @property
    def days(self) -> int:
        """Its length; an open one is longer than any other."""
        return (self.end - self.start).days if self.end is not None else 1_000_000


def span_label(text: str, language: Language = "zh") -> str:
    """A target's period as people read it."""
    if text.endswith(_OPEN):
        since = Period.parse(text.removesuffix(_OPEN)).label(language)
        return f"{since}起" if language == "zh" else f"from {since}"
    return Period.parse(text).label(language)


@dataclass(frozen=True)
class Target:
    """One dated target. ``region`` is (level, code); empty for a peer group, whose name is ``group``.

    ``level`` names the places meant by scope ``level``. ``basis``: ``exact`` holds for the period itself,
    ``each`` for every period inside, ``cumulative`` for figures from 1 January that end inside.
    ``document`` is what readers are told it comes from.
    """

    indicator: str
    scope: Scope
    period: str
    basis: Basis = "each"
    region: tuple[str, str] = ("", "")
    group: str = ""
    level: str = ""
    requirement: Threshold | None = None
    red_line: Threshold | None = None
    document: str = ""

    @cached_property
    def span(self) -> Span:
        """The days it is dated for."""
        return Span.parse(self.period)

    def asked(self, what: Asked) -> Threshold | None:
        """The requirement or the red line it states."""
        return self.requirement if what == "requirement" else self.red_line

    def holds_in(self, period: Period) -> bool:
        """Whether it is meant for figures of this period."""
        span = self.span
        within = period.end <= span.end if span.end is not None else True
        match self.basis:
            case "exact":
                return period.start == span.start and period.end == span.end
            case "cumulative":
                from_january = period.start == date(period.end.year, 1, 1)
                return from_january and within and period.end >= span.start
            case "each":
                return span.start <= period.start and within

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "indicator": self.indicator,
            "scope": self.scope,
            "region": list(self.region),
            "group": self.group,
            "level": self.level,
            "period": self.period,
            "basis": self.basis,
            "requirement": str(self.requirement) if self.requirement else None,
            "red_line": str(self.red_line) if self.red_line else None,
            "document": self.document,
        }

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Target:
        """What :meth:`plain` wrote."""
        level, code = content["region"]
        return cls(
            content["indicator"],
            content["scope"],
            content["period"],
            content["basis"],
            (level, code),
            content["group"],
            content["level"],
            Threshold.parse(content["requirement"]) if content["requirement"] else None,
            Threshold.parse(content["red_line"]) if content["red_line"] else None,
            content["document"],
        )


class TargetTable:
    """All targets in force, in one order whatever the order they came in. Never changed."""

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        unique = {_spelling(target): target for target in targets}
        self.targets: tuple[Target, ...] = tuple(unique[key] for key in sorted(unique))

    def __len__(self) -> int:
        return len(self.targets)

    def __iter__(self) -> Iterator[Target]:
        return iter(self.targets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TargetTable) and self.targets == other.targets

    def __hash__(self) -> int:
        return hash(self.targets)

    def digest(self) -> str:
        """SHA-256 of the content; empty for an empty table."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        if not self.targets:
            return ""
        return hashlib.sha256("\n".join(map(_spelling, self.targets)).encode()).hexdigest()

    def plain(self) -> list[dict[str, Any]]:
        """JSON types only."""
        return [target.plain() for target in self.targets]

    @classmethod
    def from_plain(cls, content: Iterable[Mapping[str, Any]]) -> TargetTable:
        """What :meth:`plain` wrote."""
        return cls(Target.from_plain(entry) for entry in content)

    def limited(self, indicators: Collection[str], periods: Sequence[Period]) -> TargetTable:
        """Those of some indicators that hold in one of the periods."""
        return TargetTable(
            target
            for target in self.targets
            if target.indicator in indicators and any(target.holds_in(period) for period in periods)
        )


NO_TARGETS = TargetTable()


@dataclass(frozen=True, eq=False)
class Marks:
    """What is asked of each of some places where it differs from the usual: ``which`` is an index into
    ``targets``, −1 where nothing special is asked."""

    what: Asked
    targets: tuple[Target, ...]
    which: NDArray[np.int32]

    def at(self, place: int) -> Target | None:
        """The target that decides for one place."""
        number = int(self.which[place])
        return None if number < 0 else self.targets[number]

    def take(self, places: Any) -> Marks:
        """The marks of some of the places."""
        return Marks(self.what, self.targets, self.which[places])

    def by_threshold(
        self, usual: Threshold | None
    ) -> Iterator[tuple[Threshold | None, bool, NDArray[np.int64]]]:
        """Each threshold with the places it is asked of, and whether it was assigned (or is the usual one)."""
        for number in np.unique(self.which).tolist():
            places = np.flatnonzero(self.which == number)
            if number < 0:
                yield usual, False, places
            else:
                yield self.targets[number].asked(self.what), True, places


class Requirements:
    """The targets of a table worked out for the places of one subtree."""

    def __init__(
        self,
        table: TargetTable,
        tree: RegionTree,
        within: int,
        peer_groups: Mapping[str, Sequence[int] | NDArray[np.int64]],
    ) -> None:
        self._table, self._tree, self._within = table, tree, within
        self._groups = peer_groups
        self._marks: dict[tuple[str, Period, Asked], Marks | None] = {}

    def marks(self, code: str, period: Period, what: Asked = "requirement") -> Marks | None:
        """What is asked by target of an indicator, over local positions; None when nothing is."""
        if not len(self._table):
            return None
        key = (code, period, what)
        if key not in self._marks:
            self._marks[key] = self._resolve(code, period, what)
        return self._marks[key]

    def _resolve(self, code: str, period: Period, what: Asked) -> Marks | None:
        targets = tuple(
            target
            for target in self._table
            if target.indicator == code and target.asked(what) is not None and target.holds_in(period)
        )
        last = int(self._tree.last[self._within])
        which = np.full(last - self._within + 1, -1, dtype=np.int32)
        found: list[tuple[tuple[Any, ...], int, NDArray[np.int64]]] = []
        for number, target in enumerate(targets):
            places, depth = self._places(target)
            inside = places[(places >= self._within) & (places <= last)]
            if inside.size:
                found.append((_priority(target, depth), number, inside))
        # The least specific first, so that the others overwrite it.
        for _, number, places in sorted(found, key=lambda entry: entry[0], reverse=True):
            which[places - self._within] = number
        return Marks(what, targets, which) if found else None

    def _places(self, target: Target) -> tuple[NDArray[np.int64], int]:
        """Tree positions a target is meant for, and how deep the area lies that it names."""
        if target.scope == "group":
            return np.array(self._groups.get(target.group, ()), dtype=np.int64), 0
        level, code = target.region
        found = self._tree.candidates(code, level or None)
        if len(found) != 1:
            return np.empty(0, dtype=np.int64), 0
        depth = int(self._tree.depth[found[0]])
        if target.scope == "level":
            return self._tree.at_level(target.level, found[0]).astype(np.int64), depth
        return np.array(found, dtype=np.int64), depth


def _priority(target: Target, depth: int) -> tuple[Any, ...]:
    """Smaller is more specific; two targets are never equal."""
    return (
        _SCOPE_ORDER[target.scope],
        -depth,
        _BASIS_ORDER[target.basis],
        target.span.days,
        -target.span.start.toordinal(),
        _spelling(target),
    )


def _spelling(target: Target) -> str:
    return json.dumps(target.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
