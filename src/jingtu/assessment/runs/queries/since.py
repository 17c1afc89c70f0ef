"""What has happened to the figures of an open draft since it was computed, and what that does to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from jingtu.assessment.indicators.store import catalogue_of, element_name, indicator_name
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import StandingSpan, is_unrestricted
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.catalogue import Catalogue
from jingtu.engine.elements import Element, Qualifier
from jingtu.engine.evaluate import counts_persons
from jingtu.engine.periods import Period

from ..models import Run, RunDelta
from ..rules import OPEN_STATES
from ..snapshots import MOST_BATCHES, later_batches
from ..visibility import sees_as_draft, spans
from .lists import get_run

SHOWN = 50


@dataclass(frozen=True)
class FigureLine:
    """One changed figure. ``hidden``: its values are not this reader's to see."""

    batch: FactBatch
    place: str
    element: str
    period: str
    category: str
    old: str
    new: str
    hidden: bool


@dataclass(frozen=True)
class PlaceLine:
    """A ranked place that stands elsewhere now."""

    place: str
    old_total: Decimal | None
    new_total: Decimal | None
    old_rank: int | None
    new_rank: int | None


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator of a place that moved."""

    place: str
    indicator: str
    unit: str
    old: str | None
    new: str | None
    old_rank: int | None
    new_rank: int | None
    hidden: bool


@dataclass(frozen=True)
class SinceDraft:
    """The page's section. ``pending``: batches whose effect is not worked out yet; ``afresh``: it will not be,
    the draft is to be computed again; ``more``: moved lines that are not listed."""

    figures: Sequence[FigureLine]
    figure_count: int
    places: Sequence[PlaceLine]
    indicators: Sequence[IndicatorLine]
    more: int
    pending: int
    afresh: int

    @property
    def anything(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.figure_count or self.pending or self.afresh)


def since_draft(actor: Actor, run: Run | int) -> SinceDraft | None:
    """What changed since an open draft was computed; None for any other run. Raises NotFound unless the
    actor works on the run. A constant number of queries."""
    run = get_run(actor, run) if isinstance(run, int) else run
    if not sees_as_draft(actor, run):
        raise NotFound(f"#{run.pk}")
    if run.state not in OPEN_STATES or not run.snapshot_digest:
        return None
    later = later_batches(run)
    if not later:
        return SinceDraft([], 0, [], [], 0, 0, 0)
    rows = list(
        run.deltas.filter(batch__sequence__gt=run.facts_upto or 0)
        .select_related("batch")
        .order_by("batch__sequence")
    )
    known = {row.batch_id for row in rows}
    pending = [batch for batch in later if batch.pk not in known]
    too_many = [row.fact_count for row in rows if row.effect == RunDelta.Effect.TOO_MANY]
    # What comes after too large a batch cannot be followed from it.
    afresh = sum(too_many) or (sum(batch.row_count for batch in pending) if len(later) > MOST_BATCHES else 0)
    if afresh:
        rows, pending = [row for row in rows if row.effect != RunDelta.Effect.TOO_MANY], []
    words = _Words(actor, run, rows)
    figures = [line for row in reversed(rows) for line in words.figures(row)]
    places = words.places(_chained((tuple(line[:1]), line[1:]) for row in rows for line in row.places))
    indicators = words.indicators(
        _chained((tuple(line[:2]), line[2:]) for row in rows for line in row.indicators)
    )
    more = sum(row.more for row in rows) + max(len(places) - SHOWN, 0) + max(len(indicators) - SHOWN, 0)
    return SinceDraft(
        figures[:SHOWN], len(figures), places[:SHOWN], indicators[:SHOWN], more, len(pending), afresh
    )


def changed_since() -> Exists:
    """For a list of runs: whether an open one has newer figures that move it, or whose effect is not known."""
    quiet = RunDelta.objects.filter(
        run=OuterRef(OuterRef("pk")), batch=OuterRef("pk"), effect=RunDelta.Effect.NONE
    )
    inside = Q(
        region__position__gte=OuterRef("region__position"), region__position__lte=OuterRef("region__last")
    )
    above = Q(
        region__position__lte=OuterRef("region__position"), region__last__gte=OuterRef("region__position")
    )
    return Exists(
        FactBatch.objects.filter(tree=OuterRef("tree"), sequence__gt=OuterRef("facts_upto"))
        .filter(inside | above)
        .filter(~Exists(quiet))
    )


def _chained(moves: Iterable[tuple[tuple[Any, ...], list[Any]]]) -> dict[tuple[Any, ...], list[Any]]:
    """Several steps as one: the first "from" and the last "to" of each key; what came back is left out."""
    chained: dict[tuple[Any, ...], list[Any]] = {}
    for key, (old, new, old_rank, new_rank) in moves:
        first = chained.setdefault(key, [old, new, old_rank, new_rank])
        first[1], first[3] = new, new_rank
    return {key: move for key, move in chained.items() if (move[0], move[2]) != (move[1], move[3])}


class _Words:
    """Names and rights for the lines of one page."""

    def __init__(self, actor: Actor, run: Run, rows: Sequence[RunDelta]) -> None:
        self._catalogue: Catalogue = catalogue_of(run.catalogue)
        self._language = interface_language()
        wanted = {fact["region"] for row in rows for fact in row.facts}
        wanted |= {line[0] for row in rows for line in [*row.places, *row.indicators]}
        self._regions = Region.objects.in_bulk(wanted)
        self._all = is_unrestricted(actor)
        permissions = (Permission.FACTS_READ, Permission.SMALL_CELLS_READ)
        self._held = {} if self._all else spans(actor, permissions)

    def figures(self, row: RunDelta) -> list[FigureLine]:
        """The changed figures of a step whose places are open to the reader."""
        return [
            self._figure(row, fact)
            for fact in row.facts
            if self._holds(Permission.FACTS_READ, fact["region"])
        ]

    def places(self, moves: dict[tuple[Any, ...], list[Any]]) -> list[PlaceLine]:
        """Totals and ranks, the highest new rank first."""
        lines = [
            PlaceLine(self._name(key[0]), _number(old), _number(new), old_rank, new_rank)
            for key, (old, new, old_rank, new_rank) in moves.items()
        ]
        return sorted(lines, key=lambda line: (line.new_rank is None, line.new_rank or 0))

    def indicators(self, moves: dict[tuple[Any, ...], list[Any]]) -> list[IndicatorLine]:
        """Values and ranks by indicator. Without the right to small counts nothing that counts persons is shown:
        two values of a rate and the figure between them could tell how many there are."""
        lines = []
        for (region, code), (old, new, old_rank, new_rank) in moves.items():
            indicator = self._catalogue.indicators.get(code)
            hidden = counts_persons(self._catalogue, code) and not self._holds(
                Permission.SMALL_CELLS_READ, region
            )
            unit = indicator.unit_name(self._language) if indicator else ""
            name = indicator_name(self._catalogue, code, self._language)
            if hidden:
                old = new = None
            lines.append(IndicatorLine(self._name(region), name, unit, old, new, old_rank, new_rank, hidden))
        return lines

    def _figure(self, row: RunDelta, fact: dict[str, Any]) -> FigureLine:
        element = self._catalogue.elements.get(fact["element"])
        persons = element is not None and element.person_based
        hidden = persons and not self._holds(Permission.SMALL_CELLS_READ, fact["region"])
        return FigureLine(
            batch=row.batch,
            place=self._name(fact["region"]),
            element=element_name(self._catalogue, fact["element"], self._language),
            period=Period.parse(fact["period"]).label(self._language),
            category=fact["category"],
            old="" if hidden else self._value(element, fact["old"], fact["old_qualifier"]),
            new="" if hidden else self._value(element, fact["new"], fact["new_qualifier"]),
            hidden=hidden,
        )

    def _value(self, element: Element | None, value: int | None, qualifier: str) -> str:
        if value is None:
            return ""
        text = element.format(value, self._language) if element else str(value)
        return Qualifier(qualifier).mark(text, self._language)

    def _name(self, region_id: int) -> str:
        region = self._regions.get(region_id)
        return region.name if region else f"#{region_id}"

    def _holds(self, permission: Permission, region_id: int) -> bool:
        if self._all:
            return True
        region = self._regions.get(region_id)
        return region is not None and any(_covers(span, region) for span in self._held[permission])


def _covers(span: StandingSpan, region: Region) -> bool:
    if region.position is None:
        return False
    return span.tree_id == region.tree_id and span.first <= region.position <= span.last


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
