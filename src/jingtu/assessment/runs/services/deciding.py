"""Deciding about a run: findings, review, publication, withdrawal; and the sweep of what crashes left."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem

from .. import notices, snapshots
from ..models import Publication, Run, RunFinding, RunReview
from ..rules import FindingState, RunAction, RunState
from .acts import act, audited, locked, move, one_winner, person_behind, require, run_with


def answer_finding(actor: Actor, finding_id: int, answer: str) -> RunFinding:
    """Say what is behind a finding; an answered error no longer holds the run back."""
    return _settle(actor, finding_id, answer, RunAction.ANSWER, FindingState.ANSWERED)


def override_finding(actor: Actor, finding_id: int, reason: str) -> RunFinding:
    """Let a run pass in spite of a finding, with the reason; for an approver who did not prepare it."""
    return _settle(actor, finding_id, reason, RunAction.OVERRIDE, FindingState.OVERRIDDEN)


def _settle(actor: Actor, finding_id: int, text: str, action: RunAction, state: FindingState) -> RunFinding:
    person = person_behind(actor)
    with transaction.atomic():
        finding = RunFinding.objects.select_related("run").filter(pk=finding_id).first()
        if finding is None:
            raise NotFound(finding_id, "finding")
        run = locked(finding.run_id)
        require(actor, run, action, text)
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
        audited(
            actor,
            "runs.answered" if action is RunAction.ANSWER else "runs.overridden",
            run,
            after={"finding": finding.pk, "code": finding.code},
            reason=finding.answer,
        )
    return finding


def submit_for_review(actor: Actor, run_id: int, note: str = "") -> Run:
    """Hand a checked run to the approvers; refused while error findings are open."""
    run = act(actor, run_id, RunAction.SUBMIT, note, "runs.submitted")
    notices.submitted(actor, run)
    return run


def send_back(actor: Actor, run_id: int, reason: str) -> Run:
    """Return a run to its preparer with the reason."""
    run = act(actor, run_id, RunAction.SEND_BACK, reason, "runs.sent_back")
    notices.sent_back(actor, run, reason)
    return run


def approve_and_publish(actor: Actor, run_id: int, note: str = "") -> Run:
    """Sign a run and publish it: from now on it is never changed; the version before is superseded.

    The hash is computed again from the stored files first; a snapshot that was touched is not published.
    Of two people who publish at once, one is told that the other was faster.
    """
    run = run_with(run_id)
    require(actor, run, RunAction.PUBLISH)
    person = person_behind(actor)
    snapshots.require_intact(run)
    with one_winner(), transaction.atomic():
        run = locked(run_id)
        require(actor, run, RunAction.PUBLISH)
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
        move(
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


def _supersede(actor: Actor, older: Run, newer: Run) -> None:
    if not Run.objects.filter(pk=older.pk, state=RunState.PUBLISHED).update(state=RunState.SUPERSEDED):
        raise Conflict(Problem("runs.somebody_faster"))
    audited(
        actor,
        "runs.superseded",
        older,
        before={"state": RunState.PUBLISHED},
        after={"state": RunState.SUPERSEDED, "by": newer.pk},
    )


def withdraw(actor: Actor, run_id: int, reason: str) -> Run:
    """Take a run back for a stated reason. A published one stays readable, marked as withdrawn."""
    run = act(actor, run_id, RunAction.WITHDRAW, reason, "runs.withdrawn")
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
