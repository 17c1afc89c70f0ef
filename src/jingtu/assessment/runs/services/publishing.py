"""From review to the readers: time for appeals, signature and number, release at its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.timezone import localtime

from jingtu.assessment.adjustments.queries import undecided
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, person_behind
from jingtu.core.kernel.characters import seen
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem, refuse
from jingtu.core.numbering.queries import series_for
from jingtu.core.numbering.services import allocate, queue_for
from jingtu.core.regions.queries import get_region
from jingtu.engine.problems import InvalidInput
from jingtu.engine.workdays import add_working_days

from .. import changed, notices, registry, snapshots
from ..models import Publication, ReleaseRule, Run
from ..rules import (
    DECIDE_DAYS,
    EXAMINE_DAYS,
    MOST_DAYS,
    OBJECTION_DAYS,
    REASON_MIN,
    RunAction,
    RunState,
    appeal_problem,
)
from .acts import audited, locked, move, one_winner, require, run_with

FARTHEST_EMBARGO = dt.timedelta(days=366)
# A time that passes while somebody fills in the form still means at once.
LATE_SIGNATURE = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Release:
    """How an office lets runs go: working days for appeals before and after, to take one up and to decide it, and the
    series of numbers."""

    appeal_days: int = 0
    objection_days: int = OBJECTION_DAYS
    series_id: int | None = None
    examine_days: int = EXAMINE_DAYS
    decide_days: int = DECIDE_DAYS


def release_of(run: Run) -> Release:
    """The rule that holds for a run: its card's at the nearest office from its region upwards."""
    region = run.region
    rules = ReleaseRule.objects.filter(
        region__tree_id=run.tree_id,
        region__position__lte=region.position if region.position is not None else -1,
        region__last__gte=region.last or 0,
        scorecard__in=("", run.scorecard),
    ).order_by("-region__position", "-scorecard")
    found = rules.first()
    if found is None:
        return Release()
    return Release(
        found.appeal_days, found.objection_days, found.series_id, found.examine_days, found.decide_days
    )


def set_release_rule(
    actor: Actor,
    region_id: int,
    scorecard: str = "",
    *,
    appeal_days: int = 0,
    objection_days: int = OBJECTION_DAYS,
    series_id: int | None = None,
    examine_days: int = EXAMINE_DAYS,
    decide_days: int = DECIDE_DAYS,
) -> ReleaseRule:
    """Say how the runs of a region's office (and a card) are let go. For those who approve them.

    Raises PermissionDenied, InvalidInput for days out of range or a series that is not the office's.
    """
    if not actor.can(Permission.RUNS_APPROVE, region_id):
        raise PermissionDenied(Permission.RUNS_APPROVE)
    region = get_region(actor, region_id)
    terms = {
        "appeal_days": appeal_days,
        "objection_days": objection_days,
        "examine_days": examine_days,
        "decide_days": decide_days,
    }
    for name, days in terms.items():
        if not 0 <= days <= MOST_DAYS:
            raise refuse("runs.days_out_of_range", column=name, most=MOST_DAYS)
    for name in ("examine_days", "decide_days"):
        if not terms[name]:
            raise refuse("runs.days_needed", column=name, most=MOST_DAYS)
    if series_id is not None and series_id not in {one.pk for one in series_for(actor, region_id)}:
        raise refuse("runs.not_the_offices_series", column="series")
    values = {**terms, "series_id": series_id}
    with transaction.atomic():
        rule, _ = ReleaseRule.objects.update_or_create(
            region=region, scorecard=scorecard.strip(), defaults=values
        )
        record(
            actor,
            "runs.release_rule_set",
            target_type="release_rule",
            target_id=rule.pk,
            region_id=region_id,
            after={"scorecard": rule.scorecard, **values},
        )
    return rule


