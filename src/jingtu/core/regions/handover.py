"""What belonged to a place that ends goes on at its successor, and the audit trail says so.

Called by the hooks of the apps above, within the transaction of the change.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor

from .hooks import Effect
from .models import Region, RegionChange, RegionSuccession


@dataclass(frozen=True)
class Handover:
    """From a place that ended to the one that takes over what it had."""

    change: RegionChange
    old: Region
    new: Region

    @property
    def told(self) -> str:
        """The way it went, as histories write it."""
        return f"{self.old.name} → {self.new.name}"

    def told_apart(self, name: str, longest: int) -> str:
        """A name that is taken at the new place, with the old place behind it."""
        whence = f"（原{self.old.name}）"
        return f"{name[: longest - len(whence)]}{whence}"

    def record(self, actor: Actor, action: str, **went: object) -> None:
        """Write to the audit trail what ``went`` over, by its kind."""
        record(
            actor,
            action,
            target_type="region_change",
            target_id=self.change.pk,
            region_id=self.new.pk,
            before={"region": self.old.pk},
            after={"region": self.new.pk, **went},
        )


def handovers(effect: Effect) -> list[Handover]:
    """Each place that ended and its successor, of several the one with the largest share."""
    ended = {region.pk: region for region in effect.ended}
    rows = RegionSuccession.objects.filter(change=effect.change, from_region__in=ended)
    heirs = dict(
        rows.order_by(F("share").asc(nulls_first=True), "-pk").values_list("from_region_id", "to_region_id")
    )
    places = Region.objects.in_bulk(heirs.values())
    return [Handover(effect.change, ended[old], places[new]) for old, new in heirs.items()]
