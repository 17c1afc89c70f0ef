"""Where tasks stood at the end of a day that has passed: a report on a past time speaks of that time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from jingtu.core.kernel.clock import today

from ..models import Task, TaskStep
from ..rules import WORKING, TaskState


def _end_of(day: dt.date) -> dt.datetime:
    """The moment the day is over where the office is."""
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))


def live_on(day: dt.date) -> Q:
    """The condition on tasks that they and their plan stood at the end of a day, the plan not cancelled."""
    if day >= today():
        return Q(plan__cancelled_at__isnull=True)
    end = _end_of(day)
    live = Q(plan__cancelled_at__isnull=True) | Q(plan__cancelled_at__gte=end)
    return live & Q(created_at__lt=end)


def maybe_working_on(day: dt.date) -> Q:
    """The condition that keeps every task whose holder had it in hand at the end of a day, and some more:
    those in hand now, and those whose state has changed since. :func:`stood` tells which."""
    working = Q(state__in=WORKING)
    if day >= today():
        return working
    changed = TaskStep.objects.filter(at__gte=_end_of(day), changes__has_key="state")
    later = Q(submitted_on__gt=day) | Q(done_on__gt=day)
    return working | later | Q(pk__in=changed.order_by().values("task_id"))


def stood(tasks: Sequence[Task], day: dt.date) -> dict[int, str]:
    """Task → its state at the end of a day, read off its history; what was accepted later counts as done from the
    day it was. One query; none for today."""
    if day >= today():
        return {task.pk: task.state for task in tasks}
    ids = [task.pk for task in tasks]
    steps = TaskStep.objects.filter(at__gte=_end_of(day), changes__has_key="state")
    before: dict[int, str] = {}
    for pk, changes in steps.filter(task__in=ids).order_by("at", "pk").values_list("task_id", "changes"):
        before.setdefault(pk, changes["state"][0])
    return {task.pk: _state_on(task, before.get(task.pk, task.state), day) for task in tasks}


def _state_on(task: Task, read: str, day: dt.date) -> str:
    """The state read off the history, set right by the days on the task: they may have been entered later."""
    if task.state == TaskState.DONE and task.done_on is not None and task.done_on <= day:
        return TaskState.DONE.value
    handed_in = task.submitted_on or task.done_on
    if read in {TaskState.SUBMITTED, TaskState.DONE} and handed_in is not None and handed_in > day:
        return TaskState.UNDER_WAY.value
    return read
