"""Days as an iCalendar file (RFC 5545), which phones and mail programs read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import icalendar


@dataclass(frozen=True)
class Event:
    """A whole day, or from one moment to another. ``uid`` stays the same, so that programs know it again."""

    uid: str
    title: str
    start: dt.date | dt.datetime
    end: dt.datetime | None = None
    cancelled: bool = False


def _component(event: Event, moment: dt.datetime) -> icalendar.Event:
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("dtstamp", moment.astimezone(dt.UTC))
    component.add("summary", event.title)
    if isinstance(event.start, dt.datetime):
        component.add("dtstart", event.start.astimezone(dt.UTC))
        if event.end is not None:
            component.add("dtend", event.end.astimezone(dt.UTC))
    else:
        component.add("dtstart", event.start)
        component.add("dtend", event.start + dt.timedelta(days=1))
        component.add("transp", "TRANSPARENT")
    if event.cancelled:
        component.add("status", "CANCELLED")
    return component


def written(name: str, events: Iterable[Event], moment: dt.datetime) -> str:
    """The whole file; ``moment``: when it was made."""
    calendar = icalendar.Calendar()
    for key, value in (
        ("prodid", "-//Jingtu//Plans and tasks//ZH"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("x-wr-calname", name),
    ):
        calendar.add(key, value)
    for event in events:
        calendar.add_component(_component(event, moment))
    return calendar.to_ical().decode()
