"""What people do with runs, one verb a function: each takes the actor, asks the rules, writes the audit trail."""

from .acts import needs_reason, refusal_for
from .deciding import (
    answer_finding,
    approve_and_publish,
    override_finding,
    send_back,
    submit_for_review,
    sweep,
    withdraw,
)
from .preparing import JOB_KIND, check, compute, correct, create_run, prepare, prepare_as_job, start

__all__ = [
    "JOB_KIND",
    "answer_finding",
    "approve_and_publish",
    "check",
    "compute",
    "correct",
    "create_run",
    "needs_reason",
    "override_finding",
    "prepare",
    "prepare_as_job",
    "refusal_for",
    "send_back",
    "start",
    "submit_for_review",
    "sweep",
    "withdraw",
]
