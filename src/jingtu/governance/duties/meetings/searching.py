"""Lets the search of everything find meetings."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import meetings
from .words import STATES


def find_meetings(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Meetings by title, place of the region or an item's title, the latest first. One query."""
    titled = Q(title__icontains=text) | Q(region__name__icontains=text) | Q(items__title_zh__icontains=text)
    found = meetings(actor).filter(titled).distinct()[:limit]
    return [
        Hit(
            f"{one.held_on.isoformat()} {one.title}",
            reverse("meetings:detail", args=[one.pk]),
            f"{one.region.name} · {STATES[one.state]}",
        )
        for one in found
    ]