def open_for_appeal(actor: Actor, run_id: int, note: str = "", days: int | None = None) -> Run:
    """Let the units look at their own figures and dispute them for some working days, before signing.

    ``days``: the office's rule when left out. Raises as :func:`approve_and_publish`.
    """
    run = run_with(run_id)
    require(actor, run, RunAction.OPEN_APPEAL)
    person = person_behind(actor, Permission.RUNS_PREPARE)
    given = days if days is not None else release_of(run).appeal_days
    if not 1 <= given <= MOST_DAYS:
        raise refuse("runs.days_needed", column="days", most=MOST_DAYS)
    with one_winner(), transaction.atomic():
        run = locked(run_id)
        require(actor, run, RunAction.OPEN_APPEAL)
        move(
            actor,
            person,
            run,
            RunAction.OPEN_APPEAL,
            RunState.APPEAL,
            note,
            action="runs.opened_for_appeal",
            appeal_from=today(),
            appeal_until=add_working_days(today(), given).day,
        )
        registry.announce("opened", actor, run)
    return run


def approve_and_publish(
    actor: Actor,
    run_id: int,
    note: str = "",
    *,
    skip_reason: str = "",
    hold_reason: str = "",
    release_at: dt.datetime | None = None,
) -> Run:
    """Sign a run and publish it, at once or at ``release_at``: from now on it is never changed.

    The official number is given out here. ``skip_reason`` is needed where the office's rule gives time for
    appeals and it was not given in full, ``hold_reason`` where something speaks against publishing (open
    appeals); both are printed. The hash is computed again from the stored files first; a snapshot that was
    touched is not published. Of two people who publish at once, one is told that the other was faster.
    """
    run = run_with(run_id)
    require(actor, run, RunAction.PUBLISH)
    person = person_behind(actor, Permission.RUNS_PREPARE)
    rule = release_of(run)
    skip_reason = _require_time_for_appeals(run, rule, skip_reason)
    held = _require_no_hold(run, hold_reason)
    _require_vetoes_decided(run)
    later = _checked_release(release_at)
    snapshots.require_intact(run)
    with one_winner(), transaction.atomic():
        run = locked(run_id)
        require(actor, run, RunAction.PUBLISH)
        # Before the first audit entry: whoever takes a number has the series and then waits for the trail's head.
        if rule.series_id is not None:
            queue_for(rule.series_id)
        if not later:
            _supersede_older(actor, run)
        moment = now()
        move(
            actor,
            person,
            run,
            RunAction.PUBLISH,
            RunState.EMBARGOED if later else RunState.PUBLISHED,
            "；".join(filter(None, (note.strip(), skip_reason.strip(), hold_reason.strip()))),
            action="runs.signed" if later else "runs.published",
            approved_by_id=person,
            published_at=None if later else moment,
            release_at=later,
        )
        Publication.objects.create(
            number=(Publication.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            run=run,
            publication_hash=run.publication_hash,
            snapshot_digest=run.snapshot_digest,
            signed_by_id=person,
            at=moment,
            official_number=_number(actor, run, rule),
            objections_until=_objections_until(rule, later or moment),
            skip_reason=skip_reason.strip(),
            held=[[problem.code, dict(problem.params)] for problem in held],
            hold_reason=hold_reason.strip() if held else "",
        )
        if not later:
            _tell_readers(actor, run)
    return run


def release_early(actor: Actor, run_id: int, reason: str) -> Run:
    """Show a signed run to its readers before its time, for a stated reason."""
    run = run_with(run_id)
    require(actor, run, RunAction.RELEASE, reason)
    with one_winner(), transaction.atomic():
        run = locked(run_id)
        require(actor, run, RunAction.RELEASE, reason)
        _release(actor, person_behind(actor, Permission.RUNS_PREPARE), run, reason)
    return run


def release_due() -> int:
    """Show what was signed and whose time has come; for the ticker. Returns how many."""
    due = list(
        Run.objects.filter(state=RunState.EMBARGOED, release_at__lte=now())
        .order_by("release_at", "pk")
        .values_list("pk", flat=True)
    )
    done = 0
    for run_id in due:
        try:
            with transaction.atomic():
                run = locked(run_id)
                if run.state != RunState.EMBARGOED or run.release_at is None or run.release_at > now():
                    continue  # another process was faster, or it was withdrawn
                _release(SYSTEM, None, run, "")
        except (Conflict, IntegrityError):
            continue
        done += 1
    return done


def number_target(run: Run) -> str:
    """How the register of numbers names a run."""
    return f"run:{run.pk}"


def _release(actor: Actor, person: int | None, run: Run, reason: str) -> None:
    _supersede_older(actor, run)
    move(
        actor,
        person,
        run,
        RunAction.RELEASE,
        RunState.PUBLISHED,
        reason,
        action="runs.published",
        published_at=now(),
    )
    _tell_readers(actor, run)


def _tell_readers(actor: Actor, run: Run) -> None:
    notices.published(actor, run)
    registry.announce("released", actor, run)


def _supersede_older(actor: Actor, run: Run) -> None:
    """What readers had until now gives way to the run."""
    rivals = Run.objects.select_for_update().filter(
        region_id=run.region_id,
        level=run.level,
        scorecard=run.scorecard,
        period=run.period,
        state=RunState.PUBLISHED,
    )
    for older in rivals:
        if not Run.objects.filter(pk=older.pk, state=RunState.PUBLISHED).update(state=RunState.SUPERSEDED):
            raise Conflict(Problem("runs.somebody_faster"))
        audited(
            actor,
            "runs.superseded",
            older,
            before={"state": RunState.PUBLISHED},
            after={"state": RunState.SUPERSEDED, "by": run.pk},
        )


def _require_time_for_appeals(run: Run, rule: Release, skip_reason: str) -> str:
    """The reason for not waiting, empty where none is needed."""
    problem = appeal_problem(rule.appeal_days, run.appeal_until, today())
    if problem is None:
        return ""
    if len(seen(skip_reason)) < REASON_MIN:
        raise Conflict(problem)
    return skip_reason


def _require_no_hold(run: Run, hold_reason: str) -> Sequence[Problem]:
    held = registry.holds_of(run)
    if held and len(seen(hold_reason)) < REASON_MIN:
        raise Conflict(held[0])
    return held


def _require_vetoes_decided(run: Run) -> None:
    """No veto takes effect, or is passed over, without a named person's decision in the figures signed."""
    waiting = undecided(SYSTEM, run.tree_id, run.scorecard, run.period, run.region)
    if waiting:
        places = "、".join(dict.fromkeys(case.region.name for case in waiting))
        raise Conflict(Problem("runs.vetoes_open", {"count": len(waiting), "places": places}))
    if changed.ledger_changed(run):
        raise Conflict(Problem("runs.vetoes_decided_since"))


def _checked_release(release_at: dt.datetime | None) -> dt.datetime | None:
    """The time of release, None for at once. Raises InvalidInput for one too far away, or long gone: whoever
    names a day of last month means another, and the release could not be taken back."""
    if release_at is not None and now() - release_at > LATE_SIGNATURE:
        raise InvalidInput([Problem("runs.embargo_past", column="release_at")])
    if release_at is None or release_at <= now():
        return None
    if release_at - now() > FARTHEST_EMBARGO:
        raise InvalidInput([Problem("runs.embargo_too_long", column="release_at")])
    return release_at


def _number(actor: Actor, run: Run, rule: Release) -> str:
    if rule.series_id is None:
        return ""
    number = allocate(
        actor,
        rule.series_id,
        subject=f"{run.region.name} {run.period} {run.scorecard_zh} v{run.version}",
        subject_en=f"{run.region.name} {run.period} {run.scorecard_en} v{run.version}",
        target=number_target(run),
        link=reverse("runs:detail", args=[run.pk]),
    )
    return number.text


def _objections_until(rule: Release, moment: dt.datetime) -> dt.date | None:
    if not rule.objection_days:
        return None
    return add_working_days(localtime(moment).date(), rule.objection_days).day
