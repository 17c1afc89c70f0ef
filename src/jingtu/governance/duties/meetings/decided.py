"""What became of decisions: read from the tasks they turned into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise

from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.ids import ids_in
from jingtu.core.ui.agenda import Point
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.queries import tasks_of_origin
from jingtu.governance.duties.plans.rules import TaskState

from .models import Decision, Meeting
from .rules import MeetingState, Outcome, outcome
from .visibility import visible_meetings
from .words import OUTCOME_MARKS, OUTCOME_TEXTS, OUTCOMES

LOOK_BACK = 4
"""Of how many meetings of the series the decisions are looked at; open ones of any age stay in sight."""


@dataclass(frozen=True)
class DecisionRow:
    """A decision with what became of it. ``task_url`` is empty where the task is not the reader's to open."""

    decision: Decision
    outcome: Outcome
    word: str | Promise
    mark: tuple[str, str]
    percent: Decimal
    finished: dt.date | None
    task_url: str = ""


def decision_rows(actor: Actor, decisions: Sequence[Decision], day: dt.date) -> list[DecisionRow]:
    """What became of decisions by a day. Their state is part of the minutes and shown to whoever reads those;
    the task opens only for whoever may read it. Two queries."""
    origins = [one.origin for one in decisions]
    made = tasks_of_origin(SYSTEM, origins)
    open_to = tasks_of_origin(actor, origins)
    rows = []
    for one in decisions:
        task = next(iter(made.get(one.origin, ())), None)
        became = outcome(
            one.due if task is None else task.due,
            _finished(task),
            task is not None and task.state == TaskState.CANCELLED,
            day,
        )
        seen = next(iter(open_to.get(one.origin, ())), None)
        rows.append(
            DecisionRow(
                one,
                became,
                OUTCOMES[became],
                OUTCOME_MARKS[became],
                task.percent if task is not None else Decimal(0),
                _finished(task),
                reverse("plans:task", args=[seen.pk]) if seen is not None else "",
            )
        )
    return rows


def _finished(task: Task | None) -> dt.date | None:
    """When the holder handed it in as done, if that was accepted: checking takes days that are not theirs."""
    if task is None or task.state != TaskState.DONE:
        return None
    return task.submitted_on or task.done_on


def last_decisions(actor: Actor, meeting: Meeting) -> list[DecisionRow]:
    """Decisions of the last meetings of a series before a meeting that was given to the actor, and what had
    become of them by its day: all of the last one, the unfinished of those before. Four queries."""
    if meeting.series_id is None:
        return []
    before = list(
        Meeting.objects.filter(
            series_id=meeting.series_id, state=MeetingState.CONFIRMED, held_on__lt=meeting.held_on
        )
        .order_by("-held_on", "-pk")
        .values_list("pk", flat=True)[:LOOK_BACK]
    )
    found = (
        Decision.objects.filter(meeting__in=before)
        .select_related("meeting", "region", "unit", "person")
        .order_by("-meeting__held_on", "number")
    )
    last = before[0] if before else None
    return [
        row
        for row in decision_rows(actor, list(found), meeting.held_on)
        if row.decision.meeting_id == last or row.outcome in (Outcome.OPEN, Outcome.LATE)
    ]


def points_of(rows: Iterable[DecisionRow]) -> list[Point]:
    """The same as points for the agenda, in both languages."""
    return [
        Point(
            "decision",
            str(row.decision.pk),
            row.decision.text,
            row.decision.text,
            row.task_url or reverse("meetings:detail", args=[row.decision.meeting_id]),
            *details(row),
            since=row.decision.meeting.held_on,
        )
        for row in rows
    ]


def details(row: DecisionRow) -> tuple[str, str]:
    """What became of a decision in one line, Chinese and English."""
    zh, en = OUTCOME_TEXTS[row.outcome]
    one = row.decision
    owner = "、".join(
        str(part) for part in (one.region.name, one.unit, one.person and one.person.full_name) if part
    )
    held = one.meeting.held_on.isoformat()
    return (
        f"{held}会议第{one.number}项，{owner}，期限{one.due.isoformat()}：{zh}，进度{row.percent:.0f}%",
        f"Decision {one.number} of {held}, {owner}, due {one.due.isoformat()}: {en}, {row.percent:.0f}%",
    )


def describe_origins(actor: Actor, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Decisions by number for the pages of tasks: what to call them and where they stand. One query."""
    found = Decision.objects.filter(
        pk__in=ids_in(keys),
        meeting__in=Meeting.objects.filter(visible_meetings(actor)),
    ).select_related("meeting")
    return {
        str(one.pk): (
            f"{one.meeting.held_on.isoformat()} {one.meeting.title} #{one.number}",
            reverse("meetings:detail", args=[one.meeting_id]) + f"#decision-{one.pk}",
        )
        for one in found
    }
