"""What each item of a sheet would be filled with now: from a published run of the period, else from facts in force.

A sheet leaves the house, so it is read as everybody may read it: no small count of persons, whoever looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jingtu.assessment.indicators.guard import CellGuard
from jingtu.assessment.indicators.queries import Cube, cube
from jingtu.assessment.indicators.queries.values import guard_of
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunReader, reader_of
from jingtu.assessment.runs.queries.around import runs_around
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Readership
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.formula import parse
from jingtu.engine.periods import Period
from jingtu.engine.rational import STATE_NAMES

from .layout import Layout, Row
from .rules import FACTS_MARK, NOTHING, Origin, Source


def readership(region: Region, language: Literal["zh", "en"]) -> Readership:
    """Whoever gets a sheet."""
    return Readership(region, language, Permission.RESULTS_READ, Permission.FACTS_READ)


@dataclass(frozen=True)
class Filled:
    """A row with its source; unit and requirement as people read them; ``met`` as a mark of the interface."""

    row: Row
    source: Source
    unit: str
    requirement: str
    met: str
    decimals: int
    run: Run | None


def gather(region: Region, period: Period, layout: Layout, language: Literal["zh", "en"]) -> list[Filled]:
    """Every item of the layout. The number of queries does not grow with the rows."""
    recipient = readership(region, language)
    readers = _published(recipient, region, period)
    source = _Facts(recipient, region, period)
    return [_filled(row, readers, source, region, period, language) for row in layout.items]


@dataclass(frozen=True)
class Sent:
    """A row that was sent with a value, and what the value rested on."""

    row: Row
    origin: Origin
    run_id: int | None


def small_now(
    region: Region, period: Period, sent: Iterable[Sent], language: Literal["zh", "en"]
) -> set[str]:
    """The codes of the rows whose values would be withheld today, by the definitions they were made with.

    A few queries for each run behind the sheet, however many rows."""
    recipient = readership(region, language)
    facts = _Facts(recipient, region, period)
    figures = [one for one in sent if one.row.kind in ("indicator", "element")]
    ids = {one.run_id for one in figures if one.origin == Origin.RUN and one.run_id is not None}
    rows = Run.objects.filter(pk__in=ids).select_related("region", "tree", "catalogue")
    readers = {run.pk: reader_of(recipient, run) for run in rows}
    return {
        one.row.code
        for one in figures
        if (
            _small_in(readers[one.run_id], one.row, region, period)
            if one.run_id in readers and one.origin == Origin.RUN
            else facts.small(one.row)
        )
    }


def _small_in(reader: RunReader, row: Row, region: Region, period: Period) -> bool:
    position = reader.position_of(region.pk)
    if row.kind == "indicator":
        return reader.value_hidden(position, row.of)
    return bool(reader.guard.hidden_element(row.of, period)[position - reader.opened.within])


def _published(recipient: Readership, region: Region, period: Period) -> list[RunReader]:
    """The published runs of the period that hold the region, the one that ranks it first."""
    runs = [
        run
        for run in runs_around(recipient, region)
        if run.period == period.key and run.state == RunState.PUBLISHED
    ]
    runs.sort(key=lambda run: (run.level != region.level, run.region_id != region.pk, run.scorecard))
    readers: list[RunReader] = []
    for run in runs:
        try:
            reader = reader_of(recipient, run, readers[0] if readers else None)
            reader.position_of(region.pk)
        except (Conflict, NotFound):
            continue
        readers.append(reader)
    return readers


class _Facts:
    """The facts in force, built only when a row needs them."""

    def __init__(self, recipient: Readership, region: Region, period: Period) -> None:
        self.recipient, self.region, self.period = recipient, region, period
        self._cube: Cube | None = None
        self._guard: CellGuard | None = None

    @property
    def cube(self) -> Cube:
        if self._cube is None:
            self._cube = cube(self.recipient, self.region)
            self._guard = guard_of(self.recipient, self._cube, self.region)
        return self._cube

    @property
    def mark(self) -> str:
        """The last batch that counts."""
        return f"{FACTS_MARK}{self.cube.batches[-1][0] if self.cube.batches else 0}"

    def small(self, row: Row) -> bool:
        """Whether the figure is withheld by the facts in force; one that is no longer defined is."""
        cube = self.cube
        known = cube.catalogue.indicators if row.kind == "indicator" else cube.catalogue.elements
        if row.of not in known:
            return True
        if self._guard is None:
            return False
        hidden = self._guard.hidden if row.kind == "indicator" else self._guard.hidden_element
        return bool(hidden(row.of, self.period)[0])

    def indicator(self, code: str) -> Source:
        definition = self.cube.catalogue.indicators.get(code)
        if definition is None:
            return NOTHING
        if self._guard is not None and self._guard.hidden(code, self.period)[0]:
            return Source(None, "suppressed", Origin.FACTS, mark=self.mark)
        values = self.cube.evaluator.indicator(definition, self.period)
        return Source(values.text(0), STATE_NAMES[int(values.exact.state[0])], Origin.FACTS, mark=self.mark)

    def element(self, code: str) -> Source:
        if code not in self.cube.catalogue.elements:
            return NOTHING
        if self._guard is not None and self._guard.hidden_element(code, self.period)[0]:
            return Source(None, "suppressed", Origin.FACTS, mark=self.mark)
        text = _sum(self.cube.evaluator, code, self.period, 0)
        return Source(text, "ok" if text is not None else "missing", Origin.FACTS, mark=self.mark)


def _sum(evaluator: Evaluator, code: str, period: Period, place: int) -> str | None:
    fraction = evaluator.value(parse(code), period).fraction(place)
    if fraction is None:
        return None
    return f"{Decimal(fraction.numerator) / Decimal(fraction.denominator):f}"


def _filled(
    row: Row,
    readers: Sequence[RunReader],
    facts: _Facts,
    region: Region,
    period: Period,
    language: Literal["zh", "en"],
) -> Filled:
    own_unit = row.unit_zh if language == "zh" else row.unit_en
    if row.kind == "text":
        return Filled(row, NOTHING, own_unit, "", "", 0, None)
    if row.kind == "element":
        reader = next((one for one in readers if row.of in one.opened.catalogue.elements), None)
        source = _element(reader, row.of, region, period) if reader else facts.element(row.of)
        catalogue = reader.opened.catalogue if reader else facts.cube.catalogue
        element = catalogue.elements.get(row.of)
        unit = own_unit or (element.unit_name(language) if element else "")
        decimals = element.decimals if element else 0
        return Filled(row, source, unit, "", "", decimals, reader.run if reader else None)
    reader = next((one for one in readers if _has(one, row.of, region)), None)
    catalogue = reader.opened.catalogue if reader else facts.cube.catalogue
    definition = catalogue.indicators.get(row.of)
    unit = own_unit or (definition.unit_name(language) if definition else "")
    requirement = ""
    met = ""
    if reader is not None:
        position = reader.position_of(region.pk)
        requirement = reader.requirement(reader.indicator(row.of), position)
        source, met = _indicator(reader, row.of, position)
    else:
        source = facts.indicator(row.of)
        if definition is not None and definition.target is not None:
            requirement = definition.target.label(definition.unit_name(language), language)
            if source.value is not None:
                met = (
                    "met" if definition.target.met_by(*Decimal(source.value).as_integer_ratio()) else "watch"
                )
    if row.kind == "requirement":
        # What is asked is a text of the definitions; it is public like them.
        asked = Source(requirement or None, "ok" if requirement else "missing", source.origin, source.run_id)
        return Filled(row, asked, own_unit, requirement, "", 0, reader.run if reader else None)
    decimals = definition.decimals if definition else 0
    return Filled(row, source, unit, requirement, met, decimals, reader.run if reader else None)


def _has(reader: RunReader, code: str, region: Region) -> bool:
    return code in reader.opened.region(reader.position_of(region.pk))


def _indicator(reader: RunReader, code: str, position: int) -> tuple[Source, str]:
    """An indicator as the run froze it."""
    cell = reader.opened.region(position)[code]
    run = reader.run
    mark = f"run:{run.publication_hash[:24]}"
    hidden = reader.value_hidden(position, code)
    if hidden:
        return Source(None, "suppressed", Origin.RUN, run.pk, run.version, mark), "suppressed"
    value = None if cell["value"] is None else str(cell["value"])
    return Source(value, cell["state"], Origin.RUN, run.pk, run.version, mark), reader.mark(cell, hidden)


def _element(reader: RunReader, code: str, region: Region, period: Period) -> Source:
    """A data element in the facts that the run froze."""
    local = reader.position_of(region.pk) - reader.opened.within
    run = reader.run
    mark = f"run:{run.publication_hash[:24]}"
    if reader.guard.hidden_element(code, period)[local]:
        return Source(None, "suppressed", Origin.RUN, run.pk, run.version, mark)
    text = _sum(reader.opened.evaluator, code, period, local)
    return Source(text, "ok" if text is not None else "missing", Origin.RUN, run.pk, run.version, mark)
