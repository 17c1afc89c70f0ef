"""The ranking of a run: places by total and by one indicator, how they moved, why one is not ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.languages import speaking
from jingtu.engine.catalogue import Indicator
from jingtu.engine.periods import Period

from ..models import Run, RunPlace
from ..rules import RunState
from .lists import runs_visible
from .opened import RunReader, as_reader
from .rows import (
    IndicatorRow,
    Ranking,
    RankRow,
    SectionPoints,
)


def ranking(actor: Actor, run: int | RunReader) -> Ranking:
    """Places by rank, the unranked last; movement against the published run of the period before."""
    reader = as_reader(actor, run)
    previous = previous_published(actor, reader.run)
    return ranking_since(reader, previous, _places(previous) if previous else {})


def ranking_since(reader: RunReader, previous: Run | None, before: Mapping[int, RunPlace]) -> Ranking:
    """As :func:`ranking` for a page that already knows the run before and its places by region."""
    comparable = previous is not None and before.keys() == _subject_ids(reader).keys()
    shared = Shared.of(reader)
    rows = [
        rank_row(reader, position, entry, before, shared, comparable) for position, entry in reader.subjects
    ]
    rows.sort(key=lambda row: (row.rank is None, row.rank or 0))
    return Ranking(reader.run, rows, reader.opened.scorecard.total, previous, comparable)


@dataclass(frozen=True)
class Standing:
    """What the ranking says beside a place's own explanation: how it moved, and among how many it stands."""

    previous: Run | None
    comparable: bool
    ranks_before: Mapping[int, int]
    siblings: int
    peers: Sequence[tuple[str, int, int]]
    unranked: str


def standing(actor: Actor, reader: RunReader, position: int) -> Standing:
    """Of a ranked place: the run it is compared with, the published ranks then (tree position → rank, empty
    where other places were ranked), and the size of what it stands in. ``peers``: group, rank, how many."""
    entries = dict(reader.subjects)
    entry, parent = entries[position], reader.opened.tree.parent
    previous = previous_published(actor, reader.run)
    before, subjects = _places(previous) if previous else {}, _subject_ids(reader)
    comparable = previous is not None and before.keys() == subjects.keys()
    sizes = Shared.of(reader).peers
    return Standing(
        previous,
        comparable,
        {subjects[region_id]: place.rank for region_id, place in before.items() if place.rank}
        if comparable
        else {},
        sum(1 for at, other in entries.items() if other["rank"] and parent[at] == parent[position]),
        [(group, rank, sizes[group]) for group, rank in entry["peer_ranks"].items()],
        "" if entry["rank"] else _why_unranked(entry, reader.opened.scorecard.min_coverage),
    )


def previous_published(actor: Actor, run: Run) -> Run | None:
    """The published run of the same kind for the period just before."""
    return (
        runs_visible(actor)
        .filter(
            region_id=run.region_id,
            level=run.level,
            scorecard=run.scorecard,
            period=Period.parse(run.period).previous().key,
            state=RunState.PUBLISHED,
        )
        .first()
    )


def indicator_ranking(actor: Actor, run: int | RunReader, indicator: str) -> list[IndicatorRow]:
    """Places by one indicator of the card, with noise bands. Raises NotFound for an indicator not on it."""
    reader = as_reader(actor, run)
    definition = _on_card(reader, indicator)
    bands = {
        row["position"]: (row["best_rank"], row["worst_rank"]) for row in reader.opened.indicator(indicator)
    }
    rows = []
    held = Counter(entry["indicators"][indicator]["rank"] for _, entry in reader.subjects)
    for position, entry in reader.subjects:
        values = entry["indicators"][indicator]
        hidden = reader.value_hidden(position, indicator)
        low, high = bands.get(position, (None, None))
        rows.append(
            IndicatorRow(
                region_id=int(reader.opened.tree.ids[position]),
                code=entry["region"],
                name=entry["name"],
                rank=None if hidden else values["rank"],
                value=None if hidden else decimal_of(values["value"]),
                mark=reader.mark(values, hidden),
                qualifier=values["qualifier"],
                low_rank=None if hidden else low,
                high_rank=None if hidden else high,
                on_previous=change_on_previous(reader, position, indicator, values),
                on_last_year=change_on_last_year(reader, position, indicator, values),
                streak=0 if hidden else values["streak"],
                own=reader.sees_below(position),
                tied=not hidden and bool(values["rank"]) and held[values["rank"]] > 1,
            )
        )
    ascending = definition.direction == "down"
    rows.sort(
        key=lambda row: (
            row.rank is None,
            row.rank or 0,
            (row.value or Decimal(0)) * (1 if ascending else -1),
        )
    )
    return rows


