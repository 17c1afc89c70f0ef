"""What of plans waits for a person today."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.reach import inside, spans
from jingtu.core.ui.today import Duty

from .models import Task
from .rules import OPEN_STATES, WORKING, TaskState

SOON_DAYS = 7
MOST_NAMED = 5


def waiting_tasks(actor: Actor) -> list[Duty]:
    """One's own tasks that are late or due within the week, what waits to be accepted, tasks without a person."""
    person = user_id_of(actor)
    if person is None or not actor.can(Permission.DUTIES_READ):
        return []
    return [*_own(person), *_to_accept(actor), *_without_person(actor)]


def _own(person: int) -> list[Duty]:
    day = today()
    own = Task.objects.filter(person_id=person, state__in=WORKING, plan__cancelled_at__isnull=True)
    duties = []
    for task in own.filter(due__lte=day + dt.timedelta(days=SOON_DAYS)).order_by("due", "pk")[:MOST_NAMED]:
        late = task.due < day
        duties.append(
            Duty(
                _("我的逾期任务") if late else _("我的临期任务"),
                reverse("plans:task", args=[task.pk]),
                f"{task.title} · {task.due.isoformat()}",
                tone="below" if late else "watch",
            )
        )
    return duties


def _to_accept(actor: Actor) -> list[Duty]:
    own = spans(actor, Permission.PLANS_MANAGE)
    if not own:
        return []
    given = inside(own, "parent__region__") | (Q(parent__isnull=True) & inside(own, "plan__region__"))
    found = Task.objects.filter(given, state=TaskState.SUBMITTED, plan__cancelled_at__isnull=True)
    count = found.exclude(submitted_by_id=user_id_of(actor)).count()
    url = reverse("plans:tasks", query={"state": TaskState.SUBMITTED.value})
    return [Duty(_("待验收的任务"), url, count=count, tone="watch")] if count else []


def _without_person(actor: Actor) -> list[Duty]:
    own = spans(actor, Permission.PLANS_MANAGE)
    if not own:
        return []
    count = gone(Task.objects.filter(inside(own, "region__"), plan__cancelled_at__isnull=True)).count()
    url = reverse("plans:tasks", query={"unassigned": "gone"})
    return [Duty(_("责任人已离岗的任务，请移交"), url, count=count, tone="below")] if count else []


def gone(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """The open tasks of people who hold no post any more."""
    return tasks.filter(person__isnull=False, state__in=OPEN_STATES).exclude(
        person_id__in=posts_in_force().values("user_id")
    )
