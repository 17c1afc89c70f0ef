"""How an expectation of the access matrix is written down.

One module per app in ``tests/access/expectations/`` holds ``ROWS``: for every URL name at least one
:class:`Row` that says who gets in. It may define ``prepare(cast) -> dict`` that makes the things behind
the URLs (they belong to county A) and returns what the rows need to know of them::

    def prepare(cast):
        return {"run": make_run(cast.places["county_a"]).pk}

    ROWS = [
        Row("runs:list", open_to=everyone_signed_in()),
        Row("runs:detail", kwargs=lambda known: {"pk": known["run"]},
            open_to=roles("analyst", "reviewer", relations=("own", "ancestor"))),
        Row("runs:publish", method="POST", kwargs=..., data=lambda known: {...},
            open_to=roles("reviewer", relations=("own", "ancestor"))),
    ]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from tests.access.cast import ADMINISTRATORS, BUSINESS_ROLES, RELATIONS, Cast, Member

Known = Mapping[str, Any]
Who = frozenset[tuple[str, str]]


def roles(*names: str, relations: tuple[str, ...] = tuple(RELATIONS)) -> Who:
    """Members with one of the roles; for business roles only with one of the relations."""
    found: set[tuple[str, str]] = set()
    for name in names:
        if name in {role.value for role in BUSINESS_ROLES}:
            found |= {(name, relation) for relation in relations}
        else:
            found.add((name, ""))
    return frozenset(found)


def business(*relations: str) -> Who:
    """All business roles with one of the relations (all of them when none is given)."""
    return roles(*(role.value for role in BUSINESS_ROLES), relations=relations or tuple(RELATIONS))


def administrators() -> Who:
    return roles(*(role.value for role in ADMINISTRATORS))


def everyone_signed_in() -> Who:
    """All with a post in force; without one no page of work opens."""
    return business() | administrators()


def everyone_with_an_account() -> Who:
    """Those too who hold no post: the pages of the own account."""
    return everyone_signed_in() | frozenset({("nobody", "")})


def everyone() -> Who:
    return everyone_with_an_account() | frozenset({("anonymous", "")})


NO_ONE: Who = frozenset()


def _nothing(known: Known) -> dict[str, Any]:
    return {}


def _unchecked(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    """By default only the status is looked at."""


@dataclass(frozen=True)
class Row:
    """One URL, one method, who gets in, and with which status the others are turned away.

    ``sees`` may look closer at what an admitted member got (row counts, names that must not appear) and
    asserts. Anonymous people are expected to be sent to sign-in (302, or 401 below /api/ and for htmx).
    """

    url_name: str
    method: str = "GET"
    open_to: Who = NO_ONE
    kwargs: Callable[[Known], Mapping[str, Any]] = _nothing
    data: Callable[[Known], Any] = _nothing
    content_type: str | None = None
    headers: Mapping[str, str] | None = None
    admitted: tuple[int, ...] = (200, 201, 202, 204, 302, 303)
    refused: tuple[int, ...] = (403, 404)
    sees: Callable[[HttpResponse, Member, Cast, Known], None] = _unchecked
