"""The meetings of a body for its page and its reports."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.panels import MOST_LINES, Line, Panel

from .decided import decision_rows
from .models import Decision, Meeting
from .rules import TOOK_PLACE, MeetingState, Outcome
from .visibility import visible_meetings
from .words import MARKS, STATE_TEXTS


def meetings_of_body(actor: Actor, body: Body, start: dt.date, end: dt.date) -> Panel | None:
    """The meetings of a body's series in a time, and how many of their decisions were carried out. Four queries."""
    found = list(
        Meeting.objects.filter(
            visible_meetings(actor), series__body=body, held_on__gte=start, held_on__lte=end
        ).order_by("-held_on", "-at")
    )
    if not found:
        return None
    held = [one for one in found if one.state in TOOK_PLACE]
    decisions = Decision.objects.filter(
        meeting__in=[one.pk for one in held], meeting__state=MeetingState.CONFIRMED
    ).select_related("meeting", "region")
    rows = decision_rows(actor, list(decisions), end)
    done = sum(row.outcome in (Outcome.DONE, Outcome.DONE_LATE) for row in rows)
    late = sum(row.outcome is Outcome.LATE for row in rows)
    lines = [
        Line(
            f"{one.held_on.isoformat()} {one.title}",
            f"{one.held_on.isoformat()} {one.title}",
            reverse("meetings:detail", args=[one.pk]),
            *STATE_TEXTS[one.state],
            tone=MARKS[one.state][0],
        )
        for one in found[:MOST_LINES]
    ]
    return Panel(
        f"召开会议{len(held)}次；决定事项{len(rows)}项，办结{done}项，逾期{late}项。",
        f"{len(held)} meetings held; of {len(rows)} decisions {done} were carried out and {late} are late.",
        lines,
        reverse("meetings:list"),
    )
