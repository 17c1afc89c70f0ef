"""Watching runs: what the rules notice in one becomes alerts, what rested on a run that was taken back closes."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from jingtu.assessment.indicators.guard import CellGuard, decided
from jingtu.assessment.runs.models import Run, RunReview
from jingtu.assessment.runs.rules import OPEN_STATES as OPEN_RUNS
from jingtu.assessment.runs.rules import RunAction, RunState
from jingtu.assessment.runs.snapshots import Opened, figures_of, open_run
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.notifications.services import Bundle
from jingtu.engine.alerting import Signal, detect
from jingtu.engine.periods import Period

from ..models import OPEN, Alert, AlertEvent, AlertOccurrence, WatchedRun
from ..rules import AlertEventKind, AlertState
from .raising import Noticed, Raising, ToOwner, Watched


def watch_run(actor: Actor, run_id: int, bundle: Bundle[ToOwner] | None = None) -> Watched:
    """Apply the alert rules to a computed run; the same content twice changes nothing. ``bundle``: what
    the runs of one round tell together.

    Raises NotFound, PermissionDenied without the right to prepare runs there.
    """
    run = Run.objects.select_related("region", "tree", "catalogue").filter(pk=run_id).first()
    if run is None:
        raise NotFound(run_id, "run")
    if not actor.can(Permission.RUNS_PREPARE, run.region_id):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    published = run.state == RunState.PUBLISHED
    if not run.snapshot_digest or not (published or run.state in OPEN_RUNS):
        return Watched()
    if _known(run, published):
        return Watched()
    opened = open_run(run)
    rules = opened.catalogue.alerts
    guard = guard_of(run, opened)
    with figures_of(run) as figures:
        signals = detect(figures)
    noticed = [_noticed(opened, guard, signal) for signal in signals]
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        if _known(run, published):
            return Watched()
        raising = Raising(
            run.region,
            Period.parse(run.period),
            list(rules.values()),
            run=run,
            disclosed=published,
            bundle=bundle,
        )
        done = raising.apply(actor, noticed)
        if published:
            # What the new version says again rests on it by now; the rest rests on what is no longer in force.
            lost = close_resting_on(_superseded_by(run), AlertEventKind.SUPERSEDED)
            done = replace(done, lapsed=done.lapsed + lost)
        WatchedRun.objects.update_or_create(
            run=run, defaults={"digest": run.snapshot_digest, "disclosed": published, "at": now()}
        )
    return done


def run_withdrawn(actor: Actor, run: Run) -> None:
    """A run was taken back: close the alerts that rest on it, with its reason. Inside the deed's transaction."""
    said = RunReview.objects.filter(run=run, action=RunAction.WITHDRAW.value).order_by("-pk").first()
    reason = said.reason if said else ""
    closed = close_resting_on(Run.objects.filter(pk=run.pk), AlertEventKind.WITHDRAWN, reason)
    if closed:
        record(
            actor,
            "alerts.closed_with_run",
            target_type="run",
            target_id=run.pk,
            region_id=run.region_id,
            after={"alerts": closed},
            reason=reason.strip(),
        )


def close_resting_on(runs: QuerySet[Run], kind: AlertEventKind, reason: str = "") -> int:
    """Close open alerts whose latest period was seen in one of the runs. A constant number of queries.

    The strength they were settled at stays nought, so that a later version that shows the same raises them again.
    """
    resting = AlertOccurrence.objects.filter(
        alert=OuterRef("pk"), period=OuterRef("last_period"), run__in=runs.values("pk")
    )
    found = Alert.objects.select_for_update().filter(Exists(resting), state__in=OPEN)
    alerts, moment = list(found.order_by("pk")), now()
    AlertEvent.objects.bulk_create(
        AlertEvent(
            alert=alert,
            kind=kind.value,
            from_state=alert.state,
            to_state=AlertState.RESOLVED.value,
            period=alert.last_period,
            reason=reason.strip(),
            at=moment,
        )
        for alert in alerts
    )
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(
        state=AlertState.RESOLVED.value, closed_at=moment, snoozed_until=None, settled_strength=0
    )
    return len(alerts)


def _superseded_by(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(
        region_id=run.region_id,
        level=run.level,
        scorecard=run.scorecard,
        period=run.period,
        state=RunState.SUPERSEDED,
    )


def _known(run: Run, published: bool) -> bool:
    known = WatchedRun.objects.filter(run=run, digest=run.snapshot_digest)
    return known.filter(disclosed=True).exists() if published else known.exists()


def guard_of(run: Run, opened: Opened) -> CellGuard:
    """Which values of the run's places are hidden from readers without the right to small counts."""
    ids = opened.tree.ids[opened.within : int(opened.tree.last[opened.within]) + 1]
    return CellGuard(ids, opened.catalogue, decided(run.tree, opened.period.end))


def _noticed(opened: Opened, guard: CellGuard, signal: Signal) -> Noticed:
    """The signal at its region, and whether it rests on a figure hidden from readers without the right.

    The earlier values beside a crossed red line are only there for the eye: hidden ones are left out.
    """
    region_id = int(opened.tree.ids[signal.position])
    if not signal.subject:
        return Noticed(signal, region_id)
    place = signal.position - opened.within

    def hidden(key: str) -> bool:
        return bool(guard.hidden(signal.subject, Period.parse(key))[place])

    now_hidden, series = hidden(signal.period.key), signal.evidence.get("series", ())
    if signal.rule.kind == "red_line":
        shown = [(key, value) for key, value in series if now_hidden or not hidden(key)]
        return Noticed(replace(signal, evidence={**signal.evidence, "series": shown}), region_id, now_hidden)
    return Noticed(signal, region_id, now_hidden or any(hidden(key) for key, _ in series))
