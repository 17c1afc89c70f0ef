"""Who sees which run, and how far into it.

A run is seen by whoever reads results somewhere in its region or above it; as a draft only by those
who prepare, review or read drafts over its region. Inside a run everybody sees the ranking; what lies
below a published figure only inside their own subtrees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import StandingSpan, is_unrestricted, standing
from jingtu.engine.tree import RegionTree

from .models import Run, RunFinding
from .rules import OPEN_STATES, RunState

SHOWN_STATES = (RunState.PUBLISHED.value, RunState.SUPERSEDED.value)
DRAFT_PERMISSIONS = (Permission.DRAFTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)


def spans(actor: Actor, permissions: Iterable[Permission]) -> dict[Permission, list[StandingSpan]]:
    """Where each permission holds today, ended regions left out. No query besides the actor's own."""
    return {permission: standing(actor, permission) for permission in permissions}


def visible_runs(actor: Actor) -> Q:
    """The condition on :class:`Run` that keeps what the actor may know of."""
    if is_unrestricted(actor):
        return Q()
    found = spans(actor, (Permission.RESULTS_READ, *DRAFT_PERMISSIONS))
    condition = Q(pk__in=[])
    shown = Q(state__in=SHOWN_STATES) | Q(state=RunState.WITHDRAWN.value, published_at__isnull=False)
    for span in found[Permission.RESULTS_READ]:
        above = Q(region__position__lte=span.first, region__last__gte=span.last)
        condition |= shown & Q(tree_id=span.tree_id) & (above | _inside(span))
    for permission in DRAFT_PERMISSIONS:
        for span in found[permission]:
            condition |= Q(tree_id=span.tree_id) & _inside(span)
    return condition


def _inside(span: StandingSpan) -> Q:
    return Q(region__position__gte=span.first, region__position__lte=span.last)


def sees_as_draft(actor: Actor, run: Run) -> bool:
    """Whether the actor works on the run's region, so that drafts, findings and reviews are theirs to see."""
    return any(actor.can(permission, run.region_id) for permission in DRAFT_PERMISSIONS)


def visible_findings(actor: Actor) -> Q:
    """The condition on :class:`RunFinding`: of runs one works on, and, while the run is open, what the unit one
    reports for was asked."""
    if is_unrestricted(actor):
        return Q()
    found = spans(actor, (*DRAFT_PERMISSIONS, Permission.FORMS_FILL))
    condition = Q(pk__in=[])
    for permission in DRAFT_PERMISSIONS:
        for span in found[permission]:
            condition |= Q(
                run__tree_id=span.tree_id,
                run__region__position__gte=span.first,
                run__region__position__lte=span.last,
            )
    for span in found[Permission.FORMS_FILL]:
        condition |= Q(
            with_unit=True,
            run__state__in=sorted(OPEN_STATES),
            run__tree_id=span.tree_id,
            region__position__gte=span.first,
            region__position__lte=span.last,
        )
    return condition


def sees_finding(actor: Actor, run: Run, finding: RunFinding) -> bool:
    """Whether the actor may know of the finding."""
    return (
        sees_as_draft(actor, run)
        or RunFinding.objects.filter(visible_findings(actor), pk=finding.pk).exists()
    )


def can_see(actor: Actor, run: Run) -> bool:
    """Whether the actor may know of the run."""
    return sees_as_draft(actor, run) or Run.objects.filter(visible_runs(actor), pk=run.pk).exists()


def may_examine(actor: Actor, run: Run, region_id: int) -> bool:
    """Whether the actor may look at one place of a run that is, or was, open to appeal and not published yet:
    whoever reads results there, from a place strictly inside the run's region. Of other places it says nothing.
    """
    if run.appeal_until is None or run.state not in OPEN_STATES or not run.snapshot_digest:
        return False
    place = (
        Region.objects.filter(pk=region_id, tree_id=run.tree_id).values_list("position", flat=True).first()
    )
    outer = run.region
    if place is None or outer.position is None or outer.last is None:
        return False
    return any(
        span.tree_id == run.tree_id
        and outer.position < span.first
        and span.last <= outer.last
        and span.first <= place <= span.last
        for span in spans(actor, (Permission.RESULTS_READ,))[Permission.RESULTS_READ]
    )


@dataclass(frozen=True, eq=False)
class Reach:
    """How far an actor sees into one run, over the positions of the run's own (frozen) tree."""

    derivation: NDArray[np.bool_]
    facts: NDArray[np.bool_]
    small_cells: NDArray[np.bool_]


def reach(actor: Actor, run: Run, tree: RegionTree) -> Reach:
    """The subtrees of the run's tree into whose derivation, facts and small cells the actor may look."""
    if is_unrestricted(actor):
        everything = np.ones(tree.size, dtype=np.bool_)
        return Reach(everything, everything, everything)
    found = spans(
        actor,
        (Permission.RESULTS_READ, *DRAFT_PERMISSIONS, Permission.FACTS_READ, Permission.SMALL_CELLS_READ),
    )
    derivation = [
        span for permission in (Permission.RESULTS_READ, *DRAFT_PERMISSIONS) for span in found[permission]
    ]
    region = run.region
    return Reach(
        _covered(derivation, region, tree),
        _covered(found[Permission.FACTS_READ], region, tree),
        _covered(found[Permission.SMALL_CELLS_READ], region, tree),
    )


def _covered(own: Iterable[StandingSpan], region: Region, tree: RegionTree) -> NDArray[np.bool_]:
    mask = np.zeros(tree.size, dtype=np.bool_)
    for span in own:
        if span.tree_id != region.tree_id:
            continue
        if region.position is not None and span.first <= region.position <= span.last:
            mask[:] = True
            return mask
        place = np.flatnonzero(tree.ids == span.region_id)
        if place.size:
            mask[tree.subtree(int(place[0]))] = True
    return mask
