"""Personal API tokens: made by whoever just proved who they are, shown once, ended by time, by their owner and with the account."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import ApiToken, Post, User
from jingtu.core.accounts.services import reset_password, suspend_user
from jingtu.core.accounts.tokens import (
    MOST_TOKENS,
    create_token,
    own_tokens,
    revoke_token,
    user_of_token,
)
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def owner() -> UserActor:
    return UserActor(User.objects.create_user("wang", PASSWORD, full_name="王分析"))


@pytest.fixture
def other() -> UserActor:
    return UserActor(User.objects.create_user("li", PASSWORD, full_name="李四"))


def made(owner: UserActor, days: int = 30) -> str:
    return create_token(owner, name="夜间取数", days=days).token


def test_a_token_leads_to_its_owner_and_is_stored_only_as_a_hash(owner: UserActor) -> None:
    token = made(owner)
    assert user_of_token(token) == owner.user
    row = ApiToken.objects.get()
    assert token not in {str(value) for value in vars(row).values()}
    assert token.startswith(row.start)
    assert token not in str(list(AuditEntry.objects.values("after")))


@pytest.mark.parametrize("days", [0, 367, -1])
def test_no_token_lives_longer_than_a_year(owner: UserActor, days: int) -> None:
    with pytest.raises(InvalidInput):
        made(owner, days)


def test_an_expired_token_opens_nothing(owner: UserActor) -> None:
    token = made(owner, 1)
    with frozen(now() + dt.timedelta(days=1)):
        assert user_of_token(token) is None


def test_a_revoked_token_opens_nothing_and_is_not_revoked_twice(owner: UserActor) -> None:
    token = made(owner)
    revoke_token(owner, own_tokens(owner)[0].pk)
    assert user_of_token(token) is None
    with pytest.raises(Conflict):
        revoke_token(owner, own_tokens(owner)[0].pk)


def test_nobody_sees_or_ends_the_token_of_another(owner: UserActor, other: UserActor) -> None:
    made(owner)
    assert own_tokens(other) == []
    with pytest.raises(NotFound):
        revoke_token(other, ApiToken.objects.get().pk)


def test_tokens_end_with_the_account_and_with_a_password_given_by_an_administrator(
    owner: UserActor, other: UserActor
) -> None:
    Post.objects.create(user=other.user, role="system_administrator")
    admin = UserActor(other.user)
    token = made(owner)
    reset_password(admin, owner.user_id)
    assert user_of_token(token) is None
    owner.user.set_password(PASSWORD)
    owner.user.save()
    again = made(owner)
    suspend_user(admin, owner.user_id, "离岗")
    assert user_of_token(again) is None


def test_the_number_of_live_tokens_is_limited(owner: UserActor) -> None:
    for _ in range(MOST_TOKENS):
        made(owner)
    with pytest.raises(Conflict):
        made(owner)


def test_use_is_written_down_at_most_once_an_hour(owner: UserActor) -> None:
    token, start = made(owner), now()
    with frozen(start):
        user_of_token(token)
    with frozen(start + dt.timedelta(minutes=59)):
        user_of_token(token)
        assert ApiToken.objects.get().used_at == start
    with frozen(start + dt.timedelta(minutes=61)):
        user_of_token(token)
        assert ApiToken.objects.get().used_at == start + dt.timedelta(minutes=61)


@pytest.mark.parametrize("text", ["", "jt_", "jt_" + "a" * 500, "token", "jt_令牌", "jt_\ud800"])
def test_what_is_no_token_opens_nothing(text: str) -> None:
    assert user_of_token(text) is None


def test_the_page_shows_a_new_token_once(client: Client, owner: UserActor) -> None:
    client.force_login(owner.user)
    address = reverse("accounts:tokens")
    refused = client.post(address, {"name": "夜间取数", "days": "9999"})
    assert refused.status_code == 422
    page = client.post(address, {"name": "夜间取数", "days": "30"})
    token = page.context["made"].token
    assert token in page.content.decode()
    assert token not in client.get(address).content.decode()


def test_a_token_opens_no_page_outside_the_api(client: Client, owner: UserActor) -> None:
    answer = client.get(reverse("accounts:account"), headers={"Authorization": f"Bearer {made(owner)}"})
    assert answer.status_code == 302
