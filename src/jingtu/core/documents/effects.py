"""What a change of regions means for the documents kept there: they go to the successor's office."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import Affected, EffectLine, heirs_of
from jingtu.core.regions.hooks import Effect

register_actions({"documents.handed_over": ("制度文件移交保管", "Documents handed over")})


def affected_documents(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Documents kept by offices of places that end. One query."""
    count = NormativeDocument.objects.filter(keeper_id__in=affected.ended).count()
    url = reverse("documents:list")
    return [EffectLine(_("所属区划将撤销的制度文件，随之移交"), count, url=url)] if count else []


def hand_over(actor: Actor, effect: Effect) -> None:
    """Give the documents of places that ended to their successors, within the change's transaction."""
    heirs = heirs_of(effect)
    for old, new in heirs.items():
        codes = list(NormativeDocument.objects.filter(keeper_id=old).values_list("code", flat=True))
        if not codes:
            continue
        NormativeDocument.objects.filter(keeper_id=old).update(keeper_id=new)
        record(
            actor,
            "documents.handed_over",
            target_type="region_change",
            target_id=effect.change.pk,
            region_id=new,
            before={"region": old},
            after={"region": new, "codes": codes},
        )
