"""Why computing a run again now could give another result: other definitions, other facts, another tree.

A batch of facts is named only where it says something else on what the run read: its elements, its places, its
periods. Batches store none of these; the facts in force know which batch each of them comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.timezone import localtime
from numpy.typing import NDArray

from jingtu.assessment.indicators.store import version_for
from jingtu.core.facts import store as facts_store
from jingtu.core.facts.models import FactBatch
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
"""So many later batches are searched for what took a figure back, the newest first."""
MOST_PLACES = 200
"""Of so many places it is asked how far their runs of rises or falls go back; of more all are taken to matter."""


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
    """A later batch, and the periods of its facts that matter to a run."""

    batch: FactBatch
    periods: Sequence[Period]


def told(effect: Effect) -> Problem:
    """Which batch came when, from whom, and on which periods."""
    batch, keys = effect.batch, [period.key for period in effect.periods]
    return Problem(
        "runs.changed.facts",
        {
            "sequence": batch.sequence,
            "rows": batch.row_count,
            "periods": ", ".join([*keys[:SHOWN_PERIODS], *(["…"] if len(keys) > SHOWN_PERIODS else [])]),
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
    """Those of some later batches by which something the run read reads otherwise now (or in a newer run).

    No query for no batch; one for any number of them.
    """
    if not later or not run.snapshot_digest:
        return []
    read = _Read(open_run(run))
    if newer is not None:
        after = read.of_card(open_run(newer).facts(open_run(newer).within))
    else:
        after = facts_store.read(run.tree_id, None, read.elements, None, read.regions)
    changed = [*read.changed_by(after, run.facts_upto or 0), *_taken_back(later, read.taken_back(after))]
    periods: dict[int, set[Period]] = {}
    for number, period in changed:
        periods.setdefault(number, set()).add(period)
    return [
        Effect(batch, sorted(periods[batch.sequence], key=lambda period: (period.start, period.end)))
        for batch in later
        if batch.sequence in periods
    ]


def _taken_back(later: Sequence[FactBatch], gone: FactTable) -> Iterator[tuple[int, Period]]:
    """Which batch took each of these facts back, the last one that did, and the fact's period."""
    wanted = {(row.element, row.region_id, row.period, row.category) for row in gone.rows()}
    for batch in list(reversed(later))[:MOST_SEARCHED]:
        if not wanted:
            break
        table = facts_store.read_batch(batch.sha256, batch.sequence)
        table = table.where(table.value == RETRACTED).select(
            gone.element_codes, gone.period_keys, gone.region_id
        )
        taken = wanted & {(row.element, row.region_id, row.period, row.category) for row in table.rows()}
        wanted -= taken
        for _element, _region, period, _category in taken:
            yield batch.sequence, Period.parse(period)


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
        period = self.opened.period
        matter = _in(facts, self._windows(period, period.previous(), period.last_year()))
        if self.opened.manifest["expected"] == "ever":
            matter |= ~_reported_in(others, facts)
        rows: dict[int, dict[str, int]] = {}
        period = period.previous()
        for back in range(2, HISTORY + 1):
            period = period.previous()
            for at in np.flatnonzero(~matter & _in(facts, self._windows(period))).tolist():
                region = int(facts.region_id[at])
                if region not in rows:
                    rows[region] = self._rows_of(region) if len(rows) < MOST_PLACES else {}
                element = facts.element_codes[facts.element[at]]
                matter[at] = any(
                    back <= rows[region].get(code, HISTORY) + 1
                    for code, formula in self.formulas
                    if element in elements_of(formula)
                )
        return matter

    def _windows(self, *asked: Period) -> dict[str, set[Period]]:
        """By element the periods whose figures are needed for the periods asked."""
        found: dict[str, set[Period]] = {}
        for _code, formula in self.formulas:
            for element in elements_of(formula):
                for period in asked:
                    found.setdefault(element, set()).update(periods_of(formula, period))
        return found

    def _rows_of(self, region_id: int) -> dict[str, int]:
        """By indicator how many rises or falls in a row a place, or one it belongs to, had at most."""
        tree = self.opened.tree
        position = int(tree.positions_of_ids(np.array([region_id], dtype=np.int64))[0])
        found: dict[str, int] = {}
        for place in [
            position,
            *(above for above in tree.ancestors(position) if above >= self.opened.within),
        ]:
            for code, row in self.opened.region(place).items():
                found[code] = max(found.get(code, 0), abs(row["streak"]))
        return found


def _in(facts: FactTable, windows: Mapping[str, set[Period]]) -> NDArray[np.bool_]:
    """Which facts lie in the windows of their element."""
    inside = np.zeros((max(len(facts.element_codes), 1), max(len(facts.period_keys), 1)), dtype=bool)
    for row, element in enumerate(facts.element_codes):
        for column, period in enumerate(facts.periods):
            inside[row, column] = any(window.contains(period) for window in windows.get(element, ()))
    return inside[facts.element, facts.period]


def _reported_in(others: FactTable, facts: FactTable) -> NDArray[np.bool_]:
    """For each fact whether the others hold any of its element and place, whatever the period."""
    both = FactTable.stacked([others, facts])
    places = both.region_id * (len(both.element_codes) + 1) + both.element
    return np.isin(places[len(others) :], places[: len(others)])
