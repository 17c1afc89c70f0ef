"""Who may know of which alert: whoever reads results of the place, drafts only for those who see drafts.

An alert that would tell a suppressed count of persons does not exist for those without the right to it:
its mere presence says that a small number rose or fell. What is suppressed is asked anew at each reading.
"""

from __future__ import annotations

from django.db.models import Q

from jingtu.assessment.runs.visibility import DRAFT_PERMISSIONS, spans
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.reach import StandingSpan, is_unrestricted

from .models import Alert
from .smallness import small_today


def visible_alerts(actor: Actor) -> Q:
    """The condition on :class:`Alert` that keeps what the actor may know of. A constant number of queries."""
    if is_unrestricted(actor):
        return Q()
    found = spans(actor, (Permission.RESULTS_READ, *DRAFT_PERMISSIONS, Permission.SMALL_CELLS_READ))
    nothing = Q(pk__in=[])
    published, drafts, exact = nothing, nothing, nothing
    for span in found[Permission.RESULTS_READ]:
        published |= inside(span)
    for permission in DRAFT_PERMISSIONS:
        for span in found[permission]:
            # A draft is seen by those who see the draft run: whoever works on the whole region assessed.
            drafts |= inside(span) & Q(disclosed=True)
            drafts |= Q(tree_id=span.tree_id) & Q(
                within__position__gte=span.first, within__position__lte=span.last
            )
    for span in found[Permission.SMALL_CELLS_READ]:
        exact |= inside(span)
    shown = (Q(disclosed=True) & published) | drafts
    return shown & (exact | (Q(sensitive=False) & ~Q(pk__in=small_today(shown & ~exact))))


def held_over(actor: Actor, permission: Permission) -> Q:
    """The condition that keeps alerts of regions over which the permission is held. One query."""
    if is_unrestricted(actor):
        return Q()
    condition = Q(pk__in=[])
    for span in spans(actor, (permission,))[permission]:
        condition |= inside(span)
    return condition


def inside(span: StandingSpan) -> Q:
    """Alerts of a subtree; one of a region that has ended belongs where the region did."""
    here = Q(region__position__gte=span.first, region__position__lte=span.last)
    ended = Q(
        region__position__isnull=True,
        region__parent__position__gte=span.first,
        region__parent__position__lte=span.last,
    )
    return Q(tree_id=span.tree_id) & (here | ended)


def can_see(actor: Actor, alert_id: int) -> bool:
    """Whether the actor may know of the alert."""
    return Alert.objects.filter(visible_alerts(actor), pk=alert_id).exists()
