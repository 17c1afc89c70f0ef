"""What every deed on a run has in common: who, whether, under a lock, written down.

Order of a writing deed: freeze files aside, then one transaction that changes the row on the condition
that nobody else changed it, with its review step, audit entry and notices.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem

from ..models import Run, RunReview
from ..rules import TABLE, RunAction, RunState, permission_for, reason_problem, refusal
from ..standing import run_facts
from ..visibility import can_see
from ..words import FINDING_STATES, STATES

register_actions(
    {
        "runs.created": ("新建考核", "Assessment created"),
        "runs.computed": ("计算考核", "Assessment computed"),
        "runs.checked": ("核查考核", "Assessment checked"),
        "runs.answered": ("答复核查意见", "Finding answered"),
        "runs.overridden": ("豁免核查意见", "Finding overridden"),
        "runs.finding_assigned": ("指定核查意见答复人", "Finding assigned"),
        "runs.finding_replied": ("回复核查意见", "Finding replied to"),
        "runs.finding_returned": ("退回核查意见答复", "Answer to a finding returned"),
        "runs.finding_accepted": ("认可核查意见回复", "Reply to a finding accepted"),
        "runs.submitted": ("提交审批", "Assessment submitted for review"),
        "runs.sent_back": ("退回考核", "Assessment sent back"),
        "runs.opened_for_appeal": ("开放申诉", "Assessment opened for appeal"),
        "runs.release_rule_set": ("设定发布规则", "Release rule set"),
        "runs.signed": ("签发考核，待公布", "Assessment signed, awaiting release"),
        "runs.published": ("发布考核", "Assessment published"),
        "runs.superseded": ("考核被新版取代", "Assessment superseded"),
        "runs.withdrawn": ("撤回考核", "Assessment withdrawn"),
        "runs.swept": ("清理无主存档", "Unreferenced snapshots removed"),
    }
)
register_objects({"run": ("考核", "Assessment"), "release_rule": ("发布规则", "Release rule")})
register_states("run", STATES)
register_states("run", FINDING_STATES)


def needs_reason(action: RunAction) -> bool:
    """Whether the act must be explained."""
    return TABLE[action].needs_reason


def refusal_for(actor: Actor, run: Run, action: RunAction) -> Problem | None:
    """Why the actor may not do this now; None when it may."""
    return refusal(action, run_facts(actor, run))


def run_with(run_id: int) -> Run:
    """The run with what the rules and the computation need. Raises NotFound."""
    run = Run.objects.select_related("region", "tree", "catalogue").filter(pk=run_id).first()
    if run is None:
        raise NotFound(run_id, "run")
    return run


def locked(run_id: int) -> Run:
    """The run, its row locked until the transaction ends. Raises NotFound."""
    rows = Run.objects.select_for_update(of=("self",)).select_related("region", "tree", "catalogue")
    run = rows.filter(pk=run_id).first()
    if run is None:
        raise NotFound(run_id, "run")
    return run


def require(actor: Actor, run: Run, action: RunAction, reason: str | None = None) -> None:
    """Raises NotFound, PermissionDenied or Conflict unless the rules allow the act, InvalidInput for a missing reason."""
    problem = refusal(action, run_facts(actor, run))
    if problem is not None:
        if problem.code == "runs.not_permitted":
            # Whoever may not even know of the run is told that there is none.
            if not can_see(actor, run):
                raise NotFound(run.pk, "run")
            raise PermissionDenied(permission_for(action, RunState(run.state)))
        raise Conflict(problem)
    if reason is not None:
        missing = reason_problem(action, reason)
        if missing is not None:
            raise InvalidInput([missing])


def act(actor: Actor, run_id: int, action: RunAction, reason: str, audited: str) -> Run:
    """An act that only changes the state."""
    person = person_behind(actor, Permission.RUNS_PREPARE)
    with one_winner(), transaction.atomic():
        run_with(run_id)
        run = locked(run_id)
        require(actor, run, action, reason)
        target = TABLE[action].target or RunState(run.state)
        move(actor, person, run, action, target, reason, action=audited)
    return run


def move(
    actor: Actor,
    person: int | None,
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
    audited(
        actor,
        action,
        run,
        before={"state": before},
        after={"state": target.value, **shown, **(extra or {})},
        reason=reason,
    )


def audited(actor: Actor, action: str, run: Run, **values: Any) -> None:
    """One audit entry about the run."""
    record(actor, action, target_type="run", target_id=run.pk, region_id=run.region_id, **values)


@contextmanager
def one_winner() -> Iterator[None]:
    """The constraints of the database settle what two people do at once; the second is told so."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(Problem("runs.somebody_faster")) from error
