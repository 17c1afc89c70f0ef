"""What a change of regions means for tasks: those of a place that ends go on at its successor."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.handover import handovers
from jingtu.core.regions.hooks import Effect

from .models import Plan, Task, TaskStep
from .rules import OPEN_STATES
from .visibility import visible_tasks


def affected_tasks(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Open tasks of the touched places. One query."""
    if not actor.can(Permission.DUTIES_READ):
        return None
    count = Task.objects.filter(visible_tasks(actor), affected.within(), state__in=OPEN_STATES).count()
    url = reverse("plans:tasks", query={"state": "open"})
    return [EffectLine(_("未办结的任务"), count, url=url)] if count else []


def follow(actor: Actor, effect: Effect) -> None:
    """Give tasks and plans of places that ended to their successors, within the change's transaction.

    Closed tasks go along: at a place that is no longer in the tree nobody above could read them. Regions that
    only move keep theirs.
    """
    for handover in handovers(effect):
        tasks = list(Task.objects.filter(region=handover.old).only("pk", "region_id", "updated_at"))
        plans = Plan.objects.filter(region=handover.old).update(region=handover.new)
        if not tasks and not plans:
            continue
        at = now()
        for task in tasks:
            task.region, task.updated_at = handover.new, at
        Task.objects.bulk_update(tasks, ["region", "updated_at"], batch_size=500)
        TaskStep.objects.bulk_create(
            TaskStep(
                task=task,
                action="region",
                person_id=user_id_of(actor),
                at=at,
                changes={"region": [handover.old.pk, handover.new.pk]},
            )
            for task in tasks
        )
        handover.record(actor, "plans.regions_followed", tasks=[task.pk for task in tasks], plans=plans)
