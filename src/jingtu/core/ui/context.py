"""What the frame of every page needs, as a template context processor."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language

import jingtu
from jingtu.core.kernel.actor import Actor

from .navigation import Room, open_to, shelves, under_headings

THEMES = ("light", "dark")


def actor_of(request: HttpRequest) -> Actor | None:
    """The actor of the request; None on an error page drawn before anybody was recognised."""
    return getattr(request, "actor", None)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Rooms, theme and version. Lazy: a fragment that draws no frame costs no query."""

    def rooms() -> dict[str, list[Any]]:
        actor = actor_of(request)
        match = request.resolver_match
        view_name = match.view_name if match else ""
        parts = under_headings(actor, view_name)
        return {
            "main": [room for _heading, part in parts for room in part],
            "parts": parts,
            "manage": list(open_to(actor, "manage", view_name)),
            "tool": list(open_to(actor, "tool", view_name)),
            "help": list(open_to(actor, "help", view_name)),
        }

    opened = SimpleLazyObject(rooms)

    def rooms_drawn() -> SafeString:
        parts = tuple((heading, tuple(part)) for heading, part in opened["parts"])
        return _drawn(get_language() or "", parts, tuple(opened["manage"]), tuple(shelves()))

    theme = request.COOKIES.get("jingtu_theme", "")
    return {
        "rooms": opened,
        "rooms_drawn": rooms_drawn,
        "home_url": reverse(settings.LOGIN_REDIRECT_URL),
        "theme": theme if theme in THEMES else "",
        "jingtu_version": jingtu.__version__,
        "languages": settings.LANGUAGES,
    }


@lru_cache(maxsize=256)
def _drawn(
    language: str,
    parts: tuple[tuple[str, tuple[Room, ...]], ...],
    manage: tuple[Room, ...],
    shelves: tuple[tuple[str, str, str], ...],
) -> SafeString:
    """The rooms on the left. Many people see the same ones, and they are a fifth of the work of a short page."""
    return render_to_string(
        "ui/components/rooms.html", {"rooms": {"parts": parts, "manage": manage}, "shelves": shelves}
    )
