"""Figures of a report beside facts that came another way after it was handed in: what accepting it would replace.

For code that has decided that the actor decides on these reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.ids import id_in
from jingtu.engine.elements import Element, Qualifier
from jingtu.engine.facttable import FactRow

from .definition import cell_key
from .models import Cell, Report

Place = tuple[int, str]
"""Own id of the region, key of the cell."""


class Keep(StrEnum):
    """Which of two figures shall stand."""

    REPORT = "report"
    STANDING = "standing"


@dataclass(frozen=True)
class Choice:
    """What the reviewer chose for one cell, and the batch whose figure they saw (0: one taken back)."""

    keep: Keep
    batch: int

    @classmethod
    def read(cls, text: str) -> Choice | None:
        """``report:17`` or ``standing:17``; None for anything else."""
        keep, _mark, batch = text.partition(":")
        number = id_in(batch)
        if keep not in tuple(Keep) or number is None:
            return None
        return cls(Keep(keep), number)


@dataclass(frozen=True)
class Clash:
    """A cell that says something else than the fact in force. ``value`` None: the fact was taken back since."""

    report: Report
    cell: Cell
    value: int | None
    qualifier: Qualifier
    batch: int

    @property
    def key(self) -> str:
        return self.cell.key


def groups_of(reports: Sequence[Report]) -> list[list[Report]]:
    """The reports by form and period, each group one batch of facts."""
    groups: dict[tuple[int, str], list[Report]] = {}
    for report in reports:
        groups.setdefault((report.form_id, report.period), []).append(report)
    return list(groups.values())


def rows_of(group: Sequence[Report], known: Mapping[str, Element]) -> list[tuple[Cell, FactRow]]:
    """What accepting these reports of one form and period stores, with the cells it comes from. One query."""
    places = {report.pk: report for report in group}
    rows = []
    for cell in Cell.objects.filter(report__in=list(places)).exclude(origin=Cell.Origin.GIVEN):
        report = places[cell.report_id]
        if cell.element not in known or (cell.value is None and not report.batches):
            continue
        # Sums of the units below would count twice; only elements that are never rolled up keep them.
        if cell.origin == Cell.Origin.BELOW and known[cell.element].kind.value != "reported":
            continue
        qualifier = Qualifier(cell.qualifier)
        row = FactRow(cell.element, report.region_id, report.period, cell.value, cell.category, qualifier)
        rows.append((cell, row))
    return rows


def clashes_of(reports: Sequence[Report], known: Mapping[str, Element]) -> dict[int, list[Clash]]:
    """By report what accepting it would replace that is not its own. Two queries a form and period, one more
    where a figure of a report accepted before is gone."""
    found: dict[int, list[Clash]] = {}
    for group in groups_of(reports):
        rows = rows_of(group, known)
        places = {report.pk: report for report in group}
        standing = _standing(group, {row.element for _cell, row in rows})
        gone = _taken_back(group, rows, standing)
        for cell, row in rows:
            report, place = places[cell.report_id], (row.region_id, cell.key)
            fact = standing.get(place)
            if fact is not None:
                same = (fact.value, fact.qualifier) == (row.value, row.qualifier)
                if not same and fact.batch not in report.batches:
                    clash = Clash(report, cell, fact.value, fact.qualifier, fact.batch)
                    found.setdefault(report.pk, []).append(clash)
            elif row.value is not None and place in gone:
                found.setdefault(report.pk, []).append(Clash(report, cell, None, Qualifier.EXACT, 0))
    return found


def foreign_places(group: Sequence[Report], elements: set[str]) -> set[Place]:
    """Where in one form and period a fact stands that is not the report's own. One query."""
    own = {report.region_id: report.batches for report in group}
    return {
        place for place, fact in _standing(group, elements).items() if fact.batch not in own[fact.region_id]
    }


def _standing(group: Sequence[Report], elements: set[str]) -> dict[Place, FactRow]:
    tree_id, period = group[0].form.tree_id, group[0].period
    facts = store.read(tree_id, None, elements, [period], [report.region_id for report in group])
    return {(row.region_id, cell_key(row.element, row.category)): row for row in facts.rows()}


def _taken_back(
    group: Sequence[Report], rows: Sequence[tuple[Cell, FactRow]], standing: Mapping[Place, FactRow]
) -> set[Place]:
    """Figures the reports brought in themselves when they were accepted before, and that somebody took back."""
    accepted = {report.pk: report for report in group if report.batches}
    missing = {
        (row.region_id, cell.key)
        for cell, row in rows
        if cell.report_id in accepted and (row.region_id, cell.key) not in standing
    }
    if not missing:
        return set()
    sequences = {sequence for report in accepted.values() for sequence in report.batches}
    tree_id, period = group[0].form.tree_id, group[0].period
    batches = FactBatch.objects.filter(tree_id=tree_id, sequence__in=sequences)
    brought: set[Place] = set()
    for sequence, sha256 in batches.order_by("sequence").values_list("sequence", "sha256"):
        written = store.read_batch(sha256, sequence).select(
            {row.element for _cell, row in rows}, [period], [region for region, _key in missing]
        )
        for row in written.rows():
            place = (row.region_id, cell_key(row.element, row.category))
            brought.discard(place) if row.value is None else brought.add(place)
    return brought & missing
