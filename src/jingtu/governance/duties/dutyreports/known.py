"""What stands below duty reports and can tell of a post's year: bodies sat in, tasks held, indicators of the place."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.governance.duties.bodies.models import Body, Member
from jingtu.governance.duties.bodies.panels import MOST_LINES, Line, Panel
from jingtu.governance.duties.bodies.rules import Kind
from jingtu.governance.duties.bodies.standing import indicators as of_body
from jingtu.governance.duties.bodies.words import title_word
from jingtu.governance.duties.plans.queries import TaskFilter, tasks
from jingtu.governance.duties.plans.rules import TaskState

from .models import DutyReport


def bodies_sat_in(actor: Actor, report: DutyReport, start: dt.date, end: dt.date) -> Panel | None:
    """The bodies in which the person sat in the year."""
    rows = Member.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=start), user_id=report.person_id, starts__lte=end
    ).select_related("body")
    lines = [
        Line(
            f"{row.body.name}：{title_word(row.body.kind, row, 'zh')}",
            f"{row.body.name_en or row.body.name}: {title_word(row.body.kind, row, 'en')}",
            reverse("bodies:detail", args=[row.body_id]),
        )
        for row in rows[:MOST_LINES]
    ]
    if not lines:
        return None
    return Panel(f"本年度在{len(lines)}个机构任职。", f"Bodies sat in during the year: {len(lines)}.", lines)


def tasks_held(actor: Actor, report: DutyReport, start: dt.date, end: dt.date) -> Panel | None:
    """Tasks of the person, or of the unit where the report is a unit's, that were due in the year."""
    wanted = TaskFilter(due_from=start, due_to=end)
    held = Q(person_id=report.person_id) | Q(leader_id=report.person_id)
    if report.unit_id is not None:
        held |= Q(unit_id=report.unit_id)
    given = tasks(actor, wanted).filter(held).exclude(state=TaskState.CANCELLED.value)
    rows = list(given.order_by("due", "pk")[:200])
    if not rows:
        return None
    done = [row for row in rows if row.state == TaskState.DONE.value]
    open_ = [row for row in rows if row.state != TaskState.DONE.value]
    lines = [
        Line(
            row.title,
            row.title,
            reverse("plans:task", args=[row.pk]),
            f"应于{row.due}完成",
            f"due {row.due}",
        )
        for row in open_[:MOST_LINES]
    ]
    return Panel(
        f"本年度到期任务{len(rows)}项，已完成{len(done)}项。",
        f"Tasks due in the year: {len(rows)}; done: {len(done)}.",
        lines,
    )


def indicators(actor: Actor, report: DutyReport, start: dt.date, end: dt.date) -> Panel | None:
    """Red lines and warnings of the place in the latest published assessment."""
    return of_body(actor, Body(region=report.region, kind=Kind.HEADQUARTERS.value), start, end)
