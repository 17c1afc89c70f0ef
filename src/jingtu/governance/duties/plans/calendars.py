"""Days of other apps in the calendar of tasks: each registers what it has to put there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from jingtu.core.kernel.actor import Actor


@dataclass(frozen=True)
class Entry:
    """Something on a day, or from one moment to another. ``key`` names it within its kind and stays the same."""

    key: str
    title: str
    start: dt.date | dt.datetime
    end: dt.datetime | None = None
    place: str = ""
    url: str = ""
    cancelled: bool = False


Find = Callable[[Actor, dt.date, dt.date], Sequence[Entry]]
"""What concerns the actor themselves from a day to another, both inclusive. A constant number of queries."""

_finds: dict[str, Find] = {}


def register_calendar(key: str, find: Find) -> None:
    """Put an app's days into calendars; the same key again replaces it."""
    _finds[key] = find


def entries(actor: Actor, first: dt.date, last: dt.date) -> list[tuple[str, Entry]]:
    """(kind, entry) of every app, in the order of days."""
    found = [(key, entry) for key, find in _finds.items() for entry in find(actor, first, last)]
    return sorted(found, key=lambda one: (day_of(one[1].start), str(one[1].start), one[0], one[1].key))


def day_of(moment: dt.date | dt.datetime) -> dt.date:
    """The day on which something begins where the office is."""
    return timezone.localtime(moment).date() if isinstance(moment, dt.datetime) else moment
