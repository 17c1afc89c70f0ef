"""What people do with runs. Every function takes the actor, asks the rules, writes the audit trail.

Order of a writing act: freeze files aside, then one transaction that changes the row under a lock and
on the condition that nobody else changed it, with its review step, audit entry and notices.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period

from . import notices, snapshots
from .findings import find_in
from .models import Publication, Run, RunFinding, RunPlace, RunReview
from .rules import (
    OPEN_STATES,
    TABLE,
    FindingState,
    RunAction,
    RunState,
    next_version,
    permission_for,
    reason_problem,
    refusal,
)
from .standing import run_facts
from .visibility import can_see

register_actions(
    {
        "runs.created": ("新建考核", "Run created"),
        "runs.computed": ("计算考核", "Run computed"),
        "runs.checked": ("核查考核", "Run checked"),
        "runs.answered": ("答复核查意见", "Finding answered"),
        "runs.overridden": ("豁免核查意见", "Finding overridden"),
        "runs.submitted": ("提交审批", "Run submitted for review"),
        "runs.sent_back": ("退回考核", "Run sent back"),
        "runs.published": ("发布考核", "Run published"),
        "runs.superseded": ("考核被新版取代", "Run superseded"),
        "runs.withdrawn": ("撤回考核", "Run withdrawn"),
        "runs.swept": ("清理无主存档", "Unreferenced snapshots removed"),
    }
)


JOB_KIND = "runs.prepare"
AT_ONCE = 5000
"""Up to so many regions a run is computed in the request itself."""


def needs_reason(action: RunAction) -> bool:
    """Whether the act must be explained."""
    return TABLE[action].needs_reason


def refusal_for(actor: Actor, run: Run, action: RunAction) -> Problem | None:
    """Why the actor may not do this now; None when it may."""
    return refusal(action, run_facts(actor, run))


def create_run(
    actor: Actor,
    region: Region,
    level: str | None,
    scorecard: str,
    period: str,
    note: str = "",
) -> Run:
    """Begin an assessment of the places of ``level`` inside ``region``; the level is the scorecard's by default.

    Versions of the same (region, level, scorecard, period) count up. A draft that is still open gives way
    to the new version; one in review must be settled first (Conflict). Raises InvalidInput for an unknown
    scorecard, a period its cadence does not allow, or a level without places.
    """
    if not actor.can(Permission.RUNS_PREPARE, region.pk):
        raise PermissionDenied(Permission.RUNS_PREPARE)
    person = _person(actor)
    parsed = Period.parse(period)
    catalogue = CatalogueVersion.objects.order_by("-number").first()
    if catalogue is None:
        raise refuse("runs.no_catalogue")
    card = snapshots.scorecard_of(catalogue, scorecard)
    level = snapshots.checked_level(card, region, level, parsed)
    key = {"region": region, "level": level, "scorecard": scorecard, "period": parsed.key}
    with _race(), transaction.atomic():
        siblings = list(Run.objects.select_for_update().filter(**key).order_by("version"))
        for other in siblings:
            if other.state == RunState.IN_REVIEW:
                raise Conflict(Problem("runs.in_review_exists", {"version": other.version}))
        for other in siblings:
            if other.state in OPEN_STATES:
                _move(actor, person, other, RunAction.WITHDRAW, RunState.WITHDRAWN, "由新版本代替")
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
        )
        _audit(actor, "runs.created", run, after=_described(run), reason=run.note)
    return run


def _base_of(siblings: list[Run]) -> Run | None:
    """What a new version is compared with: the published one, else the latest that was computed."""
    published = [run for run in siblings if run.state == RunState.PUBLISHED]
    computed = [run for run in siblings if run.snapshot_digest]
    candidates = published or computed
    return candidates[-1] if candidates else None


def compute(actor: Actor, run_id: int) -> Run:
    """Compute a draft from the facts and definitions of this moment and freeze the result as files."""
    run = _get(run_id)
    _require(actor, run, RunAction.COMPUTE)
    person = _person(actor)
    catalogue = CatalogueVersion.objects.order_by("-number").first() or run.catalogue
    frozen = snapshots.freeze(run.region, run.level, run.scorecard, Period.parse(run.period), catalogue)
    with transaction.atomic():
        run = _locked(run_id)
        _require(actor, run, RunAction.COMPUTE)
        run.ranked.all().delete()
        RunPlace.objects.bulk_create(
            [
                RunPlace(run=run, region_id=region, rank=rank, total=total, sections=sections)
                for region, rank, total, sections in frozen.places
            ],
            batch_size=500,
        )
        _move(
            actor,
            person,
            run,
            RunAction.COMPUTE,
            RunState.DRAFT,
            action="runs.computed",
            catalogue=catalogue,
            facts_upto=frozen.facts_upto,
            tree_digest=frozen.tree_digest,
            snapshot_digest=frozen.digest,
            publication_hash=frozen.publication_hash,
            places=len(frozen.places),
            prepared_by_id=person,
            computed_at=now(),
        )
    return run


def check(actor: Actor, run_id: int) -> Run:
    """Look for what is missing, sudden or contradictory; answers given to the same findings are kept."""
    run = _get(run_id)
    _require(actor, run, RunAction.CHECK)
    person = _person(actor)
    noticed = find_in(run)
    with transaction.atomic():
        run = _locked(run_id)
        _require(actor, run, RunAction.CHECK)
        known = {_identity(finding): finding for finding in run.findings.all()}
        fresh = [finding for finding in noticed if _identity(finding) not in known]
        gone = known.keys() - {_identity(finding) for finding in noticed}
        RunFinding.objects.filter(pk__in=[known[identity].pk for identity in gone]).delete()
        RunFinding.objects.bulk_create(fresh, batch_size=500)
        _move(
            actor,
            person,
            run,
            RunAction.CHECK,
            RunState.CHECKED,
            action="runs.checked",
            extra={"findings": len(noticed)},
        )
    return run


def prepare(actor: Actor, run_id: int) -> Run:
    """Compute and check in one go, as the job and the command do."""
    compute(actor, run_id)
    return check(actor, run_id)


def start(actor: Actor, run_id: int) -> Job | None:
    """Compute and check at once where that takes a moment, otherwise by a job (which is returned)."""
    run = _get(run_id)
    _require(actor, run, RunAction.COMPUTE)
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


def answer_finding(actor: Actor, finding_id: int, answer: str) -> RunFinding:
    """Say what is behind a finding; an answered error no longer holds the run back."""
    return _settle(actor, finding_id, answer, RunAction.ANSWER, FindingState.ANSWERED)


def override_finding(actor: Actor, finding_id: int, reason: str) -> RunFinding:
    """Let a run pass in spite of a finding, with the reason; for an approver who did not prepare it."""
    return _settle(actor, finding_id, reason, RunAction.OVERRIDE, FindingState.OVERRIDDEN)


def submit_for_review(actor: Actor, run_id: int, note: str = "") -> Run:
    """Hand a checked run to the approvers; refused while error findings are open."""
    run = _act(actor, run_id, RunAction.SUBMIT, note, "runs.submitted")
    notices.submitted(actor, run)
    return run


def send_back(actor: Actor, run_id: int, reason: str) -> Run:
    """Return a run to its preparer with the reason."""
    run = _act(actor, run_id, RunAction.SEND_BACK, reason, "runs.sent_back")
    notices.sent_back(actor, run, reason)
    return run


def approve_and_publish(actor: Actor, run_id: int, note: str = "") -> Run:
    """Sign a run and publish it: from now on it is never changed; the version before is superseded.

    The hash is computed again from the stored files first; a snapshot that was touched is not published.
    Of two people who publish at once, one is told that the other was faster.
    """
    run = _get(run_id)
    _require(actor, run, RunAction.PUBLISH)
    person = _person(actor)
    snapshots.require_intact(run)
    with _race(), transaction.atomic():
        run = _locked(run_id)
        _require(actor, run, RunAction.PUBLISH)
        rivals = Run.objects.select_for_update().filter(
            region_id=run.region_id,
            level=run.level,
            scorecard=run.scorecard,
            period=run.period,
            state=RunState.PUBLISHED,
        )
        for older in rivals:
            _supersede(actor, older, run)
        moment = now()
        _move(
            actor,
            person,
            run,
            RunAction.PUBLISH,
            RunState.PUBLISHED,
            note,
            action="runs.published",
            approved_by_id=person,
            published_at=moment,
        )
        Publication.objects.create(
            number=(Publication.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            run=run,
            publication_hash=run.publication_hash,
            snapshot_digest=run.snapshot_digest,
            signed_by_id=person,
            at=moment,
        )
        notices.published(actor, run)
    return run


def correct(actor: Actor, run_id: int, reason: str) -> Run:
    """A new version of a published run, computed and checked, because facts or definitions have changed.

    The published version stays as it is until the new one is signed. Raises Conflict when nothing changed.
    """
    run = _get(run_id)
    _require(actor, run, RunAction.CORRECT, reason)
    if not snapshots.what_changed(run):
        raise Conflict(Problem("runs.none_changed", {"version": run.version}))
    newer = create_run(actor, run.region, run.level, run.scorecard, run.period, reason)
    return prepare(actor, newer.pk)


def withdraw(actor: Actor, run_id: int, reason: str) -> Run:
    """Take a run back for a stated reason. A published one stays readable, marked as withdrawn."""
    run = _act(actor, run_id, RunAction.WITHDRAW, reason, "runs.withdrawn")
    if run.published_at:
        notices.withdrawn(actor, run, reason)
    return run


def sweep(actor: Actor, *, remove: bool) -> list[str]:
    """Snapshot folders that no run refers to and no computation can still be about to store.

    Deletes them when ``remove``. For ``doctor``; raises PermissionDenied without the right to maintain.
    """
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)
    orphans = snapshots.orphans(
        set(Run.objects.exclude(snapshot_digest="").values_list("snapshot_digest", flat=True))
    )
    if remove and orphans:
        for folder in orphans:
            snapshots.remove(folder)
        with transaction.atomic():
            record(
                actor, "runs.swept", target_type="run", target_id="snapshots", after={"count": len(orphans)}
            )
    return [folder.name for folder in orphans]


# --- inside


def _get(run_id: int) -> Run:
    run = Run.objects.select_related("region", "tree", "catalogue").filter(pk=run_id).first()
    if run is None:
        raise NotFound(f"#{run_id}")
    return run


def _locked(run_id: int) -> Run:
    return (
        Run.objects.select_for_update(of=("self",))
        .select_related("region", "tree", "catalogue")
        .get(pk=run_id)
    )


def _person(actor: Actor) -> int:
    """The user behind the actor: a run is always prepared and signed by somebody with a name."""
    kind, _, number = actor.actor_id.partition(":")
    if kind != "user":
        raise PermissionDenied(Permission.RUNS_PREPARE)
    return int(number)


def _require(actor: Actor, run: Run, action: RunAction, reason: str | None = None) -> None:
    problem = refusal(action, run_facts(actor, run))
    if problem is not None:
        if problem.code == "runs.not_permitted":
            # Whoever may not even know of the run is told that there is none.
            if not can_see(actor, run):
                raise NotFound(f"#{run.pk}")
            raise PermissionDenied(permission_for(action, RunState(run.state)))
        raise Conflict(problem)
    if reason is not None:
        missing = reason_problem(action, reason)
        if missing is not None:
            raise InvalidInput([missing])


def _act(actor: Actor, run_id: int, action: RunAction, reason: str, audited: str) -> Run:
    """An act that only changes the state."""
    person = _person(actor)
    with _race(), transaction.atomic():
        _get(run_id)
        run = _locked(run_id)
        _require(actor, run, action, reason)
        target = TABLE[action].target or RunState(run.state)
        _move(actor, person, run, action, target, reason, action=audited)
    return run


def _move(
    actor: Actor,
    person: int,
    run: Run,
    act: RunAction,
    target: RunState,
    reason: str = "",
    *,
    action: str = "runs.withdrawn",
    extra: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Change the row on condition that its state is still the one that was read, and write down the step."""
    before = run.state
    changed = Run.objects.filter(pk=run.pk, state=before).update(state=target.value, **changes)
    if not changed:
        raise Conflict(Problem("runs.somebody_faster"))
    run.state = target.value
    for name, value in changes.items():
        setattr(run, name, value)
    RunReview.objects.create(
        run=run,
        action=act.value,
        from_state=before,
        to_state=target.value,
        reason=reason.strip(),
        person_id=person,
        at=now(),
    )
    shown = {name: getattr(value, "pk", value) for name, value in changes.items()}
    _audit(
        actor,
        action,
        run,
        before={"state": before},
        after={"state": target.value, **shown, **(extra or {})},
        reason=reason,
    )


