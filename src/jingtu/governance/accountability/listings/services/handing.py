"""Taking over from measures: a proposal of accountability that was taken as "listing" opens its case here."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, register_texts
from jingtu.core.regions.models import Region
from jingtu.governance.accountability.measures.models import Proposal

from ..definition import LEVELS
from ..measuring import Published
from ..models import Listing, RuleVersion
from ..queries.candidates import appraise
from ..rules import ENDED, ListingState
from ..visibility import may_above
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


def take_over(actor: Actor, proposal_id: int, reasons: str) -> str:
    """Open the case of a proposal that a leader has taken: proposed in the name of who prepared it, by the heaviest
    class of the office's rules. Nothing is listed by it: notice, hearing and the decision follow. Its address.

    Raises NotFound, PermissionDenied, Conflict without rules or while such a listing stands.
    """
    person = person_behind(actor, Permission.MEASURES_DECIDE)
    proposal = (
        Proposal.objects.select_related("region__tree", "region__parent").filter(pk=proposal_id).first()
    )
    if proposal is None:
        raise NotFound(f"#{proposal_id}", "proposal")
    region = proposal.region
    if not may_above(actor, Permission.LISTINGS_DECIDE, region):
        raise PermissionDenied(Permission.LISTINGS_DECIDE)
    version = _rules_over(region)
    if version is None:
        raise Conflict(Problem("listings.no_rules"))
    the_class = max(version.rules.classes, key=lambda one: one.rank)
    office = version.rule_set.region
    published = Published(office, region.level)
    with transaction.atomic():
        Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
        standing = Listing.objects.filter(region=region, venue__isnull=True, class_code=the_class.code)
        if standing.exclude(state__in=sorted(ENDED | {ListingState.WATCH})).exists():
            raise Conflict(Problem("listings.standing"))
        found = appraise(version, region, published)
        made = Listing.objects.create(
            region=region,
            version=version,
            class_code=the_class.code,
            class_zh=the_class.zh,
            class_en=the_class.en,
            class_rank=the_class.rank,
            problem="other",
            level=office.level if office.level in LEVELS else "city",
            grounds=proposal.facts.strip() or reasons.strip(),
            evidence=[hit.plain() for hit in found.hits],
            against=found.against,
            proposed_by_id=proposal.prepared_by_id or person,
            proposed_at=now(),
        )
        criteria_of(made, version.rules, published)
        take_step(
            actor, made, "propose", reasons, action="listings.proposed", after={"proposal": proposal_id}
        )
    return reverse("listings:detail", args=[made.pk])


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
