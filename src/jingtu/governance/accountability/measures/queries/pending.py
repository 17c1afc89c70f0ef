"""What waits for a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import today

from ..models import Measure, Proposal
from ..rules import OPEN_STATES, UNDECIDED, Act, ProposalState, State, act_problem
from ..visibility import DECIDE, PREPARE, visible_measures, visible_proposals
from .measuring import measures, standing_of

MOST_OWED = 100


@dataclass(frozen=True)
class Waiting:
    """What waits for an actor: proposals to file and to decide, measures to keep, to decide, to answer; numbers of
    those that ended before their objection was reviewed."""

    to_file: int = 0
    to_decide: int = 0
    to_keep: int = 0
    to_rule: int = 0
    to_answer: int = 0
    to_review: tuple[int, ...] = ()


def waiting(actor: Actor) -> Waiting:
    """Counts for the list of today. A constant number of queries."""
    person = user_id_of(actor)
    if person is None:
        return Waiting()
    prepares, decides = actor.can(PREPARE), actor.can(DECIDE)
    counts = {}
    if prepares or decides:
        rows = Proposal.objects.filter(visible_proposals(actor), state__in=sorted(UNDECIDED))
        counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    keep = rule = answer = 0
    live = measures(actor).filter(state__in=sorted(OPEN_STATES))
    known: dict[object, int | None] = {}
    for measure in live[:500]:
        found = standing_of(actor, measure, known)
        if found.keeps and measure.state in (State.OPENED, State.NOTICED, State.DECIDED):
            keep += 1
        if act_problem(Act.DECIDE, found, today()) is None or act_problem(Act.UPHOLD, found, today()) is None:
            rule += 1
        if measure.state == State.SERVED and act_problem(Act.REPLY, found, today()) is None:
            answer += 1
    return Waiting(
        counts.get(ProposalState.OPEN.value, 0) if prepares else 0,
        counts.get(ProposalState.FILED.value, 0) if decides else 0,
        keep,
        rule,
        answer,
        tuple(_unreviewed(actor, known)) if decides else (),
    )


def _unreviewed(actor: Actor, known: dict[object, int | None]) -> list[int]:
    """Ended measures whose review the actor may decide; sealed ones are in no list, but their review is owed."""
    rows = Measure.objects.filter(
        visible_measures(actor, sealed=True), state=State.ENDED.value, objected_on__isnull=False
    )
    rows = rows.select_related("region__tree", "ladder").prefetch_related("suspensions")
    return [
        row.pk
        for row in rows.order_by("objected_on", "pk")[:MOST_OWED]
        if act_problem(Act.UPHOLD, standing_of(actor, row, known), today()) is None
    ]
