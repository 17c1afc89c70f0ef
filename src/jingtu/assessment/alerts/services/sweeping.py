"""What time brings: alerts put off come back, runs nobody looked at are looked at, absent reports are noticed."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.rules import OPEN_STATES as OPEN_RUNS
from jingtu.assessment.runs.rules import RunState
from jingtu.assessment.runs.snapshots import assess_now
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.core.kernel.wall import reading_as_system
from jingtu.core.notifications.services import Bundle
from jingtu.engine.alerting import detect
from jingtu.engine.periods import Period
from jingtu.engine.workdays import add_working_days

from ..models import Alert, AlertEvent, Sweep, WatchedRun
from ..rules import AlertEventKind, AlertState
from .raising import Noticed, Raising, ToOwner, notices_of_a_round
from .watching import watch_run

LOOK_BACK = dt.timedelta(days=62)
"""Runs older than this are history: their alerts would come too late to be settled."""
GRACE_WORKING_DAYS = 10
"""So long after the end of a period its reports may still be on their way."""
OF_ABSENCE = ("missing_report", "inactivity")


def heard_of(actor: Actor, run: Run) -> None:
    """A run was computed or became visible: apply the rules once that is committed.

    What goes wrong here never undoes the deed; :func:`catch_up` looks at the run again.
    """

    def watch() -> None:  # a function with a name, which the log of a failure prints
        with reading_as_system("a run raises the alerts of all its places, whoever computed or signed it"):
            watch_run(SYSTEM, run.pk)

    transaction.on_commit(watch, robust=True)


def on_time(actor: Actor = SYSTEM) -> int:
    """What the ticker does: cheap when nothing is due. Raises PermissionDenied without the right to maintain."""
    with reading_as_system("alerts fall due at every place, for whoever lets time pass"):
        return wake(actor) + catch_up(actor) + sweep(actor)


def wake(actor: Actor) -> int:
    """Bring back the alerts whose day has come."""
    _must_maintain(actor)
    day, done = today(), 0
    due = Alert.objects.filter(state=AlertState.SNOOZED.value, snoozed_until__lte=day)
    for alert_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            alert = Alert.objects.select_for_update().get(pk=alert_id)
            if alert.state != AlertState.SNOOZED or alert.snoozed_until is None or alert.snoozed_until > day:
                continue
            alert.state, alert.snoozed_until = AlertState.NEW.value, None
            alert.save(update_fields=["state", "snoozed_until"])
            AlertEvent.objects.create(
                alert=alert,
                kind=AlertEventKind.WOKEN.value,
                from_state=AlertState.SNOOZED.value,
                to_state=alert.state,
                period=alert.last_period,
                at=now(),
            )
            done += 1
    return done


def catch_up(actor: Actor) -> int:
    """Look at runs that a crash or an older version left unwatched, the earliest period first."""
    _must_maintain(actor)
    since = now() - LOOK_BACK
    watched = WatchedRun.objects.filter(run=OuterRef("pk"), digest=OuterRef("snapshot_digest"))
    runs = (
        Run.objects.exclude(snapshot_digest="")
        .filter(
            Q(state=RunState.PUBLISHED.value, published_at__gte=since)
            & ~Exists(watched.filter(disclosed=True))
            | Q(state__in=[state.value for state in OPEN_RUNS], computed_at__gte=since) & ~Exists(watched)
        )
        .order_by("period_end", "pk")
    )
    done, bundle = 0, notices_of_a_round()
    for run_id in list(runs.values_list("pk", flat=True)):
        watch_run(SYSTEM, run_id, bundle)
        done += 1
    return done


def sweep(actor: Actor) -> int:
    """Once a day: who has not reported for a period that nobody has assessed yet although it is over."""
    _must_maintain(actor)
    day = today()
    if Sweep.objects.filter(day=day).exists():
        return 0
    try:
        with transaction.atomic():
            row = Sweep.objects.create(day=day)
    except IntegrityError:  # another process was faster
        return 0
    bundle = notices_of_a_round()
    raised = sum(_absent(actor, run, day, bundle) for run in _latest_of_each_series())
    Sweep.objects.filter(pk=row.pk).update(raised=raised)
    return raised


def _latest_of_each_series() -> list[Run]:
    latest: dict[tuple[int, str, str, str], Run] = {}
    runs = Run.objects.filter(state=RunState.PUBLISHED.value, period_end__gte=today() - 2 * LOOK_BACK)
    for run in runs.select_related("region", "tree").order_by("period_end", "pk"):
        latest[run.region_id, run.level, run.scorecard, run.cadence] = run
    return list(latest.values())


def _absent(actor: Actor, run: Run, day: dt.date, bundle: Bundle[ToOwner]) -> int:
    period = Period.parse(run.period).next()
    if add_working_days(period.end, GRACE_WORKING_DAYS).day >= day:
        return 0
    same = Run.objects.filter(
        region_id=run.region_id, level=run.level, scorecard=run.scorecard, period=period.key
    )
    version = newest()
    if version is None or same.exclude(snapshot_digest="").exists():
        return 0
    rules = [rule for rule in catalogue_of(version).alerts.values() if rule.kind in OF_ABSENCE]
    try:
        assessment = assess_now(run.region, run.level, run.scorecard, period, version)
    except InvalidInput:
        return 0  # nothing at all was reported: the report forms have their own deadline
    noticed = [
        Noticed(signal, int(assessment.tree.ids[signal.position])) for signal in detect(assessment, rules)
    ]
    with transaction.atomic():
        raising = Raising(run.region, period, rules, run=None, disclosed=True, bundle=bundle)
        done = raising.apply(actor, noticed)
    return done.raised + done.again


def _must_maintain(actor: Actor) -> None:
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)
