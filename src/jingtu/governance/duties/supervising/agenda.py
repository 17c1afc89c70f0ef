"""What a meeting could talk about: notices that are not settled, the late ones first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.queries import get_region
from jingtu.core.regions.reach import Span, inside
from jingtu.core.ui.agenda import MOST, Point

from .models import Supervision
from .queries import notices
from .rules import OPEN, WAITING


def open_notices(actor: Actor, region_id: int, day: dt.date) -> Sequence[Point]:
    """Open notices inside the region that the actor may know of. Two queries."""
    region = get_region(actor, region_id)
    found = notices(actor).filter(inside([Span.of(region)], "place__"), state__in=sorted(OPEN))
    return [_point(notice, day) for notice in found.order_by("due", "pk")[:MOST]]


def _point(notice: Supervision, day: dt.date) -> Point:
    late = notice.state in WAITING and notice.due < day
    number = notice.number or f"#{notice.pk}"
    return Point(
        kind="supervision",
        key=str(notice.pk),
        title_zh=f"督办：{notice.title}（{notice.addressee}）",
        title_en=f"Supervision {number}: {notice.addressee}",
        url=reverse("supervising:detail", args=[notice.pk]),
        detail_zh=f"{number}，答复期限{notice.due.isoformat()}{'，逾期未答复' if late else ''}",
        detail_en=f"{number}, due {notice.due.isoformat()}{', not answered in time' if late else ''}",
        since=notice.due,
    )
