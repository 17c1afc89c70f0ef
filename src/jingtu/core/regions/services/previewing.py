"""A change tried out: everything is done and taken back, so that what is shown is what will happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.effects import EffectGroup, effects_of, touched_by
from jingtu.core.regions.hooks import Effect
from jingtu.core.regions.models import RegionTree


@dataclass(frozen=True)
class Preview:
    """What a change would do, what hangs on the regions it touches, and the tree's revision it was tried on."""

    effect: Effect
    groups: Sequence[EffectGroup]
    revision: int


def preview_change(actor: Actor, tree: RegionTree, act: Callable[[], Effect]) -> Preview:
    """Try ``act``, one of the changes of this app, and take it back. Raises what the change raises."""
    with transaction.atomic():
        revision = RegionTree.objects.values_list("revision", flat=True).get(pk=tree.pk)
        effect = act()
        transaction.set_rollback(True)
    return Preview(effect, effects_of(actor, touched_by(effect)), revision)
