"""What other apps do within the transaction of a change of regions; they stand above this one and register here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.wall import reading_as_system

from .models import Region, RegionChange, RegionSuccession


@dataclass
class Effect:
    """What a change did (or, in a preview, would do)."""

    change: RegionChange
    created: list[Region] = field(default_factory=list)
    renamed: list[tuple[str, Region]] = field(default_factory=list)  # name before, region
    moved: list[tuple[str, Region]] = field(default_factory=list)  # name of the parent before, region
    ended: list[Region] = field(default_factory=list)
    divided: list[RegionSuccession] = field(default_factory=list)  # of a split: who takes which share
    below: int = 0  # regions further down that go along


Hook = Callable[[Actor, Effect], None]
_hooks: dict[str, Hook] = {}


def register_change_hook(key: str, hook: Hook) -> None:
    """Call ``hook`` after every change, before it is committed; what it raises undoes the change."""
    _hooks[key] = hook


def after_change(actor: Actor, effect: Effect) -> None:
    """Tell everybody who registered."""
    with reading_as_system("a change of regions takes along what hangs on them, whoever records it"):
        for hook in _hooks.values():
            hook(actor, effect)
