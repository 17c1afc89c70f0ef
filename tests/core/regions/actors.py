"""Actors for tests that need no database of users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from jingtu.core.kernel.actor import Permission, Scope


@dataclass
class Somebody:
    """May manage exactly the regions given (and may create trees when ``anywhere``)."""

    regions: set[int] = field(default_factory=set)
    actor_id: str = "user:1"
    label: str = "测试员"
    language: Literal["zh", "en"] = "zh"

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return bool(self.regions) if region_id is None else region_id in self.regions

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        return ()
