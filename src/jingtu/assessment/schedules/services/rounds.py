"""What has fallen due, schedule by schedule: for the ticker, and for somebody who does not want to wait."""

from __future__ import annotations

import datetime as dt
import logging
import uuid

from django.db import OperationalError, transaction
from django.db.models import Q

from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, Problem
from jingtu.core.kernel.wall import reading_as_system

from .. import consent, notices
from ..models import Occurrence, Schedule
from ..rules import (
    LONGEST,
    MOST_TRIES,
    SETTLED,
    STALE_AFTER,
    Cadence,
    Consent,
    OccurrenceState,
    due_until,
    pause_after,
)
from .common import managed, office_zone, reopen
from .producing import deal_with

log = logging.getLogger(__name__)


def run_now(actor: Actor, schedule_id: int) -> Occurrence:
    """Deal with the oldest period that is still open without waiting any longer; where none is, try the
    latest that failed again.

    Raises Conflict when there is neither.
    """
    schedule = managed(actor, schedule_id)
    consent.require(schedule)
    _free_stale(schedule)
    _note_due(schedule, ended=True)
    waiting = schedule.occurrences.exclude(state__in=sorted(SETTLED)).order_by("period_end").first()
    if waiting is None:
        again = schedule.occurrences.filter(state=OccurrenceState.FAILED).order_by("-period_end").first()
        if again is None or not reopen(schedule, OccurrenceState.FAILED, again.pk):
            raise Conflict(Problem("schedules.not_due"))
        waiting = Occurrence.objects.get(pk=again.pk)
    if not deal_with(schedule, waiting, notices.RoundNotices(schedule), pressed_by=user_id_of(actor)):
        raise Conflict(Problem("schedules.not_due"))
    _clear_trouble(schedule)
    waiting.refresh_from_db()
    return waiting


def tick() -> int:
    """Everything that is due now, schedule by schedule, period by period in order; for the ticker.

    Two processes may call it at once: of one period only one of them makes a run.
    """
    with reading_as_system("what came in for a schedule is the same whoever lets time pass"):
        return _round()


def _round() -> int:
    done, busy = 0, None
    rested = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now())
    wanted = Schedule.objects.filter(rested, enabled=True, consent=Consent.GIVEN)
    for schedule in wanted.select_related("region__tree", "on_behalf", "send_to"):
        try:
            done += _look_after(schedule)
        except OperationalError as error:
            busy = error  # the database's fault, not the schedule's: told at the end, tried again at the next round
        except Exception as error:  # whatever it is, the other schedules go on
            _note_trouble(schedule, error)
        else:
            _clear_trouble(schedule)
    if busy is not None:
        raise busy
    return done


def _look_after(schedule: Schedule) -> int:
    done, told = 0, notices.RoundNotices(schedule)
    _free_stale(schedule)
    _note_due(schedule)
    for occurrence in schedule.occurrences.exclude(state__in=sorted(SETTLED)).order_by("period_end"):
        # Before each one: those before it, and other schedules, may have taken minutes.
        schedule.refresh_from_db(fields=["enabled", "consent", "on_behalf", "set_up_by"])
        if not schedule.enabled or schedule.consent != Consent.GIVEN:
            break
        if not deal_with(schedule, occurrence, told):
            break  # a later period waits for the earlier one
        done += 1
    return done


def _note_trouble(schedule: Schedule, error: Exception) -> None:
    """Say on the schedule what happened and when it is tried again; tell people the first time."""
    reference = uuid.uuid4().hex[:8]
    log.error("schedule %s, reference %s", schedule.pk, reference, exc_info=error)
    problem = Problem("schedules.broken", {"reference": reference})
    troubles, moment = min(schedule.troubles + 1, 1000), now()
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule.pk).update(
            trouble=[problem.code, dict(problem.params)],
            trouble_at=moment,
            troubles=troubles,
            next_try_at=moment + pause_after(troubles),
        )
        if troubles == 1:
            notices.broken(schedule, reference)


def _clear_trouble(schedule: Schedule) -> None:
    if schedule.troubles:
        Schedule.objects.filter(pk=schedule.pk).update(
            trouble=[], trouble_at=None, troubles=0, next_try_at=None
        )


def _note_due(schedule: Schedule, *, ended: bool = False) -> None:
    """Write down the periods that fell due (or at least ended) and are not known yet, once each."""
    zone, moment = office_zone(), now()
    known = dict(schedule.occurrences.values_list("period", "period_end"))
    start = schedule.starts_on
    if known and schedule.cadence != Cadence.ODD:
        start = max(start, max(known.values()) + dt.timedelta(days=1))
    until = moment + LONGEST if ended else moment
    today = moment.astimezone(zone).date()
    fresh = [
        Occurrence(
            schedule=schedule,
            period=due.period.key,
            period_end=due.period.end,
            due_at=due.at,
            latest_at=due.latest,
        )
        for due in due_until(schedule.timing, start, until, zone)
        if due.period.key not in known and due.period.end < today
    ]
    Occurrence.objects.bulk_create(fresh, ignore_conflicts=True)


def _free_stale(schedule: Schedule) -> None:
    """What a process that is gone had begun is begun again, or given up after some tries."""
    gone = schedule.occurrences.filter(state=OccurrenceState.RUNNING, begun_at__lt=now() - STALE_AFTER)
    gone.filter(tries__gte=MOST_TRIES).update(
        state=OccurrenceState.FAILED,
        finished_at=now(),
        note=["schedules.gave_up", {"times": MOST_TRIES}],
    )
    gone.filter(tries__lt=MOST_TRIES).update(state=OccurrenceState.WAITING)
