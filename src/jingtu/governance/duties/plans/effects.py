"""What a change of regions means for tasks: those of a place that ends go on at its successor, or at the place above."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.regions.effects import Affected, EffectLine, heirs_of
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

    Closed tasks go along: at a place that is no longer in the tree nobody above could read them. A place that
    ends without a successor leaves its tasks to the one above it. Regions that only move keep theirs.
    """
    above = {region.pk: region.parent_id for region in effect.ended if region.parent_id is not None}
    for old, new in (above | heirs_of(effect)).items():
        tasks = list(Task.objects.filter(region_id=old).only("pk", "region_id", "updated_at"))
        plans = Plan.objects.filter(region_id=old).update(region_id=new)
        if not tasks and not plans:
            continue
        at = now()
        for task in tasks:
            task.region_id, task.updated_at = new, at
        Task.objects.bulk_update(tasks, ["region", "updated_at"], batch_size=500)
        TaskStep.objects.bulk_create(
            TaskStep(
                task=task,
                action="region",
                person_id=user_id_of(actor),
                at=at,
                changes={"region": [old, new]},
            )
            for task in tasks
        )
        record(
            actor,
            "plans.regions_followed",
            target_type="region_change",
            target_id=effect.change.pk,
            region_id=new,
            before={"region": old},
            after={"region": new, "tasks": [task.pk for task in tasks], "plans": plans},
        )
