"""What stands below duty reports and can tell of a post's year: bodies sat in, tasks held, indicators of the place."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.urls import reverse

from jingtu.assessment.runs.queries.around import runs_around, shared_ranks, standings
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.governance.duties.bodies.models import Body, Member
from jingtu.governance.duties.bodies.panels import MOST_LINES, Line, Panel
from jingtu.governance.duties.bodies.rules import Kind
from jingtu.governance.duties.bodies.standing import indicators as of_body
from jingtu.governance.duties.bodies.standing import label
from jingtu.governance.duties.bodies.words import title_word
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.queries import TaskFilter, stood, tasks
from jingtu.governance.duties.plans.rules import TaskState, days_late

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
    """Tasks of the person, or of the unit where the report is a unit's, that were due in the year, as they stood at its
    end: what was done afterwards was late then, and the line says when it was done."""
    held = Q(person_id=report.person_id) | Q(leader_id=report.person_id)
    if report.unit_id is not None:
        held |= Q(unit_id=report.unit_id)
    given = tasks(actor, TaskFilter(due_from=start, due_to=end)).filter(held)
    known, day = list(given.order_by("due", "pk")), min(end, today())
    states = stood(known, day)
    rows = [row for row in known if states[row.pk] != TaskState.CANCELLED]
    if not rows:
        return None
    late = {
        row.pk: days_late(states[row.pk], row.due, day) for row in rows if states[row.pk] != TaskState.DONE
    }
    done = len(rows) - len(late)
    open_ = sorted((row for row in rows if row.pk in late), key=lambda row: -late[row.pk])
    lines = [_task_line(row, late[row.pk]) for row in open_[:MOST_LINES]]
    late_count = sum(days > 0 for days in late.values())
    return Panel(
        f"本年度到期任务{len(rows)}项；截至{day}，已完成{done}项，逾期{late_count}项。",
        f"Tasks due in the year: {len(rows)}; by {day}, {done} done and {late_count} late.",
        lines,
    )


def _task_line(task: Task, days: int) -> Line:
    zh, en = f"应于{task.due}完成", f"due {task.due}"
    if days:
        zh, en = f"{zh}，逾期{days}天", f"{en}, {days} {'day' if days == 1 else 'days'} late"
    if task.state == TaskState.DONE and task.done_on is not None:
        zh, en = f"{zh}，后于{task.done_on}完成", f"{en}, done later, on {task.done_on}"
    address = reverse("plans:task", args=[task.pk])
    return Line(task.title, task.title, address, zh, en, "below" if days else "none")


def indicators(actor: Actor, report: DutyReport, start: dt.date, end: dt.date) -> Panel | None:
    """Red lines and warnings of the place in the latest published assessment."""
    return of_body(actor, Body(region=report.region, kind=Kind.HEADQUARTERS.value), start, end)


def standing_of_place(actor: Actor, report: DutyReport, start: dt.date, end: dt.date) -> Panel | None:
    """How the place stood in the published assessments of the year, the latest first; of a unit's report nothing, as
    its work is not the place's alone."""
    if report.unit_id is not None:
        return None
    over = [
        run
        for run in runs_around(actor, report.region)
        if run.state == RunState.PUBLISHED and start <= run.period_end <= end
    ]
    ranked = standings(over)
    own = [(run, place) for run in over for place in ranked[run.pk] if place.region_id == report.region_id]
    if not own:
        return None
    shared = shared_ranks([run for run, _ in own])
    lines = []
    for run, place in own[:MOST_LINES]:
        zh, en = ("不排名", "not ranked")
        if place.rank is not None:
            of = sum(1 for other in ranked[run.pk] if other.rank is not None)
            tied = (run.pk, place.rank) in shared
            zh = f"{'并列' if tied else ''}第{place.rank}位，共{of}个"
            en = f"{'tied at ' if tied else ''}place {place.rank} of {of}"
        if place.total is not None:
            zh, en = f"{place.total:.2f}分，{zh}", f"{place.total:.2f} points, {en}"
        address = reverse("runs:detail", args=[run.pk])
        lines.append(Line(label(run, "zh"), label(run, "en"), address, zh, en))
    return Panel(
        f"{report.region.name}本年度参加已公布的考核{len(own)}次。",
        f"Published assessments of the year in which {report.region.name} took part: {len(own)}.",
        lines,
    )
