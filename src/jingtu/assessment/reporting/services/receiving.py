"""Reports that came another way (on paper, as files, before the form existed): registered with the day they came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.facts import store
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.engine.facttable import FactRow
from jingtu.engine.problems import refuse

from ..assigning import due_at, units_asked
from ..definition import Line, cell_key, lines_of
from ..models import Cell, Report, ReportEvent
from ..rules import ReportAction, ReportState
from ..visibility import is_unrestricted, spans
from ..working import find_form, find_version, parse_period
from .filling import events_for, refuse_before_it_begins


def receive_reports(
    actor: Actor, code: str, period_text: str, arrived: Mapping[int, dt.datetime], note: str
) -> list[Report]:
    """Register reports whose figures are facts already, as accepted, each with the moment it came.

    ``arrived``: own id of the unit → when its report came. Units that have begun a report, that the form does
    not ask, or of which no figure is known are left out. No fact is changed: the cells are read from them.
    The number of queries does not grow with the units.
    """
    form, versions = find_form(code)
    period = parse_period(period_text)
    version = find_version(form, versions, period)
    refuse_before_it_begins(actor, period)
    if not note.strip():
        raise refuse("report.reason_required", column="note")
    units = {
        region.pk: region
        for region in units_asked(form.tree_id, version.content, period)
        if region.pk in arrived
    }
    held = spans(actor, Permission.FORMS_REVIEW)
    if not is_unrestricted(actor) and not all(
        any(span.holds(region) for span in held) for region in units.values()
    ):
        raise PermissionDenied(Permission.FORMS_REVIEW)
    lines = {line.key: line for line in lines_of(version.content, elements_in_force(SYSTEM))}
    facts = store.read(form.tree_id, None, version.content.elements, [period.key], list(units))
    rows: dict[int, list[FactRow]] = {}
    for row in facts.rows():
        if cell_key(row.element, row.category) in lines:
            rows.setdefault(row.region_id, []).append(row)
    with transaction.atomic():
        begun = set(Report.objects.filter(form=form, period=period.key).values_list("region_id", flat=True))
        reports = [
            Report(
                form=form,
                version=version,
                region=region,
                period=period.key,
                period_start=period.start,
                period_end=period.end,
                due_at=due_at(version.content, period),
                state=ReportState.ACCEPTED.value,
                typed_cells=sum(_kind(lines, row) == "typed" for row in rows[pk]),
                locked_cells=sum(_kind(lines, row) != "typed" for row in rows[pk]),
                first_submitted_at=arrived[pk],
                submitted_at=arrived[pk],
                accepted_at=arrived[pk],
                batches=sorted({row.batch for row in rows[pk]}),
            )
            for pk, region in units.items()
            if pk in rows and pk not in begun
        ]
        Report.objects.bulk_create(reports, batch_size=200)
        Cell.objects.bulk_create(
            [
                Cell(
                    report=report,
                    element=row.element,
                    category=row.category,
                    value=row.value,
                    qualifier=row.qualifier.value,
                    origin=_origin(_kind(lines, row)),
                    entered_at=arrived[report.region_id],
                )
                for report in reports
                for row in rows[report.region_id]
            ],
            batch_size=2000,
        )
        ReportEvent.objects.bulk_create(events_for(actor, reports, ReportAction.RECEIVE, note.strip()[:500]))
        if reports:
            record(
                actor,
                "reporting.received",
                target_type="form",
                target_id=f"{form.code} {period.key}",
                after={"reports": len(reports)},
                reason=note.strip(),
            )
    return reports


def _kind(lines: Mapping[str, Line], row: FactRow) -> str:
    return lines[cell_key(row.element, row.category)].kind


def _origin(kind: str) -> str:
    return {"total": Cell.Origin.TOTAL, "below": Cell.Origin.BELOW}.get(kind, Cell.Origin.SHEET)
