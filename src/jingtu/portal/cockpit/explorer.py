"""One indicator over time, among siblings and below: what the explorer shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jingtu.assessment.indicators.queries import (
    ChildPoint,
    Comparable,
    IndicatorFilter,
    IndicatorPage,
    Point,
    comparable_series,
    distribution,
    indicator_list,
    indicator_page,
    redrawn,
    series,
)
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import IndicatorRow, RunReader, indicator_ranking, reader_of
from jingtu.assessment.runs.queries.around import TrendPoint, alike, runs_around
from jingtu.assessment.runs.rules import RunState
from jingtu.assessment.situation.rules import change, streak, stretches
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import ancestors, children, get_region
from jingtu.engine.catalogue import Indicator
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import Language
from jingtu.engine.qualifiers import Qualifier

from .charts import runs_still
from .queries import home_region

CADENCES = ("month", "quarter", "half_year", "year", "ytd")
LENGTHS = (6, 13, 25, 37)
PUBLISHED_RUNS = 6
MOST_CHILDREN = 200


@dataclass(frozen=True)
class Question:
    """What the address asks of the explorer; empty values take the defaults."""

    indicator: str = ""
    region: int | None = None
    other: int | None = None
    cadence: str = "month"
    n: int = 13
    until: Period | None = None
    comparable: bool = False


@dataclass(frozen=True)
class Row:
    """One period of the table: the value, its parts, and the other place's value with the difference."""

    period: Period
    label: str
    point: Point
    other: Point | None
    difference: Decimal | None

    @property
    def running(self) -> bool:
        """Whether the period has not ended: its values are a part of what they will be."""
        return runs_still(self.period)

    @property
    def told(self) -> bool:
        """Whether there is a value of the whole period: a running one holds a part of its figures only."""
        return self.point.value is not None and not self.running

    @property
    def exact(self) -> Decimal | None:
        """The value where it may be held against others: neither at least, about, estimated nor of some months."""
        plain = self.point.qualifier == Qualifier.EXACT and not (self.point.estimated or self.point.lacking)
        return self.point.value if plain else None


@dataclass(frozen=True)
class Standing:
    """How the newest value of a period that has ended stands to those before it. Changes in words, empty where
    there is nothing to compare with; ``base`` is the earliest of the periods shown that has a value. ``streak``:
    changes the same way in a row, negative when falling. A cumulative value is held against last year's only."""

    on_previous: str
    on_last_year: str
    on_base: str
    base: str
    streak: int
    partial: Sequence[Point] = ()
    """Of the newest value and those it is held against: the ones that not all who report have given in full. The
    changes rest on those who have."""
    lacking: Sequence[tuple[str, str]] = ()
    """The same periods where months of them are unknown to everybody, with these months: nothing is compared."""


@dataclass(frozen=True, eq=False)
class Explored:
    """Everything the page shows. ``basis``: facts (in force now) or published (from signed runs only)."""

    page: IndicatorPage
    choices: Sequence[Indicator]
    region: Region
    above: Sequence[Region]
    below: Sequence[Region]
    siblings: Sequence[Region]
    other: Region | None
    question: Question
    rows: Sequence[Row]
    basis: str
    other_basis: str
    run: Run | None
    ranking: Sequence[IndicatorRow]
    dots: Sequence[ChildPoint]
    redrawn: bool = False
    comparable: Comparable | None = None

    @property
    def latest(self) -> Row | None:
        """The newest period that has a value: of those that have ended, where one of them has."""
        valued = [row for row in self.rows if row.point.value is not None]
        ended = [row for row in valued if row.told]
        return (ended or valued)[-1] if valued else None


