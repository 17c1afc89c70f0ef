"""Meetings to come that fall on a day off: holidays are announced year by year, after meetings were put down."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from jingtu.core.kernel.clock import today
from jingtu.engine.periods import Period
from jingtu.engine.workdays import is_working_day

from .models import Meeting
from .rules import OPEN_STATES, working_day_near


def coming_off() -> Q:
    """The condition on :class:`Meeting` that its day to come is a day off that nobody has asked for. One query."""
    coming = Q(state__in=sorted(OPEN_STATES), held_on__gte=today(), day_off=False)
    days = Meeting.objects.filter(coming).order_by().values_list("held_on", flat=True).distinct()
    return coming & Q(held_on__in=[day for day in days if not is_working_day(day)])


def day_proposed(meeting: Meeting, day: dt.date) -> dt.date | None:
    """Where a meeting goes that falls on a day off; None where it need not move. ``meeting.series`` is read."""
    stays = meeting.state not in OPEN_STATES or meeting.held_on < day or meeting.day_off
    if stays or is_working_day(meeting.held_on):
        return None
    if meeting.series is None or not meeting.period:
        return working_day_near(meeting.held_on, day)
    return working_day_near(meeting.held_on, day, meeting.series.rule, Period.parse(meeting.period))
