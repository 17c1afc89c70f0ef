"""Every kind of page that people of the demo can reach by following links: one address for each view."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

from .visiting import Visitors

PER_PERSON = 400


@dataclass(frozen=True)
class Reached:
    """A page: the view that draws it, who opened it, and where."""

    view: str
    username: str | None
    path: str


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def view_of(path: str) -> str | None:
    """The name of the view behind a path, None when nothing is there."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return None


def crawl(visitors: Visitors, people: Sequence[str]) -> list[Reached]:
    """One page of each view, by the first of ``people`` who gets there; what is downloaded is left out."""
    reached: dict[str, Reached] = {}
    for username in people:
        with visitors.visit(username) as visitor:
            seen: set[str] = set()
            earlier = set(reached)
            waiting = deque(["/", "/account/"])
            tried: dict[str, int] = {}
            while waiting and len(seen) < PER_PERSON:
                path = waiting.popleft()
                view = view_of(path)
                # A few examples of a view show where its links lead; one, when somebody else saw it already.
                if view is None or path in seen or tried.get(view, 0) >= (1 if view in earlier else 2):
                    continue
                seen.add(path)
                tried[view] = tried.get(view, 0) + 1
                answer = visitor.page.request.get(visitors.site.url(path))
                if not answer.headers.get("content-type", "").startswith("text/html"):
                    continue
                if answer.status == 200:
                    reached.setdefault(view, Reached(view, username, path))
                links = _Links()
                links.feed(answer.text())
                for link in links.found:
                    address = urljoin(answer.url, link)
                    if address.startswith(visitors.site.address):
                        waiting.append(re.sub(r"#.*", "", address[len(visitors.site.address) :]) or "/")
    return sorted(reached.values(), key=lambda page: page.view)