def standing(rows: Sequence[Row], unit: str, language: Language) -> Standing | None:
    """The newest value of a period that has ended held against the period before, the same period last year and
    the base; None without one."""
    told = [at for at, row in enumerate(rows) if row.told]
    if not told:
        return None
    newest = rows[told[-1]]
    known = {row.period: row.exact for row in rows}
    cumulative = newest.period.kind is PeriodKind.YTD
    whole = [rows[at] for at in told[:-1] if not rows[at].point.lacking]
    base = whole[0] if whole and not cumulative else None

    def against(before: Decimal | None) -> str:
        return "" if newest.exact is None else change(newest.exact, before, unit, language)

    on_previous = "" if cumulative else against(known.get(newest.period.previous()))
    on_last_year = against(known.get(newest.period.last_year()))
    on_base = against(base.exact) if base else ""
    beside = {newest.period, newest.period.last_year()} | (
        set() if cumulative else {newest.period.previous()}
    )
    compared = {newest.period: True, newest.period.previous(): bool(on_previous)}
    compared[newest.period.last_year()] = bool(on_last_year)
    if base and on_base:
        compared[base.period] = True
    return Standing(
        on_previous=on_previous,
        on_last_year=on_last_year,
        on_base=on_base,
        base=base.label if base else "",
        streak=0 if cumulative else streak(_unbroken(rows[: told[-1] + 1])),
        partial=[
            row.point
            for row in rows
            if compared.get(row.period) and row.point.read < row.point.due and not row.point.lacking
        ],
        lacking=[
            (row.label, _months(row.point.lacking, language))
            for row in rows
            if row.period in beside and row.told and row.point.lacking
        ],
    )


def _months(lacking: Sequence[Period], language: Language) -> str:
    """Months by name, those that follow each other as a stretch."""
    to, comma = ("至", "、") if language == "zh" else (" to ", ", ")
    ends = [dict.fromkeys((first, last)) for first, last in stretches(lacking)]
    return comma.join(to.join(month.label(language) for month in months) for months in ends)


def _unbroken(rows: Sequence[Row]) -> list[Decimal | None]:
    """The values of the periods that follow each other up to the last row; published ones may leave some out."""
    values = [rows[-1].exact]
    for later, earlier in zip(rows[::-1], rows[-2::-1], strict=False):
        if earlier.period != later.period.previous():
            break
        values.append(earlier.exact)
    return values[::-1]


def explore(actor: Actor, question: Question) -> Explored | None:
    """The explorer as asked for; None for an actor without a region and none asked for.

    Raises NotFound for an unknown indicator or region, and before a catalogue is in force.
    """
    region = get_region(actor, question.region) if question.region else home_region(actor)
    if region is None:
        return None
    above = ancestors(actor, region)
    runs = [run for run in runs_around(actor, region) if run.snapshot_digest]
    reader = _reader(actor, runs, question, region, above)
    choices = indicator_list(actor, IndicatorFilter())
    code = question.indicator or _first(reader, choices)
    page = indicator_page(actor, code)
    cadence = question.cadence if question.cadence in CADENCES else "month"
    until = question.until or _until(runs, cadence)
    asked = Question(code, region.pk, question.other, cadence, question.n, until, question.comparable)
    points, basis = _points(actor, asked, region, runs, reader)
    steps = redrawn(actor, region) if basis == "facts" else []
    compared = None
    if steps and question.comparable:
        compared = comparable_series(actor, code, region, points, steps)
        points = list(compared.points)
    other = get_region(actor, question.other) if question.other else None
    other_points: Sequence[Point] = ()
    other_basis = ""
    if other is not None and other.pk != region.pk and other.tree_id == region.tree_id:
        other_points, other_basis = _points(actor, asked, other, runs, reader)
    else:
        other = None
    ranked = reader is not None and code in reader.opened.scorecard.indicators
    may = actor.can(Permission.FACTS_READ, region.pk)
    below = list(children(actor, region)[:MOST_CHILDREN])
    return Explored(
        page=page,
        choices=choices,
        region=region,
        above=above,
        below=below,
        siblings=_siblings(actor, region),
        other=other,
        question=asked,
        rows=_rows(points, other_points),
        basis=basis,
        other_basis=other_basis,
        run=reader.run if reader and ranked else None,
        ranking=indicator_ranking(actor, reader, code) if reader and ranked else (),
        dots=distribution(actor, code, region, until) if may and below else (),
        redrawn=bool(steps),
        comparable=compared,
    )


