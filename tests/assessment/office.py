"""A small office to test with: the cast's places and people, a tiny catalogue, monthly figures."""

from __future__ import annotations

from pathlib import Path

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.services import (
    answer_finding,
    approve_and_publish,
    create_run,
    prepare,
    submit_for_review,
)
from jingtu.core.accounts.actors import UserActor
from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services.batches import commit
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.facttable import FactRow, FactTable
from tests.access.cast import Cast, make_cast

CATALOGUE = """
catalogue: {code: test, version: 1, name: {zh: 测试目录, en: Test catalogue}}
units:
  - {code: persons, name: {zh: 人, en: persons}}
  - {code: cases, name: {zh: 起, en: cases}}
  - {code: '%', name: {zh: '%', en: '%'}}
elements:
  - {code: due, name: {zh: 应到人数, en: People due}, kind: stock, unit: persons, decimals: 0, strand: recovery, person_based: true, source: form, status: V, definition: {zh: 应到, en: due}}
  - {code: done, name: {zh: 已到人数, en: People done}, kind: stock, unit: persons, decimals: 0, strand: recovery, person_based: true, source: form, status: V, definition: {zh: 已到, en: done}}
  - {code: cases, name: {zh: 案件数, en: Cases}, kind: flow, unit: cases, decimals: 0, strand: crackdown, source: form, status: V, definition: {zh: 案件, en: cases}}
indicators:
  - {code: RATE, name: {zh: 到位率, en: Rate}, strand: recovery, formula: 'share(done, due)', direction: up, target: '>= 90', red_line: '< 60', unit: '%', decimals: 2, person_based: true, gap_unit: {zh: 人, en: persons}, rows: [A2], status: G, definition: {zh: 到位率, en: rate}}
  - {code: CASES, name: {zh: 案件数, en: Cases}, strand: crackdown, formula: 'cases', direction: up, unit: cases, decimals: 0, rows: [A1], status: V, definition: {zh: 案件, en: cases}}
groups:
  - {code: both, name: {zh: 两项, en: Both}, members: [{indicator: RATE}, {indicator: CASES}]}
scorecards:
  - code: card
    name: {zh: 百分表, en: Hundred}
    subject: region
    level: county
    total: 100
    decimals: 2
    cadence: [month, quarter]
    sections:
      - code: one
        name: {zh: 全部, en: All}
        items:
          - {indicator: RATE, points: 60, rule: {kind: linear, floor: 0, target: 100}}
          - {indicator: CASES, points: 40, rule: {kind: rank, best: 1, worst: 0.5}}
"""

BONUS_AND_VETO = """    bonus:
      cap: 3
      items:
        - {indicator: CASES, rule: {kind: bonus, per_unit: 0.1, cap: 2}}
    vetoes:
      - {indicator: CASES, when: '> 12', effect: cap, cap: 50, name: {zh: 案件过多, en: Too many cases}}
"""
"""More of the card: county A, with 13 cases in September, meets the veto."""

MONTH = "2026-09"
FIGURES = {  # township → (due, done, cases)
    "township_a": (40, 39, 5),
    "township_a2": (20, 3, 8),
    "township_b": (30, 30, 9),
}


class Office:
    """The cast with a catalogue in force and September's figures."""

    def __init__(self, cast: Cast | None = None) -> None:
        self.cast = cast or make_cast()
        self.catalogue, _ = import_catalogue(SYSTEM, CATALOGUE)
        self.report(MONTH, FIGURES)

    @property
    def city(self) -> Region:
        return self.cast.places["city"]

    @property
    def analyst(self) -> UserActor:
        return self.cast.actor("analyst", "ancestor")

    @property
    def reviewer(self) -> UserActor:
        return self.cast.actor("reviewer", "ancestor")

    def report(self, month: str, figures: dict[str, tuple[int, int, int]], note: str = "") -> FactBatch:
        """Store one batch of monthly figures by place key."""
        rows = [
            FactRow(element, self.cast.places[place].pk, month, value, source_row=number)
            for number, (place, values) in enumerate(figures.items(), 2)
            for element, value in zip(("due", "done", "cases"), values, strict=True)
        ]
        return store_batch(self.cast.tree, self.city, rows, note)

    def new_run(self, month: str = MONTH, region: Region | None = None) -> Run:
        """A draft of the city's counties."""
        return create_run(self.analyst, region or self.city, None, "card", month)

    def in_review(self, month: str = MONTH) -> Run:
        """A run that was computed, checked and submitted, every finding answered."""
        run = prepare(self.analyst, self.new_run(month).pk)
        for finding in run.findings.filter(severity="error"):
            answer_finding(self.analyst, finding.pk, "已与当地核实")
        return submit_for_review(self.analyst, run.pk)

    def published(self, month: str = MONTH) -> Run:
        """A run signed by the city's reviewer."""
        return approve_and_publish(self.reviewer, self.in_review(month).pk)

    def change(
        self, place: str, element: str, value: int | None, month: str = MONTH, note: str = "更正"
    ) -> FactBatch:
        """Correct one value by a new batch."""
        rows = [FactRow(element, self.cast.places[place].pk, month, value)]
        return store_batch(self.cast.tree, self.cast.places[place], rows, note)


def store_batch(tree: RegionTree, region: Region, rows: list[FactRow], note: str) -> FactBatch:
    """Facts straight into the store, as an import would leave them."""
    return commit(
        SYSTEM,
        tree.pk,
        store.write(FactTable.from_rows(rows)),
        kind=FactBatch.Kind.IMPORT,
        region_id=region.pk,
        note=note,
    )


def version_of(text: str) -> CatalogueVersion:
    """Bring another catalogue in force."""
    return import_catalogue(SYSTEM, text)[0]


def snapshot_folder(run: Run, root: Path) -> Path:
    """Where a run's frozen files lie below a store."""
    return root / "runs" / run.snapshot_digest
