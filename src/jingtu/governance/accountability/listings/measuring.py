"""What publications say about a place: read as everybody may read it, so that no small count of persons is ever
frozen into a listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet

from jingtu.assessment.outputs.gathering import Recipient
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunReader, reader_of, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.regions.models import Region
from jingtu.engine.formula import parse
from jingtu.engine.periods import Period

from .definition import Criterion

MOST_RUNS = 6
WIDE_BAND = 3
"""A rank that could as well be three others says little about who stands last."""
MOST_EARLIER = 3
"""So far back it is asked whether a criterion was met before."""
"""So many of the latest publications are opened at most; older ones say little about today."""


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
            found = self._at(reader, criterion, region_id)
            if found is not None:
                return found
        return None

    def before(self, criterion: Criterion, region_id: int, measured: Measured) -> list[Measured]:
        """The same criterion in the publications of the periods before, the latest first, as far as they know it."""
        known = (self._at(reader, criterion, region_id) for reader in self._earlier(measured.run_id))
        return [found for found in known if found is not None]

    def _at(self, reader: RunReader, criterion: Criterion, region_id: int) -> Measured | None:
        try:
            position = reader.position_of(region_id)
        except NotFound:
            return None
        return self._in(reader, criterion, position)

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
    def _recipient(self) -> Recipient:
        return Recipient(self.below, "zh")

    def _reader(self, run: Run, beside: RunReader | None) -> RunReader | None:
        try:
            return reader_of(self._recipient, run, beside)
        except (Conflict, NotFound):
            return None

    @cached_property
    def _bands(self) -> dict[tuple[int, str], dict[int, tuple[int | None, int | None]]]:
        return {}

    def _band(self, reader: RunReader, code: str, position: int) -> tuple[int | None, int | None]:
        """The best and the worst rank a place could hold by an indicator; read once for all places."""
        key = (reader.run.pk, code)
        if key not in self._bands:
            self._bands[key] = {
                row["position"]: (row["best_rank"], row["worst_rank"])
                for row in reader.opened.indicator(code)
            }
        return self._bands[key].get(position, (None, None))

    def _in(self, reader: RunReader, criterion: Criterion, position: int) -> Measured | None:
        if criterion.measure == "indicator":
            return self._indicator(reader, criterion.subject, position)
        if criterion.measure == "element":
            return _element(reader, criterion.subject, position)
        if criterion.measure == "bottom" and reader.run.scorecard == criterion.subject:
            return _from_bottom(reader, position)
        return None

    def _indicator(self, reader: RunReader, code: str, position: int) -> Measured | None:
        cell = reader.opened.region(position).get(code)
        if cell is None or cell["value"] is None or reader.value_hidden(position, code):
            return None
        low, high = self._band(reader, code, position)
        return Measured(Decimal(str(cell["value"])), reader.run.pk, reader.run.period, low, high)


def _latest(runs: Iterable[Run]) -> Iterator[Run]:
    seen: set[tuple[str, str]] = set()
    for run in runs:
        kind = (run.scorecard, run.cadence)
        if kind not in seen and len(seen) < MOST_RUNS:
            seen.add(kind)
            yield run


def _element(reader: RunReader, code: str, position: int) -> Measured | None:
    if code not in reader.opened.catalogue.elements:
        return None
    period, local = Period.parse(reader.run.period), position - reader.opened.within
    if reader.guard.hidden_element(code, period)[local]:
        return None
    fraction = reader.opened.evaluator.value(parse(code), period).fraction(local)
    if fraction is None:
        return None
    value = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    few = reader.opened.catalogue.elements[code].decimals == 0 and value < FEW
    return Measured(value, reader.run.pk, reader.run.period, small=few)


def _from_bottom(reader: RunReader, position: int) -> Measured | None:
    ranks = {place: entry["rank"] for place, entry in reader.subjects if entry["rank"] is not None}
    if position not in ranks:
        return None
    behind = sum(1 for rank in ranks.values() if rank > ranks[position])
    return Measured(Decimal(behind + 1), reader.run.pk, reader.run.period)


FEW = 30
"""A count below this moves a good deal by chance; the argument is shown, the figure stays."""
