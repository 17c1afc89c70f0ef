"""What a change of regions means for the documents kept there: they go to the successor's office."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.actions import register_actions
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import handovers
from jingtu.core.regions.hooks import Effect

register_actions({"documents.handed_over": ("制度文件移交保管", "Documents handed over")})


def affected_documents(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Documents kept by offices of places that end. One query."""
    count = NormativeDocument.objects.filter(keeper_id__in=affected.ended).count()
    url = reverse("documents:list")
    return [EffectLine(_("所属区划将撤销的制度文件，随之移交"), count, url=url)] if count else []


def hand_over(actor: Actor, effect: Effect) -> None:
    """Give the documents of places that ended to their successors, within the change's transaction."""
    for handover in handovers(effect):
        kept = NormativeDocument.objects.filter(keeper=handover.old)
        codes = list(kept.values_list("code", flat=True))
        if codes:
            kept.update(keeper=handover.new)
            handover.record(actor, "documents.handed_over", codes=codes)
