"""Passing, accepting, returning and unlocking: by named people, each on what they have seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.facts.services import store_reported
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.engine.problems import Problem, refuse

from .. import notices
from ..chain import entered_by, step_places
from ..clashes import Choice, groups_of, rows_of
from ..definition import lines_of
from ..models import Cell, Report, ReportEvent
from ..rules import (
    REASON_MIN,
    WAITING,
    ReportAction,
    ReportState,
    may_review_problem,
    next_state,
    says_enough,
)
from ..visibility import may_review_at, spans
from ..working import DERIVED
from .filling import cell_event, events_for, wrong_state
from .settling import settle

CHOSEN_LIMIT = 3000


@dataclass(frozen=True)
class Chosen:
    """A report to decide on, at the revision the decider has seen (None: whatever it stands at)."""

    report_id: int
    revision: int | None = None


def pass_reports(
    actor: Actor,
    chosen: Sequence[Chosen],
    note: str = "",
    choices: Mapping[int, Mapping[str, Choice]] | None = None,
) -> list[Report]:
    """Pass the reports on to the next step of their review; at the last step they are accepted and locked.

    All or none: one that the actor may not decide on, or that somebody else has dealt with, refuses the whole.
    The figures of all that are accepted become facts in one batch a tree. Where another figure has come in
    since a report was handed in, ``choices`` (report → cell → choice) says which shall stand; without it the
    whole is refused with InvalidInput, both figures named (``column`` is the cell's key). The number of queries
    does not grow with the number of reports, but for those with such choices.
    """
    if not chosen:
        raise refuse("report.nothing_chosen")
    with transaction.atomic():
        reports = _locked(chosen)
        held = spans(actor, Permission.FORMS_REVIEW)
        places = step_places(reports)
        entered = entered_by(reports)
        person = user_id_of(actor)
        for report in reports:
            state = ReportState(report.state)
            if not may_review_at(actor, held, places[report.pk]):
                raise PermissionDenied(Permission.FORMS_REVIEW)
            if state not in WAITING:
                raise wrong_state(state, ReportAction.PASS)
            code = may_review_problem(person, entered[report.pk], report.passed_by)
            if code is not None:
                raise Conflict(Problem(code, {"region": report.region.name}))
        last = [report for report in reports if report.step + 1 >= len(report.version.content.review)]
        further = [report for report in reports if report.step + 1 < len(report.version.content.review)]
        moment = now()
        for report in further:
            report.state, report.step = ReportState.IN_REVIEW.value, report.step + 1
        for report in last:
            report.state, report.accepted_at, report.accepted_by_id = (
                ReportState.ACCEPTED.value,
                moment,
                person,
            )
        for report in reports:
            report.revision += 1
            if person is not None:
                report.passed_by = [*report.passed_by, person]
        settle(actor, last, choices or {}, note)
        _store_facts(actor, last)
        Report.objects.bulk_update(
            reports,
            ["state", "step", "accepted_at", "accepted_by", "revision", "passed_by", "batches"],
            batch_size=200,
        )
        ReportEvent.objects.bulk_create(
            [
                *events_for(actor, further, ReportAction.PASS, note),
                *events_for(actor, last, ReportAction.ACCEPT, note),
            ]
        )
        for action, group in (("reporting.passed", further), ("reporting.accepted", last)):
            if group:
                _record(actor, action, group, note)
        notices.accepted(actor, last) if len(last) <= 20 else None
        for group in groups_of(further):
            notices.passed_on(actor, group)
    return reports


def _record(actor: Actor, action: str, reports: Sequence[Report], note: str) -> None:
    one = reports[0] if len(reports) == 1 else None
    record(
        actor,
        action,
        target_type="report",
        target_id=one.pk if one else f"{reports[0].form.code} {reports[0].period}",
        region_id=one.region_id if one else None,
        after={"reports": [report.pk for report in reports], "count": len(reports)},
        reason=note,
    )


def _locked(chosen: Sequence[Chosen]) -> list[Report]:
    """The reports, locked. Raises NotFound, or Conflict for a revision that has passed."""
    if len(chosen) > CHOSEN_LIMIT:
        raise refuse("form.too_many_cells", cells=len(chosen), limit=CHOSEN_LIMIT)
    wanted = {each.report_id: each.revision for each in chosen}
    reports = list(
        Report.objects.select_for_update(of=("self",))
        .filter(pk__in=wanted)
        .select_related("form__tree", "version", "region")
        .order_by("pk")
    )
    if len(reports) != len(wanted):
        raise NotFound("report")
    for report in reports:
        revision = wanted[report.pk]
        if revision is not None and revision != report.revision:
            raise Conflict(Problem("report.somebody_faster", {"region": report.region.name}))
    return reports


def _store_facts(actor: Actor, reports: Sequence[Report]) -> None:
    """Make facts of what was accepted, one batch for each tree, form and period."""
    known = elements_in_force(SYSTEM)
    for group in groups_of(reports):
        form, period = group[0].form, group[0].period
        rows = [row for _cell, row in rows_of(group, known)]
        if not rows:
            continue
        who = group[0].submitted_by.full_name if len(group) == 1 and group[0].submitted_by else ""
        where = group[0].region.name if len(group) == 1 else f"{len(group)}个单位"
        note = " · ".join(filter(None, (f"报表：{form.name_zh}", period, where, who)))
        batch = store_reported(actor, form.tree, rows, note)
        if batch is not None:
            for report in group:
                report.batches = [*report.batches, batch.sequence]


def return_cells(
    actor: Actor, report_id: int, reasons: Mapping[str, str], revision: int | None = None
) -> Report:
    """Send single cells back, each with its reason; only these are open then. The report goes through its review
    again from the first step once it is handed in anew."""
    return _open_cells(actor, report_id, reasons, revision, ReportAction.RETURN)


def unlock_cells(
    actor: Actor, report_id: int, reasons: Mapping[str, str], revision: int | None = None
) -> Report:
    """Open single cells of an accepted report. Its figures stay in force until it is accepted again."""
    return _open_cells(actor, report_id, reasons, revision, ReportAction.UNLOCK)


def _open_cells(
    actor: Actor,
    report_id: int,
    reasons: Mapping[str, str],
    revision: int | None,
    action: ReportAction,
) -> Report:
    if not reasons:
        raise refuse("report.nothing_chosen", column="cells")
    if not all(says_enough(reason) for reason in reasons.values()):
        raise refuse("report.reason_short", column="reason", least=REASON_MIN)
    with transaction.atomic():
        report = _locked([Chosen(report_id, revision)])[0]
        place = step_places([report])[report.pk]
        if not may_review_at(actor, spans(actor, Permission.FORMS_REVIEW), place):
            raise PermissionDenied(Permission.FORMS_REVIEW)
        after = next_state(ReportState(report.state), action)
        if after is None:
            raise wrong_state(ReportState(report.state), action)
        person = user_id_of(actor)
        code = may_review_problem(person, entered_by([report])[report.pk], ())
        if code is not None:
            raise Conflict(Problem(code, {"region": report.region.name}))
        cells = _opened(report, reasons)
        report.state, report.step, report.passed_by = after.value, 0, []
        report.revision += 1
        report.save(update_fields=["state", "step", "passed_by", "revision"])
        events = [cell_event(actor, report, action, cell, reasons[cell.key].strip()) for cell in cells]
        ReportEvent.objects.bulk_create(events)
        returned = action is ReportAction.RETURN
        told = "；".join(dict.fromkeys(reason.strip() for reason in reasons.values()))
        record(
            actor,
            "reporting.returned" if returned else "reporting.unlocked",
            target_type="report",
            target_id=report.pk,
            region_id=report.region_id,
            after={"cells": sorted(reasons)},
            reason=told,
        )
        notices.returned(actor, report, len(cells), told, unlocked=not returned)
    return report


def _opened(report: Report, reasons: Mapping[str, str]) -> list[Cell]:
    """Mark the cells as sent back. Raises InvalidInput for a cell that is not in the form or nobody types."""
    lines = {line.key: line for line in lines_of(report.version.content, elements_in_force(SYSTEM))}
    standing = {cell.key: cell for cell in Cell.objects.filter(report=report)}
    moment, found = now(), []
    for key, reason in reasons.items():
        line, cell = lines.get(key), standing.get(key)
        if line is None:
            raise refuse("report.unknown_cell", column="cells", cell=key[:80])
        if line.kind != "typed" or (cell is not None and cell.origin in DERIVED):
            raise refuse("report.locked_cell", column="cells", cell=key[:80])
        if cell is None:
            cell = Cell(report=report, element=line.element, category=line.category, entered_at=moment)
        cell.returned, cell.return_reason = True, reason.strip()[:500]
        cell.save()
        found.append(cell)
    return found
