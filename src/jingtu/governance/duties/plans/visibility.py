"""Where an actor stands towards plans and tasks: what they may read, give, hold."""

from __future__ import annotations

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .models import Task


def visible_tasks(actor: Actor) -> Q:
    """The condition on :class:`Task` that keeps what the actor may read in full.

    The tasks of the own places and everything below them, and those that name the actor. Of the tasks above
    only titles are shown (:func:`.queries.tasks.lineage`).
    """
    if is_unrestricted(actor):
        return Q()
    found = spans(actor, Permission.DUTIES_READ)
    if not found:
        return Q(pk__in=[])
    person = user_id_of(actor)
    return inside(found, "region__") | Q(person_id=person) | Q(leader_id=person)


def visible_plans(actor: Actor) -> Q:
    """The condition on :class:`Plan`: plans of the own places, and those with a task the actor may read."""
    if is_unrestricted(actor):
        return Q()
    found = spans(actor, Permission.DUTIES_READ)
    if not found:
        return Q(pk__in=[])
    with_tasks = Task.objects.filter(visible_tasks(actor)).order_by().values("plan_id")
    return inside(found, "region__") | Q(pk__in=with_tasks)


def gives(actor: Actor, task: Task) -> bool:
    """Whether the actor manages the place that gave the task: the one of the task above, of the plan at the top."""
    giver = task.parent.region_id if task.parent is not None else task.plan.region_id
    return actor.can(Permission.PLANS_MANAGE, giver)


def splits(actor: Actor, task: Task) -> bool:
    """Whether the actor may break the task down, name who does it and lay out its route."""
    return actor.can(Permission.PLANS_MANAGE, task.region_id) or gives(actor, task)


def speaks_for_unit(actor: Actor, task: Task) -> bool:
    """Whether one of the reporter's posts over the task's place is of its unit or of none. No query."""
    if task.unit_id is None:
        return True
    position, tree_id = task.region.position, task.region.tree_id
    units = {
        post.unit_id
        for post in getattr(actor, "posts", ())
        if Permission.TASKS_REPORT in post.permissions and post.covers(task.region_id, tree_id, position)
    }
    return bool(units & {None, task.unit_id})


def holds(actor: Actor, task: Task) -> bool:
    """Whether the actor reports on the task: the person it names, or who reports for its region.

    Where the task names a unit, somebody whose posts there all belong to other units does not.
    """
    if is_unrestricted(actor):
        return True
    if task.person_id is not None and task.person_id == user_id_of(actor):
        return actor.can(Permission.DUTIES_READ)
    if not actor.can(Permission.TASKS_REPORT, task.region_id):
        return False
    return speaks_for_unit(actor, task)