def _supersede(actor: Actor, older: Run, newer: Run) -> None:
    if not Run.objects.filter(pk=older.pk, state=RunState.PUBLISHED).update(state=RunState.SUPERSEDED):
        raise Conflict(Problem("runs.somebody_faster"))
    _audit(
        actor,
        "runs.superseded",
        older,
        before={"state": RunState.PUBLISHED},
        after={"state": RunState.SUPERSEDED, "by": newer.pk},
    )


def _settle(actor: Actor, finding_id: int, text: str, action: RunAction, state: FindingState) -> RunFinding:
    person = _person(actor)
    with transaction.atomic():
        finding = RunFinding.objects.select_related("run").filter(pk=finding_id).first()
        if finding is None:
            raise NotFound(f"#{finding_id}")
        run = _locked(finding.run_id)
        _require(actor, run, action, text)
        finding.state, finding.answer = state.value, text.strip()
        finding.answered_by_id, finding.answered_at = person, now()
        finding.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        RunReview.objects.create(
            run=run,
            action=action.value,
            from_state=run.state,
            to_state=run.state,
            reason=finding.answer,
            person_id=person,
            at=now(),
        )
        _audit(
            actor,
            "runs.answered" if action is RunAction.ANSWER else "runs.overridden",
            run,
            after={"finding": finding.pk, "code": finding.code},
            reason=finding.answer,
        )
    return finding


def _identity(finding: RunFinding) -> tuple[object, ...]:
    return (
        finding.code,
        finding.severity,
        finding.region_id,
        finding.element,
        finding.indicator,
        tuple(sorted((name, str(value)) for name, value in finding.params.items())),
    )


def _described(run: Run) -> dict[str, Any]:
    return {
        "scorecard": run.scorecard,
        "level": run.level,
        "period": run.period,
        "version": run.version,
        "catalogue": run.catalogue_id,
    }


def _audit(actor: Actor, action: str, run: Run, **values: Any) -> None:
    record(actor, action, target_type="run", target_id=run.pk, region_id=run.region_id, **values)


@contextmanager
def _race() -> Iterator[None]:
    """The constraints of the database settle what two people do at once; the second is told so."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(Problem("runs.somebody_faster")) from error
