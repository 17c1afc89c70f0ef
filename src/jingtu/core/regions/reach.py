"""How far an actor reaches: the subtrees of today's trees in which a permission holds, as conditions on rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission, Scope

from .models import Region


@dataclass(frozen=True)
class Span:
    """A subtree of today's tree by positions; ``first`` None for an ended region, which stands for itself."""

    tree_id: int
    region_id: int
    first: int | None
    last: int | None

    @classmethod
    def of(cls, region: Region) -> Span:
        """The subtree below a region, itself included."""
        return cls(region.tree_id, region.pk, region.position, region.last)

    def holds(self, region: Region) -> bool:
        """Whether a region is the span's own or lies below it today."""
        if region.pk == self.region_id:
            return True
        if region.tree_id != self.tree_id or self.first is None or region.position is None:
            return False
        return self.first <= region.position <= (self.last or self.first)


@dataclass(frozen=True)
class StandingSpan(Span):
    """The subtree of a region that stands in today's tree."""

    first: int
    last: int


def is_unrestricted(actor: Actor) -> bool:
    """Whether the actor is the machine itself."""
    return bool(getattr(actor, "unrestricted", False))


def spans(actor: Actor, *permissions: Permission) -> list[Span]:
    """Where any of the permissions holds today. No query besides the actor's own."""
    found = {
        Span(scope.tree_id, scope.region_id, scope.first, scope.last): None
        for permission in permissions
        for scope in actor.scopes(permission)
    }
    return list(found)


def standing(actor: Actor, *permissions: Permission) -> list[StandingSpan]:
    """As :func:`spans`, ended regions left out: for what a region decides only as long as it stands."""
    return [
        StandingSpan(span.tree_id, span.region_id, span.first, span.last)
        for span in spans(actor, *permissions)
        if span.first is not None and span.last is not None
    ]


def inside(found: Iterable[Span], prefix: str = "") -> Q:
    """The condition that a region (``prefix`` leads to it, ``region__``) lies in one of the spans."""
    spans_ = list(found)
    condition = Q(**{f"{prefix}pk__in": [span.region_id for span in spans_]})
    for span in spans_:
        if span.first is not None:
            condition |= Q(
                **{
                    f"{prefix}tree_id": span.tree_id,
                    f"{prefix}position__gte": span.first,
                    f"{prefix}position__lte": span.last,
                }
            )
    return condition


class Readership:
    """Everybody a paper about a region goes to, as one reader of the whole region.

    What is printed may not depend on who pressed the button. Who may read exact
    counts of persons below the small-cell limit is not among its permissions.
    """

    actor_id = "readership"
    label = "读者"

    def __init__(self, region: Region, language: Literal["zh", "en"], *permissions: Permission) -> None:
        self.language: Literal["zh", "en"] = language
        self._permissions = frozenset(permissions)
        self._scope = Scope(region.tree_id, region.pk, region.position, region.last)

    def can(self, permission: Permission, region_id: int | None = None) -> bool:
        return permission in self._permissions

    def scopes(self, permission: Permission) -> Iterable[Scope]:
        return (self._scope,) if self.can(permission) else ()
