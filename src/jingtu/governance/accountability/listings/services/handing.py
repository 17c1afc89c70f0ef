"""Taking over from measures: a proposal of accountability that was taken as "listing" opens its case here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.urls import reverse

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse, register_texts
from jingtu.core.kernel.languages import in_both
from jingtu.core.regions.models import Region
from jingtu.governance.accountability.measures.models import Proposal
from jingtu.governance.accountability.measures.registry import Choice

from ..definition import LEVELS, PROBLEMS, ListingClass, RuleSetContent
from ..measuring import Published
from ..models import Listing, RuleVersion
from ..queries.candidates import Candidate, appraise
from ..rules import ENDED, ListingState
from ..visibility import may_above
from ..words import PROBLEMS as PROBLEM_WORDS
from .common import take_step
from .proposing import criteria_of

register_texts(
    {
        "listings.no_rules": (
            "该机关还没有挂牌规则，请先在“挂牌整治”的“规则”中采用一套。",
            "The office has no rules of listing yet; adopt some under Listings first.",
        ),
    }
)


def take_over(actor: Actor, proposal_id: int, reasons: str, chosen: Mapping[str, str] = {}) -> str:
    """Open the case of a proposal that a leader has taken: proposed in the name of who prepared it, in the class and for
    the problem that were chosen (by default those :func:`choices_of` proposes). Both can be changed until the notice is
    served. Nothing is listed by it: notice, hearing and the decision follow. Its address.

    Raises NotFound, PermissionDenied, InvalidInput, Conflict without rules or while such a listing stands.
    """
    person = person_behind(actor, Permission.MEASURES_DECIDE)
    proposal, version = _known(actor, proposal_id)
    if version is None:
        raise Conflict(Problem("listings.no_rules"))
    region, rules = proposal.region, version.rules
    office = version.rule_set.region
    published = Published(office, region.level)
    found = appraise(version, region, published)
    class_code = chosen.get("class") or suggested_class(proposal.kind, rules).code
    problem = chosen.get("problem") or suggested_problem(found)
    if not rules.has_class(class_code):
        raise refuse("listings.no_class", column="choice_class")
    if problem not in PROBLEMS:
        raise refuse("listings.no_choice", column="choice_problem")
    the_class = rules.the_class(class_code)
    with transaction.atomic():
        Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
        standing = Listing.objects.filter(
            region=region, venue__isnull=True, class_code=class_code, problem=problem
        )
        if standing.exclude(state__in=sorted(ENDED | {ListingState.WATCH})).exists():
            raise Conflict(Problem("listings.standing"))
        made = Listing.objects.create(
            region=region,
            version=version,
            class_code=the_class.code,
            class_zh=the_class.zh,
            class_en=the_class.en,
            class_rank=the_class.rank,
            problem=problem,
            level=office.level if office.level in LEVELS else "city",
            grounds=proposal.facts.strip() or reasons.strip(),
            evidence=[hit.plain() for hit in found.hits],
            against=found.against,
            proposed_by_id=proposal.prepared_by_id or person,
            proposed_at=now(),
        )
        criteria_of(made, rules, published)
        take_step(
            actor, made, "propose", reasons, action="listings.proposed", after={"proposal": proposal_id}
        )
    return reverse("listings:detail", args=[made.pk])


def choices_of(actor: Actor, proposal_id: int) -> Sequence[Choice]:
    """What whoever takes a proposal chooses: the class and the problem, with those that are proposed and why."""
    try:
        proposal, version = _known(actor, proposal_id)
    except PermissionDenied:
        return ()
    if version is None:
        return ()
    rules = version.rules
    heavy = proposal.kind in HEAVY
    return (
        Choice(
            "class", "挂牌类别", "Class of listing",
            tuple((one.code, one.zh, one.en) for one in sorted(rules.classes, key=lambda one: one.rank)),
            suggested_class(proposal.kind, rules).code,
            "建议最重的类别，因建议出自一票否决；送达告知前可以更改。" if heavy
            else "建议公开挂牌中最轻的类别；送达告知前可以更改。",
            "The heaviest class is suggested, as the proposal rests on a veto; it can be changed until the notice is served."
            if heavy else
            "The mildest class that is announced is suggested; it can be changed until the notice is served.",
        ),
        Choice(
            "problem", "问题类型", "Problem",
            tuple((code, *in_both(PROBLEM_WORDS[code])) for code in PROBLEMS),
            suggested_problem(appraise(version, proposal.region, Published(version.rule_set.region, proposal.region.level))),
            "按达到的入列条件所属的问题建议；送达告知前可以更改。",
            "Suggested by the problem of the entry criteria that are met; it can be changed until the notice is served.",
        ),
    )  # fmt: skip


HEAVY = frozenset({"veto"})
"""Kinds of rules whose proposals begin in the heaviest class."""


def suggested_class(kind: str, rules: RuleSetContent) -> ListingClass:
    """The class to begin with: the heaviest after a veto, else the mildest of those that are announced."""
    heaviest = max(rules.classes, key=lambda one: one.rank)
    if kind in HEAVY:
        return heaviest
    return min((one for one in rules.classes if one.formal), key=lambda one: one.rank, default=heaviest)


def suggested_problem(found: Candidate) -> str:
    """The problem that most of the criteria met are about; "other" where none says."""
    named = Counter(hit.criterion.problem for hit in found.hits if hit.criterion.problem)
    return max(PROBLEMS, key=lambda code: (named[code], code == "other"))


def _known(actor: Actor, proposal_id: int) -> tuple[Proposal, RuleVersion | None]:
    proposal = (
        Proposal.objects.select_related("region__tree", "region__parent").filter(pk=proposal_id).first()
    )
    if proposal is None:
        raise NotFound(f"#{proposal_id}", "proposal")
    if not may_above(actor, Permission.LISTINGS_DECIDE, proposal.region):
        raise PermissionDenied(Permission.LISTINGS_DECIDE)
    return proposal, _rules_over(proposal.region)


def _rules_over(region: Region) -> RuleVersion | None:
    """The newest version of the rules of the nearest office above a place."""
    if region.position is None:
        return None
    above = RuleVersion.objects.filter(
        rule_set__region__tree_id=region.tree_id,
        rule_set__region__position__lt=region.position,
        rule_set__region__last__gte=region.position,
    )
    return (
        above.select_related("rule_set__region")
        .order_by("-rule_set__region__depth", "rule_set_id", "-number")
        .first()
    )