def _reader(
    actor: Actor, runs: Sequence[Run], question: Question, region: Region, above: Sequence[Region]
) -> RunReader | None:
    """The latest published run of the cadence that ranks the region, or one it holds, or one above it."""
    levels = {place.level for place in above}

    def order(run: Run) -> tuple[bool, int]:
        kind = 0 if run.level == region.level else 1 if run.region_id == region.pk else 2
        return run.cadence != question.cadence, kind if run.level in levels or kind < 2 else 3

    published = [run for run in runs if run.state == RunState.PUBLISHED]
    chosen = min(published, key=order, default=None)
    try:
        return reader_of(actor, chosen) if chosen else None
    except Conflict:
        return None


def _first(reader: RunReader | None, choices: Sequence[Indicator]) -> str:
    if reader is not None:
        return next(iter(reader.opened.scorecard.indicators))
    if not choices:
        raise NotFound("", "any_catalogue")
    return choices[0].code


def _until(runs: Sequence[Run], cadence: str) -> Period:
    """The last period of the cadence there are results for, else the one before today's."""
    if runs:
        return Period.of(cadence, max(run.period_end for run in runs))
    return Period.of(cadence, today()).previous()


def _points(
    actor: Actor, asked: Question, region: Region, runs: Sequence[Run], reader: RunReader | None
) -> tuple[list[Point], str]:
    assert asked.until is not None
    if actor.can(Permission.FACTS_READ, region.pk):
        return series(actor, asked.indicator, region, asked.cadence, asked.n, asked.until), "facts"
    if reader is None:
        return [], "published"
    return _published(reader, actor, asked, region, alike(reader.run, runs, PUBLISHED_RUNS)), "published"


def _published(
    first: RunReader, actor: Actor, asked: Question, region: Region, runs: Sequence[Run]
) -> list[Point]:
    """The values signed runs gave a ranked place, as every reader of them knows them."""
    points = []
    for run in runs:
        try:
            reader = first if run.pk == first.run.pk else reader_of(actor, run, first)
            position = reader.position_of(region.pk)
        except (Conflict, NotFound):
            continue
        entry = dict(reader.subjects).get(position)
        values = entry["indicators"].get(asked.indicator) if entry else None
        if values is None:
            continue
        hidden = reader.value_hidden(position, asked.indicator)
        text = None if hidden else values["value"]
        reported, expected = values["coverage"]
        points.append(
            Point(
                period=run.period,
                label=run.period_label,
                value=None if text is None else Decimal(text),
                state="suppressed" if hidden else values["state"],
                qualifier=values["qualifier"],
                reported=reported,
                expected=expected,
                read=reported,
                due=expected,
            )
        )
    return points


def _rows(points: Sequence[Point], others: Sequence[Point]) -> list[Row]:
    by_period = {point.period: point for point in others}
    known = {point.period: point for point in points}
    keys = sorted({Period.parse(key) for key in (*known, *by_period)})
    rows = []
    for period in keys:
        point, other = known.get(period.key), by_period.get(period.key)
        label = (point or other).label  # type: ignore[union-attr]
        both = point is not None and other is not None and None not in (point.value, other.value)
        alike = both and point.lacking == other.lacking  # type: ignore[union-attr]
        difference = point.value - other.value if alike else None  # type: ignore[union-attr, operator]
        rows.append(Row(period, label, point or Point(period.key, label, None, "missing"), other, difference))
    return rows


def _siblings(actor: Actor, region: Region) -> list[Region]:
    """Places to compare with: those under the same parent."""
    if region.parent_id is None:
        return []
    parent = region.parent
    found = [] if parent is None else list(children(actor, parent)[:MOST_CHILDREN])
    return [place for place in found if place.pk != region.pk]


def trend_points(rows: Sequence[Row], *, other: bool = False) -> list[TrendPoint]:
    """A column of the table as points of a chart."""
    points = [(row.period, row.other if other else row.point) for row in rows]
    return [TrendPoint(period, point.value if point else None) for period, point in points]
