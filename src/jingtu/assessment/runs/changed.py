"""Why computing a run again now could give another result: other definitions, other facts, another tree.

A batch of facts is named only where it says something else on what the run read: its elements, its places, its
periods. Batches store none of these; the facts in force know which batch each of them comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from django.utils.timezone import localtime
from numpy.typing import NDArray

from jingtu.assessment.indicators.store import version_for
from jingtu.core.facts import store as facts_store
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.standing import Batches
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Problem
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.assess import HISTORY
from jingtu.engine.facttable import RETRACTED, FactTable
from jingtu.engine.formula import Node, elements_of, periods_of
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period

from .models import Run
from .snapshots import Opened, later_batches, ledger_in_force, open_run, targets_in_force

EARLIER_BATCHES = 10
SHOWN_PERIODS = 3
MOST_SEARCHED = 500
"""So many later batches are searched for what took a figure back, the newest first; of the rest it is only told that
it was taken back."""
KEPT_ANSWERS = 32


def what_changed(run: Run) -> list[Problem]:
    """Why computing the run again now could give another result; empty when it could not."""
    return [*_other_definitions(run), *_other_facts(run), *_other_tree(run)]


def what_else_changed(run: Run) -> list[Problem]:
    """As :func:`what_changed`, without the facts."""
    return [*_other_definitions(run), *_other_tree(run)]


def _other_definitions(run: Run) -> list[Problem]:
    """That another catalogue or other targets have come into force since the run was computed."""
    found = []
    latest = version_for(Period.parse(run.period))
    if latest is not None and latest.digest != run.catalogue.digest:
        found.append(Problem("runs.changed.catalogue", {"old": run.catalogue.number, "new": latest.number}))
    targets = targets_in_force(run.region, run.catalogue, Period.parse(run.period))
    if targets.digest() != run.targets_digest:
        found.append(Problem("runs.changed.targets"))
    if run.snapshot_digest and ledger_changed(run):
        found.append(Problem("runs.changed.ledger"))
    return found


def ledger_changed(run: Run) -> bool:
    """Whether entries or decisions about vetoes are others than those the run was computed with."""
    counted = open_run(run).ledger or Ledger()
    return ledger_in_force(run.region, run.scorecard, Period.parse(run.period)).digest() != counted.digest()


def _other_facts(run: Run) -> list[Problem]:
    relevant = that_matter(run, later_batches(run))
    found = [told(effect) for effect in relevant[:EARLIER_BATCHES]]
    if len(relevant) > EARLIER_BATCHES:
        found.append(Problem("runs.changed.more_facts", {"count": len(relevant) - EARLIER_BATCHES}))
    return found


@dataclass(frozen=True)
class Effect:
    """A later batch (None: it was not found which), and the periods of its facts that matter to a run."""

    batch: FactBatch | None
    periods: Sequence[Period]


def told(effect: Effect) -> Problem:
    """Which batch came when, from whom, and on which periods."""
    batch, keys = effect.batch, [period.key for period in effect.periods]
    periods = ", ".join([*keys[:SHOWN_PERIODS], *(["…"] if len(keys) > SHOWN_PERIODS else [])])
    if batch is None:
        return Problem("runs.changed.taken_back", {"periods": periods})
    return Problem(
        "runs.changed.facts",
        {
            "sequence": batch.sequence,
            "rows": batch.row_count,
            "periods": periods,
            "actor": batch.actor_label,
            "at": f"{localtime(batch.created_at):%Y-%m-%d %H:%M}",
            "note": batch.note or "–",
        },
    )


def _other_tree(run: Run) -> list[Problem]:
    period = Period.parse(run.period)
    tree = engine_tree(SYSTEM, run.tree, period.end if period.end < today() else None)
    return [] if tree.digest() == run.tree_digest else [Problem("runs.changed.tree")]


def that_matter(run: Run, later: Sequence[FactBatch], newer: Run | None = None) -> list[Effect]:
    """Those of some later batches by which something the run read reads otherwise now (or in a newer run), the oldest
    first; before them, without a batch, what was taken back and is in none of those searched.

    No query for no batch; one for any number of them.
    """
    if not later or not run.snapshot_digest:
        return []
    after = newer.snapshot_digest if newer is not None else facts_store.state(run.tree_id)
    batches = tuple((batch.sequence, batch.sha256) for batch in later)
    periods = _changed(_Question(run.snapshot_digest, run.facts_upto or 0, batches, after, run, newer))
    unknown = [Effect(None, periods[None])] if None in periods else []
    return unknown + [Effect(batch, periods[batch.sequence]) for batch in later if batch.sequence in periods]


@dataclass(frozen=True)
class _Question:
    """What an answer holds for: the content of a run, some later batches, and the facts it is compared with (those
    after some batches, or those of another snapshot). All are content, so an answer can never be stale."""

    snapshot: str
    upto: int
    later: Batches
    after: Batches | str
    run: Run = field(compare=False)
    newer: Run | None = field(compare=False)


@lru_cache(maxsize=KEPT_ANSWERS)
def _changed(asked: _Question) -> Mapping[int | None, Sequence[Period]]:
    """By batch the periods of what matters, the earliest first; None: taken back by a batch that was not found."""
    read = _Read(open_run(asked.run))
    if asked.newer is not None:
        newer = open_run(asked.newer)
        after = read.of_card(newer.facts(newer.within))
    elif isinstance(asked.after, tuple):
        standing = facts_store.standing(asked.run.tree_id, asked.after)
        after = standing.select(read.elements, None, read.regions)
    found: dict[int | None, set[Period]] = {}
    for number, period in read.changed_by(after, asked.upto):
        found.setdefault(number, set()).add(period)
    for sequence, period in _taken_back(asked.later, read.taken_back(after)):
        # Another run may lack a fact also because its places or its card are others.
        if sequence is not None or asked.newer is None:
            found.setdefault(sequence, set()).add(period)
    return {number: sorted(periods) for number, periods in found.items()}


def _taken_back(later: Batches, gone: FactTable) -> Iterator[tuple[int | None, Period]]:
    """Which batch took these facts back, the last one that did, with their periods; None for those not found."""
    for sequence, sha256 in list(reversed(later))[:MOST_SEARCHED]:
        if not len(gone):
            return
        table = facts_store.read_batch(sha256, sequence)
        table = table.where(table.value == RETRACTED)
        table = table.select(gone.element_codes, gone.period_keys, gone.region_id)
        if not len(table):
            continue
        first = FactTable.stacked([gone, table]).first_of_key()[len(gone) :]
        taken = np.zeros(len(gone), dtype=bool)
        taken[first[first < len(gone)]] = True
        for number in np.unique(gone.period[taken]).tolist():
            yield sequence, gone.periods[number]
        gone = gone.where(~taken)
    for number in np.unique(gone.period).tolist():
        yield None, gone.periods[number]


@dataclass
class _Read:
    """What a run read: the facts of its card's elements at its places, and how far they count."""

    opened: Opened

    @cached_property
    def formulas(self) -> list[tuple[str, Node]]:
        indicators = self.opened.catalogue.indicators
        return [(code, indicators[code].formula) for code in self.opened.scorecard.indicators]

    @cached_property
    def elements(self) -> set[str]:
        return {element for _code, formula in self.formulas for element in elements_of(formula)}

    @cached_property
    def regions(self) -> NDArray[np.int64]:
        tree = self.opened.tree
        return tree.ids[tree.subtree(self.opened.within)]

    @cached_property
    def before(self) -> FactTable:
        return self.of_card(self.opened.facts(self.opened.within))

    def of_card(self, facts: FactTable) -> FactTable:
        """The facts the card is made of, at the run's places."""
        return facts.select(self.elements, None, self.regions)

    def changed_by(self, after: FactTable, upto: int) -> set[tuple[int, Period]]:
        """The batches after ``upto`` whose facts stand in ``after`` and matter to the run, with their periods."""
        new = after.where(after.batch > upto)
        both = FactTable.stacked([self.before, new])
        same = both.first_of_key()[len(self.before) :]
        stood = same < len(self.before)
        equal = stood & (both.value[same] == new.value) & (both.qualifier[same] == new.qualifier)
        found = new.where(~equal)
        found = found.where(self._matter(found, self.before))
        pairs = np.unique(np.stack([found.batch, found.period.astype(np.int32)]), axis=1).T
        return {(batch, found.periods[period]) for batch, period in pairs.tolist()}

    def taken_back(self, after: FactTable) -> FactTable:
        """The facts the run read that stand no more, as far as they matter."""
        both = FactTable.stacked([self.before, after])
        first = both.first_of_key()[len(self.before) :]
        gone = np.ones(len(self.before), dtype=bool)
        gone[first[first < len(self.before)]] = False
        found = self.before.where(gone)
        return found.where(self._matter(found, after))

    def _matter(self, facts: FactTable, others: FactTable) -> NDArray[np.bool_]:
        """Which of some facts that came or went matter. ``others``: the facts on the other side of the change.

        Those the run computes or compares with; those that alone tell that their place reports an element at all
        (it is due then); and those further back as far as a row of rises or falls reaches.
        """
        back = self._how_far_back(facts)
        matter = back == 0
        if self.opened.manifest["expected"] == "ever":
            matter |= ~_reported_in(others, facts)
        earlier = np.flatnonzero(~matter & (back <= HISTORY))
        if earlier.size:
            places = self.opened.tree.positions_of_ids(facts.region_id[earlier])
            reach = self._reach(facts.element_codes)
            matter[earlier] = back[earlier] <= reach[places, facts.element[earlier]]
        return matter

    def _how_far_back(self, facts: FactTable) -> NDArray[np.int16]:
        """How many periods before the run's own it takes until each fact is read; 0 for what is computed or compared,
        more than :data:`HISTORY` for what never is."""
        starts = np.array([period.start.toordinal() for period in facts.periods], dtype=np.int64)
        ends = np.array([period.end.toordinal() for period in facts.periods], dtype=np.int64)
        back = np.full((len(facts.element_codes), starts.size), HISTORY + 1, dtype=np.int16)
        for far, windows in self._windows:
            for row, element in enumerate(facts.element_codes):
                for window in windows.get(element, ()):
                    inside = (starts >= window.start.toordinal()) & (ends <= window.end.toordinal())
                    back[row, inside] = far
        return back[facts.element, facts.period]

    @cached_property
    def _windows(self) -> list[tuple[int, Mapping[str, set[Period]]]]:
        """By element the periods it is read of, for each number of periods back, the farthest first."""
        period = self.opened.period
        asked = {0: [period, period.previous(), period.last_year()]}
        period = period.previous()
        for back in range(2, HISTORY + 1):
            period = period.previous()
            asked[back] = [period]
        found: list[tuple[int, Mapping[str, set[Period]]]] = []
        for back in sorted(asked, reverse=True):
            windows: dict[str, set[Period]] = {}
            for _code, formula in self.formulas:
                needed = {one for period in asked[back] for one in periods_of(formula, period)}
                for element in elements_of(formula):
                    windows.setdefault(element, set()).update(needed)
            found.append((back, windows))
        return found

    def _reach(self, elements: Sequence[str]) -> NDArray[np.int16]:
        """(Tree position × element) How many periods back a figure matters: as many as a place, or one it belongs
        to, had rises or falls in a row of an indicator made of it, and one more."""
        rows = self._rows + 1
        found = np.zeros((len(rows), len(elements)), dtype=np.int16)
        users: dict[str, list[int]] = {}
        for column, (_code, formula) in enumerate(self.formulas):
            for element in elements_of(formula):
                users.setdefault(element, []).append(column)
        for at, element in enumerate(elements):
            found[:, at] = rows[:, users.get(element, [])].max(axis=1, initial=0)
        return found

    @cached_property
    def _rows(self) -> NDArray[np.int16]:
        """(Tree position × indicator of the card) The longest row of a place and those it belongs to;
        :data:`HISTORY` where none is known."""
        tree, within = self.opened.tree, self.opened.within
        rows = self.opened.streaks([code for code, _formula in self.formulas])
        for depth in range(int(tree.depth[within]) + 1, int(tree.depth.max()) + 1):
            below = np.flatnonzero(tree.depth == depth)
            below = below[(below > within) & (below <= tree.last[within])]
            rows[below] = np.maximum(rows[below], rows[tree.parent[below]])
        return np.where(rows < 0, HISTORY, rows).astype(np.int16)


def _reported_in(others: FactTable, facts: FactTable) -> NDArray[np.bool_]:
    """For each fact whether the others hold any of its element and place, whatever the period."""
    both = FactTable.stacked([others, facts])
    places = both.region_id * (len(both.element_codes) + 1) + both.element
    return np.isin(places[len(others) :], places[: len(others)])
