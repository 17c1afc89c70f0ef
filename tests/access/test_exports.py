"""Every address that hands a table out asks again who is there, and counts at the door of exports: taken from the router."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import urlencode

from jingtu.core.accounts.models import Post, User
from jingtu.core.kernel.clock import frozen, now
from tests.access.cast import make_cast

STALE = dt.timedelta(minutes=16)
NAMED = re.compile(r":(export(-\w+)?|\w+-csv|slides|(compare|progress|burden)-file|publication)$")
DEFINITIONS = {"indicators:export"}
"""The catalogue, which everybody who is signed in reads: no figures."""


def exports(resolver: URLResolver | None = None, prefix: str = "") -> list[tuple[str, dict[str, object]]]:
    """Names of addresses that are called an export, each with stand-ins for what it asks."""
    found: list[tuple[str, dict[str, object]]] = []
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            found += exports(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            name = f"{prefix}{pattern.name}"
            if NAMED.search(name) and name not in DEFINITIONS and not name.startswith("api"):
                found.append((name, _asked(pattern)))
    return found


def _asked(pattern: URLPattern) -> dict[str, object]:
    converters = getattr(pattern.pattern, "converters", {})
    names = converters or getattr(pattern.pattern.regex, "groupindex", {})
    asked: dict[str, object] = {}
    for name in names:
        number = name.endswith("_id") or type(converters.get(name)).__name__ == "IntConverter"
        asked[name] = 0 if number else "xlsx" if name == "extension" else "x"
    return asked


EXPORTS = exports()


def test_the_router_has_the_exports_this_is_about() -> None:
    assert {name for name, _ in EXPORTS} >= {
        "audit:export",
        "facts:export",
        "cockpit:slides",
        "reporting:burden-file",
        "plans:export",
        "listings:export",
    }


@pytest.fixture
def people(db: None) -> tuple[User, User]:
    """Somebody with every post that exports, and the auditor."""
    cast = make_cast()
    user = cast.user("analyst", "own")
    for role in ("secretary", "leader", "reviewer"):
        Post.objects.create(
            user=user, role=role, region=cast.places["county_a"], valid_from=dt.date(2020, 1, 1)
        )
    return user, cast.user("auditor")


def test_each_asks_again_who_is_there_once_the_sign_in_is_no_longer_fresh(
    client: Client, people: tuple[User, User]
) -> None:
    passed = []
    for name, asked in EXPORTS:
        client.force_login(people[name == "audit:export"])
        address = reverse(name, kwargs=asked)
        with frozen(now() + STALE):
            answer = client.get(address)
            if answer.status_code == 405:
                answer = client.post(address, {"reason": "核对"})
                question = [template.name for template in answer.templates[:1]] == ["accounts/confirm.html"]
            else:
                asking = f"{reverse('accounts:confirm')}?{urlencode({'next': address})}"
                question = answer.headers.get("Location") == asking
        if not question:
            passed.append((name, answer.status_code))
    assert passed == []


def test_each_counts_at_the_door_of_exports() -> None:
    assert [name for name, _ in EXPORTS if settings.LIMITED_VIEWS.get(name) != "export"] == []
