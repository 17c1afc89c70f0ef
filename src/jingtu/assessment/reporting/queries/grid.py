"""The page on which a form is filled in and reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside, is_unrestricted, spans
from jingtu.engine.elements import Element, Qualifier, figure_pattern
from jingtu.engine.periods import Period

from ..answering import exchanges
from ..assigning import due_at, units_asked
from ..chain import entered_by, step_places
from ..definition import Definition, Line
from ..derivation import Figure
from ..models import Cell, Form, FormVersion, Report
from ..rules import (
    PARTLY_OPEN,
    WAITING,
    CellProblem,
    ReportAction,
    ReportState,
    Timeliness,
    may_review_problem,
    timeliness,
)
from ..visibility import fill_spans, may_review_at
from ..words import ACTIONS, ORIGINS, category_label, line_name
from ..working import DERIVED, Working, find_form, find_version, load, parse_period
from ..writing import shown_value, written
from .chaining import PastAct, StepView, chain_views, past_acts
from .clashing import ClashView, clash_views, settles_now

MOST_UNITS = 60
"""So many units fit one table; a county's townships do."""


@dataclass(frozen=True)
class AnswerView:
    """Why a cell was sent back last, what it held then, and the word to the reviewer (empty: changed only)."""

    reason: str
    figure: str
    answer: str


@dataclass(frozen=True)
class CellView:
    """One cell as the page draws it. ``shown`` is what stands in the field, ``figure`` the same for reading."""

    key: str
    region_id: int
    name: str
    unit: str
    decimals: int
    required: bool
    indent: bool
    open: bool
    kind: str
    origin: str
    link: str
    shown: str
    figure: str
    before: str
    year_ago: str
    note: str
    version: int
    returned: bool
    reason: str
    definition: str
    coverage: str = ""
    parts: tuple[str, ...] = ()
    answered: AnswerView | None = None

    @property
    def dom_id(self) -> str:
        """Unique on the page and usable in an address."""
        plain = self.key.replace("|", "-").replace("=", "-").replace(";", "-")
        return f"c-{self.region_id}-{plain}"


@dataclass(frozen=True)
class SectionView:
    """A heading with its cells."""

    title: str
    note: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True)
class UnitView:
    """One unit's report: where it stands, its cells, what the checks say, what the actor may do."""

    region: Region
    report: Report | None
    state: ReportState
    sections: tuple[SectionView, ...]
    problems: tuple[CellProblem, ...]
    fills: bool = False
    reviews: bool = False
    review_refused: str = ""
    timeliness: Timeliness = Timeliness.PENDING
    acts: Sequence[PastAct] = ()
    chain: Sequence[StepView] = ()
    clashes: Sequence[ClashView] = ()
    settles: bool = False

    @property
    def cells(self) -> tuple[CellView, ...]:
        return tuple(cell for section in self.sections for cell in section.cells)

    @property
    def open_cells(self) -> int:
        return sum(cell.open for cell in self.cells)

    @property
    def returned_cells(self) -> int:
        return sum(cell.returned for cell in self.cells)

    @property
    def may_submit(self) -> bool:
        return self.fills and self.state in (ReportState.DRAFT, *PARTLY_OPEN)

    @property
    def may_withdraw(self) -> bool:
        return self.fills and self.state is ReportState.SUBMITTED

    @property
    def may_decide(self) -> bool:
        return self.reviews and self.state in WAITING and not self.review_refused

    @property
    def may_unlock(self) -> bool:
        return self.reviews and self.state is ReportState.ACCEPTED and not self.review_refused

    @property
    def revision(self) -> int:
        return self.report.revision if self.report else 0


@dataclass(frozen=True)
class GridPage:
    """A form for a period, for one unit or many."""

    form: Form
    version: FormVersion
    definition: Definition
    period: Period
    units: tuple[UnitView, ...]
    due_at: dt.datetime
    warning: str = ""
    rules: dict[str, object] = field(default_factory=dict)


