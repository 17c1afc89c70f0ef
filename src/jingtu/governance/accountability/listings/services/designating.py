"""The areas named for a year: under key supervision, or warned. Proposed, then decided by another person."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse, register_texts
from jingtu.core.regions.models import Region

from ..models import Designation, RuleVersion
from ..rules import text_problem
from ..visibility import may_above
from .common import Paper, demand
from .proposing import covers

register_texts(
    {
        "listings.named_already": (
            "该地区本年度已被提出或确定。",
            "The region is proposed or named for the year already.",
        ),
        "listings.named_full": (
            "本年度此类地区的名额（{most}个）已满。",
            "All {most} places of this kind are taken for the year.",
        ),
        "listings.year": ("年度应在2000至2100之间。", "The year lies between 2000 and 2100."),
    }
)


def name_area(
    actor: Actor, region_id: int, version_id: int, year: int, kind: str, grounds: str
) -> Designation:
    """Propose to name a region for a year."""
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        raise NotFound(region_id, "region")
    if not may_above(actor, Permission.LISTINGS_PREPARE, region):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    version = RuleVersion.objects.select_related("rule_set__region").filter(pk=version_id).first()
    if version is None or not covers(version.rule_set.region, region):
        raise refuse("listings.rules_elsewhere", column="version")
    if kind not in Designation.Kind.values:
        raise refuse("listings.no_choice", column="kind")
    if not 2000 <= year <= 2100:
        raise refuse("listings.year", column="year")
    demand(text_problem(grounds, "grounds"))
    try:
        with transaction.atomic():
            made = Designation.objects.create(
                office=version.rule_set.region,
                region=region,
                version=version,
                year=year,
                kind=kind,
                grounds=grounds.strip(),
                proposed_by_id=person,
                proposed_at=now(),
            )
            _written(actor, "listings.named", made, grounds)
    except IntegrityError as error:
        raise Conflict(Problem("listings.named_already")) from error
    return made


def decide_area(actor: Actor, designation_id: int, decision: str, paper: Paper | None) -> Designation:
    """Decide with the document, or (without one) not to, with the reasons. No more of a kind than the rules allow."""
    person = person_behind(actor, Permission.LISTINGS_DECIDE)
    with transaction.atomic():
        row = (
            Designation.objects.select_for_update(of=("self",))
            .select_related("region", "version", "office")
            .filter(pk=designation_id)
            .first()
        )
        if row is None or not any(
            may_above(actor, permission, row.region)
            for permission in (Permission.LISTINGS_PREPARE, Permission.LISTINGS_DECIDE)
        ):
            raise NotFound(f"#{designation_id}")
        if not may_above(actor, Permission.LISTINGS_DECIDE, row.region):
            raise PermissionDenied(Permission.LISTINGS_DECIDE)
        if row.proposed_by_id == person:
            raise Conflict(Problem("listings.had_part"))
        # The office's row is locked, so that two who decide at once do not both take the last place.
        Region.objects.select_for_update(of=("self",)).get(pk=row.office_id)
        if row.state != Designation.State.PROPOSED:
            raise Conflict(Problem("listings.wrong_state"))
        demand(text_problem(decision, "decision"), *(paper.problems() if paper else ()))
        if paper is not None:
            rules = row.version.rules
            most = rules.key_areas if row.kind == Designation.Kind.KEY else rules.warned_areas
            taken = Designation.objects.filter(
                office_id=row.office_id, year=row.year, kind=row.kind, state=Designation.State.DECIDED
            ).count()
            if taken >= most:
                raise Conflict(Problem("listings.named_full", {"most": most}))
            row.document_number, row.document_date = paper.number.strip(), paper.date
        row.state = (Designation.State.DECIDED if paper else Designation.State.NOT_TAKEN).value
        row.decided_by_id, row.decided_at, row.decision = person, now(), decision.strip()
        row.save()
        _written(actor, "listings.named_decided", row, decision)
    return row


def _written(actor: Actor, action: str, row: Designation, reason: str) -> None:
    record(
        actor,
        action,
        target_type="designation",
        target_id=row.pk,
        region_id=row.region_id,
        after={"state": str(row.state), "year": row.year, "kind": str(row.kind)},
        reason=reason.strip(),
    )
