"""Several periods under another card: who would have stood where, place by place and period by period.

A place is the same place when its own id is: renamed it keeps its line, a new one (of a split or merger)
begins a line of its own. Periods in which a place has no rank under one of the cards count in no average.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from jingtu.engine.elements import round_half_up


class Cell(NamedTuple):
    """One place in one period: totals as texts, ranks; None where it is not ranked."""

    old_total: str | None
    new_total: str | None
    old_rank: int | None
    new_rank: int | None

    @property
    def gained(self) -> int | None:
        """Ranks gained (negative: lost); None without both."""
        if self.old_rank is None or self.new_rank is None:
            return None
        return self.old_rank - self.new_rank


@dataclass(frozen=True)
class PlaceLine:
    """One place over the periods; None for a period that does not know it."""

    region_id: int
    name: str
    cells: Sequence[Cell | None]

    @property
    def compared(self) -> list[Cell]:
        """Its periods with a rank under both cards."""
        return [cell for cell in self.cells if cell is not None and cell.gained is not None]

    @property
    def moved(self) -> int:
        """Ranks by which it moved, up or down, over all periods."""
        return sum(abs(cell.gained or 0) for cell in self.compared)

    @property
    def gained(self) -> int:
        """Ranks gained over all periods, losses taken off."""
        return sum(cell.gained or 0 for cell in self.compared)

    @property
    def old_average(self) -> str | None:
        """The average rank as published, to one place after the point, half up."""
        return self._average(new=False)

    @property
    def new_average(self) -> str | None:
        """The average rank under the other card."""
        return self._average(new=True)

    def _average(self, *, new: bool) -> str | None:
        ranks = [(cell.new_rank if new else cell.old_rank) or 0 for cell in self.compared]
        return str(round_half_up(Fraction(sum(ranks), len(ranks)), 1)) if ranks else None


@dataclass(frozen=True)
class Retrospect:
    """All places over all periods, those that moved most first."""

    periods: Sequence[str]
    lines: Sequence[PlaceLine]

    @property
    def movers(self) -> list[PlaceLine]:
        """The places that moved at all."""
        return [line for line in self.lines if line.moved]

    def without(self, periods: Collection[str]) -> Retrospect:
        """The same with these periods left out, places that stood in no other with them."""
        collector = Collector()
        for number, period in enumerate(self.periods):
            if period not in periods:
                told = ((line, line.cells[number]) for line in self.lines)
                collector.add(period, {line.region_id: (line.name, cell) for line, cell in told if cell})
        return collector.done()

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "periods": list(self.periods),
            "places": [
                {
                    "region": line.region_id,
                    "name": line.name,
                    "cells": [None if cell is None else list(cell) for cell in line.cells],
                }
                for line in self.lines
            ],
        }

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> Retrospect:
        """What :meth:`plain` gave."""
        lines = [
            PlaceLine(
                line["region"],
                line["name"],
                [None if cell is None else Cell(*cell) for cell in line["cells"]],
            )
            for line in content["places"]
        ]
        return cls(list(content["periods"]), lines)


@dataclass
class Collector:
    """Takes the periods one after another, oldest first."""

    periods: list[str] = field(default_factory=list)
    _cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def add(self, period: str, places: Mapping[int, tuple[str, Cell]]) -> None:
        """One period: by own id of the place its name and cell. The newest name stays."""
        number = len(self.periods)
        self.periods.append(period)
        for region, (name, cell) in places.items():
            self._names[region] = name
            self._cells.setdefault(region, {})[number] = cell

    def done(self) -> Retrospect:
        """The lines, those that moved most first, then by gain and id."""
        count = range(len(self.periods))
        lines = [
            PlaceLine(region, self._names[region], [cells.get(number) for number in count])
            for region, cells in self._cells.items()
        ]
        lines.sort(key=lambda line: (-line.moved, -line.gained, line.region_id))
        return Retrospect(self.periods, lines)
