"""What other parts of the house find in plans: search, agenda points, documents' citations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.documents.registry import Citation
from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.agenda import MOST, Point
from jingtu.core.ui.search import Hit

from .models import Plan, Task, TaskCitation
from .queries.tasks import late_tasks
from .rules import days_late
from .visibility import visible_plans, visible_tasks
from .words import STATES


def find_tasks(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Plans and tasks by title, the newest first. Two queries."""
    plans = Plan.objects.filter(visible_plans(actor), title__icontains=text).select_related("region")
    hits = [
        Hit(plan.title, reverse("plans:plan", args=[plan.pk]), plan.region.name)
        for plan in plans.order_by("-pk")[:limit]
    ]
    tasks = Task.objects.filter(visible_tasks(actor)).filter(
        Q(title__icontains=text) | Q(requirement__icontains=text)
    )
    for task in tasks.select_related("region").order_by("-pk")[: limit - len(hits)]:
        note = f"{task.region.name} · {STATES[task.state]}"
        hits.append(Hit(task.title, reverse("plans:task", args=[task.pk]), note))
    return hits


def late_points(actor: Actor, region_id: int, day: dt.date) -> Sequence[Point]:
    """The late tasks of a place as points of an agenda, the longest late first. Two queries."""
    points = []
    for task in late_tasks(actor, region_id, day)[:MOST]:
        days = days_late(task.state, task.due, day)
        points.append(
            Point(
                "late_task",
                str(task.pk),
                f"{task.region.name}：{task.title}",
                f"{task.region.name}: {task.title}",
                reverse("plans:task", args=[task.pk]),
                f"应于{task.due.isoformat()}完成，已逾期{days}天，进度{task.progress // 100}%",
                f"due on {task.due.isoformat()}, {days} days late, {task.progress // 100}% done",
                task.due,
            )
        )
    return points


def citing(actor: Actor, code: str) -> Sequence[Citation]:
    """The tasks that stand on a document. One query."""
    rows = TaskCitation.objects.filter(
        document__code=code, task__in=Task.objects.filter(visible_tasks(actor)).order_by()
    )
    return [
        Citation(
            _("任务"),
            f"{one.task.region.name} {one.task.title}",
            reverse("plans:task", args=[one.task_id]),
            one.article,
        )
        for one in rows.select_related("task__region").order_by("task_id", "pk")
    ]
