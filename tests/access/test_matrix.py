"""Every URL × every role × every region relation, over HTTP."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from http.cookies import SimpleCookie
from types import ModuleType

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jingtu.core.kernel.clock import frozen, now
from tests.access import expectations
from tests.access.cast import Cast, Member, make_cast
from tests.access.doors import Row


def modules() -> list[ModuleType]:
    names = sorted(info.name for info in pkgutil.iter_modules(expectations.__path__))
    return [importlib.import_module(f"{expectations.__name__}.{name}") for name in names]


def url_names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Full names (namespace:name) of all URLs that the site answers; nameless ones by their pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from url_names(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or f"(nameless) {pattern.pattern}")


def test_every_url_of_the_router_has_an_expectation() -> None:
    expected = {row.url_name for module in modules() for row in module.ROWS}
    assert sorted(set(url_names()) - expected) == [], "add rows in tests/access/expectations/<app>.py"


def test_no_expectation_is_left_over_from_a_url_that_is_gone() -> None:
    expected = {row.url_name for module in modules() for row in module.ROWS}
    assert sorted(expected - set(url_names())) == []


def turned_away(member: Member, row: Row, response: HttpResponse) -> bool:
    if member.role == "anonymous":
        return response.status_code == 401 or (
            response.status_code == 302
            and response.headers["Location"].startswith(reverse("accounts:sign-in"))
        )
    return response.status_code in row.refused


@pytest.mark.django_db
@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_each_member_of_the_cast_gets_exactly_where_they_may(module: ModuleType) -> None:
    cast = make_cast()
    known = module.prepare(cast) if hasattr(module, "prepare") else {}
    with frozen(now()):  # everybody has just signed in, however long the rows take
        wrong = list(astray(cast, known, module.ROWS))
    assert not wrong, "\n".join(wrong)


def astray(cast: Cast, known: dict[str, object], rows: Sequence[Row]) -> Iterator[str]:
    """Every answer that is not the expected one. One client serves all, with the cookies of the one who asks."""
    client = Client()
    cookies = {}
    for member in cast:
        client.cookies = SimpleCookie()
        if member.user:
            client.force_login(member.user)
        cookies[member.name] = {name: morsel.value for name, morsel in client.cookies.items()}
    for row in rows:
        address = reverse(row.url_name, kwargs=dict(row.kwargs(known)))
        for member in cast:
            with transaction.atomic():
                client.cookies = SimpleCookie(cookies[member.name])  # what a page did to them is forgotten
                response = ask(client, row, address, known)
                transaction.set_rollback(True)
            told = f"{row.method} {address} as {member.name}: {response.status_code}"
            if (member.role, member.relation) in row.open_to:
                to_sign_in = turned_away(member, row, response) and member.role == "anonymous"
                if response.status_code not in row.admitted or to_sign_in:
                    yield f"{told}, should get in"
                else:
                    row.sees(response, member, cast, known)
            elif not turned_away(member, row, response):
                yield f"{told}, should be turned away"


def ask(client: Client, row: Row, address: str, known: dict[str, object]) -> HttpResponse:
    extra = {"content_type": row.content_type} if row.content_type else {}
    send = getattr(client, row.method.lower())
    return send(address, row.data(known), headers=dict(row.headers or {}), **extra)
