"""What people do with runs, one verb a function: each takes the actor, asks the rules, writes the audit trail."""

from .acts import needs_reason, refusal_for
from .deciding import (
    answer_finding,
    override_finding,
    send_back,
    submit_for_review,
    sweep,
    withdraw,
)
from .exporting import export_group, record_publication_taken
from .findings import (
    accept_finding,
    assign_findings,
    finding_facts,
    possible_owners,
    reply_to_finding,
    return_finding,
)
from .following import catch_up, facts_stored, followable
from .preparing import JOB_KIND, check, compute, correct, create_run, prepare, prepare_as_job, start
from .publishing import (
    Release,
    approve_and_publish,
    number_target,
    open_for_appeal,
    release_due,
    release_early,
    release_of,
    set_release_rule,
)

__all__ = [
    "JOB_KIND",
    "Release",
    "accept_finding",
    "answer_finding",
    "approve_and_publish",
    "assign_findings",
    "catch_up",
    "check",
    "compute",
    "correct",
    "create_run",
    "export_group",
    "facts_stored",
    "finding_facts",
    "followable",
    "needs_reason",
    "number_target",
    "open_for_appeal",
    "override_finding",
    "possible_owners",
    "prepare",
    "prepare_as_job",
    "record_publication_taken",
    "refusal_for",
    "release_due",
    "release_early",
    "release_of",
    "reply_to_finding",
    "return_finding",
    "send_back",
    "set_release_rule",
    "start",
    "submit_for_review",
    "sweep",
    "withdraw",
]