def rank_row(
    reader: RunReader,
    position: int,
    entry: Mapping[str, Any],
    before: Mapping[int, RunPlace],
    shared: Shared,
    comparable: bool = False,
) -> RankRow:
    region_id = int(reader.opened.tree.ids[position])
    earlier = before.get(region_id)
    previous_rank = earlier.rank if earlier and comparable else None
    card, language = reader.opened.scorecard, reader.language
    counts = {"met": 0, "watch": 0, "below": 0}
    for code, values in entry["indicators"].items():
        mark = reader.mark(values, reader.value_hidden(position, code))
        if mark in counts:
            counts[mark] += 1
    hits = set(entry["vetoes"])
    return RankRow(
        region_id=region_id,
        code=entry["region"],
        name=entry["name"],
        rank=entry["rank"],
        total=decimal_of(entry["total"]),
        previous_rank=previous_rank,
        previous_total=earlier.total if earlier else None,
        moved=previous_rank - entry["rank"] if previous_rank and entry["rank"] else None,
        sections=[
            SectionPoints(
                section.code, section.name(language), Decimal(points["points"]), Decimal(points["maximum"])
            )
            for section, points in zip(card.sections, entry["sections"], strict=True)
        ],
        bonus=Decimal(entry["bonus"]),
        vetoes=[
            _decided(veto.name(language), veto.indicator, entry, reader)
            for veto in card.vetoes
            if veto.indicator in hits
        ],
        sibling_rank=entry["sibling_rank"],
        peer_ranks=entry["peer_ranks"],
        reported=entry["coverage"][0],
        expected=entry["coverage"][1],
        counts=counts,
        unranked="" if entry["rank"] else _why_unranked(entry, card.min_coverage),
        own=reader.sees_below(position),
        tied=shared.ranks[entry["rank"]] > 1 if entry["rank"] else False,
        peer_sizes={group: shared.peers[group] for group in entry["peer_ranks"]},
    )


@dataclass(frozen=True)
class Shared:
    """How many places hold each rank, and how many are ranked in each peer group."""

    ranks: Counter[int]
    peers: Counter[str]

    @classmethod
    def of(cls, reader: RunReader) -> Shared:
        """Counted once for all rows."""
        entries = [entry for _, entry in reader.subjects]
        return cls(
            Counter(entry["rank"] for entry in entries if entry["rank"]),
            Counter(group for entry in entries for group in entry["peer_ranks"]),
        )


def _subject_ids(reader: RunReader) -> dict[int, int]:
    """Tree positions of the ranked places by region."""
    return {int(reader.opened.tree.ids[position]): position for position, _ in reader.subjects}


def _decided(name: str, indicator: str, entry: Mapping[str, Any], reader: RunReader) -> str:
    """A veto that took effect, with who decided so and why where somebody did."""
    publication = reader.opened.publication
    for ruling in publication["definitions"].get("ledger", {}).get("rulings", ()):
        same_place = ruling["region"] == [entry["level"], entry["region"]]
        if same_place and ruling["indicator"] == indicator and ruling["period"] == reader.run.period:
            said = {"name": name, "person": ruling["decided_by"], "reason": ruling["reason"]}
            with speaking(reader.language):
                return _("%(name)s（%(person)s决定适用：%(reason)s）") % said
    return name


def _why_unranked(entry: Mapping[str, Any], least: Decimal) -> str:
    reported, expected = entry["coverage"]
    return "coverage" if expected and Decimal(reported) < least * expected else "no_value"


def _on_card(reader: RunReader, code: str) -> Indicator:
    if code not in reader.opened.scorecard.indicators:
        raise NotFound(code, "definition")
    return reader.indicator(code)


def _places(run: Run) -> dict[int, RunPlace]:
    return {place.region_id: place for place in RunPlace.objects.filter(run=run)}


def decimal_of(text: str | None) -> Decimal | None:
    """A number as a run keeps it, a decimal or a fraction."""
    if text is None:
        return None
    top, _, bottom = text.partition("/")
    return Decimal(top) / Decimal(bottom) if bottom else Decimal(top)


def change_on_previous(
    reader: RunReader, position: int, code: str, values: Mapping[str, Any]
) -> Decimal | None:
    """The change on the period before, where it may be shown."""
    return _difference(reader, position, code, values["on_previous"], reader.opened.period.previous())


def change_on_last_year(
    reader: RunReader, position: int, code: str, values: Mapping[str, Any]
) -> Decimal | None:
    """The change on the same period last year, where it may be shown."""
    return _difference(reader, position, code, values["on_last_year"], reader.opened.period.last_year())


def _difference(
    reader: RunReader, position: int, code: str, change: Mapping[str, Any] | None, before: Period
) -> Decimal | None:
    if change is None or reader.change_hidden(position, code, before):
        return None
    return Decimal(change["difference"])
