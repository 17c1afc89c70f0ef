"""Where a person stands to a run: what the rules ask before any act."""

from __future__ import annotations

from jingtu.core.kernel.actor import Actor, Permission

from .findingrules import HANDS
from .models import FindingStep, Run
from .rules import FindingState, RunAction, RunFacts, RunState, Severity, open_errors

MAKING = (RunAction.COMPUTE, RunAction.CHECK, RunAction.ANSWER, RunAction.SUBMIT)


def run_facts(actor: Actor, run: Run) -> RunFacts:
    """What the rules ask about this run and this actor. At most four queries."""
    held = frozenset(
        permission
        for permission in (Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
        if actor.can(permission, run.region_id)
    )
    return RunFacts(
        state=RunState(run.state),
        computed=bool(run.snapshot_digest),
        is_preparer=actor.actor_id in _hands(run),
        permissions=held,
        open_errors=open_errors(
            [
                (Severity(severity), FindingState(state))
                for severity, state in run.findings.values_list("severity", "state")
            ]
        ),
    )


def _hands(run: Run) -> set[str]:
    """Everybody who had a part in making this version; none of them may sign it."""
    made = run.reviews.filter(action__in=MAKING).order_by().values_list("person_id", flat=True)
    answered = FindingStep.objects.filter(finding__run=run, act__in=HANDS).order_by()
    people = set(made.union(answered.values_list("person_id", flat=True)))
    return {f"user:{person}" for person in people | {run.prepared_by_id} | set(run.hands)}
