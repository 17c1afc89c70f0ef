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
from .queries.past import live_on, maybe_working_on, stood
from .rules import TaskState, days_late
from .visibility import visible_tasks


def tasks_of_body(actor: Actor, body: Body, start: dt.date, end: dt.date) -> Panel | None:
    """Tasks without others below them that were due in a time, and those late at its end (or today, where it goes on),
    the longest first.

    They count as they stood at its end, whatever became of them since. A committee, headquarters or office
    answers for all tasks of its place; a special team for those of the units and people that sit in it. At most
    four queries.
    """
    found = Task.objects.filter(
        visible_tasks(actor),
        inside([Span.of(body.region)], "region__"),
        live_on(end),
        child_count=0,
        due__lte=end,
    )
    if body.kind not in ANSWERING:
        seated = members(actor, body, end)
        people = {each.user_id for each in seated if each.user_id is not None}
        units = {each.unit_id for each in seated if each.unit_id is not None}
        found = found.filter(Q(unit_id__in=units) | Q(person_id__in=people) | Q(leader_id__in=people))
    candidates = found.filter(Q(due__gte=start) | maybe_working_on(end)).select_related("region")
    known = list(candidates.order_by("due", "plan_id", "path"))
    day = min(end, today())
    states = stood(known, day)
    due = [task for task in known if task.due >= start and states[task.pk] != TaskState.CANCELLED]
    done = sum(states[task.pk] == TaskState.DONE for task in due)
    late = [(task, days) for task in known if (days := days_late(states[task.pk], task.due, day))]
    if not due and not late:
        return None
    is_past = end < today()
    lines = [
        Line(
            f"{task.region.name}：{task.title}",
            f"{task.region.name}: {task.title}",
            reverse("plans:task", args=[task.pk]),
            f"应于{task.due.isoformat()}完成，已逾期{days}天" + _done(task, "，进度{}%", is_past),
            f"due on {task.due.isoformat()}, {_days(days)} late" + _done(task, ", {}% done", is_past),
            "below",
        )
        for task, days in late[:MOST_LINES]
    ]
    return Panel(
        f"{start.isoformat()}至{end.isoformat()}到期任务{len(due)}项，其中办结{done}项；"
        f"截至{day.isoformat()}逾期未办结{len(late)}项（含此前到期的）。",
        f"Tasks due from {start.isoformat()} to {end.isoformat()}: {len(due)}, of which {done} done; "
        f"late and open on {day.isoformat()}: {len(late)}, including those due earlier.",
        lines,
        reverse("plans:late", query={"region": body.region_id}) if body.kind in ANSWERING else "",
    )


def _done(task: Task, words: str, is_past: bool) -> str:
    """How far the task is; nothing in a report on the past, since only today's progress is kept."""
    return "" if is_past else words.format(task.progress // 100)


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
