"""Meetings in the calendar of tasks and in people's own calendars."""

from __future__ import annotations

import datetime as dt

from jingtu.core.kernel.actor import Actor
from jingtu.governance.duties.plans.calendars import Entry

from .queries import for_calendar
from .rules import MeetingState


def calendar_entries(actor: Actor, first: dt.date, last: dt.date) -> list[Entry]:
    """The meetings the actor leads or is asked to, from a day to another. One query."""
    return [
        Entry(
            str(one.meeting_id),
            one.title,
            one.start,
            one.end,
            one.place,
            one.url,
            one.state == MeetingState.CANCELLED,
        )
        for one in for_calendar(actor, first, last)
    ]
