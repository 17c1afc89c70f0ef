"""One form, one period, one or many units, with everything the page, the checks and the services need of them.

For code that has decided that the actor works on these units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jingtu.core.facts import checks
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import LARGEST
from jingtu.core.regions.models import Region
from jingtu.engine.elements import Element, Qualifier
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Language, Problem, refuse

from .answering import sent_back
from .assigning import units_asked, version_for
from .definition import Line, lines_of
from .derivation import Figure, Figures, figures
from .models import Cell, Form, FormVersion, Report
from .rules import (
    PARTLY_OPEN,
    REASON_MIN,
    CellProblem,
    CellValue,
    ReportState,
    SentBack,
    check_cells,
    is_open,
    totals,
)
from .words import line_name


@dataclass
class Working:
    """The units' reports as they stand. Reports keep the version of the form they were begun with."""

    form: Form
    version: FormVersion
    period: Period
    regions: list[Region]
    reports: dict[int, Report]
    cells: dict[int, dict[str, Cell]]
    elements: Mapping[str, Element]
    pairs: Sequence[tuple[str, str]]
    figures: Figures
    sent_back: Mapping[int, Mapping[str, SentBack]] = field(default_factory=dict)
    _lines: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    _locked: dict[int, dict[str, Figure]] = field(default_factory=dict)
    _names: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)

    def version_of(self, region_id: int) -> FormVersion:
        """The version the unit's report was begun with, or the one in force."""
        report = self.reports.get(region_id)
        return report.version if report is not None else self.version

    def lines(self, region_id: int) -> tuple[Line, ...]:
        """The cells of a unit's report in order."""
        version = self.version_of(region_id)
        if version.pk not in self._lines:
            self._lines[version.pk] = lines_of(version.content, self.elements)
        return self._lines[version.pk]

    def state(self, region_id: int) -> ReportState:
        report = self.reports.get(region_id)
        return ReportState(report.state) if report is not None else ReportState.NOT_STARTED

    def locked(self, region_id: int) -> dict[str, Figure]:
        """Figures nobody types. Once a report is handed in, what it stated stands until it is opened again."""
        if region_id not in self._locked:
            self._locked[region_id] = self._what_is_locked(region_id)
        return self._locked[region_id]

    def _what_is_locked(self, region_id: int) -> dict[str, Figure]:
        known = self.figures.locked_of(region_id)
        report = self.reports.get(region_id)
        if report is None or self.state(region_id) in (ReportState.DRAFT, ReportState.NOT_STARTED):
            return known
        stated = self.cells.get(region_id, {})
        kept: dict[str, Figure] = {}
        for key, cell in stated.items():
            # Totals follow the cells they add up, which may have been opened again.
            if cell.origin in DERIVED - {Cell.Origin.TOTAL} and cell.value is not None:
                link = known[key].link if key in known else ""
                kept[key] = Figure(cell.value, Qualifier(cell.qualifier), cell.origin, link)
        if self.state(region_id) in PARTLY_OPEN:
            # What was corrected elsewhere since (on appeal, say) is not undone by handing in the rest anew.
            for key, figure in known.items():
                open_again = key in stated and stated[key].returned
                if figure.origin == Cell.Origin.GIVEN and not open_again:
                    kept[key] = figure
        return kept

    def values(self, region_id: int) -> dict[str, CellValue]:
        """Every figure of a unit's report, typed, derived and totalled, for the checks."""
        lines = self.lines(region_id)
        found = {
            key: CellValue(cell.value, not cell.qualifier, cell.note)
            for key, cell in self.cells.get(region_id, {}).items()
        }
        for key, figure in self.locked(region_id).items():
            note = found[key].note if key in found else ""
            found[key] = CellValue(figure.value, figure.qualifier is Qualifier.EXACT, note)
        notes = {key: value.note for key, value in found.items()}
        for line in lines:
            if line.kind == "total" and line.key not in self.locked(region_id):
                found.pop(line.key, None)
        for key, total in totals(lines, found).items():
            if key not in found:
                found[key] = CellValue(total.value, total.exact, notes.get(key, ""))
        return found

    def is_open(self, region_id: int, line: Line) -> bool:
        """Whether people may type in the cell now."""
        if line.kind != "typed" or line.key in self.locked(region_id):
            return False
        cell = self.cells.get(region_id, {}).get(line.key)
        return is_open(self.state(region_id), cell is not None and cell.returned)

    def names(self, region_id: int, language: Language) -> dict[str, str]:
        """Names of the cells."""
        known = (self.version_of(region_id).pk, language)
        if known not in self._names:
            self._names[known] = {
                line.key: line_name(line, self.elements[line.element], language)
                for line in self.lines(region_id)
            }
        return self._names[known]

    def problems(self, region_id: int, language: Language, *, complete: bool) -> list[CellProblem]:
        """What the checks say of a unit's report, and which returned cells are neither changed nor answered."""
        found = check_cells(
            self.lines(region_id),
            self.names(region_id, language),
            self.elements,
            self.values(region_id),
            self.figures.before_of(region_id),
            self.pairs,
            complete=complete,
        )
        unanswered = self._unanswered(region_id, language)
        order = {line.key: number for number, line in enumerate(self.lines(region_id))}
        return sorted([*unanswered, *found], key=lambda problem: order[problem.key])

    def to_answer(self, region_id: int) -> dict[str, tuple[Cell, SentBack]]:
        """The cells a reviewer sent back that wait for the unit, with what stood there then."""
        report = self.reports.get(region_id)
        if report is None or self.state(region_id) is not ReportState.RETURNED:
            return {}
        before, cells = self.sent_back.get(report.pk, {}), self.cells.get(region_id, {})
        return {
            line.key: (cells[line.key], before[line.key])
            for line in self.lines(region_id)
            if line.key in before and self.is_open(region_id, line)
        }

    def _unanswered(self, region_id: int, language: Language) -> list[CellProblem]:
        names = self.names(region_id, language)
        return [
            CellProblem(
                key,
                Problem(
                    "check.report_unanswered",
                    {"cell": names[key], "reason": before.reason, "least": REASON_MIN},
                ),
            )
            for key, (cell, before) in self.to_answer(region_id).items()
            if not before.is_answered(cell.value, cell.qualifier, cell.note)
        ]


