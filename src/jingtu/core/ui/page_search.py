"""Lets the search of everything find rooms and help topics."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from jingtu.core.kernel.actor import Actor

from .help import TOPICS
from .navigation import GROUPS, open_to
from .search import Hit


def find_pages(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Rooms open to the actor and help topics whose name contains the text."""
    asked = text.casefold()
    pages = [Hit(room.label, room.url) for group in GROUPS for room in open_to(actor, group)]
    pages += [
        Hit(str(title), reverse("ui:help-topic", args=[topic]), gettext("帮助"))
        for topic, title in TOPICS.items()
    ]
    return [page for page in pages if asked in page.label.casefold()][:limit]
