"""The tasks of a body for its page and its reports."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.reach import Span, inside
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.panels import MOST_LINES, Line, Panel
from jingtu.governance.duties.bodies.queries import members
from jingtu.governance.duties.bodies.rules import ANSWERING

from .models import Task
from .rules import WORKING, TaskState, days_late_then, was_done
from .visibility import visible_tasks


def tasks_of_body(actor: Actor, body: Body, start: dt.date, end: dt.date) -> Panel | None:
    """Tasks without others below them that were due in a time, and those late at its end (or today, where it goes on),
    the longest first.

    A committee, headquarters or office answers for all tasks of its place; a special team for those of the
    units and people that sit in it. At most three queries.
    """
    found = Task.objects.filter(
        visible_tasks(actor),
        inside([Span.of(body.region)], "region__"),
        child_count=0,
        plan__cancelled_at__isnull=True,
        due__lte=end,
    ).exclude(state=TaskState.CANCELLED.value)
    if body.kind not in ANSWERING:
        seated = members(actor, body, end)
        people = {each.user_id for each in seated if each.user_id is not None}
        units = {each.unit_id for each in seated if each.unit_id is not None}
        found = found.filter(Q(unit_id__in=units) | Q(person_id__in=people) | Q(leader_id__in=people))
    day = min(end, today())
    # Of a time gone by also what was handed in after it: at its end it was open.
    working = Q(state__in=WORKING) | Q(submitted_on__gt=day) | Q(done_on__gt=day)
    rows = list(
        found.filter(Q(due__gte=start) | working).select_related("region").order_by("due", "plan_id", "path")
    )
    if not rows:
        return None
    due = [task for task in rows if task.due >= start]
    done = sum(was_done(task.state, task.done_on, day) for task in due)
    late = [
        (task, days)
        for task in rows
        if (days := days_late_then(task.state, task.due, task.submitted_on, task.done_on, day))
    ]
    lines = [
        Line(
            f"{task.region.name}：{task.title}",
            f"{task.region.name}: {task.title}",
            reverse("plans:task", args=[task.pk]),
            f"应于{task.due.isoformat()}完成，已逾期{days}天，进度{task.progress // 100}%",
            f"due on {task.due.isoformat()}, {_days(days)} late, {task.progress // 100}% done",
            "below",
        )
        for task, days in late[:MOST_LINES]
    ]
    return Panel(
        f"到期任务{len(due)}项，办结{done}项；逾期未办结{len(late)}项。",
        f"Tasks that fell due: {len(due)}, of which {done} done; late and open: {len(late)}.",
        lines,
        reverse("plans:late", query={"region": body.region_id}) if body.kind in ANSWERING else "",
    )


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
