"""Making a run: begin, compute, check, correct, and the job that does it for large ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from jingtu.assessment.adjustments.services import Fired, propose_vetoes
from jingtu.assessment.indicators.store import version_for
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.engine.assess import Assessment
from jingtu.engine.evaluate import counts_persons
from jingtu.engine.periods import Period

from .. import changed, notices, registry, snapshots
from ..findings import find_in
from ..late import late_edits
from ..models import Run, RunPlace
from ..rules import OPEN_STATES, SETTLE_FIRST, RunAction, RunState, next_version
from . import findings, following
from .acts import audited, locked, move, one_winner, require, run_with

JOB_KIND = "runs.prepare"
AT_ONCE = 5000
"""Up to so many regions a run is computed in the request itself."""


def create_run(
    actor: Actor,
    region: Region,
    level: str | None,
    scorecard: str,
    period: str,
    note: str = "",
    *,
    hands: Sequence[int] = (),
) -> Run:
    """Begin an assessment of the places of ``level`` inside ``region``; the level is the scorecard's by default.

    Versions of the same (region, level, scorecard, period) count up. A draft that is still open gives way
    to the new version; one in review must be settled first (Conflict). Raises InvalidInput for an unknown
    scorecard, a period its cadence does not allow, or a level without places. ``hands``: own ids of others who
    had a part in it (who set up the schedule that acts for the actor); they do not sign it either.
    """
    if not actor.can(Permission.RUNS_PREPARE, region.pk):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    person = person_behind(actor, Permission.RUNS_PREPARE)
    parsed = Period.parse(period)
    catalogue = version_for(parsed)
    if catalogue is None:
        raise refuse("runs.no_catalogue")
    card = snapshots.scorecard_of(catalogue, scorecard)
    level = snapshots.checked_level(card, region, level, parsed)
    key = {"region": region, "level": level, "scorecard": scorecard, "period": parsed.key}
    with one_winner(), transaction.atomic():
        siblings = list(Run.objects.select_for_update().filter(**key).order_by("version"))
        for other in siblings:
            settle_first = SETTLE_FIRST.get(RunState(other.state))
            if settle_first:
                raise Conflict(Problem(settle_first, {"version": other.version}))
        for other in siblings:
            if other.state in OPEN_STATES:
                move(actor, person, other, RunAction.WITHDRAW, RunState.WITHDRAWN, "由新版本代替")
        run = Run.objects.create(
            **key,
            tree_id=region.tree_id,
            scorecard_zh=card.name_zh,
            scorecard_en=card.name_en,
            catalogue=catalogue,
            cadence=parsed.kind.value,
            period_start=parsed.start,
            period_end=parsed.end,
            version=next_version(other.version for other in siblings),
            previous=_base_of(siblings),
            note=note.strip(),
            prepared_by_id=person,
            prepared_at=now(),
            hands=sorted(set(hands)),
        )
        audited(actor, "runs.created", run, after=_described(run), reason=run.note)
    return run


def _base_of(siblings: list[Run]) -> Run | None:
    """What a new version is compared with: the published one, else the latest that was computed."""
    published = [run for run in siblings if run.state == RunState.PUBLISHED]
    computed = [run for run in siblings if run.snapshot_digest]
    candidates = published or computed
    return candidates[-1] if candidates else None


def compute(actor: Actor, run_id: int) -> Run:
    """Compute a draft from the facts and definitions of this moment and freeze the result as files."""
    run = run_with(run_id)
    require(actor, run, RunAction.COMPUTE)
    person = person_behind(actor, Permission.RUNS_PREPARE)
    catalogue = version_for(Period.parse(run.period)) or run.catalogue
    frozen = snapshots.freeze(run.region, run.level, run.scorecard, Period.parse(run.period), catalogue)
    with transaction.atomic():
        run = locked(run_id)
        require(actor, run, RunAction.COMPUTE)
        # Before the first audit entry: whoever decides a veto has its row and then waits for the trail's head.
        _propose_vetoes(actor, run, frozen.assessment)
        run.ranked.all().delete()
        RunPlace.objects.bulk_create(
            [
                RunPlace(run=run, region_id=region, rank=rank, total=total, sections=sections)
                for region, rank, total, sections in frozen.places
            ],
            batch_size=500,
        )
        move(
            actor,
            person,
            run,
            RunAction.COMPUTE,
            RunState.DRAFT,
            action="runs.computed",
            catalogue=catalogue,
            facts_upto=frozen.facts_upto,
            tree_digest=frozen.tree_digest,
            targets_digest=frozen.targets_digest,
            snapshot_digest=frozen.digest,
            publication_hash=frozen.publication_hash,
            places=len(frozen.places),
            prepared_by_id=person,
            computed_at=now(),
        )
        following.computed(run, frozen.assessment)
        registry.announce("computed", actor, run)
    return run


def _propose_vetoes(actor: Actor, run: Run, a: Assessment) -> None:
    """Open a case for every veto that fired among the ranked places; the machine decides none of them."""
    fired = []
    for index, place in enumerate(a.subjects.tolist()):
        for number, veto in enumerate(a.scorecard.vetoes):
            if a.current.card.fired[index, number]:
                definition = a.catalogue.indicators[veto.indicator]
                fired.append(
                    Fired(
                        int(a.tree.ids[place]),
                        veto.indicator,
                        veto.name_zh or definition.name_zh,
                        veto.name_en or definition.name_en,
                        veto.effect,
                        a.current.values[veto.indicator].text(place - a.within) or "",
                        counts_persons(a.catalogue, veto.indicator),
                    )
                )
    places = [int(a.tree.ids[place]) for place in a.subjects.tolist()]
    propose_vetoes(actor, run.tree_id, run.scorecard, run.period, fired, places)


def check(actor: Actor, run_id: int) -> Run:
    """Look for what is missing, sudden or contradictory; answers given to the same findings are kept."""
    run = run_with(run_id)
    require(actor, run, RunAction.CHECK)
    person = person_behind(actor, Permission.RUNS_PREPARE)
    noticed = [*find_in(run), *late_edits(run)]
    with transaction.atomic():
        run = locked(run_id)
        require(actor, run, RunAction.CHECK)
        fresh = findings.refresh_findings(run, noticed)
        move(
            actor,
            person,
            run,
            RunAction.CHECK,
            RunState.CHECKED,
            action="runs.checked",
            extra={"findings": len(noticed)},
        )
        notices.findings_assigned(actor, run, fresh)
    return run


def prepare(actor: Actor, run_id: int) -> Run:
    """Compute and check in one go, as the job and the command do."""
    compute(actor, run_id)
    return check(actor, run_id)


def start(actor: Actor, run_id: int) -> Job | None:
    """Compute and check at once where that takes a moment, otherwise by a job (which is returned)."""
    run = run_with(run_id)
    require(actor, run, RunAction.COMPUTE)
    region = run.region
    if (region.last or 0) - (region.position or 0) < AT_ONCE:
        prepare(actor, run_id)
        return None
    return submit(actor, JOB_KIND, {"run": run_id}, region.pk)


def prepare_as_job(job: Job, actor: Actor, progress: Progress) -> dict[str, Any]:
    """The work of a job of :data:`JOB_KIND`; doing it twice gives the same result."""
    run_id = int(job.params["run"])
    progress(5)
    run = compute(actor, run_id)
    progress(70)
    run = check(actor, run_id)
    return {"run": run.pk, "state": run.state, "places": run.places}


def correct(actor: Actor, run_id: int, reason: str) -> Run:
    """A new version of a published run, computed and checked, because facts or definitions have changed.

    The published version stays as it is until the new one is signed. Raises Conflict when nothing changed.
    """
    run = run_with(run_id)
    require(actor, run, RunAction.CORRECT, reason)
    if not changed.what_changed(run):
        raise Conflict(Problem("runs.none_changed", {"version": run.version}))
    newer = create_run(actor, run.region, run.level, run.scorecard, run.period, reason)
    return prepare(actor, newer.pk)


def _described(run: Run) -> dict[str, Any]:
    return {
        "scorecard": run.scorecard,
        "level": run.level,
        "period": run.period,
        "version": run.version,
        "catalogue": run.catalogue_id,
    }