DERIVED = frozenset({Cell.Origin.TOTAL, Cell.Origin.BELOW, Cell.Origin.FEED, Cell.Origin.GIVEN})


def find_form(code: str) -> tuple[Form, list[FormVersion]]:
    """A form that has been published, with its published versions. Two queries. Raises NotFound."""
    form = Form.objects.select_related("tree").filter(code=code).first()
    versions = list(form.versions.filter(published_at__isnull=False)) if form else []
    if form is None or not versions:
        raise NotFound(code, "form")
    return form, versions


def find_version(form: Form, versions: list[FormVersion], period: Period) -> FormVersion:
    """The version that asks for the period. Raises InvalidInput when the form is not asked for then."""
    version = version_for(versions, period)
    if version is None:
        raise refuse(
            "report.not_asked",
            column="period",
            form=form.name_zh,
            period=period.key,
            region=form.tree.name_zh,
        )
    return version


def parse_period(text: str) -> Period:
    """A period in an address. Raises NotFound for anything that is none."""
    try:
        return Period.parse(text)
    except InvalidInput as error:
        raise NotFound(text) from error


def load(
    actor: Actor,
    form: Form,
    version: FormVersion,
    period: Period,
    region_ids: Sequence[int],
    *,
    lock: bool = False,
) -> Working:
    """The working set of the units named that must fill the form in (or already did). ``lock``: their reports are
    locked until the transaction ends. A constant number of queries."""
    region_ids = [region_id for region_id in region_ids if 0 < region_id <= LARGEST]
    reports_of = Report.objects.filter(form=form, period=period.key, region_id__in=region_ids)
    if lock:
        reports_of = reports_of.select_for_update(of=("self",))
    reports = {report.region_id: report for report in reports_of.select_related("version", "region")}
    asked = {
        region.pk: region
        for region in units_asked(form.tree_id, version.content, period).filter(pk__in=region_ids)
    }
    for region_id, report in reports.items():
        asked.setdefault(region_id, report.region)
    regions = sorted(asked.values(), key=lambda region: (region.position is None, region.position, region.pk))
    for region in regions:
        region.tree = form.tree
    for report in reports.values():
        report.form = form
    cells: dict[int, dict[str, Cell]] = {}
    place_of = {report.pk: report.region_id for report in reports.values()}
    for cell in Cell.objects.filter(report__in=list(reports.values())).select_related("entered_by"):
        cells.setdefault(place_of[cell.report_id], {})[cell.key] = cell
    elements = elements_in_force(SYSTEM)
    working = Working(
        form, version, period, regions, reports, cells, elements, checks.pairs(elements), Figures({}, {}, {})
    )
    lines = {line.key: line for region in regions for line in working.lines(region.pk)}
    working.figures = figures(actor, form.tree, list(lines.values()), regions, period, reports.values())
    working.sent_back = sent_back([r for r in reports.values() if r.state == ReportState.RETURNED])
    return working
