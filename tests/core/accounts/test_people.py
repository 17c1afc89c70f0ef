"""The administrators' screens over HTTP, beyond who may open them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingtu.core.accounts.models import Post, Unit, User
from tests.access.cast import SINCE, Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def system(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.user("system_administrator"))
    return client


@pytest.fixture
def security(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.user("security_administrator"))
    return client


def names(client: Client, **query: str) -> list[str]:
    response = client.get(reverse("accounts:people"), query)
    return [user.username for user in response.context["page"].object_list]


def test_users_are_found_by_name_role_and_state(system: Client, cast: Cast) -> None:
    User.objects.filter(username="leader.own").update(is_active=False, full_name="停职者")
    assert names(system, q="LEADER.O") == ["leader.outsider", "leader.own"]
    assert names(system, q="停职") == ["leader.own"]
    assert names(system, state="suspended") == ["leader.own"]
    assert names(system, role="auditor") == ["auditor"]
    assert names(system, role="leader", state="suspended") == []
    assert names(system, role="no-such-role") != []


def test_a_new_user_gets_a_password_that_is_shown_once(system: Client) -> None:
    answer = system.post(
        reverse("accounts:user-create"), {"username": "zhao", "full_name": "赵填报", "language": "zh"}
    )
    password = answer.context["new"].password
    assert password in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    user = User.objects.get(username="zhao")
    assert user.check_password(password)
    assert password not in system.get(reverse("accounts:user", args=[user.pk])).content.decode()


def test_a_name_that_is_taken_is_said_at_its_field(system: Client) -> None:
    answer = system.post(
        reverse("accounts:user-create"), {"username": "nobody", "full_name": "重名", "language": "zh"}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["username"] == ["用户名“nobody”已被使用。"]


def test_a_markup_name_is_shown_as_text(system: Client, cast: Cast) -> None:
    person = cast.user("nobody")
    system.post(reverse("accounts:user-change", args=[person.pk]), {"full_name": "<b>粗体</b>"})
    assert "<b>粗体</b>" not in system.get(reverse("accounts:user", args=[person.pk])).content.decode()


@pytest.mark.parametrize("region", ["310101", "甲县"])
def test_a_post_is_granted_by_code_or_full_name(security: Client, cast: Cast, region: str) -> None:
    person = cast.user("nobody")
    answer = security.post(
        reverse("accounts:post-grant", args=[person.pk]),
        {"role": "viewer", "tree": cast.tree.pk, "region": region, "valid_from": "2026-01-01"},
    )
    assert answer.status_code == 302
    assert Post.objects.get(user=person).region == cast.places["county_a"]


@pytest.mark.parametrize(
    "data, field",
    [
        ({"role": "analyst", "valid_from": "2026-01-01"}, "region"),
        ({"role": "analyst", "region": "310101", "valid_from": "2026-01-01"}, "region"),
        ({"role": "analyst", "tree": "T", "region": "999", "valid_from": "2026-01-01"}, "region"),
        ({"role": "auditor", "tree": "T", "region": "310101", "valid_from": "2026-01-01"}, "region"),
        ({"role": "viewer", "tree": "T", "region": "310101", "valid_from": "bad"}, "valid_from"),
        (
            {
                "role": "viewer",
                "tree": "T",
                "region": "310101",
                "valid_from": "2026-02-01",
                "valid_to": "2026-01-01",
            },
            "valid_to",
        ),
        (
            {
                "role": "viewer",
                "tree": "T",
                "region": "310101",
                "valid_from": "2026-02-01",
                "module": "facts",
            },
            "module",
        ),
    ],
)
def test_a_post_that_will_not_do_is_refused_at_its_field(
    security: Client, cast: Cast, data: dict[str, str], field: str
) -> None:
    person = cast.user("nobody")
    sent = {name: str(cast.tree.pk) if value == "T" else value for name, value in data.items()}
    answer = security.post(reverse("accounts:post-grant", args=[person.pk]), sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Post.objects.filter(user=person).exists()


def test_giving_oneself_a_post_is_refused_on_screen_too(security: Client, cast: Cast) -> None:
    own = cast.user("security_administrator")
    answer = security.post(
        reverse("accounts:post-grant", args=[own.pk]),
        {"role": "viewer", "tree": cast.tree.pk, "region": "310101", "valid_from": "2026-01-01"},
    )
    assert answer.status_code == 422
    assert "不得为自己授予" in answer.content.decode()


def test_a_post_is_ended_only_with_a_reason(security: Client, cast: Cast) -> None:
    post = Post.objects.get(user=cast.user("viewer", "own"))
    address = reverse("accounts:post-end", args=[post.pk])
    assert security.post(address, {"reason": ""}).status_code == 422
    assert security.post(address, {"reason": "调离"}).status_code == 302
    post.refresh_from_db()
    assert (post.end_reason, post.ended_by) == ("调离", cast.user("security_administrator"))


def test_a_unit_is_registered_and_listed(system: Client, cast: Cast) -> None:
    sent = {"name": "市教育局", "tree": cast.tree.pk, "region": "310100", "is_active": "on"}
    assert system.post(reverse("accounts:unit-create"), sent).status_code == 302
    assert system.post(reverse("accounts:unit-create"), sent).status_code == 422
    page = system.get(reverse("accounts:units"), {"q": "教育"})
    assert [unit.name for unit in page.context["page"].object_list] == ["市教育局"]
    form = system.get(reverse("accounts:unit", args=[Unit.objects.get().pk])).context["form"]
    assert form.initial["region"] == "310100"


def test_the_list_needs_the_same_queries_for_few_and_for_many_users(system: Client, cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            system.get(reverse("accounts:people"))
        return len(captured)

    system.get(reverse("accounts:people"))
    few = queries()
    made = User.objects.bulk_create(User(username=f"a{number}", full_name="x") for number in range(30))
    Post.objects.bulk_create(
        Post(user=user, role="viewer", region=cast.places["city"], valid_from=SINCE) for user in made
    )
    assert queries() == few <= 7
