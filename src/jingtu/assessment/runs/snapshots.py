"""The frozen files of runs, and the only door to the engine.

A snapshot is a folder named by the digest of its content: facts, tree, definitions, results and the
canonical publication. It is written aside and synced before the row that names it commits; a process
that dies in between leaves a folder no row names, which :func:`orphans` finds.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from jingtu.assessment.adjustments.queries import ledger_for
from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.indicators.store import catalogue_of, catalogue_with
from jingtu.assessment.targets.queries import table_for
from jingtu.core.facts import store as facts_store
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, Problem, refuse
from jingtu.core.kernel.wall import reading_as_system
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import engine_tree, peer_groups
from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue import Catalogue, Indicator, Scorecard, Threshold
from jingtu.engine.evaluate import Evaluator, IndicatorValues
from jingtu.engine.gap import Gap, find_gap
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.rollup import FactView
from jingtu.engine.snapshot import damaged_files, write_snapshot
from jingtu.engine.stored import SnapshotReader
from jingtu.engine.targets import Asked, Requirements, Target, TargetTable

from .models import Run

ORPHAN_AFTER_SECONDS = 3600
"""A younger folder may belong to a computation that has yet to commit."""
KEPT_OPEN = 8
KEPT_GAPS = 20_000
MOST_BATCHES = 200
"""A draft further behind than this is not caught up with; it is to be computed again."""


@dataclass(frozen=True)
class Frozen:
    """A computed result on disk that no row names yet."""

    digest: str
    publication_hash: str
    facts_upto: int
    tree_digest: str
    targets_digest: str
    places: list[tuple[int, int | None, str | None, list[str]]]
    """(region's own id, rank, total, points by section) of every subject."""
    assessment: Assessment
    """As it was computed, for who goes on from it."""


def folder() -> Path:
    """Where the snapshots live."""
    return Path(settings.STORE) / "runs"


def path_of(digest: str) -> Path:
    """The folder of a snapshot."""
    return folder() / digest


def scorecard_of(catalogue: CatalogueVersion, code: str) -> Scorecard:
    """The scorecard of a catalogue version. Raises InvalidInput for an unknown one."""
    card = catalogue_of(catalogue).scorecards.get(code)
    if card is None:
        raise refuse("runs.unknown_scorecard", scorecard=code)
    return card


def checked_level(card: Scorecard, region: Region, level: str | None, period: Period) -> str:
    """The level to rank, after checking that card, place and period fit together."""
    level = level or card.level
    if card.cadence and period.kind.value not in card.cadence:
        raise refuse(
            "runs.wrong_cadence", scorecard=card.code, period=period.key, allowed="、".join(card.cadence)
        )
    if period.start > today():
        raise refuse("runs.future_period", period=period.key)
    inside = Region.objects.filter(
        tree_id=region.tree_id, level=level, position__gte=region.position, position__lte=region.last
    )
    if region.position is None or not inside.exists():
        raise refuse("runs.no_places", region=region.name, level=region.tree.level_name(level))
    return level


def freeze(region: Region, level: str, scorecard: str, period: Period, catalogue: CatalogueVersion) -> Frozen:
    """Compute from the facts in force now and write everything aside, durably.

    A past period is computed on the tree of its day. Raises InvalidInput when there is nothing to compute.
    """
    upto = facts_store.latest_sequence(region.tree_id)
    assessment = assessed(region, level, scorecard, period, catalogue, upto)
    content = publication(assessment)
    written = write_snapshot(assessment, folder(), content)
    os.utime(
        written.path
    )  # renews the age of equal content, so that no sweep takes it before the row commits
    ids = {(row["level"], row["region"]): row for row in content["subjects"]}
    tree = assessment.tree
    places = []
    for position in assessment.subjects.tolist():
        row = ids[tree.levels[position], tree.codes[position]]
        sections = [section["points"] for section in row["sections"]]
        places.append((int(tree.ids[position]), row["rank"], row["total"], sections))
    targets = assessment.targets.digest()
    if _reading.acquire(blocking=False):
        try:
            _keep((written.digest, catalogue.digest), assessment)
        finally:
            _reading.release()
    return Frozen(written.digest, written.publication_hash, upto, tree.digest(), targets, places, assessment)


def assess_now(
    region: Region, level: str, scorecard: str, period: Period, catalogue: CatalogueVersion
) -> Assessment:
    """An assessment of the facts in force now that is not kept. Raises InvalidInput when there are none."""
    upto = facts_store.latest_sequence(region.tree_id)
    return assessed(region, level, scorecard, period, catalogue, upto)


def assessed(
    region: Region, level: str, scorecard: str, period: Period, catalogue: CatalogueVersion, upto: int
) -> Assessment:
    """The assessment on the facts after batch ``upto`` and the tree of the period's day."""
    tree = engine_tree(SYSTEM, region.tree, period.end if period.end < today() else None)
    within = tree.position_of_id(region.pk)
    inside = tree.ids[tree.subtree(within)]
    members = {
        name: [
            int(place)
            for place in tree.positions_of_ids(np.array(ids, dtype=np.int64)).tolist()
            if place >= 0
        ]
        for name, ids in peer_groups(SYSTEM, region.tree).items()
    }
    return assess(
        tree,
        facts_store.read(region.tree_id, upto, region_ids=inside),
        catalogue_of(catalogue),
        scorecard,
        period,
        within,
        level,
        {name: positions for name, positions in members.items() if positions},
        targets=targets_in_force(region, catalogue, period),
        ledger=ledger_in_force(region, scorecard, period),
    )


def targets_in_force(region: Region, catalogue: CatalogueVersion, period: Period) -> TargetTable:
    """The dated targets by which a run of this period judges, and by which it judges the period before."""
    indicators = catalogue_of(catalogue).indicators
    return table_for(SYSTEM, region.tree, indicators, [period, period.previous()])


def ledger_in_force(region: Region, scorecard: str, period: Period) -> Ledger:
    """Entries approved and vetoes decided that a run of this period counts, or counts in what it compares with."""
    with reading_as_system("a run counts the same entries whoever computes it or looks at it"):
        return ledger_for(SYSTEM, region.tree, scorecard, [period, period.previous(), period.last_year()])


class _KeptEvaluator(Evaluator):
    """Keeps whole indicators too: a list of gaps asks for the same one once for every place."""

    def __init__(self, view: FactView) -> None:
        super().__init__(view)
        self._indicators: dict[tuple[str, Period], IndicatorValues] = {}

    def indicator(self, indicator: Indicator, period: Period) -> IndicatorValues:
        """As the parent's, computed once."""
        key = (indicator.code, period)
        found = self._indicators.get(key)
        if found is None:
            found = self._indicators[key] = super().indicator(indicator, period)
        return found


class Opened(SnapshotReader):
    """A snapshot in memory. What was published is read at once; facts and formulas only when needed."""

    def __init__(self, path: Path, catalogue_digest: str) -> None:
        super().__init__(path)
        self._catalogue_digest = catalogue_digest
        self._gaps: dict[tuple[str, Threshold, int], Gap | None] = {}

    @cached_property
    def catalogue(self) -> Catalogue:
        """The definitions as they were; the version in the database has the same content, already parsed."""
        return catalogue_with(self._catalogue_digest)

    @cached_property
    def scorecard(self) -> Scorecard:
        """The card as it was."""
        return self.catalogue.scorecards[self.manifest["scorecard"]]

    @cached_property
    def view(self) -> FactView:
        """All facts of the run, ready to be rolled up."""
        facts, rule = self.facts(self.within), self.manifest["expected"]
        return FactView(self.tree, facts, self.catalogue.elements, self.within, rule)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Formulas over the facts."""
        return _KeptEvaluator(self.view)

    def gap(self, definition: Indicator, target: Threshold, position: int) -> Gap | None:
        """What is missing to a requirement at a tree position; kept, since lists ask for it in each language."""
        key = (definition.code, target, position)
        kept = self._gaps
        if key in kept:
            return kept[key]
        if len(kept) >= KEPT_GAPS:
            kept = self._gaps = {}
        found = kept[key] = find_gap(self.evaluator, definition, target, self.period, position - self.within)
        return found

    @cached_property
    def requirements(self) -> Requirements:
        """What was asked of single places by dated targets."""
        return Requirements(self.targets, self.tree, self.within, self.manifest["peer_groups"])

    def assigned(self, code: str, position: int, what: Asked = "requirement") -> Target | None:
        """The dated target that decided for one tree position; None where there was none."""
        marks = self.requirements.marks(code, self.period, what)
        return None if marks is None else marks.at(position - self.within)


def open_run(run: Run) -> Opened:
    """The run's frozen result. Raises Conflict before it was computed, or when its files are gone."""
    if not run.snapshot_digest:
        raise Conflict(Problem("runs.not_computed"))
    try:
        return _opened(run.snapshot_digest, run.catalogue.digest)
    except (OSError, InvalidInput) as error:
        raise Conflict(Problem("runs.snapshot_damaged", {"run": str(run)})) from error


@lru_cache(maxsize=KEPT_OPEN)
def _opened(digest: str, catalogue: str) -> Opened:
    # Both digests are content, so an entry can never be stale.
    return Opened(path_of(digest), catalogue)


@contextmanager
def figures_of(run: Run) -> Iterator[Assessment]:
    """The frozen figures, as they were computed or worked out again. Raises Conflict as :func:`open_run`.

    Read them inside the block only, and wait for nothing there: who follows the draft further waits for its end.
    Those of the run asked for last are kept, since the alert rules and the checks ask for them one after the other.
    """
    opened = open_run(run)
    key = (run.snapshot_digest, run.catalogue.digest)
    with _reading:
        known, figures = _latest
        if known != key or figures is None:
            figures = opened.assessment()
            _keep(key, figures)
        yield figures


def give_up(figures: Assessment) -> None:
    """Nobody is to read these as frozen ones any more: they are about to be changed."""
    if _latest[1] is figures:
        with _reading:
            if _latest[1] is figures:
                _keep(("", ""), None)


_reading = threading.Lock()
_latest: tuple[tuple[str, str], Assessment | None] = (("", ""), None)


def _keep(key: tuple[str, str], figures: Assessment | None) -> None:
    # Both digests are content, so what is kept is never stale. Only for who holds the lock.
    global _latest
    _latest = (key, figures)


def damage(run: Run) -> str:
    """What is wrong with the stored files of a run; empty when they are what was signed.

    The publication is computed again from the stored facts and definitions, not only read.
    """
    path = path_of(run.snapshot_digest)
    names = damaged_files(path)
    if names:
        return ", ".join(names)
    fresh = SnapshotReader(path)  # reads the stored definitions too, not those of the database
    if publication_hash(publication(fresh.assessment())) != run.publication_hash:
        return "publication"
    return ""


def require_intact(run: Run) -> None:
    """Raises Conflict when the stored files no longer give the run's publication hash."""
    if damage(run):
        raise Conflict(Problem("runs.snapshot_damaged", {"run": str(run)}))


def later_batches(run: Run) -> list[FactBatch]:
    """Batches stored since the run was computed that can hold facts of its places, oldest first. One query."""
    later = FactBatch.objects.filter(tree_id=run.tree_id, sequence__gt=run.facts_upto or 0)
    return [batch for batch in later.order_by("sequence").select_related("region") if touches(batch, run)]


def touches(batch: FactBatch, run: Run) -> bool:
    """Whether a batch can hold facts of the run's places: its region is inside, or above."""
    own, other = run.region, batch.region
    if own.position is None or other.position is None:
        return True
    inside = own.position <= other.position <= (own.last or 0)
    above = other.position <= own.position <= (other.last or 0)
    return inside or above


def orphans(named: set[str]) -> list[Path]:
    """Folders no row names and no computation can still be about to commit."""
    if not folder().exists():
        return []
    oldest = now().timestamp() - ORPHAN_AFTER_SECONDS
    left_over = (path for path in folder().iterdir() if path.name not in named)
    return sorted(path for path in left_over if path.stat().st_mtime < oldest)


def remove(path: Path) -> None:
    """Delete an orphan."""
    shutil.rmtree(path, ignore_errors=True)


def forget() -> None:
    """Drop what is kept in memory; for a restore, which changes the store under a running process."""
    _opened.cache_clear()
    with _reading:
        _keep(("", ""), None)
