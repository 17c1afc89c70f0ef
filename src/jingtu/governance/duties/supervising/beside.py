"""Notices beside a published number or a task, with the way to ask about it, and on the page of a body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from jingtu.assessment.runs.registry import Aside, Line, Subject
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.regions.reach import Span, is_unrestricted, spans
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.panels import MOST_LINES, Panel
from jingtu.governance.duties.bodies.panels import Line as BodyLine
from jingtu.governance.duties.bodies.rules import ANSWERING
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.rules import WORKING as TASK_WORKING

from .models import Supervision
from .queries import notices
from .rules import OPEN, WAITING
from .words import MARKS, STATES

MOST = 10


def beside_number(actor: Actor, subject: Subject) -> Aside | None:
    """The notices about an indicator at a place; a new one where the actor issues them. At most two queries."""
    if subject.region_id is None or not subject.indicator:
        return None
    found = notices(actor).filter(place_id=subject.region_id, indicator=subject.indicator)
    lines = [_line(notice) for notice in found[:MOST]]
    action = None
    if subject.run.published_at is not None and actor.can(Permission.SUPERVISION_ISSUE, subject.region_id):
        query = {"run": subject.run.pk, "region": subject.region_id, "indicator": subject.indicator}
        action = _("对这个数下达督办"), reverse("supervising:new", query=query)
    return Aside(_("督办"), lines, action) if lines or action else None


def beside_tasks(actor: Actor, tasks: Sequence[Task]) -> dict[int, Aside]:
    """The notices about each task; a new one where its clock runs, nothing was asked yet and the actor asks there.
    One query."""
    held: dict[int, list[Supervision]] = {task.pk: [] for task in tasks}
    for notice in notices(actor).filter(task_id__in=list(held)):
        assert notice.task_id is not None
        held[notice.task_id].append(notice)
    found = {}
    issues = spans(actor, Permission.SUPERVISION_ISSUE)
    for task in tasks:
        about = held[task.pk]
        action = None
        asked = any(notice.state in OPEN for notice in about)
        if task.state in TASK_WORKING and not asked and _asks(actor, issues, task):
            action = _("对这项任务下达督办"), reverse("supervising:new", query={"task": task.pk})
        if about or action:
            found[task.pk] = Aside(_("督办"), [_line(notice) for notice in about[:MOST]], action)
    return found


def _waited(notice: Supervision, day: dt.date) -> bool:
    """Whether the answer was outstanding at the end of a day."""
    if notice.answered_on is None or notice.answered_on > day:
        return True
    return notice.state in WAITING


def _asks(actor: Actor, issues: Sequence[Span], task: Task) -> bool:
    """Whether the actor issues notices over the task's place; an office asks its units, not itself. No query."""
    if not is_unrestricted(actor) and not any(span.holds(task.region) for span in issues):
        return False
    return task.unit_id is not None or task.region_id not in {span.region_id for span in issues}


def _line(notice: Supervision) -> Line:
    return Line(
        notice.number or notice.title,
        reverse("supervising:detail", args=[notice.pk]),
        f"{MARKS[notice.state][1]} {STATES[notice.state]}",
        MARKS[notice.state][0],
    )


def notices_of_place(actor: Actor, body: Body, start: dt.date, end: dt.date) -> Panel | None:
    """Notices that the place's office had issued by the last day and that were not settled then, the first due first.
    One query."""
    if body.kind not in ANSWERING:
        return None
    day = min(end, today())
    midnight = make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
    issued = notices(actor).filter(region_id=body.region_id, issued_at__lt=midnight)
    not_settled = Q(closed_at__isnull=True) | Q(closed_at__gte=midnight)
    held = list(issued.filter(not_settled).order_by("due", "pk"))
    late = [notice for notice in held if notice.due < day and _waited(notice, day)]
    if not held:
        return None
    lines = [
        BodyLine(
            f"{notice.addressee}：{notice.title}",
            f"{notice.addressee}: {notice.title}",
            reverse("supervising:detail", args=[notice.pk]),
            f"期限{notice.due.isoformat()}",
            f"due {notice.due.isoformat()}",
            "below" if notice in late else "watch",
        )
        for notice in held[:MOST_LINES]
    ]
    return Panel(
        f"未办结的督办{len(held)}件，逾期未答复{len(late)}件。",
        f"{len(held)} supervision notices open, {len(late)} not answered in time.",
        lines,
        reverse("supervising:list", query={"state": "open"}),
    )
