"""What a change of regions touches here, and what moves with it: open and closed files go to the successor."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import pgettext

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now, today
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import Handover, handovers
from jingtu.core.regions.hooks import Effect

from .models import Measure, MeasureStep, Proposal
from .registry import Line
from .rules import OPEN_STATES, UNDECIDED, Act
from .services.common import written
from .visibility import READ, visible_measures, visible_proposals


def affected_measures(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Open proposals and measures of the regions. Two queries."""
    if not actor.can(READ):
        return None
    proposals = Proposal.objects.filter(
        visible_proposals(actor), affected.within(), state__in=sorted(UNDECIDED)
    ).count()
    measures = Measure.objects.filter(
        visible_measures(actor), affected.within(), state__in=sorted(OPEN_STATES)
    ).count()
    found = [
        EffectLine(pgettext("measures", "尚未决定的追责建议"), proposals, url=reverse("measures:proposals")),
        EffectLine(
            pgettext("measures", "未办结的措施，转入承接地区"), measures, url=reverse("measures:list")
        ),
    ]
    return [line for line in found if line.count]


def move_on(actor: Actor, effect: Effect) -> None:
    """Give the files of regions that ended to where most of them went; a file nobody can read helps nobody."""
    for handover in handovers(effect):
        _proposals(actor, handover)
        _measures(actor, handover)


def _proposals(actor: Actor, handover: Handover) -> None:
    taken = set(Proposal.objects.filter(region=handover.new).values_list("office_id", "key"))
    for proposal in Proposal.objects.filter(region=handover.old):
        if (proposal.office_id, proposal.key) in taken:
            continue
        proposal.region = handover.new
        moved = Line("measures.ag_moved", {"name": handover.old.name, "into": handover.new.name})
        proposal.against = [*proposal.against, moved.stored()]
        proposal.save(update_fields=["region", "against"])
        _written(actor, "measure_proposal", proposal.pk, handover)


def _measures(actor: Actor, handover: Handover) -> None:
    for measure in Measure.objects.filter(region=handover.old):
        measure.region = handover.new
        measure.save(update_fields=["region"])
        MeasureStep.objects.create(
            measure=measure, act=Act.MOVE.value, on=today(), at=now(), text=handover.told
        )
        _written(actor, "measure", measure.pk, handover)


def _written(actor: Actor, kind: str, pk: int, handover: Handover) -> None:
    old, new = handover.old.pk, handover.new.pk
    written(actor, "moved", kind, pk, new, before={"region": old}, after={"region": new})
