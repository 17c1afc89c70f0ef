"""Sign-in, lockout, sessions, first password, language: over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.sessions import ACTIVE
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen, now

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SIGN_IN = "/sign-in/"
ENDED = "登录已失效，请重新登录。"


@pytest.fixture
def user() -> User:
    user = User.objects.create_user("wang", PASSWORD, full_name="王分析")
    Post.objects.create(user=user, role="auditor")
    return user


def attempt(client: Client, password: str, username: str = "wang", **extra: str) -> int:
    return client.post(SIGN_IN, {"username": username, "password": password}, **extra).status_code


def account_status(client: Client) -> int:
    return client.get(reverse("accounts:account")).status_code


def test_the_right_password_signs_in_changes_the_session_key_and_is_recorded(
    client: Client, user: User
) -> None:
    client.get(SIGN_IN)
    client.session.save()
    before = client.session.session_key
    assert attempt(client, PASSWORD) == 302
    assert client.session.session_key != before
    assert account_status(client) == 200
    newest = AuditEntry.objects.get(action="accounts.signed_in")
    assert newest.actor_id == f"user:{user.pk}"


def test_the_user_name_is_not_case_sensitive_and_the_password_is(client: Client, user: User) -> None:
    assert attempt(client, PASSWORD.upper()) == 422
    assert attempt(client, PASSWORD, " WANG ") == 302


@pytest.mark.parametrize("username, active", [("wang", True), ("nobody-of-that-name", True), ("wang", False)])
def test_every_failure_is_answered_by_the_same_page(
    client: Client, user: User, username: str, active: bool
) -> None:
    user.is_active = active
    user.save()
    password = "wrong" if active else PASSWORD
    response = client.post(SIGN_IN, {"username": username, "password": password})
    assert response.status_code == 422
    assert "用户名或密码不正确，或账号已停用。" in response.content.decode()


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/people/?state=active", "/people/%3Fstate%3Dactive"),
        ("https://evil.example/people/", "/views/start/"),
        ("http://testserver//evil.example/", "/views/start/"),
        ("http://[", "/views/start/"),
        ("", "/views/start/"),
    ],
)
def test_what_is_sent_after_the_session_ended_leads_back_to_its_page_not_to_an_address_that_opens_none(
    client: Client, db: None, came_from: str, leads_to: str
) -> None:
    answer = client.post("/people/5/factors/reset/", headers={"Referer": came_from})
    assert answer.headers["Location"] == f"/sign-in/?next={leads_to}&because=unsaved"
    assert client.get(answer.headers["Location"]).content.decode().count("刚才提交的内容没有保存") == 1


def test_signing_out_after_the_session_ended_is_no_loss_to_be_told_of(client: Client, db: None) -> None:
    answer = client.post("/sign-out/", headers={"Referer": "http://testserver/people/"})
    assert answer.headers["Location"] == "/sign-in/"
    assert "没有保存" not in client.get("/sign-in/").content.decode()


def test_a_page_asked_for_before_sign_in_opens_after_it_but_only_one_of_ours(
    client: Client, user: User
) -> None:
    assert client.get("/account/").headers["Location"] == "/sign-in/?next=/account/"
    answer = client.post(SIGN_IN, {"username": "wang", "password": PASSWORD, "next": "/account/"})
    assert answer.headers["Location"] == "/account/"
    client.post("/sign-out/")
    answer = client.post(
        SIGN_IN, {"username": "wang", "password": PASSWORD, "next": "https://evil.example/account/"}
    )
    assert "evil" not in answer.headers["Location"]


@pytest.mark.parametrize("wanted", ["runs", "0", "{{7*7}}", "２", "javascript:alert(1)", "\\\\evil.example"])
def test_a_wish_that_is_no_address_of_ours_leads_home(client: Client, user: User, wanted: str) -> None:
    answer = client.post(SIGN_IN, {"username": "wang", "password": PASSWORD, "next": wanted})
    home = client.get(SIGN_IN).headers["Location"]
    assert answer.headers["Location"] == home
    assert client.get(SIGN_IN, {"next": wanted}).headers["Location"] == home


def test_five_wrong_passwords_close_sign_in_even_for_the_right_one_and_say_for_how_long(
    client: Client, user: User
) -> None:
    assert [attempt(client, "wrong") for _ in range(5)] == [422, 422, 422, 422, 429]
    response = client.post(SIGN_IN, {"username": "wang", "password": PASSWORD})
    assert response.status_code == 429
    assert "1 分钟后再试" in response.content.decode()
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert AuditEntry.objects.filter(action="accounts.sign_in_locked").count() == 1


def pass_minutes(minutes: int) -> None:
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - dt.timedelta(minutes=minutes))


def test_the_lock_opens_by_itself_and_lasts_longer_after_each_further_failure(
    client: Client, user: User
) -> None:
    for _ in range(5):
        attempt(client, "wrong")
    pass_minutes(1)
    assert attempt(client, "wrong") == 429
    pass_minutes(1)
    assert attempt(client, PASSWORD) == 429
    pass_minutes(1)
    assert attempt(client, PASSWORD) == 302
    assert not AccessAttempt.objects.exists()


def test_waiting_in_front_of_the_lock_does_not_lengthen_it(client: Client, user: User) -> None:
    for _ in range(5):
        attempt(client, "wrong")
    for _ in range(5):
        attempt(client, "wrong")
    pass_minutes(1)
    assert attempt(client, PASSWORD) == 302


def test_a_name_that_does_not_exist_is_locked_in_the_same_way(client: Client) -> None:
    assert [attempt(client, "wrong", "ghost") for _ in range(5)] == [422, 422, 422, 422, 429]


def test_one_address_that_tries_many_names_is_locked_too_without_locking_the_others(
    client: Client, user: User
) -> None:
    AccessAttempt.objects.create(
        username="many", ip_address="10.1.1.1", user_agent="x", failures_since_start=100
    )
    AccessAttempt.objects.update(attempt_time=timezone.now())
    assert attempt(client, PASSWORD, REMOTE_ADDR="10.1.1.1") == 429
    assert attempt(client, PASSWORD, REMOTE_ADDR="10.1.1.2") == 302


def test_a_colleagues_typing_errors_do_not_lock_the_office(client: Client, user: User) -> None:
    for _ in range(6):
        attempt(client, "wrong", "li", REMOTE_ADDR="10.1.1.1")
    assert attempt(client, PASSWORD, REMOTE_ADDR="10.1.1.1") == 302


def test_no_password_is_kept_of_a_failed_attempt(client: Client, user: User) -> None:
    attempt(client, "my secret typo")
    kept = AccessAttempt.objects.get()
    assert "my secret typo" not in f"{kept.post_data}{kept.get_data}"


def test_an_idle_session_ends_and_a_busy_one_does_not(client: Client, user: User, settings: object) -> None:
    settings.SESSION_COOKIE_AGE = 1800  # type: ignore[attr-defined]
    start = timezone.now()
    attempt(client, PASSWORD)
    for minutes in (20, 40, 60):
        with frozen(start + dt.timedelta(minutes=minutes)):
            assert account_status(client) == 200
    with frozen(start + dt.timedelta(minutes=91)):
        assert account_status(client) == 302


def test_the_count_of_notices_that_the_page_asks_for_does_not_keep_a_session_alive(
    client: Client, user: User
) -> None:
    start = timezone.now()
    attempt(client, PASSWORD)
    for minutes in (10, 20, 29):
        with frozen(start + dt.timedelta(minutes=minutes)):
            assert client.get(reverse("notifications:unread")).status_code == 200
    with frozen(start + dt.timedelta(minutes=31)):
        assert account_status(client) == 302


def test_no_session_outlives_twelve_hours(client: Client, user: User) -> None:
    start = timezone.now()
    attempt(client, PASSWORD)
    for minutes in range(20, 12 * 60, 20):
        with frozen(start + dt.timedelta(minutes=minutes)):
            assert account_status(client) == 200
    # Times are kept in whole seconds, and signing in takes its time.
    with frozen(start + dt.timedelta(hours=12, minutes=1)):
        assert account_status(client) == 302


def test_signing_out_ends_the_session_and_only_a_post_does_it(client: Client, user: User) -> None:
    attempt(client, PASSWORD)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert account_status(client) == 302
    assert Session.objects.count() == 0


def test_sign_out_needs_the_token_against_forged_requests(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post("/sign-out/").status_code == 403
    assert account_status(client) == 200


def test_a_suspended_users_open_session_ends_at_once(client: Client, user: User) -> None:
    attempt(client, PASSWORD)
    User.objects.update(is_active=False)
    assert account_status(client) == 302


def test_a_temporary_password_leads_to_choosing_ones_own_and_nowhere_else(client: Client, user: User) -> None:
    user.must_change_password = True
    user.save()
    attempt(client, PASSWORD)
    for page in (reverse("accounts:account"), reverse("notifications:list")):
        assert client.get(page).headers["Location"] == reverse("accounts:password")
    answer = client.post(
        reverse("accounts:password"),
        {"present": PASSWORD, "new": "another long sentence", "again": "another long sentence"},
    )
    assert answer.status_code == 302
    assert account_status(client) == 200
    user.refresh_from_db()
    assert user.check_password("another long sentence")
    assert not user.must_change_password


def test_the_page_for_a_first_password_is_not_reloaded_by_the_count_of_notices_on_it(
    client: Client, user: User
) -> None:
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    client.force_login(user)
    count = client.get(reverse("notifications:unread"), headers={"HX-Request": "true"})
    assert count.status_code == 204
    assert "HX-Redirect" not in count.headers


@pytest.mark.parametrize(
    "present, new, again, said",
    [
        ("wrong", "another long sentence", "another long sentence", "当前密码不正确"),
        (PASSWORD, "short", "short", "密码不符合要求"),
        (PASSWORD, "1234567890123", "1234567890123", "密码不符合要求"),
        (PASSWORD, PASSWORD, PASSWORD, "不得与当前密码相同"),
        (PASSWORD, "another long sentence", "different", "两次输入的新密码不一致"),
    ],
)
def test_a_new_password_that_will_not_do_is_refused_in_words(
    client: Client, user: User, present: str, new: str, again: str, said: str
) -> None:
    client.force_login(user)
    answer = client.post(reverse("accounts:password"), {"present": present, "new": new, "again": again})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions(client: Client, user: User) -> None:
    other = Client()
    for each in (client, other):
        each.force_login(user)
    client.post(
        reverse("accounts:password"),
        {"present": PASSWORD, "new": "another long sentence", "again": "another long sentence"},
    )
    assert (account_status(client), account_status(other)) == (200, 302)


def test_pages_are_chinese_first_whatever_the_browser_prefers(client: Client) -> None:
    page = client.get(SIGN_IN, headers={"accept-language": "en-US,en"})
    assert 'lang="zh-hans"' in page.content.decode()
    client.post(reverse("ui:set-language"), {"language": "en"})
    assert 'lang="en"' in client.get(SIGN_IN).content.decode()


def test_ones_own_language_and_address_are_changed_in_the_profile(client: Client, user: User) -> None:
    client.force_login(user)
    client.post(reverse("accounts:account"), {"language": "en", "email": "wang@example.org"})
    user.refresh_from_db()
    assert (user.language, user.email) == ("en", "wang@example.org")
    assert 'lang="en"' in client.get(reverse("accounts:account")).content.decode()
    assert AuditEntry.objects.filter(action="accounts.profile_changed").exists()


def test_the_api_and_fragments_are_told_to_sign_in_instead_of_being_sent_a_page(client: Client) -> None:
    fragment = client.get(reverse("notifications:unread"), headers={"HX-Request": "true"})
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"].startswith("/sign-in/?next=")


def test_whose_session_ended_while_a_page_stood_open_is_told_and_comes_back_to_it(
    client: Client, user: User
) -> None:
    client.force_login(user)
    client.session.delete()
    page = {"HX-Request": "true", "Referer": "http://testserver/account/?tab=2"}
    polled = client.get(reverse("notifications:unread"), headers=page)
    assert polled.headers["HX-Redirect"] == "/sign-in/?next=/account/%3Ftab%3D2&because=ended"
    assert ENDED in client.get(polled.headers["HX-Redirect"]).content.decode()
    sent = client.post(reverse("accounts:password"), {}, headers=page)
    assert sent.headers["HX-Redirect"] == "/sign-in/?next=/account/%3Ftab%3D2&because=unsaved"
    assert "没有保存" in client.get(sent.headers["HX-Redirect"]).content.decode()
    assert ENDED in client.get("/account/", follow=True).content.decode()
    assert ENDED not in Client().get("/account/", follow=True).content.decode()


def test_what_an_open_page_sends_again_by_itself_leaves_no_warning_for_whoever_signs_in_beside_it(
    client: Client, user: User
) -> None:
    client.force_login(user)
    client.session.delete()
    for _again in range(2):
        assert client.post(reverse("accounts:account"), headers={"HX-Request": "true"}).status_code == 401
    client.get(reverse("notifications:unread"), headers={"HX-Request": "true"})
    client.get(reverse("accounts:account"))
    sent = {"username": user.username, "password": PASSWORD}
    page = client.post(SIGN_IN, sent, follow=True).content.decode()
    assert "退出登录" in page
    assert ENDED not in page
    assert "没有保存" not in page


def test_whoever_is_just_signing_in_is_not_told_that_a_sign_in_ended(client: Client, db: None) -> None:
    client.get(reverse("accounts:passkey-options"))
    assert client.session.session_key, "the question to a passkey waits in a session"
    assert ENDED not in client.get(reverse("accounts:account"), follow=True).content.decode()


def test_what_a_page_asks_for_by_itself_does_not_keep_a_session_alive(client: Client, user: User) -> None:
    client.force_login(user)
    begun = client.session[ACTIVE]
    with frozen(now() + dt.timedelta(minutes=5)):
        client.get(reverse("accounts:account"), headers={"X-Background": "1"})
        assert client.session[ACTIVE] == begun
        client.get(reverse("accounts:account"))
        assert client.session[ACTIVE] > begun


def test_sign_in_pages_are_never_kept_by_the_browser(client: Client) -> None:
    assert "no-store" in client.get(SIGN_IN).headers["Cache-Control"]
