"""Deciding about a run: findings, review, withdrawal; and the sweep of what crashes left."""

from __future__ import annotations

from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.numbering.services import void_of

from .. import notices, registry, snapshots
from ..findingrules import FindingAct
from ..models import Run, RunFinding, RunReview
from ..rules import FindingState, RunAction
from .acts import act, audited, locked, require
from .findings import settle
from .publishing import number_target


def answer_finding(actor: Actor, finding_id: int, answer: str) -> RunFinding:
    """Say what is behind a finding; an answered error no longer holds the run back."""
    return _settle(actor, finding_id, answer, RunAction.ANSWER, FindingState.ANSWERED)


def override_finding(actor: Actor, finding_id: int, reason: str) -> RunFinding:
    """Let a run pass in spite of a finding, with the reason; for an approver who did not prepare it."""
    return _settle(actor, finding_id, reason, RunAction.OVERRIDE, FindingState.OVERRIDDEN)


def _settle(actor: Actor, finding_id: int, text: str, action: RunAction, state: FindingState) -> RunFinding:
    person = person_behind(actor, Permission.RUNS_PREPARE)
    with transaction.atomic():
        finding = RunFinding.objects.select_related("run").filter(pk=finding_id).first()
        if finding is None:
            raise NotFound(finding_id, "finding")
        run = locked(finding.run_id)
        require(actor, run, action, text)
        alike = settle(finding, state, FindingAct(action.value), person, text)
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
            after={"findings": [one.pk for one in alike], "code": finding.code},
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


def withdraw(actor: Actor, run_id: int, reason: str) -> Run:
    """Take a run back for a stated reason. A published one stays readable, marked as withdrawn."""
    with transaction.atomic():
        run = act(actor, run_id, RunAction.WITHDRAW, reason, "runs.withdrawn")
        void_of(actor, number_target(run), reason)
        registry.announce("withdrawn", actor, run)
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
