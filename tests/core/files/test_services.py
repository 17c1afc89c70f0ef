"""Uploads are streamed, bounded, hashed and handed out only to those who may have them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.files import queries, services
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.problems import InvalidInput

pytestmark = pytest.mark.django_db


class Person:
    """An actor who may do nothing."""

    language = "zh"
    unrestricted = False

    def __init__(self, user: User) -> None:
        self.actor_id = f"user:{user.pk}"
        self.label = user.username

    def can(self, permission, region_id=None):
        return False

    def scopes(self, permission):
        return ()


def somebody(username: str) -> Person:
    """Over HTTP no page of work opens without a post; this one opens no file of others."""
    user = User.objects.create(username=username, full_name=username)
    Post.objects.create(user=user, role="auditor")
    return Person(user)


@pytest.fixture
def alice() -> Person:
    return somebody("alice")


@pytest.fixture
def bob() -> Person:
    return somebody("bob")


def receive(actor, content=b"region,value\n1,2\n", name="facts.csv", accepted=("csv", "xlsx")) -> StoredFile:
    return services.receive(actor, [content], name, purpose="test", accepted=accepted)


def test_a_file_is_kept_under_its_hash_outside_the_web_root(alice, settings):
    stored = receive(alice)
    path = queries.content_path(stored)
    assert path.read_bytes() == b"region,value\n1,2\n"
    assert stored.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert settings.STORE in path.parents
    assert settings.STATIC_ROOT not in path.parents
    assert AuditEntry.objects.filter(action="files.stored", target_id=str(stored.pk)).exists()


def test_equal_contents_share_a_blob_but_keep_their_own_rows(alice, bob):
    first, second = receive(alice), receive(bob, name="other.csv")
    assert first.pk != second.pk
    assert queries.content_path(first) == queries.content_path(second)


def test_an_upload_beyond_the_limit_stops_at_the_limit_and_leaves_nothing(alice, settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while taken < 200 * 1024 * 1024:
            taken += 64 * 1024
            yield b"a" * 64 * 1024

    with pytest.raises(InvalidInput) as caught:
        services.receive(alice, endless(), "big.csv", purpose="test", accepted=("csv",))
    assert caught.value.problems[0].code == "files.too_large"
    assert taken <= 1024 * 1024 + 64 * 1024
    assert not StoredFile.objects.exists()
    assert not list((settings.STORE / "files" / "incoming").iterdir())


def test_a_kind_the_purpose_cannot_use_is_refused(alice):
    with pytest.raises(InvalidInput) as caught:
        receive(alice, b"%PDF-1.7 ...", "a.pdf")
    assert caught.value.problems[0].code == "files.not_accepted_here"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\temp\\报表.csv", "报表.csv"),
        ("../../etc/a.csv", "a.csv"),
        ("a\r\nb.csv", "ab.csv"),
        ("x" * 400 + ".csv", "x" * 200 + ".csv"),
    ],
)
def test_names_are_reduced_to_something_harmless(alice, given, kept):
    assert receive(alice, name=given).name == kept


def test_nobody_but_the_owner_opens_a_file_whose_purpose_names_no_other_rule(alice, bob):
    stored = receive(alice)
    assert queries.get_file(alice, stored.pk) == stored
    with pytest.raises(NotFound):
        queries.get_file(bob, stored.pk)


def test_the_purpose_decides_when_it_has_a_rule(alice, bob, monkeypatch):
    stored = receive(alice)
    monkeypatch.setattr(queries, "_readers", {"test": lambda actor, _: actor.actor_id == bob.actor_id})
    assert queries.get_file(bob, stored.pk) == stored
    with pytest.raises(NotFound):
        queries.get_file(alice, stored.pk)


def test_a_download_is_an_attachment_that_no_browser_sniffs(client, alice):
    stored = receive(alice, name="报表.csv")
    client.force_login(User.objects.get(username="alice"))
    response = client.get(f"/files/{stored.pk}/")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == b"region,value\n1,2\n"
    assert AuditEntry.objects.filter(action="files.downloaded").count() == 1


def test_over_http_somebody_elses_file_does_not_exist(client, alice, bob):
    stored = receive(alice)
    client.force_login(User.objects.get(username="bob"))
    assert client.get(f"/files/{stored.pk}/").status_code == 404
