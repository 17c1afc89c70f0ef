"""What every act on a listing shares: the lock, the question whether it is allowed, the step in its course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem

from ..models import Listing, ListingStep, StepFile
from ..rules import BY_ACT, Act, Side, day_problem, refusal, text_problem
from ..visibility import stand_of, visible
from ..words import DESIGNATION_STATES, STATES

PURPOSE = "listings.evidence"

register_actions(
    {
        "listings.proposed": ("提出挂牌", "Listing proposed"),
        "listings.criteria": ("登记挂牌指标值", "Criteria of a listing entered"),
        "listings.classify": ("改变挂牌类别和问题", "Class and problem of a listing changed"),
        "listings.recall": ("收回挂牌告知", "Notice of a listing taken back"),
        "listings.suspend": ("中止陈述申辩期", "Time to reply suspended"),
        "listings.resume": ("恢复陈述申辩期", "Time to reply resumed"),
        "listings.deliver": ("送达挂牌决定", "Decision of a listing served"),
        "listings.object": ("对挂牌提出异议", "Objection to a listing"),
        "listings.review": ("复核挂牌异议", "Objection to a listing reviewed"),
        "listings.revoke": ("撤销挂牌", "Listing revoked"),
        "listings.serve": ("送达挂牌告知", "Notice of a listing served"),
        "listings.reply": ("对挂牌陈述申辩", "Reply to a proposed listing"),
        "listings.hear": ("记录听取情况", "Hearing of a listing noted"),
        "listings.list": ("决定挂牌", "Listing decided"),
        "listings.decline": ("决定不挂牌", "Listing not taken"),
        "listings.withdraw": ("撤回挂牌提议", "Proposal of a listing withdrawn"),
        "listings.plan": ("建立整治方案", "Rectification plan set up"),
        "listings.progress": ("报整治进展", "Progress of rectification reported"),
        "listings.self_assess": ("报自评", "Self-assessment handed in"),
        "listings.return": ("退回整改", "Returned for rectification"),
        "listings.drawn_up": ("形成验收记录", "Acceptance drawn up"),
        "listings.signed": ("签署验收记录", "Acceptance signed"),
        "listings.inspect": ("验收完成", "Acceptance completed"),
        "listings.consult": ("征求意见", "Opinions asked"),
        "listings.opinion": ("登记意见", "Opinion entered"),
        "listings.delist": ("决定摘牌", "Delisting decided"),
        "listings.extend": ("决定延期", "Extension decided"),
        "listings.close": ("巩固期满结案", "Closed after the watch"),
        "listings.relapse": ("反弹，重新挂牌", "Relapse, listed anew"),
        "listings.raise": ("提级挂牌", "Raised to a higher class"),
        "listings.moved": ("区划调整，挂牌转至新地区", "Listing moved with a change of regions"),
        "listings.paper": ("印制挂牌文书", "Paper of a listing printed"),
        "listings.rules_made": ("设立挂牌规则", "Rule set of listings made"),
        "listings.rules_changed": ("修订挂牌规则", "Rule set of listings revised"),
        "listings.named": ("提出年度确定地区", "Designation of the year proposed"),
        "listings.named_decided": ("决定年度确定地区", "Designation of the year decided"),
        "listings.exported": ("导出挂牌台账", "Listings exported"),
    }
)
register_objects(
    {
        "listing": ("挂牌整治", "Listing"),
        "listings": ("挂牌整治台账", "Board of listings"),
        "listing_rules": ("挂牌规则", "Rules of listing"),
        "designation": ("年度确定", "Yearly designation"),
    }
)
register_states("listing", STATES)
register_states("designation", DESIGNATION_STATES)


@dataclass(frozen=True)
class Paper:
    """The document a decision rests on."""

    number: str
    date: dt.date

    def problems(self, earliest: dt.date | None = None) -> list[Problem]:
        """A decision has a document with number and date; not dated before what it rests on."""
        long = len(self.number.strip()) > 64
        found = (
            text_problem(self.number, "document_number"),
            Problem("listings.too_long", {"most": 64}, column="document_number") if long else None,
            day_problem(self.date, "document_date", today=today(), earliest=earliest),
        )
        return [problem for problem in found if problem is not None]


@dataclass(frozen=True)
class Received:
    """A statement that came on paper: when, and who took it in (own id; None: whoever enters it)."""

    on: dt.date
    by: int | None = None


def locked(actor: Actor, listing_id: int) -> Listing:
    """The listing, locked until the transaction ends. Raises NotFound, also where it is not the actor's to know."""
    found = (
        Listing.objects.select_for_update(of=("self",))
        .select_related("region__tree", "venue", "version__rule_set")
        .filter(pk=listing_id)
        .first()
    )
    if found is None or not Listing.objects.filter(visible(actor), pk=listing_id).exists():
        raise NotFound(f"#{listing_id}", "listing")
    return found


def allow(actor: Actor, listing: Listing, act: Act, **known: Any) -> None:
    """Raise what speaks against the act: PermissionDenied, or Conflict where somebody else was faster."""
    problem = refusal(act, replace(stand_of(actor, listing), **known))
    if problem is None:
        return
    if problem.code == "listings.not_permitted":
        raise PermissionDenied(_PERMISSIONS[BY_ACT[act].side])
    raise Conflict(problem)


_PERMISSIONS = {
    Side.PREPARES: Permission.LISTINGS_PREPARE,
    Side.DECIDES: Permission.LISTINGS_DECIDE,
    Side.ANSWERS: Permission.MEASURES_REPLY,
    Side.TEAM: Permission.LISTINGS_PREPARE,
}


def demand(*problems: Problem | None) -> None:
    """Raise what is wrong with the words given, all at once."""
    found = [problem for problem in problems if problem is not None]
    if found:
        raise InvalidInput(found)


def take_step(
    actor: Actor,
    listing: Listing,
    act: Act | str,
    text: str = "",
    *,
    paper: Paper | None = None,
    files: Sequence[Upload] = (),
    note: Mapping[str, Any] | None = None,
    action: str = "",
    before: str = "",
    after: Mapping[str, Any] | None = None,
) -> ListingStep:
    """Write the step into the course of the listing and into the audit trail. No step lies before an earlier one."""
    last = listing.steps.aggregate(last=Max("on"))["last"]
    if last is not None and last > today():
        raise Conflict(Problem("listings.clock_back", {"last": last.isoformat()}))
    kept = [
        receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=listing.region_id)
        for name, blocks in files
    ]
    step = ListingStep.objects.create(
        listing=listing,
        act=str(act),
        state=listing.state,
        on=today(),
        at=now(),
        person_id=user_id_of(actor),
        text=text.strip(),
        note=dict(note or {}),
        document_number=paper.number.strip() if paper else "",
        document_date=paper.date if paper else None,
    )
    StepFile.objects.bulk_create([StepFile(step=step, file=file) for file in kept])
    record(
        actor,
        action or f"listings.{act}",
        target_type="listing",
        target_id=listing.pk,
        region_id=listing.region_id,
        before={"state": before} if before else None,
        after={"state": str(listing.state), **(after or {})},
        reason=text.strip(),
    )
    return step


def arrive(listing: Listing, act: Act) -> str:
    """Set the state an act leads to and return the one before."""
    before, target = listing.state, BY_ACT[act].target
    if target is not None:
        listing.state = target.value
    return str(before)
