"""A post limited to a part of the system opens nothing else, over HTTP."""

from __future__ import annotations

from types import ModuleType

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts.models import Post
from tests.access.cast import make_cast
from tests.access.expectations import alerts, documents, facts, reporting, runs
from tests.access.test_matrix import ask, turned_away

# In each pair the second part's pages must be shut to a post limited to the first.
SHUT = [
    pytest.param("documents", facts, id="documents-facts"),
    pytest.param("documents", reporting, id="documents-reporting"),
    pytest.param("documents", runs, id="documents-runs"),
    pytest.param("facts", alerts, id="facts-alerts"),
    pytest.param("facts", runs, id="facts-runs"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("limit", "app"), SHUT)
def test_a_limited_post_gets_into_no_page_of_another_part(limit: str, app: ModuleType) -> None:
    cast = make_cast()
    known = app.prepare(cast)
    Post.objects.filter(role__in=["analyst", "reviewer"]).update(module=limit)
    let_in, asked = [], 0
    for member in (cast.member("analyst", "own"), cast.member("reviewer", "own")):
        assert member.user is not None
        client = Client()
        client.force_login(member.user)
        for row in app.ROWS:
            if row.url_name.startswith("api:") or (member.role, member.relation) not in row.open_to:
                continue
            asked += 1
            response = ask(client, row, reverse(row.url_name, kwargs=dict(row.kwargs(known))), known)
            if not turned_away(member, row, response):
                let_in.append(f"{row.method} {row.url_name} as {member.name}: {response.status_code}")
    assert asked
    assert not let_in, "\n".join(let_in)


@pytest.mark.django_db
def test_a_limited_post_still_opens_its_own_part() -> None:
    cast = make_cast()
    known = documents.prepare(cast)
    Post.objects.filter(role="analyst").update(module="documents")
    member = cast.member("analyst", "own")
    assert member.user is not None
    client = Client()
    client.force_login(member.user)
    for row in documents.ROWS:
        if row.method == "GET" and (member.role, member.relation) in row.open_to:
            response = ask(client, row, reverse(row.url_name, kwargs=dict(row.kwargs(known))), known)
            assert response.status_code in row.admitted, row.url_name
