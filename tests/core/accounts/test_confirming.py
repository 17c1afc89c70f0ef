"""Before what cannot be taken back the person proves again who sits there; nothing they typed is lost."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts.models import ApiToken, User
from jingtu.core.accounts.sessions import CONFIRMED
from jingtu.core.accounts.tokens import create_token
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen, now
from tests.access.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
STALE = dt.timedelta(minutes=16)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def user(cast: Cast) -> User:
    user = cast.user("analyst", "own")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_a_fresh_sign_in_is_not_asked(signed_in: Client) -> None:
    with frozen(now() + dt.timedelta(minutes=14)):
        page = signed_in.post(reverse("accounts:tokens"), {"name": "取数", "days": "30"})
    assert page.context["made"]


def test_a_stale_one_is_asked_and_the_form_goes_on_with_all_it_held(signed_in: Client, user: User) -> None:
    address = reverse("accounts:tokens")
    with frozen(now() + STALE):
        asked = signed_in.post(address, {"name": '取"数<b>', "days": "30"})
        assert asked.status_code == 403
        assert not ApiToken.objects.exists()
        page = asked.content.decode()
        assert f'action="{address}"' in page
        kept = dict(asked.context["kept"])
        assert kept == {"name": '取"数<b>', "days": "30"}
        assert "<b>" not in hidden(page)["name"]  # escaped, not lost
        done = signed_in.post(address, {**kept, "identity-password": PASSWORD})
    assert done.context["made"].row.name == '取"数<b>'
    entry = AuditEntry.objects.get(action="accounts.identity_confirmed")
    assert (entry.actor_id, entry.after) == (f"user:{user.pk}", {"way": "password"})


def test_a_confirmation_counts_for_a_while_and_then_no_longer(signed_in: Client) -> None:
    address, form = reverse("accounts:tokens"), {"name": "取数", "days": "30"}
    start = now()
    with frozen(start + STALE):
        signed_in.post(address, {**form, "identity-password": PASSWORD})
    with frozen(start + STALE + dt.timedelta(minutes=14)):
        assert signed_in.post(address, form).status_code == 200
    with frozen(start + STALE + dt.timedelta(minutes=15)):
        assert signed_in.post(address, form).status_code == 403


def test_a_wrong_password_changes_nothing_keeps_the_form_and_counts_towards_the_lock(
    signed_in: Client,
) -> None:
    address, form = reverse("accounts:tokens"), {"name": "取数", "days": "30"}
    session = signed_in.session
    session[CONFIRMED] = 0
    session.save()
    for _ in range(5):
        asked = signed_in.post(address, {**form, "identity-password": "guess"})
        assert asked.status_code == 403
        assert dict(asked.context["kept"]) == form
    closed = signed_in.post(address, {**form, "identity-password": PASSWORD})
    assert "分钟后再试" in closed.content.decode()
    assert not ApiToken.objects.exists()


def test_reading_is_not_asked(signed_in: Client) -> None:
    with frozen(now() + STALE):
        assert signed_in.get(reverse("accounts:tokens")).status_code == 200


def test_a_fragment_shows_the_question_in_place_of_the_page(signed_in: Client) -> None:
    with frozen(now() + STALE):
        asked = signed_in.post(
            reverse("accounts:tokens"), {"name": "取数", "days": "30"}, headers={"HX-Request": "true"}
        )
    assert asked.status_code == 200  # htmx puts no error answers on the page
    assert (asked.headers["HX-Retarget"], asked.headers["HX-Reswap"]) == ("#main", "outerHTML")
    assert dict(asked.context["kept"]) == {"name": "取数", "days": "30"}


@pytest.mark.parametrize(
    "role, url_name, kwargs",
    [
        ("security_administrator", "accounts:post-grant", {"user_id": 0}),
        ("security_administrator", "accounts:post-end", {"post_id": 0}),
        ("system_administrator", "accounts:user-password", {"user_id": 0}),
        ("system_administrator", "accounts:user-activate", {"user_id": 0}),
        ("auditor", "audit:export", {}),
        ("analyst", "facts:export", {}),
        ("reviewer", "runs:publish", {"run_id": 0}),
        ("analyst", "bulletins:issue", {"run_id": 0}),
        ("analyst", "bulletins:send", {"bulletin_id": 0}),
        ("reviewer", "reporting:export", {}),
        ("analyst", "targets:export", {}),
    ],
)
def test_deeds_that_count_are_asked_for(
    client: Client, cast: Cast, role: str, url_name: str, kwargs: dict[str, int]
) -> None:
    relation = "own" if role in {"analyst", "reviewer"} else ""
    client.force_login(cast.user(role, relation))
    with frozen(now() + STALE):
        asked = client.post(reverse(url_name, kwargs=kwargs), {"reason": "试"})
    assert asked.templates[0].name == "accounts/confirm.html"


@pytest.mark.parametrize(
    "url_name, args",
    [
        ("cockpit:explorer-csv", []),
        ("cockpit:slides", []),
        ("reporting:progress-file", ["csv"]),
        ("reporting:burden-file", ["xlsx"]),
        ("runs:group-csv", [0, "x"]),
        ("runs:publication", [0]),
        ("simulations:retrospect-csv", [0]),
    ],
)
def test_files_fetched_by_an_address_are_asked_for_too(
    client: Client, cast: Cast, url_name: str, args: list[object]
) -> None:
    client.force_login(cast.user("analyst", "own"))
    address = reverse(url_name, args=args)
    with frozen(now() + STALE):
        asked = client.get(address)
    assert asked.headers["Location"] == f"{reverse('accounts:confirm')}?{urlencode({'next': address})}"


def test_the_page_of_its_own_leads_on_and_only_to_us(signed_in: Client) -> None:
    address = reverse("accounts:confirm")
    assert signed_in.get(address, {"next": "/people/"}).headers["Location"] == "/people/"  # still fresh
    with frozen(now() + STALE):
        assert signed_in.get(address, {"next": "/people/"}).status_code == 403
        sent = {"next": "https://evil.example/", "identity-password": PASSWORD}
        assert "evil" not in signed_in.post(address, sent).headers["Location"]


def test_the_api_refuses_a_stale_session_in_words_and_never_asks_a_token(client: Client, cast: Cast) -> None:
    reviewer = cast.actor("reviewer", "own")
    token = create_token(reviewer, name="签发", days=1).token
    client.force_login(reviewer.user)
    with frozen(now() + STALE):
        by_cookie = client.post("/api/v1/runs/1/publish", {}, content_type="application/json")
        by_token = Client().post(
            "/api/v1/runs/1/publish",
            {},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert by_cookie.status_code == 403
    assert by_cookie.json()["errors"][0]["code"] == "accounts.confirm_needed"
    assert by_token.status_code == 404  # there is no such run: the call got that far
