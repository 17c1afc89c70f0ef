"""The rooms on the left and the tools at the top: apps register theirs when they start.

``core.ui`` knows no app above it; an app that has a room says so in its ``AppConfig.ready``::

    from jingtu.core.ui import navigation
    navigation.register(navigation.Entry(_("评估"), "runs:list", icon="ranking", order=300,
                                         permissions=(Permission.RESULTS_READ,)))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor, Permission

Group = Literal["main", "manage", "tool", "help"]
GROUPS: tuple[Group, ...] = ("main", "manage", "tool", "help")


@dataclass(frozen=True)
class Entry:
    """A room. ``permissions``: any one of them opens it; none means every signed-in person.

    ``group``: ``main`` for the rooms of daily work, ``manage`` for administration, ``tool`` for an icon in
    the top bar, ``help`` for further reading on the help pages. ``order``: rooms stand in ascending order, main rooms 100 to 800, help 900.
    ``namespaces``: URL namespaces whose pages belong to the room (by default the one of ``url_name``);
    ``except_views``: full URL names in them that do not.
    ``badge_url_name``: a page that answers with the short text of the badge, loaded by htmx.
    """

    label: str | Promise
    url_name: str
    icon: str
    order: int
    permissions: tuple[Permission, ...] = ()
    group: Group = "main"
    namespaces: tuple[str, ...] = ()
    except_views: tuple[str, ...] = ()
    badge_url_name: str | None = None

    def covers(self, view_name: str) -> bool:
        """Whether the page with this full URL name (``runs:detail``) belongs to the room."""
        namespace = view_name.partition(":")[0]
        spaces = self.namespaces or (self.url_name.partition(":")[0],)
        return namespace in spaces and view_name not in self.except_views


@dataclass(frozen=True)
class Room:
    """An entry as one person sees it on one page."""

    label: str
    url: str
    icon: str
    current: bool
    badge_url: str | None


@dataclass(frozen=True)
class Shelf:
    """A part of the navigation that an app fills itself, fetched after the page so that no page waits for it.

    ``url_name``: the page with the same things, for who has no script; ``part_url_name``: answers with the part.
    """

    label: str | Promise
    url_name: str
    part_url_name: str


_headings: dict[int, str | Promise] = {}
_entries: dict[str, Entry] = {}
_shelves: dict[str, Shelf] = {}


def register_shelf(shelf: Shelf) -> None:
    """Add a part of the navigation; registering the same ``url_name`` again replaces it."""
    _shelves[shelf.url_name] = shelf


def shelves() -> list[tuple[str, str, str]]:
    """All shelves: (label, address of the page, address of the part)."""
    return [
        (str(shelf.label), reverse(shelf.url_name), reverse(shelf.part_url_name))
        for shelf in _shelves.values()
    ]


def register_heading(order: int, label: str | Promise) -> None:
    """Put a heading over the main rooms from ``order`` up to the next heading."""
    _headings[order] = label


def under_headings(actor: Actor | None, view_name: str = "") -> list[tuple[str, list[Room]]]:
    """The main rooms that the actor's posts open, (heading, rooms); a heading without rooms is left out."""
    starts = sorted(_headings)
    parts: dict[int, list[Room]] = {}
    for entry, room in _open(actor, "main", view_name):
        start = max((each for each in starts if each <= entry.order), default=0)
        parts.setdefault(start, []).append(room)
    return [(str(_headings.get(start, "")), rooms) for start, rooms in sorted(parts.items())]


def register(entry: Entry) -> None:
    """Add a room; registering the same ``url_name`` again replaces it."""
    _entries[entry.url_name] = entry


def entries() -> list[Entry]:
    """All registered rooms in order."""
    return sorted(_entries.values(), key=lambda entry: (entry.order, entry.url_name))


def open_to(actor: Actor | None, group: Group, view_name: str = "") -> Iterator[Room]:
    """The rooms of ``group`` that the actor's posts open; nobody signed in sees only rooms without permission.

    An entry whose page does not exist in this installation is left out.
    """
    return (room for _entry, room in _open(actor, group, view_name))


def _open(actor: Actor | None, group: Group, view_name: str) -> Iterator[tuple[Entry, Room]]:
    for entry in entries():
        if entry.group != group:
            continue
        if entry.permissions and not (
            actor and any(actor.can(permission) for permission in entry.permissions)
        ):
            continue
        url = _address(entry.url_name)
        badge_url = _address(entry.badge_url_name) if entry.badge_url_name else None
        if url is None or (entry.badge_url_name and badge_url is None):
            continue
        yield entry, Room(str(entry.label), url, entry.icon, entry.covers(view_name), badge_url)


def _address(url_name: str) -> str | None:
    """Where a page without arguments is; None where this installation has none."""
    return _address_in(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=512)  # every page asks for every room
def _address_in(url_name: str, urlconf: str, prefix: str) -> str | None:
    try:
        return reverse(url_name, urlconf)
    except NoReverseMatch:
        return None
