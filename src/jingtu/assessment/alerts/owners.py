"""Who answers for an alert: the holder of the rule's role at the place, else nearest above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import permissions_of
from jingtu.core.kernel.actor import Permission
from jingtu.core.regions.models import Region

STANDING_IN = ("analyst", "reviewer", "leader")
"""Who answers where nobody holds the rule's role, or its holders may not see the figure."""


@dataclass(frozen=True)
class _Held:
    role: str
    user: int
    first: int
    last: int
    exact: bool


class Owners:
    """The posts of one tree, read once. Two people in the same post: the one who was first granted it."""

    def __init__(self, tree_id: int) -> None:
        self._held: list[_Held] = []
        posts = posts_in_force().filter(region__tree_id=tree_id, region__position__isnull=False)
        for post in posts.order_by("pk"):
            allowed = permissions_of(post.role, post.module)
            region = post.region
            if region is None or Permission.RESULTS_READ not in allowed:
                continue
            if Permission.ALERTS_HANDLE not in allowed:
                continue
            self._held.append(
                _Held(
                    post.role,
                    post.user_id,
                    region.position or 0,
                    region.last or 0,
                    Permission.SMALL_CELLS_READ in allowed,
                )
            )

    def of(self, role: str, region: Region, *, sensitive: bool) -> int | None:
        """The user's own id, None when nobody may answer."""
        for wanted in (role, *STANDING_IN):
            nearest = max(
                self._covering(wanted, region, sensitive), key=lambda held: held.first, default=None
            )
            if nearest is not None:
                return nearest.user
        return None

    def _covering(self, role: str, region: Region, sensitive: bool) -> Iterator[_Held]:
        for held in self._held:
            if held.role != role or (sensitive and not held.exact) or region.position is None:
                continue
            if held.first <= region.position <= held.last:
                yield held
