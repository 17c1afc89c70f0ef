"""What reporting itself knows and nobody should type: how many reports were due of a unit, and came in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Report
from .queries.boards import due_between
from .queries.due import Matcher, places_of, published_forms

DUE, ON_TIME = "reports_due", "reports_on_time"


def reports_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """For each unit the reports whose deadline fell in the period, and how many of them came in time.

    A period whose end has not come is not counted yet. Queries do not grow with units.
    """
    moment = now()
    if period.end >= timezone.localtime(moment).date():
        return {}
    forms = [(form, versions) for form, versions in published_forms() if form.tree_id == tree.pk]
    matcher = Matcher(places_of(region_ids))
    matcher.read(version for _, versions in forms for version in versions)
    due: dict[int, int] = {}
    keys: set[tuple[int, str]] = set()
    for form, versions in forms:
        for version, other in due_between(versions, period.start, period.end, moment):
            for unit in matcher.units(tree.pk, version.content, other):
                due[unit.pk] = due.get(unit.pk, 0) + 1
                keys.add((form.pk, other.key))
    if not due:
        return {}
    named = Q(pk__in=[])
    for form_id, key in keys:
        named |= Q(form_id=form_id, period=key)
    on_time = dict(
        Report.objects.filter(named, region_id__in=list(due), first_submitted_at__lte=F("due_at"))
        .order_by()
        .values_list("region_id")
        .annotate(count=Count("pk"))
    )
    link = reverse(
        "reporting:progress", query={"from": period.start.isoformat(), "to": period.end.isoformat()}
    )
    found: dict[Key, Derived] = {}
    for region_id, count in due.items():
        found[(region_id, DUE, "")] = Derived(count, link)
        found[(region_id, ON_TIME, "")] = Derived(on_time.get(region_id, 0), link)
    return found
