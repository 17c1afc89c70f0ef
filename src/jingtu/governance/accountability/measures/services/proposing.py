"""Letting the rules look. They propose; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .. import notices
from ..models import Proposal, Rule
from ..registry import Found, rule_kinds
from .common import written
from .rulebook import valid


def propose(actor: Actor, region_id: int | None = None) -> list[Proposal]:
    """Let every rule in use look now, of one office or of all the actor's; the same facts propose once.

    Raises PermissionDenied without the right to prepare files there.
    """
    if region_id is not None and not actor.can(Permission.MEASURES_PREPARE, region_id):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    if not actor.can(Permission.MEASURES_PREPARE):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    rules = Rule.objects.filter(enabled=True).select_related("region__tree")
    if region_id is not None:
        rules = rules.filter(region_id=region_id)
    elif not is_unrestricted(actor):
        rules = rules.filter(inside(spans(actor, Permission.MEASURES_PREPARE), "region__"))
    return [made for rule in rules for made in _look(actor, rule)]


def daily() -> int:
    """What the ticker does: each rule looks once a day."""
    day = today()
    waiting = Rule.objects.filter(enabled=True).exclude(looked_on=day).select_related("region__tree")
    return sum(len(_look(SYSTEM, rule)) for rule in waiting)


def _look(actor: Actor, rule: Rule) -> list[Proposal]:
    kind = rule_kinds().get(rule.kind)
    if kind is None or rule.region.position is None:
        return []
    found = kind.find(rule.region, {**kind.defaults(), **rule.parameters}, today())
    made = []
    with transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(looked_on=today())
        known = set(
            Proposal.objects.filter(office=rule.region, key__in=[one.key for one in found]).values_list(
                "region_id", "key"
            )
        )
        for one in found:
            if (one.region_id, one.key) in known:
                continue
            proposal, fresh = Proposal.objects.get_or_create(
                office=rule.region,
                region_id=one.region_id,
                key=one.key,
                defaults={
                    "kind": rule.kind,
                    "evidence": [line.stored() for line in one.evidence],
                    "against": [line.stored() for line in one.against],
                    "period": one.period,
                    "run_id": one.run_id,
                    "publication_hash": one.publication_hash,
                    "rung": rule.rung,
                    "proposed_at": now(),
                },
            )
            if not fresh:
                continue
            after = {"rule": rule.kind, "key": one.key, "parameters": rule.parameters}
            written(actor, "proposed", "measure_proposal", proposal.pk, one.region_id, after=after)
            made.append(proposal)
        if made:
            notices.proposed(actor, rule.region, len(made))
    return made


def preview(actor: Actor, region_id: int, kind: str, parameters: Mapping[str, Any]) -> Sequence[Found]:
    """What a rule with these parameters would propose today; writes nothing. Raises PermissionDenied, InvalidInput."""
    if not actor.can(Permission.MEASURES_PREPARE, region_id):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    found = rule_kinds().get(kind)
    region = Region.objects.select_related("tree").filter(pk=region_id, position__isnull=False).first()
    if found is None or region is None:
        raise NotFound(kind)
    return found.find(region, valid(found, parameters, actor.language), today())
