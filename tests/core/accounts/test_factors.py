"""Authenticator codes and recovery codes over HTTP; passkeys are tried in a browser (tests/browser)."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts import factors
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.sessions import CONFIRMED
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel import vault
from jingtu.core.kernel.clock import frozen, now

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SECOND = "/sign-in/second/"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Any) -> Path:
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    cache.clear()  # codes used by an earlier test
    return tmp_path / "keys"


@pytest.fixture
def user() -> User:
    user = User.objects.create_user("wang", PASSWORD, full_name="王分析")
    Post.objects.create(user=user, role="auditor")
    return user


def code_of(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client: Client, user: User) -> tuple[str, list[str]]:
    """An authenticator and its recovery codes."""
    client.force_login(user)
    page = client.get(reverse("accounts:totp-add")).content.decode()
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    secret = found[1].replace(" ", "")
    shown = client.post(reverse("accounts:totp-add"), {"code": code_of(secret, -1)})
    return secret, [code.replace(" ", "") for code in shown.context["codes"]]


def first_step(client: Client) -> str:
    answer = client.post("/sign-in/", {"username": "wang", "password": PASSWORD, "next": "/account/"})
    return answer.headers["Location"]


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:account")).status_code == 200


def test_the_password_alone_opens_nothing_once_there_is_an_authenticator(client: Client, user: User) -> None:
    secret, _codes = set_up(client, user)
    other = Client()
    assert first_step(other) == SECOND
    assert not is_in(other)
    assert other.post(SECOND, {"code": "000000"}).status_code == 422
    assert not is_in(other)
    done = other.post(SECOND, {"code": code_of(secret)})
    assert done.headers["Location"] == "/account/"
    assert is_in(other)
    assert AuditEntry.objects.filter(action="accounts.signed_in").first().after == {  # type: ignore[union-attr]
        "ways": ["password", "totp"]
    }


def test_a_code_opens_once(client: Client, user: User) -> None:
    secret, _codes = set_up(client, user)
    code = code_of(secret).translate(
        {48 + digit: 0xFF10 + digit for digit in range(10)}
    )  # as a Chinese keyboard types
    for expected in (302, 422):
        other = Client()
        first_step(other)
        assert other.post(SECOND, {"code": code}).status_code == expected


def test_the_code_that_set_the_authenticator_up_opens_nothing_more_not_even_in_another_process(
    client: Client, user: User
) -> None:
    secret, _codes = set_up(client, user)
    for step in (-1, 0):
        cache.clear()  # the memory of another process
        other = Client()
        first_step(other)
        refused = other.post(SECOND, {"code": code_of(secret, -1)})
        assert refused.status_code == 422
        assert "每个验证码只能用一次" in refused.content.decode()
        if step == 0:
            assert other.post(SECOND, {"code": code_of(secret)}).status_code == 302
    session = client.session
    session[CONFIRMED] = 0
    session.save()
    cache.clear()
    sent = {"name": "取数", "days": "30", "identity-code": code_of(secret)}
    assert client.post(reverse("accounts:tokens"), sent).status_code == 403


def test_a_recovery_code_opens_once_and_the_count_goes_down(client: Client, user: User) -> None:
    _secret, codes = set_up(client, user)
    assert len(set(codes)) == 10
    for expected in (302, 422):
        other = Client()
        first_step(other)
        written = f"{codes[3][:4]} {codes[3][4:]}"
        assert other.post(SECOND, {"code": written}).status_code == expected
    assert factors.factors_of(user).codes_left == 9
    assert "还剩 9 个未用" in client.get(reverse("accounts:factors")).content.decode()


def test_recovery_codes_are_shown_once_and_new_ones_end_the_old(client: Client, user: User) -> None:
    _secret, codes = set_up(client, user)
    page = client.get(reverse("accounts:factors")).content.decode()
    assert not any(code in page.replace(" ", "") for code in codes)
    fresh = client.post(reverse("accounts:codes-new")).context["codes"]
    assert not {code.replace(" ", "") for code in fresh} & set(codes)
    other = Client()
    first_step(other)
    assert other.post(SECOND, {"code": codes[0]}).status_code == 422


def test_wrong_codes_close_sign_in_like_wrong_passwords(client: Client, user: User) -> None:
    secret, _codes = set_up(client, user)
    other = Client()
    first_step(other)
    assert [other.post(SECOND, {"code": "000000"}).status_code for _ in range(5)][-1] == 429
    assert other.post(SECOND, {"code": code_of(secret)}).status_code == 429
    assert Client().post("/sign-in/", {"username": "wang", "password": PASSWORD}).status_code == 429


def test_the_second_step_waits_five_minutes_and_is_for_nobody_else(
    client: Client, user: User, settings: Any
) -> None:
    secret, _codes = set_up(client, user)
    assert Client().get(SECOND).headers["Location"] == "/sign-in/"
    settings.ACCOUNT_LOGIN_TIMEOUT = -1
    other = Client()
    first_step(other)
    assert other.post(SECOND, {"code": code_of(secret)}).headers["Location"] == "/sign-in/"


def test_an_authenticator_is_not_taken_into_use_with_a_wrong_code(client: Client, user: User) -> None:
    client.force_login(user)
    client.get(reverse("accounts:totp-add"))
    assert client.post(reverse("accounts:totp-add"), {"code": "000000"}).status_code == 422
    assert not factors.has_second_factor(user)


def test_setting_up_and_removing_ask_again_who_is_there(client: Client, user: User) -> None:
    set_up(client, user)
    row = Authenticator.objects.get(type="totp")
    with frozen(now() + dt.timedelta(minutes=16)):
        for address in (reverse("accounts:passkey-add"), reverse("accounts:totp-add")):
            assert client.get(address).headers["Location"].startswith(reverse("accounts:confirm"))
        asked = client.post(reverse("accounts:factor-remove", args=[row.pk]))
    assert asked.status_code == 403
    assert factors.has_second_factor(user)


def test_a_code_confirms_identity_too(client: Client, user: User) -> None:
    secret, _codes = set_up(client, user)
    session = client.session
    session[CONFIRMED] = 0
    session.save()
    sent = {"name": "取数", "days": "30"}
    assert client.post(reverse("accounts:tokens"), {**sent, "identity-code": "000000"}).status_code == 403
    done = client.post(reverse("accounts:tokens"), {**sent, "identity-code": code_of(secret)})
    assert done.context["made"]


def test_a_passkey_asks_for_its_owner_also_as_a_second_step(rf: Any, user: User) -> None:
    request = rf.get("/")
    request.session = {}
    with context.request_context(request):
        asked = [factors.passkey_question(someone)["publicKey"] for someone in (user, None)]
        made = factors.passkey_offer(user)["publicKey"]["authenticatorSelection"]
    assert [str(question["userVerification"]) for question in asked] == ["required", "required"]
    assert str(made["userVerification"]) == "required", "so no key was ever set up that cannot ask"


def test_recovery_codes_go_with_the_last_factor(client: Client, user: User) -> None:
    set_up(client, user)
    row = Authenticator.objects.get(type="totp")
    client.post(reverse("accounts:factor-remove", args=[row.pk]))
    assert not Authenticator.objects.exists()
    assert first_step(Client()) == "/account/"


def test_nobody_removes_the_factor_of_another(client: Client, user: User) -> None:
    set_up(client, user)
    client.force_login(User.objects.create_user("li", full_name="李四"))
    row = Authenticator.objects.get(type="totp")
    assert client.post(reverse("accounts:factor-remove", args=[row.pk])).status_code == 404


def test_secrets_are_encrypted_at_rest(client: Client, user: User) -> None:
    secret, codes = set_up(client, user)
    for row in Authenticator.objects.all():
        kept = str(row.data)
        assert secret not in kept
        assert not any(code in kept for code in codes)
        assert "v1:" in kept


def test_keys_turn_while_people_sign_in(client: Client, user: User) -> None:
    secret, codes = set_up(client, user)
    assert vault.add_key() == 2
    assert vault.used_versions() == {1}
    assert vault.reencrypt_all() == 2
    assert vault.reencrypt_all() == 0
    assert vault.used_versions() == {2}
    assert vault.drop_keys(vault.used_versions()) == [1]
    for code in (code_of(secret), codes[0]):
        other = Client()
        first_step(other)
        assert other.post(SECOND, {"code": code}).status_code == 302


def test_a_lost_key_is_said_in_words_and_does_not_lock_anybody_out(
    client: Client, user: User, keys: Path
) -> None:
    secret, _codes = set_up(client, user)
    keys.write_text(f"2:{Fernet.generate_key().decode()}\n")
    vault.versions()
    other = Client()
    first_step(other)
    for _ in range(6):
        page = other.post(SECOND, {"code": code_of(secret)})
        assert page.status_code == 422  # not a wrong code: it does not count
        assert "无法读取您的验证器密钥" in page.content.decode()
    assert "加密密钥缺失" in client.get(reverse("accounts:factors")).content.decode()
    assert vault.reencrypt_all() == 0


def test_roles_that_need_a_second_factor_are_given_a_term_and_then_only_the_way_to_one(
    client: Client, user: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_ROLES = ["auditor"]
    client.force_login(user)
    start = now()
    assert client.get(reverse("audit:list")).status_code == 200
    assert "要求启用第二因素" in client.get(reverse("accounts:account")).content.decode()
    with frozen(start + dt.timedelta(days=14)):
        client.force_login(user)
        assert client.get(reverse("audit:list")).headers["Location"] == reverse("accounts:factors")
        assert client.get(reverse("notifications:unread")).status_code == 204
        answer = client.get("/api/v1/me")
        assert answer.json()["errors"][0]["code"] == "accounts.second_factor_first"
        set_up(client, user)
        assert client.get(reverse("audit:list")).status_code == 200


def test_roles_without_the_requirement_are_left_alone(client: Client, user: User, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["reviewer"]
    client.force_login(user)
    with frozen(now() + dt.timedelta(days=100)):
        client.force_login(user)
        assert client.get(reverse("audit:list")).status_code == 200
    user.refresh_from_db()
    assert user.second_factor_due is None


@pytest.mark.parametrize(
    "credential", ["", "null", "[]", "{}", '{"id":"x"}', "nonsense", '{"response":{"userHandle":5}}']
)
def test_what_is_no_passkey_signs_nobody_in(client: Client, user: User, credential: str) -> None:
    client.get(reverse("accounts:passkey-options"))
    answer = client.post(reverse("accounts:passkey-sign-in"), {"credential": credential})
    assert answer.status_code == 422
    assert not is_in(client)


def test_removing_all_is_recorded_with_its_reason(client: Client, user: User) -> None:
    set_up(client, user)
    admin = UserActor(User.objects.create_user("admin", full_name="管理员"))
    assert factors.remove_all(admin, user, "手机丢失") == 1
    assert AuditEntry.objects.get(action="accounts.factors_reset").reason == "手机丢失"
    assert first_step(Client()) == "/account/"
