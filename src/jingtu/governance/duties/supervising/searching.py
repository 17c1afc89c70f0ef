"""Lets the search of everything find notices of supervision."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import NoticeFilter, notices
from .words import STATES


def find_notices(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Notices by what they ask, number, place or unit, the newest first. One query."""
    return [
        Hit(
            f"{notice.number} {notice.addressee}: {notice.title}".strip(),
            reverse("supervising:detail", args=[notice.pk]),
            str(STATES[notice.state]),
        )
        for notice in notices(actor, NoticeFilter(text=text))[:limit]
    ]
