"""Letters on the page of a body: how far those of its place are signed."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.panels import MOST_LINES, Line, Panel
from jingtu.governance.duties.bodies.rules import ANSWERING

from .coverage import coverage


def letters_of_place(actor: Actor, body: Body, start: dt.date, end: dt.date) -> Panel | None:
    """Counts of the year and who has not signed, as of today, which the sentence says: nothing tells how they stood on
    a day gone by. A constant number of queries."""
    if body.kind not in ANSWERING:
        return None
    try:
        found = coverage(actor, body.region_id, end.year)
    except NotFound:
        return None
    if not found.lines:
        return None
    total = found.total
    lines = [
        Line(
            one.name,
            one.name,
            reverse("letters:detail", args=[one.letter_id]) if one.letter_id else "",
            one.region.name,
            one.region.name,
            "watch",
        )
        for one in found.unsigned[:MOST_LINES]
    ]
    return Panel(
        f"{end.year}年应签责任书{total.due}份；截至{today()}，已下达{total.issued}份，已签{total.signed}份。",
        f"{end.year}: {total.due} letters due; by {today()}, {total.issued} issued and {total.signed} signed.",
        lines,
        reverse("letters:coverage", query={"region": body.region_id, "year": end.year}),
    )
