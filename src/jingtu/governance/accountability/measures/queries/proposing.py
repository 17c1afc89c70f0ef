"""Proposals: what was found, what speaks against it, what became of similar ones."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.appeals.rules import OPEN_STATES as OPEN_APPEALS
from jingtu.assessment.runs.models import RunFinding
from jingtu.assessment.runs.rules import FindingState, RunState
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.periods import Period

from ..models import Measure, Proposal
from ..registry import Line
from ..rules import UNDECIDED, Deciding, ProposalState, decision_problem
from ..visibility import (
    DECIDE,
    PREPARE,
    READ,
    concerns,
    stands_above,
    visible_measures,
    visible_proposals,
)

MOST_PAST = 5


@dataclass(frozen=True)
class ProposalFilter:
    """What the list is narrowed to; empty values leave it open."""

    state: str = ""
    kind: str = ""
    text: str = ""


def proposals(actor: Actor, wanted: ProposalFilter = ProposalFilter()) -> QuerySet[Proposal]:
    """Proposals the actor may know of, the newest first; those of a sealed measure are in no list."""
    found = _known_proposals(actor).filter(measure__sealed_at__isnull=True)
    if wanted.state == "waiting":
        found = found.filter(state__in=sorted(UNDECIDED))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.text:
        found = found.filter(region__name__icontains=wanted.text)
    return found


def _known_proposals(actor: Actor) -> QuerySet[Proposal]:
    return Proposal.objects.filter(visible_proposals(actor)).select_related(
        "region__tree", "office", "prepared_by", "decided_by", "run"
    )


def get_proposal(actor: Actor, proposal_id: int) -> Proposal:
    """One proposal. Raises NotFound also where it exists but is not the actor's to know."""
    found = _known_proposals(actor).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound(proposal_id, "measure_proposal")
    return found


def against_now(proposal: Proposal) -> list[Line]:
    """What speaks against it today besides what the rule saw: open appeals and findings, a corrected publication, a
    region that has ended. Two queries."""
    found, run = [], proposal.run
    if proposal.region.valid_to is not None:
        found.append(Line("measures.ag_ended"))
    if run is None or proposal.state not in UNDECIDED:
        return found
    period = Period.parse(run.period)
    said = {"period": period.label("zh"), "period_en": period.label("en")}
    place = Q(run=run, region_id=proposal.region_id)
    appeals = Appeal.objects.filter(place, state__in=sorted(OPEN_APPEALS)).count()
    findings = RunFinding.objects.filter(place, state=FindingState.OPEN.value).count()
    if appeals:
        found.append(Line("measures.ag_appeal", {**said, "count": appeals}))
    if findings:
        found.append(Line("measures.ag_finding", {**said, "count": findings}))
    if run.state != RunState.PUBLISHED:
        found.append(Line("measures.ag_superseded", said))
    return found


def past_cases(actor: Actor, proposal: Proposal) -> list[Proposal]:
    """Decided proposals of the same kind the actor may know of, those of the same place first; what concerned the
    holder of a post is no precedent to read."""
    same = proposals(actor).filter(kind=proposal.kind, post="", office_id=proposal.office_id)
    decided = same.exclude(state__in=sorted(UNDECIDED)).exclude(pk=proposal.pk)
    found = list(decided.filter(region_id=proposal.region_id).order_by("-decided_at")[:MOST_PAST])
    more = decided.exclude(region_id=proposal.region_id).order_by("-decided_at")[:MOST_PAST]
    return [*found, *more][:MOST_PAST]


def knows_proposal(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor may know of the proposal a measure began with."""
    return stands_above(actor, READ, proposal.region)


def measure_of(actor: Actor, proposal: Proposal) -> Measure | None:
    """The measure a proposal led to, if the actor may know of it."""
    return Measure.objects.filter(visible_measures(actor, sealed=True), proposal=proposal).first()


def may_file(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor may prepare the file."""
    return (
        user_id_of(actor) is not None
        and proposal.state in UNDECIDED
        and stands_above(actor, PREPARE, proposal.region)
    )


def may_decide_proposal(actor: Actor, proposal: Proposal, *, takes: bool = False) -> bool:
    """Whether the actor may decide it now; the level a kind asks for is looked at when it is decided."""
    person = user_id_of(actor)
    decides = person is not None and stands_above(actor, DECIDE, proposal.region)
    found = Deciding(
        ProposalState(proposal.state), decides, person in proposal.hands, concerns(actor, proposal)
    )
    return decision_problem(found, takes=takes) is None