def grid_one(
    actor: Actor, code: str, period_text: str, region_id: int, *, complete: bool = False
) -> GridPage:
    """One unit's report, for those who fill it in or review it. Raises NotFound for everybody else.

    ``complete``: say what is missing, too.

    Figures of few persons are shown exactly: whoever fills in or reviews a report works with its figures.
    """
    form, version, period = _found(code, period_text)
    working = load(actor, form, version, period, [region_id])
    if not working.regions:
        raise NotFound(f"region {region_id}")
    region = working.regions[0]
    fills = is_unrestricted(actor) or any(span.holds(region) for span in fill_spans(actor))
    report = working.reports.get(region_id)
    held = spans(actor, Permission.FORMS_REVIEW)
    reviews = is_unrestricted(actor) or any(span.holds(region) for span in held)
    if not (fills or reviews):
        raise NotFound(f"region {region_id}")
    refused = ""
    if report is not None and reviews:
        refused = _review_refusal(actor, report, held)
    unit = _unit(actor, working, region, fills, reviews, refused, complete=complete)
    if report is not None and unit.state in (*WAITING, ReportState.ACCEPTED):
        unit = replace(unit, sections=_with_answers(working, report, unit.sections))
    if report is not None:
        unit = replace(
            unit,
            acts=past_acts(working, report, actor.language, reviews),
            clashes=clash_views(actor, working, report) if reviews else (),
            settles=settles_now(report),
        )
    unit = replace(unit, chain=chain_views(working.version_of(region_id).content, region, report))
    return _page(actor, working, (unit,))


def _with_answers(
    working: Working, report: Report, sections: Sequence[SectionView]
) -> tuple[SectionView, ...]:
    """The cells with what was said of them between reviewer and unit. One query."""
    said = exchanges(report)
    lines = {line.key: line for line in working.lines(report.region_id)}

    def view(cell: CellView) -> CellView:
        found = said.get(cell.key)
        if found is None:
            return cell
        element = working.elements[lines[cell.key].element]
        figure = "" if found.value is None else written(element, found.value, Qualifier(found.qualifier))
        return replace(cell, answered=AnswerView(found.reason, figure, found.answer))

    return tuple(replace(section, cells=tuple(view(cell) for cell in section.cells)) for section in sections)


def _review_refusal(actor: Actor, report: Report, held: Sequence[Span]) -> str:
    """Why this actor may not decide on the report: the code of the sentence, empty if they may."""
    if not may_review_at(actor, held, step_places([report])[report.pk]):
        return "report.not_your_step"
    passed = report.passed_by if ReportState(report.state) in WAITING else ()
    return may_review_problem(user_id_of(actor), entered_by([report])[report.pk], passed) or ""


def grid_many(
    actor: Actor, code: str, period_text: str, first: int = 0, section: int | None = None
) -> GridPage:
    """All units the actor fills in for, from the ``first`` on, at most :data:`MOST_UNITS`, as one table;
    the cells of one ``section`` only when it is given.

    Raises PermissionDenied without one.
    """
    form, version, period = _found(code, period_text)
    found = fill_spans(actor)
    units = units_asked(form.tree_id, version.content, period)
    if not is_unrestricted(actor):
        units = units.filter(inside(found))
    ids = list(units.values_list("pk", flat=True)[first : first + MOST_UNITS])
    if not ids:
        raise PermissionDenied(Permission.FORMS_FILL)
    working = load(actor, form, version, period, ids)
    views = tuple(
        _unit(actor, working, region, True, False, "", complete=False, only=section)
        for region in working.regions
    )
    return _page(actor, working, views)


def _found(code: str, period_text: str) -> tuple[Form, FormVersion, Period]:
    form, versions = find_form(code)
    period = parse_period(period_text)
    return form, find_version(form, versions, period), period


def _page(actor: Actor, working: Working, units: tuple[UnitView, ...]) -> GridPage:
    definition = working.version_of(units[0].region.pk).content
    lines = working.lines(units[0].region.pk)
    keys = {line.key for line in lines}
    language = actor.language
    return GridPage(
        form=working.form,
        version=working.version_of(units[0].region.pk),
        definition=definition,
        period=working.period,
        units=units,
        due_at=due_at(definition, working.period),
        warning=definition.deadline.term(working.period).warning_text(language),
        rules={
            "totals": {line.key: list(line.parts) for line in lines if line.parts},
            "figure": figure_pattern(),
            "pairs": [list(pair) for pair in working.pairs if set(pair) <= keys],
        },
    )


