"""Which assessments a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .models import Run, RunPlace
from .rules import OPEN_STATES, RunState
from .visibility import DRAFT_PERMISSIONS, visible_runs


def affected_runs(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Open runs that assess or rank the regions, and published ones, which stay as they are. Three queries."""
    if not any(actor.can(permission) for permission in (Permission.RESULTS_READ, *DRAFT_PERMISSIONS)):
        return None
    ranked = RunPlace.objects.filter(affected.within()).values("run_id")
    seen = Run.objects.filter(visible_runs(actor), Q(pk__in=ranked) | affected.within())
    opened = [state.value for state in OPEN_STATES]
    published = seen.filter(state=RunState.PUBLISHED.value).count()
    before = seen.filter(state__in=opened, period_end__lt=affected.day).count()
    after = seen.filter(state__in=opened, period_end__gte=affected.day).count()
    runs = reverse("runs:list", query={"tree": affected.tree.slug})
    found = [
        EffectLine(_("办理中的考核，期末在生效之后，将按新区划重算"), after, url=runs),
        EffectLine(_("办理中的考核，期末在生效之前，仍按原区划"), before, url=runs),
        EffectLine(_("已发布的考核，不变"), published, url=runs),
    ]
    return [line for line in found if line.count]
