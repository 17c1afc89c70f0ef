"""What a change of regions touches here, and what moves with it: open and closed files go to the successor."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import pgettext

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now, today
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.hooks import Effect
from jingtu.core.regions.models import Region, RegionSuccession

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
    ended = [region.pk for region in effect.ended]
    if not ended:
        return
    shares: dict[int, tuple[float, int]] = {}
    rows = RegionSuccession.objects.filter(change=effect.change, from_region_id__in=ended)
    for row in rows.order_by("pk"):
        share = float(row.share) if row.share is not None else 1.0
        if share > shares.get(row.from_region_id, (0.0, 0))[0]:
            shares[row.from_region_id] = (share, row.to_region_id)
    names = {region.pk: region.name for region in effect.ended}
    targets = Region.objects.in_bulk([target for _, target in shares.values()])
    for old, (_, new) in shares.items():
        _proposals(actor, old, targets[new], names[old])
        _measures(actor, old, targets[new], names[old])


def _proposals(actor: Actor, old: int, new: Region, name: str) -> None:
    taken = set(Proposal.objects.filter(region=new).values_list("office_id", "key"))
    for proposal in Proposal.objects.filter(region_id=old):
        if (proposal.office_id, proposal.key) in taken:
            continue
        proposal.region = new
        moved = Line("measures.ag_moved", {"name": name, "into": new.name})
        proposal.against = [*proposal.against, moved.stored()]
        proposal.save(update_fields=["region", "against"])
        written(
            actor, "moved", "proposal", proposal.pk, new.pk, before={"region": old}, after={"region": new.pk}
        )


def _measures(actor: Actor, old: int, new: Region, name: str) -> None:
    for measure in Measure.objects.filter(region_id=old):
        measure.region = new
        measure.save(update_fields=["region"])
        MeasureStep.objects.create(
            measure=measure, act=Act.MOVE.value, on=today(), at=now(), text=f"{name} → {new.name}"
        )
        written(
            actor, "moved", "measure", measure.pk, new.pk, before={"region": old}, after={"region": new.pk}
        )
