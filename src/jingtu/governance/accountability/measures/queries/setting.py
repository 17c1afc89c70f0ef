"""What an office has set, and what it has told: ladders, rules, quarterly bulletins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from ..models import Ladder, QuarterBulletin, Rule
from ..registry import RuleKind, rule_kinds
from ..visibility import PREPARE, READ

MOST_OFFICES = 50


def ladder_for(region: Region) -> Ladder | None:
    """The ladder in use for a region: the newest version of the nearest office at or above it. For callers who have
    asked for rights."""
    if region.position is None:
        return Ladder.objects.filter(region=region).first()
    return (
        Ladder.objects.filter(
            region__tree_id=region.tree_id,
            region__position__lte=region.position,
            region__last__gte=region.position,
        )
        .order_by("-region__depth", "-version")
        .first()
    )


def offices(actor: Actor) -> list[Region]:
    """Regions whose ladder or rules the actor may set: where their posts for it stand."""
    if is_unrestricted(actor):
        return list(Region.objects.filter(parent=None, valid_to__isnull=True).select_related("tree"))
    return list(own_places(actor, PREPARE)[:MOST_OFFICES])


def ladders(actor: Actor) -> QuerySet[Ladder]:
    """Every version of the ladders the actor may read: those of own offices, and of the offices above them."""
    found = Ladder.objects.select_related("region__tree", "made_by")
    if is_unrestricted(actor):
        return found
    return found.filter(inside(spans(actor, READ), "region__") | _over(actor))


def get_ladder(actor: Actor, ladder_id: int) -> Ladder:
    """One version. Raises NotFound."""
    found = ladders(actor).filter(pk=ladder_id).first()
    if found is None:
        raise NotFound(f"#{ladder_id}")
    return found


@dataclass(frozen=True)
class RuleRow:
    """A kind of rule at an office, with what the office set, if it has."""

    office: Region
    kind: RuleKind
    rule: Rule | None

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The values in use."""
        return {**self.kind.defaults(), **(self.rule.parameters if self.rule else {})}


def rule_rows(actor: Actor) -> list[RuleRow]:
    """Every kind of rule at every office of the actor. Two queries."""
    found = offices(actor)
    known = {
        (rule.region_id, rule.kind): rule
        for rule in Rule.objects.filter(region__in=found).select_related("changed_by")
    }
    return [
        RuleRow(office, kind, known.get((office.pk, kind.key)))
        for office in found
        for kind in rule_kinds().values()
    ]


def rule_row(actor: Actor, region_id: int, kind: str) -> RuleRow:
    """One of them. Raises NotFound."""
    for row in rule_rows(actor):
        if row.office.pk == region_id and row.kind.key == kind:
            return row
    raise NotFound(kind)


def bulletins(actor: Actor) -> QuerySet[QuarterBulletin]:
    """Issued bulletins of regions the actor reads measures in or below."""
    found = QuarterBulletin.objects.select_related("region__tree", "issued_by")
    if is_unrestricted(actor):
        return found
    return found.filter(inside(spans(actor, READ), "region__") | _over(actor))


def _over(actor: Actor) -> Q:
    """The condition that a region lies above one of the actor's: what an office sets and tells is for those below."""
    condition = Q(pk__in=[])
    for span in spans(actor, READ):
        if span.first is not None:
            condition |= Q(
                region__tree_id=span.tree_id,
                region__position__lte=span.first,
                region__last__gte=span.last,
            )
    return condition


def get_bulletin(actor: Actor, bulletin_id: int) -> QuarterBulletin:
    """One bulletin. Raises NotFound."""
    found = bulletins(actor).filter(pk=bulletin_id).first()
    if found is None:
        raise NotFound(bulletin_id, "bulletin")
    return found