def _unit(
    actor: Actor,
    working: Working,
    region: Region,
    fills: bool,
    reviews: bool,
    refused: str,
    *,
    complete: bool,
    only: int | None = None,
) -> UnitView:
    language = actor.language
    definition = working.version_of(region.pk).content
    report, state = working.reports.get(region.pk), working.state(region.pk)
    locked, values = working.locked(region.pk), working.values(region.pk)
    cells = working.cells.get(region.pk, {})
    sections: list[list[CellView]] = [[] for _ in definition.sections]
    for line in working.lines(region.pk):
        if only is not None and line.section != only:
            continue
        element = working.elements[line.element]
        cell, figure = cells.get(line.key), locked.get(line.key)
        value = values.get(line.key)
        total = "" if value is None or value.value is None else element.format(value.value)
        sections[line.section].append(
            CellView(
                key=line.key,
                region_id=region.pk,
                name=line_name(line, element, language)
                if not line.indent
                else category_label(line, element, language),
                unit=element.unit_name(language),
                decimals=element.decimals,
                required=line.required,
                indent=line.indent,
                open=fills and working.is_open(region.pk, line),
                kind=line.kind,
                origin=str(ORIGINS.get(_origin(line, cell, figure), "")),
                link=figure.link if figure else "",
                shown=shown_value(element, cell) if figure is None and line.kind == "typed" else "",
                figure=_figure(element, cell, figure, total, line, language),
                before=_known(element, working.figures.before.get((region.pk, line.key)), language),
                year_ago=_known(element, working.figures.year_ago.get((region.pk, line.key)), language),
                note=cell.note if cell else "",
                version=cell.version if cell else 0,
                returned=bool(cell and cell.returned),
                reason=cell.return_reason if cell else "",
                definition=element.definition(language),
                coverage=f"{figure.reported}/{figure.expected}" if figure and figure.expected else "",
                parts=line.parts,
            )
        )
    open_for_checks = only is None and state in (
        ReportState.DRAFT,
        ReportState.NOT_STARTED,
        *PARTLY_OPEN,
        *WAITING,
    )
    problems = working.problems(region.pk, language, complete=complete) if open_for_checks else []
    handed_in = report.first_submitted_at if report else None
    return UnitView(
        region=region,
        report=report,
        state=state,
        sections=tuple(
            SectionView(section.title(language), section.note(language), tuple(found))
            for section, found in zip(definition.sections, sections, strict=True)
        ),
        problems=tuple(problems),
        fills=fills,
        reviews=reviews,
        review_refused=refused,
        timeliness=timeliness(
            report.due_at if report else due_at(definition, working.period), handed_in, now()
        ),
    )


def _origin(line: Line, cell: Cell | None, figure: Figure | None) -> str:
    if figure is not None:
        return figure.origin
    if line.kind != "typed":
        return line.kind
    return cell.origin if cell is not None and cell.origin in DERIVED else ""


def _figure(
    element: Element, cell: Cell | None, figure: Figure | None, total: str, line: Line, language: str
) -> str:
    spoken = "zh" if language == "zh" else "en"
    if figure is not None:
        return figure.qualifier.mark(element.format(figure.value), spoken)  # type: ignore[arg-type]
    if line.kind == "total":
        return total
    if cell is None or cell.value is None:
        return ""
    return Qualifier(cell.qualifier).mark(element.format(cell.value), spoken)  # type: ignore[arg-type]


def _known(element: Element, figure: Figure | None, language: str) -> str:
    if figure is None:
        return ""
    return figure.qualifier.mark(element.format(figure.value), "zh" if language == "zh" else "en")


@dataclass(frozen=True)
class PastEntry:
    """One thing that happened to a cell."""

    at: object
    person: str
    act: str
    figure: str
    note: str


def cell_history(
    actor: Actor, code: str, period_text: str, region_id: int, key: str
) -> tuple[str, list[PastEntry]]:
    """Name of a cell and everything that happened to it, newest first; for who fills in or reviews the report."""
    form, version, period = _found(code, period_text)
    working = load(actor, form, version, period, [region_id])
    region = working.regions[0] if working.regions else None
    report = working.reports.get(region_id)
    line = next((line for line in working.lines(region_id) if line.key == key), None) if region else None
    held = [*fill_spans(actor), *spans(actor, Permission.FORMS_REVIEW)]
    known = region is not None and (is_unrestricted(actor) or any(span.holds(region) for span in held))
    if not known or line is None:
        raise NotFound(key)
    element = working.elements[line.element]
    name = line_name(line, element, actor.language)
    if report is None:
        return name, []
    events = report.events.filter(element=line.element, category=line.category).order_by("-at", "-pk")
    return name, [
        PastEntry(
            event.at,
            event.person_label,
            str(ACTIONS[ReportAction(event.action)]),
            written(element, event.value, Qualifier(event.qualifier)) if event.value is not None else "",
            event.note,
        )
        for event in events
    ]
