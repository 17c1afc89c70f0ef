"""Whom proposals and measures concern, and what they are told. Called inside the transaction of the act.

What concerns the holder of a post is told without the post, a name or the kind of measure: a notice stays where it
was sent, also after the record is sealed.
"""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import Role, permissions_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.core.regions.models import Region

from .models import Measure, Proposal
from .rules import Act

register_notices(
    {
        "measures.proposed": NoticeText(
            "{place}：规则提出 {count} 项追责建议",
            "{place}: rules made {count} proposals",
            "请核对证据和不利于追责的理由，整理材料后由有权的人决定。",
            "Check the evidence and what speaks against it; a person with the power decides on the file.",
        ),
        "measures.filed": NoticeText(
            "追责建议待决定：{place}",
            "Proposal awaits a decision: {place}",
            "材料已整理，请写明理由决定采取或不采取。",
            "Its file is ready; decide with reasons whether a measure is taken up.",
        ),
        "measures.proposal_decided": NoticeText(
            "追责建议已决定：{place}",
            "Proposal decided: {place}",
            "{outcome}。",
            "{outcome}.",
        ),
        "measures.told": NoticeText(
            "追责程序：{place}，{step}",
            "Measure, {place}: {step}",
            "{kind}。请查看期限和您的权利。",
            "{kind}. See the time limits and your rights.",
        ),
        "measures.kept": NoticeText(
            "追责案件：{place}，{step}",
            "File of a measure, {place}: {step}",
            "{kind}。",
            "{kind}.",
        ),
    }
)
STEPS = {
    Act.SERVE: ("告知已送达，可以陈述申辩", "the notice was served; there may be a reply"),
    Act.REPLY: ("收到陈述申辩", "a reply has come in"),
    Act.SUSPEND: ("期限中止", "the clocks are suspended"),
    Act.RESUME: ("期限恢复", "the clocks run again"),
    Act.DECIDE: ("已作出决定", "decided"),
    Act.DROP: ("决定不予追责", "dropped"),
    Act.SERVE_DECISION: ("决定已送达", "the decision was served"),
    Act.OBJECT: ("收到异议，待复核", "an objection has come in, to be reviewed"),
    Act.UPHOLD: ("复核维持", "upheld on review"),
    Act.CHANGE: ("复核变更", "changed on review"),
    Act.REVOKE: ("复核撤销", "revoked on review"),
    Act.LIFT: ("提前解除", "lifted"),
    Act.END: ("期限届满", "the term has ended"),
}
_OF_A_PERSON = ("针对岗位人员的措施", "A measure concerning the holder of a post")
TO_ADDRESSEE = frozenset(STEPS) - {Act.REPLY, Act.OBJECT, Act.DECIDE}


def proposed(actor: Actor, office: Region, count: int) -> None:
    """Tell who prepares files in the office."""
    people = _at(office, Permission.MEASURES_PREPARE)
    link = reverse("measures:proposals")
    notify(actor, people, "measures.proposed", params={"place": office.name, "count": count}, link=link)


def filed(actor: Actor, proposal: Proposal) -> None:
    """Tell those who may decide."""
    people = above(proposal.region, Permission.MEASURES_DECIDE) - set(proposal.hands)
    _tell(actor, people, "measures.filed", proposal)


def proposal_decided(actor: Actor, proposal: Proposal) -> None:
    """Tell who keeps the file."""
    taken = proposal.state == "taken"
    people = above(proposal.region, Permission.MEASURES_PREPARE)
    outcome = ("采取", "Taken up") if taken else ("不采取", "Not taken up")
    more = {"outcome": outcome[0], "outcome_en": outcome[1]}
    _tell(actor, people, "measures.proposal_decided", proposal, **more)


def stepped(actor: Actor, measure: Measure, act: Act) -> None:
    """Tell the addressee and those who keep the file or decide, each what is theirs."""
    said = STEPS.get(act)
    if said is None:
        return
    zh, en = _OF_A_PERSON if measure.concerns_person else (measure.kind.name_zh, measure.kind.name_en)
    params = {"place": measure.region.name, "step": said[0], "step_en": said[1], "kind": zh, "kind_en": en}
    link = reverse("measures:detail", args=[measure.pk])
    told = addressees(measure) if act in TO_ADDRESSEE else set()
    notify(actor, told, "measures.told", params=params, link=link)
    keepers = above(measure.region, Permission.MEASURES_PREPARE)
    if act in (Act.REPLY, Act.OBJECT) or (act is Act.END and measure.objected_on is not None):
        keepers |= above(measure.region, Permission.MEASURES_DECIDE)
    notify(actor, keepers - told, "measures.kept", params=params, link=link)


def addressees(measure: Measure) -> set[int]:
    """Who answers for the addressee: the person, or those who reply for exactly this organisation."""
    if measure.post:
        return {measure.person_id} if measure.person_id else set()
    return _at(measure.region, Permission.MEASURES_REPLY)


def above(region: Region, permission: Permission) -> set[int]:
    """Users with the permission from a post above the region."""
    if region.position is None:
        return set()
    reach = Q(
        region__tree_id=region.tree_id,
        region__position__lt=region.position,
        region__last__gte=region.position,
    )
    return _holding(reach, permission)


def _at(region: Region, permission: Permission) -> set[int]:
    return _holding(Q(region_id=region.pk), permission)


def _holding(where: Q, permission: Permission) -> set[int]:
    return {
        post.user_id
        for post in posts_in_force().filter(where)
        if permission in permissions_of(Role(post.role), post.module)
    }


def _tell(actor: Actor, people: set[int], code: str, proposal: Proposal, **more: str) -> None:
    link = reverse("measures:proposal", args=[proposal.pk])
    notify(actor, people, code, params={"place": proposal.region.name, **more}, link=link)
