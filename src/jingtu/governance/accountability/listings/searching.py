"""Listings in the search of everything."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.ui.search import Hit

from . import words
from .queries import ListingFilter, listings
from .visibility import READERS


def find(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Listings by the name of the region or venue."""
    if not any(actor.can(permission) for permission in (*READERS, Permission.MEASURES_REPLY)):
        return []
    return [
        Hit(
            f"{one.subject} · {one.class_name}",
            reverse("listings:detail", args=[one.pk]),
            str(words.STATES[one.state]),
        )
        for one in listings(actor, ListingFilter(text=text))[:limit]
    ]
