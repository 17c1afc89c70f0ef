"""What publications say about a place: read as everybody may read it, so that no small count of persons is ever
frozen into a listing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from jingtu.assessment.outputs.gathering import readership
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunReader, reader_of, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Readership
from jingtu.engine.formula import parse
from jingtu.engine.periods import Period
from jingtu.engine.rational import Rational

from .definition import Criterion

MOST_RUNS = 6
"""So many of the latest publications are opened at most; older ones say little about today."""
MOST_EARLIER = 3
"""So far back it is asked whether a criterion was met before."""
WIDE_BAND = 3
"""A rank that could as well be three others says little about who stands last."""
FEW = 30
"""A count below this moves a good deal by chance; the argument is shown, the figure stays."""


@dataclass(frozen=True)
class Measured:
    """A published value: of which run and period, with the ranks it could as well hold (None where unknown) and
    whether it counts few."""

    value: Decimal
    run_id: int
    period: str
    low_rank: int | None = None
    high_rank: int | None = None
    small: bool = False

    @property
    def wide(self) -> bool:
        """Whether the place could as well hold quite another rank."""
        low, high = self.low_rank, self.high_rank
        return low is not None and high is not None and high - low >= WIDE_BAND


class Published:
    """The latest publications that rank the places of a level inside a region. ``below``: that region."""

    def __init__(self, below: Region, level: str) -> None:
        self.below, self.level = below, level

    @cached_property
    def readers(self) -> list[RunReader]:
        """One for each scorecard and cadence, the latest period first. Opened once."""
        found: list[RunReader] = []
        for run in _latest(self._runs()[:60]):
            reader = self._reader(run, found[0] if found else None)
            if reader is not None:
                found.append(reader)
        return found

    def value(self, criterion: Criterion, region_id: int) -> Measured | None:
        """What the latest publication that knows it says; None where none does or the count is small."""
        for reader in self.readers:
            found = self._figures(reader).of(criterion, region_id)
            if found is not None:
                return found
        return None

    def before(self, criterion: Criterion, region_id: int, measured: Measured) -> list[Measured]:
        """The same criterion in the publications of the periods before, the latest first, as far as they know it."""
        earlier = self._earlier(measured.run_id)
        known = (self._figures(reader).of(criterion, region_id) for reader in earlier)
        return [found for found in known if found is not None]

    def _figures(self, reader: RunReader) -> _Figures:
        if reader.run.pk not in self._read:
            self._read[reader.run.pk] = _Figures(reader)
        return self._read[reader.run.pk]

    @cached_property
    def _read(self) -> dict[int, _Figures]:
        return {}

    def _earlier(self, run_id: int) -> list[RunReader]:
        """Readers of the publications before one of ours, of the same scorecard and cadence. Opened once each."""
        if run_id not in self._opened:
            run = next(reader.run for reader in self.readers if reader.run.pk == run_id)
            rows = self._runs().filter(
                scorecard=run.scorecard, cadence=run.cadence, period_end__lt=run.period_start
            )
            periods: dict[str, Run] = {}
            for row in rows[: 3 * MOST_EARLIER]:
                if len(periods) < MOST_EARLIER:
                    periods.setdefault(row.period, row)
            self._opened[run_id] = [
                reader for row in periods.values() if (reader := self._reader(row, None)) is not None
            ]
        return self._opened[run_id]

    @cached_property
    def _opened(self) -> dict[int, list[RunReader]]:
        return {}

    def _runs(self) -> QuerySet[Run]:
        return runs_visible(self._recipient).filter(
            tree_id=self.below.tree_id,
            level=self.level,
            state=RunState.PUBLISHED.value,
            published_at__lte=now(),
        )

    @property
    def _recipient(self) -> Readership:
        return readership(self.below, "zh")

    def _reader(self, run: Run, beside: RunReader | None) -> RunReader | None:
        try:
            return reader_of(self._recipient, run, beside)
        except (Conflict, NotFound):
            return None


class _Figures:
    """The figures of one publication. Each is read once for all places: a level may have hundreds."""

    def __init__(self, reader: RunReader) -> None:
        self._reader, self._opened = reader, reader.opened
        self._rows: dict[str, dict[int, dict[str, Any]]] = {}
        self._counts: dict[str, tuple[Rational, NDArray[np.bool_]]] = {}

    def of(self, criterion: Criterion, region_id: int) -> Measured | None:
        """What it says of a place; None where it says nothing or must not."""
        try:
            position = self._opened.tree.position_of_id(region_id)
        except KeyError:
            return None
        if not self._opened.tree.contains(self._opened.within, position):
            return None
        if criterion.measure == "indicator":
            return self._indicator(criterion.subject, position)
        if criterion.measure == "element":
            return self._element(criterion.subject, position)
        if criterion.measure == "bottom" and self._reader.run.scorecard == criterion.subject:
            return self._from_bottom(position)
        return None

    def _indicator(self, code: str, position: int) -> Measured | None:
        if code not in self._rows:
            self._rows[code] = {row["position"]: row for row in self._opened.indicator(code)}
        row = self._rows[code].get(position)
        if row is None or row["value"] is None or self._reader.value_hidden(position, code):
            return None
        return self._measured(Decimal(str(row["value"])), row["best_rank"], row["worst_rank"])

    def _element(self, code: str, position: int) -> Measured | None:
        element = self._opened.catalogue.elements.get(code)
        if element is None:
            return None
        if code not in self._counts:
            period = Period.parse(self._reader.run.period)
            counted = self._opened.evaluator.value(parse(code), period)
            self._counts[code] = counted, self._reader.guard.hidden_element(code, period)
        (counted, hidden), local = self._counts[code], position - self._opened.within
        fraction = None if hidden[local] else counted.fraction(local)
        if fraction is None:
            return None
        value = Decimal(fraction.numerator) / Decimal(fraction.denominator)
        return self._measured(value, small=element.decimals == 0 and value < FEW)

    def _from_bottom(self, position: int) -> Measured | None:
        rank = self._ranks.get(position)
        if rank is None:
            return None
        behind = len(self._ranks) - bisect_right(self._sorted_ranks, rank)
        return self._measured(Decimal(behind + 1))

    @cached_property
    def _ranks(self) -> dict[int, int]:
        known = self._reader.subjects
        return {position: entry["rank"] for position, entry in known if entry["rank"] is not None}

    @cached_property
    def _sorted_ranks(self) -> list[int]:
        return sorted(self._ranks.values())

    def _measured(
        self, value: Decimal, low: int | None = None, high: int | None = None, *, small: bool = False
    ) -> Measured:
        return Measured(value, self._reader.run.pk, self._reader.run.period, low, high, small)


def _latest(runs: Iterable[Run]) -> Iterator[Run]:
    seen: set[tuple[str, str]] = set()
    for run in runs:
        kind = (run.scorecard, run.cadence)
        if kind not in seen and len(seen) < MOST_RUNS:
            seen.add(kind)
            yield run
