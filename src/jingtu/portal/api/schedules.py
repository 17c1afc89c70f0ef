"""Schedules: what falls due, what became of it, and running one now. They are set up on screen."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.assessment.schedules import queries, services
from jingtu.assessment.schedules.queries import ScheduleRow
from jingtu.assessment.schedules.rules import Consent, WaitFor
from jingtu.assessment.schedules.telling import OccurrenceRow
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.clock import today

from .regions import place_of
from .schemas import Id, Place

router = Router(tags=["schedules"])


class OccurrenceOut(Schema):
    """One period of a schedule; `upcoming` while it has not fallen due."""

    schedule: int
    period: str
    due_at: dt.datetime
    latest_at: dt.datetime
    state: str
    coverage: str | None
    note: str
    late: str
    run: int | None


class ScheduleOut(Schema):
    """A rhythm with what it did last and what comes next; `stopped` says why the machine stopped it.

    `consent`: whether the person named agreed, `lacking`: in words what follows while they have not;
    `wait_for`: the coverage of figures (`min_coverage` percent) or accepted reports of `forms`, at most `wait_days`;
    `trouble`: what kept it from being looked at, and when it is tried again.
    """

    id: int
    name: str
    region: Place
    scorecard: str
    cadence: str
    enabled: bool
    stopped: str
    on_behalf: str
    consent: Consent
    lacking: str
    answered_at: dt.datetime | None
    wait_for: WaitFor
    min_coverage: int
    forms: list[str]
    wait_days: int
    trouble: str
    trouble_at: dt.datetime | None
    next_try_at: dt.datetime | None
    last: OccurrenceOut | None
    next: OccurrenceOut | None


class Schedules(Schema):
    """The schedules that the caller may read."""

    items: list[ScheduleOut]


class Occurrences(Schema):
    """What fell or falls due, in order."""

    items: list[OccurrenceOut]


@router.get("/schedules", response=Schedules, summary="计划列表")
def list_schedules(request: HttpRequest) -> Schedules:
    """Every schedule of the caller's regions."""
    return Schedules(items=[_schedule(row) for row in queries.schedule_rows(actor_of(request))])


@router.get("/schedules/calendar", response=Occurrences, summary="日程")
def list_occurrences(
    request: HttpRequest,
    start: dt.date | None = None,
    days: Annotated[int, Field(ge=1, le=366)] = 31,
) -> Occurrences:
    """What falls due from a day (today) on, for some days."""
    first = min(max(start or today(), dt.date(2000, 1, 1)), dt.date(2190, 1, 1))
    rows = queries.calendar(actor_of(request), first, first + dt.timedelta(days=days))
    return Occurrences(items=[_occurrence(row) for row in rows])


@router.post("/schedules/{int:schedule_id}/run", response=OccurrenceOut, summary="立即办理")
def run_schedule(request: HttpRequest, schedule_id: Id) -> OccurrenceOut:
    """Deal with the oldest open period now, without waiting for figures any longer."""
    actor = actor_of(request)
    occurrence = services.run_now(actor, schedule_id)
    schedule = queries.get_schedule(actor, schedule_id)
    return _occurrence(queries.occurrence_rows(actor, schedule, [occurrence])[0])


def _schedule(row: ScheduleRow) -> ScheduleOut:
    schedule = row.schedule
    return ScheduleOut(
        id=schedule.pk,
        name=schedule.name,
        region=place_of(schedule.region),
        scorecard=schedule.scorecard,
        cadence=schedule.cadence,
        enabled=schedule.enabled,
        stopped=row.stopped,
        on_behalf=schedule.on_behalf.full_name,
        consent=Consent(schedule.consent),
        lacking=row.consent,
        answered_at=schedule.answered_at,
        wait_for=WaitFor(schedule.wait_for),
        min_coverage=schedule.min_coverage,
        forms=schedule.forms,
        wait_days=schedule.wait_days,
        trouble=row.trouble,
        trouble_at=schedule.trouble_at,
        next_try_at=schedule.next_try_at,
        last=_occurrence(row.last) if row.last else None,
        next=_occurrence(row.next) if row.next else None,
    )


def _occurrence(row: OccurrenceRow) -> OccurrenceOut:
    one = row.occurrence
    return OccurrenceOut(
        schedule=row.schedule.pk,
        period=row.period,
        due_at=row.due_at,
        latest_at=row.latest_at,
        state=one.state if one else "upcoming",
        coverage=None if one is None or one.coverage is None else str(one.coverage),
        note=row.note,
        late=row.late,
        run=one.run_id if one else None,
    )
