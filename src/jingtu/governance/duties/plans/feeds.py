"""What plans know and nobody should type: tasks that fell due, and how many of them were done in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Q
from django.urls import reverse

from jingtu.core.facts.feeds import Derived, Key
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import RegionTree
from jingtu.engine.periods import Period

from .models import Task
from .rules import TaskState

DUE, IN_TIME = "tasks_due", "tasks_on_time"


def tasks_counted(
    actor: Actor, tree: RegionTree, region_ids: Sequence[int], period: Period
) -> Mapping[Key, Derived]:
    """For each place its own tasks whose due day fell in the period, how many of them were done in time.

    Tasks cancelled or paused are not due. A period whose end has not come is not counted yet. One query.
    """
    if period.end >= today():
        return {}
    done = Q(state=TaskState.DONE)
    rows = (
        Task.objects.filter(
            region__tree=tree,
            region_id__in=region_ids,
            due__gte=period.start,
            due__lte=period.end,
            plan__cancelled_at__isnull=True,
        )
        .exclude(state__in=[TaskState.CANCELLED, TaskState.PAUSED])
        .order_by()
        .values_list("region_id")
        .annotate(
            due_count=Count("pk"),
            in_time=Count("pk", filter=done & Q(done_on__lte=F("due"))),
        )
    )
    found: dict[Key, Derived] = {}
    for region_id, due, in_time in rows:
        link = reverse(
            "plans:tasks",
            query={"region": region_id, "due_from": period.start, "due_to": period.end},
        )
        found[(region_id, DUE, "")] = Derived(due, link)
        found[(region_id, IN_TIME, "")] = Derived(in_time, link)
    return found
