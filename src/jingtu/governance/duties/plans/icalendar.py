"""Days as an iCalendar file (RFC 5545): text escaped, lines folded at 75 octets, moments in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

LINE = 75


@dataclass(frozen=True)
class Event:
    """A whole day, or from one moment to another. ``uid`` stays the same, so that programs know it again."""

    uid: str
    title: str
    start: dt.date | dt.datetime
    end: dt.datetime | None = None
    cancelled: bool = False


def escaped(text: str) -> str:
    """Text as a property value; control characters become blanks."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\n").replace("\n", "\\n")
    return "".join(" " if ord(one) < 32 or ord(one) == 127 else one for one in text)


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, never inside a character."""
    pieces, piece, size = [], "", 0
    for one in line:
        octets = len(one.encode())
        if size + octets > LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + one, size + octets
    return "\r\n".join([*pieces, piece])


def _moment(value: dt.datetime) -> str:
    return f"{value.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _event(event: Event, stamp: str) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{escaped(event.uid)}", f"DTSTAMP:{stamp}"]
    if isinstance(event.start, dt.datetime):
        lines.append(f"DTSTART:{_moment(event.start)}")
        if event.end is not None:
            lines.append(f"DTEND:{_moment(event.end)}")
    else:
        lines.append(f"DTSTART;VALUE=DATE:{event.start:%Y%m%d}")
        lines.append(f"DTEND;VALUE=DATE:{event.start + dt.timedelta(days=1):%Y%m%d}")
        lines.append("TRANSP:TRANSPARENT")
    lines.append(f"SUMMARY:{escaped(event.title)}")
    if event.cancelled:
        lines.append("STATUS:CANCELLED")
    return [*lines, "END:VEVENT"]


def written(name: str, events: Iterable[Event], moment: dt.datetime) -> str:
    """The whole file; ``moment``: when it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Jingtu//Plans and tasks//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for event in events:
        lines += _event(event, _moment(moment))
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])
