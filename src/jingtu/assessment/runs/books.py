"""Open drafts kept in memory, so that one changed figure is followed through in milliseconds.

A *book* is a draft's assessment as it stands after some batch of its tree. It follows the batches one
by one; a process that is behind reads those it has not seen. Books are a cache and nothing else:
dropping one costs time, never correctness. A book belongs to one run, one catalogue, one tree and one set of targets.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from jingtu.core.facts import store as facts_store
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.errors import InvalidInput
from jingtu.engine.assess import Assessment
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.incremental import Recomputer
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier
from jingtu.engine.standings import moved, standings

from . import snapshots
from .models import Run, RunDelta
from .rules import RunState

MOST_FACTS = 40
"""A batch that changes more figures of a run than this is not followed: computing afresh is the honest answer."""
MOST_PLACES, MOST_INDICATORS = 500, 500
BYTES_A_CELL, BYTES_A_FACT = 70, 90


@dataclass(frozen=True)
class Step:
    """What one batch does to a draft."""

    effect: RunDelta.Effect
    fact_count: int
    facts: list[dict[str, Any]]
    places: list[Any]
    indicators: list[Any]
    more: int = 0


class Book:
    """One draft's assessment after batch ``sequence``."""

    def __init__(self, run: Run, assessment: Assessment, sequence: int) -> None:
        self.key = _key(run)
        self.sequence = sequence
        self.weight = weight(assessment)
        self._recomputer = Recomputer(assessment)

    @property
    def assessment(self) -> Assessment:
        """As it stands."""
        return self._recomputer.assessment

    def follow(self, batch: FactBatch) -> Step:
        """Take one batch in. After a step of too many figures the book is no longer right: drop it."""
        rows = facts_store.read_batch(batch.sha256, batch.sequence)
        positions = self._inside(rows)
        if len(positions) > MOST_FACTS * 50:
            return Step(RunDelta.Effect.TOO_MANY, len(positions), [], [], [])
        changes = list(self._changes(rows, positions))
        if len(changes) > MOST_FACTS:
            return Step(RunDelta.Effect.TOO_MANY, len(changes), [], [], [])
        snapshots.give_up(self.assessment)
        before = standings(self.assessment)
        try:
            for position, row, _old, _qualifier in changes:
                self._recomputer.change(
                    row.element, position, row.period, row.value, row.category, row.qualifier
                )
        except InvalidInput:  # nothing would be left to assess
            return Step(RunDelta.Effect.TOO_MANY, len(changes), [], [], [])
        self.sequence = batch.sequence
        places, indicators = moved(before, standings(self.assessment), self.assessment)
        kept = (places[:MOST_PLACES], indicators[:MOST_INDICATORS])
        return Step(
            RunDelta.Effect.MOVED if places or indicators else RunDelta.Effect.NONE,
            len(changes),
            [_plain(row, old, qualifier) for _position, row, old, qualifier in changes],
            *kept,
            more=len(places) + len(indicators) - len(kept[0]) - len(kept[1]),
        )

    def _inside(self, rows: FactTable) -> list[tuple[int, int]]:
        """(row, tree position) of the rows of the run's subtree."""
        a = self.assessment
        at = a.tree.positions_of_ids(rows.region_id)
        inside = np.flatnonzero((at >= a.within) & (at <= int(a.tree.last[a.within])))
        return list(zip(inside.tolist(), at[inside].tolist(), strict=True))

    def _changes(
        self, rows: FactTable, positions: list[tuple[int, int]]
    ) -> Iterator[tuple[int, FactRow, int | None, Qualifier]]:
        """Figures that say something else now, with what they said."""
        a = self.assessment
        for index, position in positions:
            row = rows.row(index)
            if row.element not in a.catalogue.elements:
                continue
            at = a.view.row_of(row.element, position - a.within, row.period, row.category)
            old = None if at is None else int(a.view.value[at])
            qualifier = Qualifier.EXACT if at is None else QUALIFIERS[int(a.view.qualifier[at])]
            if (old, qualifier) != (row.value, row.qualifier):
                yield position, row, old, qualifier


def weight(a: Assessment) -> int:
    """About how many bytes a book of this assessment takes."""
    periods = 1 + (a.previous is not None) + (a.last_year is not None)
    return a.view.size * len(a.catalogue.indicators) * periods * BYTES_A_CELL + len(a.facts) * BYTES_A_FACT


def _plain(row: FactRow, old: int | None, qualifier: Qualifier) -> dict[str, Any]:
    return {
        "region": row.region_id,
        "element": row.element,
        "period": row.period,
        "category": row.category,
        "old": old,
        "old_qualifier": qualifier.value,
        "new": row.value,
        "new_qualifier": row.qualifier.value,
    }


def _key(run: Run) -> tuple[Any, ...]:
    return run.pk, run.prepared_at, run.catalogue.digest, run.tree_digest, run.targets_digest


class _Shelf:
    """The books of this process, the least used thrown out when they grow too heavy."""

    def __init__(self) -> None:
        self._books: OrderedDict[int, Book] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def borrowed(self, *, wait: bool) -> Iterator[bool]:
        """Sole use of the shelf; False at once when another thread has it and ``wait`` is not set."""
        got = self._lock.acquire(blocking=wait)
        try:
            yield got
        finally:
            if got:
                self._lock.release()

    def runs(self) -> list[int]:
        return list(self._books)

    def book_of(self, run: Run) -> Book | None:
        book = self._books.get(run.pk)
        if book is None or book.key != _key(run) or book.sequence < (run.facts_upto or 0):
            self._books.pop(run.pk, None)
            return None
        self._books.move_to_end(run.pk)
        return book

    def put(self, run: Run, book: Book) -> None:
        self._books.pop(run.pk, None)
        self._books[run.pk] = book
        limit: int = settings.FOLLOWED_DRAFTS_BYTES
        while self._books and sum(kept.weight for kept in self._books.values()) > limit:
            self._books.popitem(last=False)

    def drop(self, run_id: int) -> None:
        self._books.pop(run_id, None)

    def clear(self) -> None:
        """Drop every draft from memory; for a restore, which changes the facts under a running process."""
        self._books.clear()


shelf = _Shelf()


def opened(run: Run) -> Book | None:
    """A book of the run as it was computed; None where that can no longer be had in this process."""
    if not run.snapshot_digest or run.facts_upto is None or run.state == RunState.WITHDRAWN:
        return None
    region, period = run.region, Period.parse(run.period)
    assessment = snapshots.assessed(region, run.level, run.scorecard, period, run.catalogue, run.facts_upto)
    if (assessment.tree.digest(), assessment.targets.digest()) != (run.tree_digest, run.targets_digest):
        return None  # what the draft was judged by is no longer in force
    if weight(assessment) > settings.FOLLOWED_DRAFTS_BYTES:
        return None
    return Book(run, assessment, run.facts_upto)
