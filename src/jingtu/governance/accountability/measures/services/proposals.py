"""The file of a proposal, and the decision of a named person on it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from jingtu.core.accounts.models import User
from jingtu.core.kernel.actor import Actor, Permission, person_behind, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse, register_texts

from .. import notices
from ..ladders import Rung, find
from ..models import Ladder, Measure, MeasureStep, Proposal
from ..queries import against_now, ladder_for
from ..registry import handover_of
from ..rules import Act, Deciding, ProposalState, decision_problem
from ..visibility import PREPARE, concerns, may_decide, stands_above, visible_proposals
from .common import checked, needed, require_decider, stop, written

register_texts(
    {
        "measures.post_needed": (
            "这种措施针对岗位人员，请写明岗位。",
            "This kind of measure is addressed to the holder of a post; name the post.",
        ),
        "measures.post_not_wanted": (
            "这种措施针对单位，不写岗位和人员。",
            "This kind of measure is addressed to an organisation; name no post and no person.",
        ),
        "measures.person_without_post": (
            "请写明该人员的岗位。",
            "Name the post that the person holds.",
        ),
        "measures.no_handover": (
            "这种措施由挂牌整治办理，本系统尚未启用该模块。",
            "This kind is carried out by the listings, which are not in use here.",
        ),
    }
)
ELSEWHERE = frozenset({"listing"})
"""Kinds that are never carried out here."""


def prepare_file(
    actor: Actor, proposal_id: int, rung: str, facts: str, *, post: str = "", username: str = ""
) -> Proposal:
    """State which measure is meant, for whom, on which facts; may be done again until it is decided.

    Raises NotFound, PermissionDenied, InvalidInput, Conflict.
    """
    person = person_behind(actor, PREPARE)
    with transaction.atomic():
        proposal = _locked(actor, proposal_id)
        if not stands_above(actor, PREPARE, proposal.region):
            raise PermissionDenied(PREPARE)
        if proposal.state not in (ProposalState.OPEN, ProposalState.FILED):
            raise Conflict(Problem("measures.decided_already"))
        chosen, _ = rung_for(proposal, rung)
        post = checked(post, "post", 128)
        _addressed(chosen, post, username)
        proposal.rung, proposal.facts, proposal.post = rung, needed(facts, "facts"), post
        proposal.person = _user(username)
        proposal.prepared_by_id, proposal.prepared_at = person, now()
        proposal.hands = sorted({*proposal.hands, person})
        proposal.state = ProposalState.FILED.value
        proposal.save()
        # The trail is read by auditors for years; what concerns the holder of a post is told in the record alone.
        after = {} if post else {"rung": rung}
        written(actor, "filed", "measure_proposal", proposal.pk, proposal.region_id, after=after)
        notices.filed(actor, proposal)
    return proposal


def decide_proposal(
    actor: Actor, proposal_id: int, reasons: str, *, takes: bool, chosen: Mapping[str, str] = {}
) -> Proposal:
    """Decide with reasons whether a measure is taken up; taking it opens the measure, notice comes next. ``chosen``:
    what a case that another app carries out is opened with.

    Raises NotFound, PermissionDenied, InvalidInput, Conflict where it is decided already or the actor prepared it.
    """
    with transaction.atomic():
        proposal = _locked(actor, proposal_id)
        rung, ladder = rung_for(proposal, proposal.rung) if takes and proposal.rung else (None, None)
        level = rung.level if rung else ""
        person = user_id_of(actor)
        found = Deciding(
            ProposalState(proposal.state),
            may_decide(actor, proposal.region, level),
            person in proposal.hands,
            concerns(actor, proposal),
        )
        if not found.decides:
            require_decider(actor, proposal.region, None, level)
        stop(decision_problem(found, takes=takes), Permission.MEASURES_DECIDE)
        proposal.decision = needed(reasons)
        proposal.against = [*proposal.against, *(line.stored() for line in against_now(proposal))]
        proposal.state = (ProposalState.TAKEN if takes else ProposalState.NOT_TAKEN).value
        proposal.decided_by_id, proposal.decided_at = person, now()
        proposal.save()
        action = "taken" if takes else "not_taken"
        reason = "" if proposal.post else reasons
        written(actor, action, "measure_proposal", proposal.pk, proposal.region_id, reason=reason)
        if rung is not None and ladder is not None:
            _take_up(actor, proposal, rung, ladder, chosen)
        notices.proposal_decided(actor, proposal)
    return proposal


def _take_up(actor: Actor, proposal: Proposal, rung: Rung, ladder: Ladder, chosen: Mapping[str, str]) -> None:
    reasons = proposal.decision
    handover = handover_of(rung.code)
    if handover is not None:
        proposal.handed_to = handover.start(actor, proposal.pk, reasons, chosen)
        proposal.save(update_fields=["handed_to"])
        return
    if rung.code in ELSEWHERE:
        raise Conflict(Problem("measures.no_handover"))
    person = person_behind(actor, Permission.MEASURES_DECIDE)
    measure = Measure.objects.create(
        office=proposal.office,
        region=proposal.region,
        proposal=proposal,
        ladder=ladder,
        rung=rung.code,
        post=proposal.post,
        person=proposal.person,
        facts=proposal.facts,
        opened_on=today(),
        opened_by_id=person,
        hands=proposal.hands,
    )
    MeasureStep.objects.create(
        measure=measure, act=Act.OPEN.value, on=today(), at=now(), person_id=person, text=reasons
    )


def rung_for(proposal: Proposal, code: str) -> tuple[Rung, Ladder]:
    """The kind of measure in the office's ladder of today. Raises InvalidInput."""
    ladder = ladder_for(proposal.office)
    if ladder is None:
        raise refuse("measures.no_ladder", column="rung")
    rung = find(ladder.steps, code)
    if rung is None:
        raise refuse("measures.no_rung", column="rung")
    return rung, ladder


def _addressed(rung: Rung, post: str, username: str) -> None:
    if rung.addressee == "person" and not post:
        raise refuse("measures.post_needed", column="post")
    if rung.addressee == "organisation" and (post or username.strip()):
        raise refuse("measures.post_not_wanted", column="post")
    if username.strip() and not post:
        raise refuse("measures.person_without_post", column="post")


def _user(username: str) -> User | None:
    if not username.strip():
        return None
    user = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if user is None:
        raise NotFound(username.strip(), "user")
    return user


def _locked(actor: Actor, proposal_id: int) -> Proposal:
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("region__tree", "office__tree")
        .filter(visible_proposals(actor), pk=proposal_id)
        .first()
    )
    if proposal is None:
        raise NotFound(proposal_id, "measure_proposal")
    return proposal
