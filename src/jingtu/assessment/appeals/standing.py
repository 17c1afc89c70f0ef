"""Where an actor stands: which runs are open to whom, and for whose numbers they may speak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.rules import OPEN_STATES, RunState, appeal_open
from jingtu.assessment.runs.visibility import spans
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import StandingSpan, is_unrestricted

from .models import Appeal
from .rules import AppealFacts, AppealState

DECIDERS = (Permission.APPEALS_EXAMINE, Permission.APPEALS_DECIDE)


def is_open(run: Run, day: dt.date | None = None) -> bool:
    """Whether numbers of the run may be disputed today."""
    return deadline(run, day) is not None


def deadline(run: Run, day: dt.date | None = None) -> dt.date | None:
    """Until when numbers of the run may be disputed; None when they may not (any more)."""
    day = day or today()
    if appeal_open(RunState(run.state), run.appeal_until, day):
        return run.appeal_until
    if run.state == RunState.PUBLISHED:
        until = run.publication.objections_until
        return until if until is not None and day <= until else None
    return None


def open_now() -> Q:
    """The condition on runs that says the same as :func:`is_open`."""
    before = Q(appeal_until__gte=today(), state__in=[state.value for state in OPEN_STATES])
    return before | Q(state=RunState.PUBLISHED.value, publication__objections_until__gte=today())


def speaks_for(actor: Actor, run: Run, region: Region, permission: Permission) -> bool:
    """Whether the actor holds ``permission`` for the region from a place strictly inside the run's region:
    a unit speaks for its own numbers, the office that assesses it does not."""
    return any(_covers(span, run, region) for span in spans(actor, (permission,))[permission])


def _covers(span: StandingSpan, run: Run, region: Region) -> bool:
    return (
        region.position is not None
        and _inside(span, run)
        and span.tree_id == region.tree_id
        and span.first <= region.position <= span.last
    )


def _inside(span: StandingSpan, run: Run) -> bool:
    outer = run.region
    return (
        outer.position is not None
        and span.tree_id == run.tree_id
        and outer.position < span.first
        and span.last <= (outer.last or 0)
    )


def standing_places(actor: Actor, run: Run) -> list[StandingSpan]:
    """The subtrees inside the run for which the actor may file."""
    return [
        span
        for span in spans(actor, (Permission.APPEALS_FILE,))[Permission.APPEALS_FILE]
        if _inside(span, run)
    ]


def visible_appeals(actor: Actor) -> Q:
    """The condition on :class:`Appeal` that keeps what the actor may know of.

    The region itself and everything above it inside the run (those who read its results there), and those
    who examine or decide over the region. Siblings do not see it.
    """
    if is_unrestricted(actor):
        return Q()
    found = spans(actor, (Permission.RESULTS_READ, *DECIDERS))
    condition = Q(pk__in=[])
    for span in found[Permission.RESULTS_READ]:
        strictly_inside = Q(
            run__tree_id=span.tree_id,
            run__region__position__lt=span.first,
            run__region__last__gte=span.last,
        )
        condition |= strictly_inside & _of(span)
    for permission in DECIDERS:
        for span in found[permission]:
            condition |= _of(span)
    return condition


def _of(span: StandingSpan) -> Q:
    return Q(
        region__tree_id=span.tree_id,
        region__position__gte=span.first,
        region__position__lte=span.last,
    )


def appeal_facts(actor: Actor, appeal: Appeal, entered_by: Iterable[str]) -> AppealFacts:
    """What the rules ask about this appeal and this actor; ``entered_by``: who stored the figures behind it."""
    held = frozenset(permission for permission in DECIDERS if actor.can(permission, appeal.run.region_id))
    return AppealFacts(
        state=AppealState(appeal.state),
        permissions=held,
        of_the_unit=speaks_for(actor, appeal.run, appeal.region, Permission.APPEALS_FILE),
        is_filer=user_id_of(actor) == appeal.filed_by_id,
        entered_it=actor.actor_id in set(entered_by),
    )
