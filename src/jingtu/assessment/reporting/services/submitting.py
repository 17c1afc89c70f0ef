"""Handing reports in, one or many at once, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile

from django.db import IntegrityError, transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.engine.elements import Qualifier
from jingtu.engine.problems import InvalidInput, refuse

from .. import notices
from ..models import Cell, Report, ReportEvent
from ..rules import CellProblem, ReportAction, ReportState, next_state
from ..visibility import fill_spans, is_unrestricted
from ..working import DERIVED, Working, find_form, find_version, load, parse_period
from .filling import begin_report, cell_event, event_of, refuse_before_it_begins, step_after, wrong_state


@dataclass
class Submitted:
    """What came of handing in: the reports that went, and by region what keeps the others back."""

    reports: list[Report] = field(default_factory=list)
    held_back: dict[int, list[CellProblem]] = field(default_factory=dict)


def submit(actor: Actor, code: str, period_text: str, region_id: int, revision: int | None = None) -> Report:
    """Hand a report in for review, with the derived figures as they stand now.

    Raises InvalidInput naming every cell that is missing or wrong (``column`` is the cell's key) or for a period
    that has not begun, Conflict when the report is not open or ``revision`` is not the one it stands at. Handing in
    twice what one has just handed in oneself changes nothing.
    """
    with transaction.atomic():
        working, report = _begun(actor, code, period_text, region_id)
        if revision is None and _handed_in_by(actor, report):
            return report
        step_after(report, ReportAction.SUBMIT, revision)
        problems = working.problems(region_id, actor.language, complete=True)
        if problems:
            raise InvalidInput([found.problem.at(column=found.key) for found in problems])
        _hand_in(actor, working, [report])
    return report


def _handed_in_by(actor: Actor, report: Report) -> bool:
    """Whether the actor has handed in this very report already: the second of two clicks changes nothing."""
    person = user_id_of(actor)
    return report.state == ReportState.SUBMITTED and person is not None and report.submitted_by_id == person


def submit_many(actor: Actor, code: str, period_text: str, region_ids: Sequence[int]) -> Submitted:
    """Hand in every report of these units that is open and in order; what keeps the others back is told.

    The number of queries does not grow with the units.
    """
    if not region_ids:
        raise refuse("report.nothing_chosen")
    outcome = Submitted()
    with transaction.atomic():
        working = _loaded(actor, code, period_text, list(region_ids))
        for region in working.regions:
            report = working.reports.get(region.pk)
            if report is None or next_state(ReportState(report.state), ReportAction.SUBMIT) is None:
                continue
            problems = working.problems(region.pk, actor.language, complete=True)
            if problems:
                outcome.held_back[region.pk] = problems
            else:
                outcome.reports.append(report)
        if outcome.reports:
            _hand_in(actor, working, outcome.reports)
    return outcome


def withdraw(actor: Actor, code: str, period_text: str, region_id: int) -> Report:
    """Take a submitted report back before anybody has reviewed it. It is as open as before it was handed in."""
    with transaction.atomic():
        working = _loaded(actor, code, period_text, [region_id])
        report = working.reports.get(region_id)
        if report is None:
            raise wrong_state(ReportState.NOT_STARTED, ReportAction.WITHDRAW)
        report.state = (_open_before(report) or step_after(report, ReportAction.WITHDRAW, None)).value
        report.revision += 1
        report.save(update_fields=["state", "revision"])
        event_of(actor, report, ReportAction.WITHDRAW).save()
        record(actor, "reporting.withdrawn", target_type="report", target_id=report.pk, region_id=region_id)
    return report


def _open_before(report: Report) -> ReportState | None:
    """Of a report that answered a return or an unlocking: its state then, with those cells open again, no others."""
    step_after(report, ReportAction.WITHDRAW, None)
    typing = (ReportAction.FILL, ReportAction.ANSWER)
    past = report.events.exclude(action__in=typing).order_by("-pk")
    own = (ReportAction.SUBMIT, ReportAction.WITHDRAW, ReportAction.TAKE_OVER)
    opened = takewhile(
        lambda event: event.action in (ReportAction.RETURN, ReportAction.UNLOCK),
        dropwhile(lambda event: event.action in own, past),
    )
    state = None
    for event in opened:
        state = ReportState.RETURNED if event.action == ReportAction.RETURN else ReportState.REOPENED
        report.cells.filter(element=event.element, category=event.category).update(
            returned=True, return_reason=event.note
        )
    return state


def _begun(actor: Actor, code: str, period_text: str, region_id: int) -> tuple[Working, Report]:
    """The working set of one unit with its report; one of nothing but derived figures begins here."""
    working = _loaded(actor, code, period_text, [region_id])
    report = working.reports.get(region_id)
    if report is not None:
        return working, report
    try:
        with transaction.atomic():
            return working, begin_report(actor, working, working.regions[0])
    except IntegrityError:
        # Two people began the same report at once; the second finds it standing now.
        working = _loaded(actor, code, period_text, [region_id])
        return working, working.reports[region_id]


def _loaded(actor: Actor, code: str, period_text: str, region_ids: list[int]) -> Working:
    """The working set, locked. Raises PermissionDenied unless the actor fills in for all of the units, InvalidInput
    for a period that has not begun."""
    form, versions = find_form(code)
    period = parse_period(period_text)
    refuse_before_it_begins(actor, period)
    working = load(actor, form, find_version(form, versions, period), period, region_ids, lock=True)
    spans = None if is_unrestricted(actor) else fill_spans(actor)
    allowed = [
        region for region in working.regions if spans is None or any(span.holds(region) for span in spans)
    ]
    if len(allowed) != len(set(region_ids)):
        raise PermissionDenied(Permission.FORMS_FILL)
    return working


def _hand_in(actor: Actor, working: Working, reports: Sequence[Report]) -> None:
    moment, person = now(), user_id_of(actor)
    made: list[Cell] = []
    changed: list[Cell] = []
    answers: list[ReportEvent] = []
    for report in reports:
        answers += _answers(actor, working, report)
        _derive(working, report, made, changed)
        cells = working.cells.get(report.region_id, {}).values()
        report.typed_cells = sum(1 for cell in cells if cell.origin not in DERIVED and cell.value is not None)
        report.locked_cells = sum(1 for cell in cells if cell.origin in DERIVED)
        report.state, report.step, report.passed_by = ReportState.SUBMITTED.value, 0, []
        report.first_submitted_at = report.first_submitted_at or moment
        report.submitted_at, report.submitted_by_id = moment, person
        report.revision += 1
    Cell.objects.bulk_create(made, batch_size=1000)
    Cell.objects.bulk_update(
        changed, ["value", "qualifier", "origin", "entered_by", "entered_at"], batch_size=500
    )
    Report.objects.bulk_update(
        reports,
        [
            "typed_cells", "locked_cells", "state", "step", "passed_by",
            "first_submitted_at", "submitted_at", "submitted_by", "revision",
        ],
        batch_size=200,
    )  # fmt: skip
    ids = [report.pk for report in reports]
    Cell.objects.filter(report__in=ids, returned=True).update(returned=False, return_reason="")
    submissions = [event_of(actor, report, ReportAction.SUBMIT) for report in reports]
    ReportEvent.objects.bulk_create([*answers, *submissions])
    one = reports[0] if len(reports) == 1 else None
    record(
        actor,
        "reporting.submitted",
        target_type="report",
        target_id=one.pk if one else f"{working.form.code} {working.period.key}",
        region_id=one.region_id if one else None,
        after={
            "form": working.form.code,
            "period": working.period.key,
            "reports": ids,
            "typed": sum(report.typed_cells for report in reports),
        },
    )
    notices.submitted(actor, reports)


def _answers(actor: Actor, working: Working, report: Report) -> list[ReportEvent]:
    """What each cell that was sent back holds now, with the word to the reviewer, for its history."""
    return [
        cell_event(actor, report, ReportAction.ANSWER, cell, before.answer(cell.note))
        for cell, before in working.to_answer(report.region_id).values()
    ]


def _derive(working: Working, report: Report, made: list[Cell], changed: list[Cell]) -> None:
    """Keep totals and locked figures with the report, as they stand at submission."""
    region_id = report.region_id
    standing = working.cells.setdefault(region_id, {})
    locked, values = working.locked(region_id), working.values(region_id)
    moment = now()
    for line in working.lines(region_id):
        figure = locked.get(line.key)
        if figure is None and line.kind == "typed":
            continue
        value = values.get(line.key)
        cell = standing.get(line.key)
        if cell is None:
            cell = Cell(report=report, element=line.element, category=line.category, entered_at=moment)
            standing[line.key] = cell
            made.append(cell)
        else:
            changed.append(cell)
        cell.value = None if value is None else value.value
        exact = Qualifier.EXACT if value is None or value.exact else Qualifier.APPROX
        cell.qualifier = figure.qualifier.value if figure is not None else exact.value
        cell.origin = figure.origin if figure is not None else line.kind
        cell.entered_by_id, cell.entered_at = None, moment
