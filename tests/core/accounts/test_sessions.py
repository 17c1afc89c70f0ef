"""One's own sessions: listed, ended one by one or together, and gone with the account."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts import services, sessions
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import SignInSession, User
from jingtu.core.accounts.rules import device_label
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen, now

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36"
)


@pytest.fixture
def user() -> User:
    return User.objects.create_user("wang", PASSWORD, full_name="王分析")


def signed_in(device: str = FIREFOX, address: str = "10.0.0.1", username: str = "wang") -> Client:
    client = Client(HTTP_USER_AGENT=device, REMOTE_ADDR=address)
    assert client.post("/sign-in/", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:account")).status_code == 200


def shown(client: Client) -> list[tuple[str, str]]:
    page = client.get(reverse("accounts:sessions"))
    return [(session.label, session.address) for session in page.context["sessions"]]


def test_the_list_names_device_address_and_times_of_every_open_session(user: User) -> None:
    desk = signed_in()
    start = now()
    with frozen(start + dt.timedelta(minutes=5)):
        phone = signed_in(PHONE, "10.0.0.2")
        assert shown(phone) == [("Chrome · Android", "10.0.0.2"), ("Firefox · Windows", "10.0.0.1")]
    with frozen(start + dt.timedelta(minutes=10)):
        assert shown(desk)[0] == ("Firefox · Windows", "10.0.0.1")


def test_one_other_session_is_ended_and_recorded(user: User) -> None:
    desk, phone = signed_in(), signed_in(PHONE)
    other = SignInSession.objects.get(key=phone.session.session_key)
    desk.post(reverse("accounts:session-end", args=[other.pk]))
    assert (is_in(desk), is_in(phone)) == (True, False)
    assert AuditEntry.objects.filter(action="accounts.sessions_ended", actor_id=f"user:{user.pk}").exists()
    assert desk.post(reverse("accounts:session-end", args=[other.pk])).status_code == 404


def test_signing_out_elsewhere_keeps_the_present_session(user: User) -> None:
    desk, phone, tablet = signed_in(), signed_in(PHONE), signed_in("iPad")
    desk.post(reverse("accounts:sessions-end-others"))
    assert [is_in(each) for each in (desk, phone, tablet)] == [True, False, False]
    assert len(shown(desk)) == 1


def test_nobody_sees_or_ends_the_session_of_another(user: User) -> None:
    User.objects.create_user("li", PASSWORD, full_name="李四")
    mine, theirs = signed_in(), signed_in(username="li")
    row = SignInSession.objects.get(key=theirs.session.session_key)
    assert mine.post(reverse("accounts:session-end", args=[row.pk])).status_code == 404
    assert is_in(theirs)
    assert len(shown(mine)) == 1


def test_suspension_and_a_new_password_end_every_session_at_once(user: User) -> None:
    for end in (
        lambda: services.suspend_user(SYSTEM, user.pk, "离岗"),
        lambda: services.reset_password(SYSTEM, user.pk),
    ):
        signed_in()
        assert Session.objects.exists()
        end()
        assert not Session.objects.exists()
        User.objects.update(is_active=True, must_change_password=False)
        user.set_password(PASSWORD)
        user.save()


def test_ones_own_new_password_ends_the_other_sessions_and_lists_the_present_one_still(user: User) -> None:
    desk, phone = signed_in(), signed_in(PHONE)
    new = "another long sentence"
    desk.post(reverse("accounts:password"), {"present": PASSWORD, "new": new, "again": new})
    assert (is_in(desk), is_in(phone)) == (True, False)
    assert shown(desk) == [("Firefox · Windows", "10.0.0.1")]


def test_a_session_that_timed_out_or_was_left_is_not_listed(user: User) -> None:
    left, idle, present = signed_in(), signed_in(PHONE), signed_in("iPad")
    left.post("/sign-out/")
    SignInSession.objects.filter(key=idle.session.session_key).update(used_at=now() - dt.timedelta(hours=1))
    assert len(shown(present)) == 1
    assert len(sessions.own_sessions(UserActor(user))) == 1


@pytest.mark.parametrize(
    "said, label",
    [
        (FIREFOX, "Firefox · Windows"),
        (PHONE, "Chrome · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/19.0 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_so_that_its_owner_knows_it(said: str, label: str) -> None:
    assert device_label(said) == label
