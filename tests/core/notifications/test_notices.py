"""Notices reach whom they concern, in the reader's language, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import NotFound
from jingtu.core.notifications import queries, services, texts
from jingtu.core.notifications.models import Notice
from jingtu.core.notifications.texts import NoticeText, register_notices

pytestmark = pytest.mark.django_db
TEXT = NoticeText("{period}考核已发布", "Assessment {period} published", "第{version}版", "Version {version}")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    register_notices({"test.published": TEXT})
    yield
    texts._texts.pop("test.published")


@pytest.fixture
def people() -> list[User]:
    found = [User.objects.create_user(name, full_name=name) for name in ("ann", "bob", "cai")]
    for user in found:  # without a post nobody reads notices
        Post.objects.create(user=user, role="auditor")
    return found


def send(recipients: list[User], actor: object = SYSTEM, link: str = "/runs/1/") -> int:
    params = {"period": "2026-10", "version": 2}
    return services.notify(actor, recipients, "test.published", params=params, link=link)  # type: ignore[arg-type]


def test_a_notice_is_worded_in_the_readers_language(client: Client, people: list[User]) -> None:
    send(people[:1])
    client.force_login(people[0])
    assert "2026-10考核已发布" in client.get(reverse("notifications:list")).content.decode()
    client.post(reverse("ui:set-language"), {"language": "en"})
    assert "Assessment 2026-10 published" in client.get(reverse("notifications:list")).content.decode()


def test_nobody_is_told_of_their_own_deed_twice_or_when_suspended(people: list[User]) -> None:
    ann, bob, cai = people
    cai.is_active = False
    cai.save()
    assert send([ann, bob, bob, cai], UserActor(ann)) == 1
    assert Notice.objects.get().recipient == bob


def test_the_count_falls_when_notices_are_read(client: Client, people: list[User]) -> None:
    ann = people[0]
    for _ in range(3):
        send([ann])
    client.force_login(ann)

    def badge() -> str:
        return client.get(reverse("notifications:unread")).content.decode()

    assert badge() == "3"
    first = queries.notices(UserActor(ann))[0]
    answer = client.post(reverse("notifications:read", args=[first.pk]))
    assert answer.headers["Location"] == "/runs/1/"
    assert badge() == "2"
    assert client.get(reverse("notifications:list"), {"unread": "1"}).context["page"].paginator.count == 2
    client.post(reverse("notifications:read-all"))
    assert badge() == ""


def test_somebody_elses_notice_is_not_found(people: list[User]) -> None:
    ann, bob, _ = people
    send([ann])
    with pytest.raises(NotFound):
        services.mark_read(UserActor(bob), Notice.objects.get().pk)
    assert services.mark_all_read(UserActor(bob)) == 0
    assert queries.unread_count(UserActor(ann)) == 1


def test_the_system_has_no_notices(people: list[User]) -> None:
    send(people)
    assert queries.unread_count(SYSTEM) == 0


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_notice_never_leads_off_the_site(people: list[User], link: str) -> None:
    with pytest.raises(ValueError, match="this site"):
        send(people, link=link)


def test_missing_parameters_and_unknown_codes_are_noticed_by_the_sender(people: list[User]) -> None:
    with pytest.raises(ValueError, match="period, version"):
        services.notify(SYSTEM, people, "test.published")
    with pytest.raises(KeyError):
        services.notify(SYSTEM, people, "test.unknown")


def test_both_languages_of_a_notice_need_the_same_parameters() -> None:
    with pytest.raises(ValueError, match="placeholders"):
        register_notices({"test.other": NoticeText("{a}", "{b}", "", "")})


def test_a_notice_of_a_code_no_longer_registered_still_shows_its_parameters(people: list[User]) -> None:
    notice = Notice.objects.create(recipient=people[0], code="old.code", params={"run": 3})
    assert (notice.subject, notice.body) == ("old.code", "run=3")
