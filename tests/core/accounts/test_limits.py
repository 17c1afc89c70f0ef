"""Nobody takes the house's time from the others: buckets per door and caller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.accounts import limits
from jingtu.core.accounts.models import Post, RateBucket, User
from jingtu.core.accounts.rules import Rate, parse_rate, refilled, taken_at_once


@pytest.fixture(autouse=True)
def few(settings: Any, db: None) -> Iterator[None]:
    settings.RATE_LIMITS = {
        door: Rate(3, 3 / 60) for door in ("sign-in", "search", "api", "export", "upload")
    }
    limits.forget()
    yield
    limits.forget()


@pytest.fixture
def auditor(client: Client, db: None) -> Client:
    user = User.objects.create_user("wang", full_name="王分析")
    Post.objects.create(user=user, role="auditor")
    client.force_login(user)
    return client


def test_a_bucket_gives_its_burst_then_waits_and_fills_again() -> None:
    assert [limits.seconds_to_wait("api", "a", 100.0) for _ in range(4)] == [0, 0, 0, 20]
    assert limits.seconds_to_wait("api", "a", 119.0) == 1
    assert limits.seconds_to_wait("api", "a", 121.0) == 0


def test_processes_share_one_bucket_and_a_restart_fills_none() -> None:
    for _ in range(3):  # each time as another process, which has fetched nothing yet
        limits.forget()
        assert limits.seconds_to_wait("sign-in", "a", 100.0) == 0
    limits.forget()
    assert limits.seconds_to_wait("sign-in", "a", 100.0) == 20


def test_a_door_stays_open_while_somebody_else_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> tuple[int, int]:
        raise OperationalError("database is locked")

    monkeypatch.setattr(limits, "_fetch", locked)
    assert limits.seconds_to_wait("search", "a", 100.0) == 0


def test_a_generous_door_is_not_written_at_every_call(settings: Any) -> None:
    settings.RATE_LIMITS = {"api": Rate(1000, 1000 / 60)}
    with CaptureQueriesContext(connection) as asked:
        assert {limits.seconds_to_wait("api", "a", 100.0) for _ in range(20)} == {0}
    first = len(asked)
    with CaptureQueriesContext(connection) as asked:
        assert {limits.seconds_to_wait("api", "a", 100.0) for _ in range(200)} == {0}
    assert len(asked) <= 10 * first
    passed = sum(limits.seconds_to_wait("api", "a", 100.0) == 0 for _ in range(1000))
    assert passed == 780


def test_buckets_nobody_used_for_a_day_are_forgotten() -> None:
    limits.seconds_to_wait("api", "old", 100.0)
    limits.seconds_to_wait("api", "new", 100.0 + 25 * 3600)
    assert [bucket.key for bucket in RateBucket.objects.all()] == ["api new"]


@given(st.integers(1, 10_000))
def test_what_is_fetched_at_once_is_a_small_part(burst: int) -> None:
    assert 1 <= taken_at_once(Rate(burst, 1)) <= max(1, burst // 50)


def test_callers_and_doors_do_not_share() -> None:
    for _ in range(3):
        limits.seconds_to_wait("api", "a", 100.0)
    assert limits.seconds_to_wait("api", "b", 100.0) == 0
    assert limits.seconds_to_wait("search", "a", 100.0) == 0


@given(st.lists(st.floats(0, 1000), max_size=40), st.integers(1, 20), st.floats(0.01, 10))
def test_a_bucket_never_holds_more_than_its_burst_nor_less_than_nothing(
    waits: list[float], burst: int, per_second: float
) -> None:
    rate, tokens = Rate(burst, per_second), float(burst)
    for wait in waits:
        tokens = refilled(rate, tokens, wait)
        assert 0 <= tokens <= burst
        tokens = max(0.0, tokens - 1)


@pytest.mark.parametrize(
    "text, rate", [("60/m", Rate(60, 1.0)), ("30/h", Rate(30, 30 / 3600)), ("5/s", Rate(5, 5.0))]
)
def test_a_rate_is_written_as_number_per_time(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "60", "m/60", "0/m", "60/w"])
def test_a_rate_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        parse_rate(text)


def test_sign_in_is_counted_by_address_whatever_the_name(client: Client, db: None) -> None:
    def knock(name: str, address: str) -> int:
        sent = {"username": name, "password": "x"}
        return client.post("/sign-in/", sent, REMOTE_ADDR=address).status_code

    assert [knock(f"name{number}", "10.0.0.1") for number in range(4)] == [422, 422, 422, 429]
    assert knock("name", "10.0.0.2") == 422
    assert client.get("/sign-in/", REMOTE_ADDR="10.0.0.1").status_code == 200  # looking is free


def test_the_page_says_when_to_try_again_in_the_readers_language(auditor: Client) -> None:
    for _ in range(3):
        assert auditor.get(reverse("ui:search"), {"q": "甲"}).status_code == 200
    refused = auditor.get(reverse("ui:search"), {"q": "甲"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 20
    assert "秒后重试" in refused.content.decode()
    fragment = auditor.get(reverse("ui:search"), {"q": "甲"}, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["Content-Type"]) == (429, "text/plain; charset=utf-8")


def test_the_api_answers_with_a_problem_document(auditor: Client) -> None:
    for _ in range(3):
        assert auditor.get("/api/v1/me").status_code == 200
    refused = auditor.get("/api/v1/me")
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, "application/problem+json")
    assert refused.json()["errors"][0]["code"] == "api.too_many"
    assert int(refused.headers["Retry-After"]) > 0


def test_exports_have_a_bucket_of_their_own(auditor: Client) -> None:
    answers = [auditor.post(reverse("audit:export"), {"reason": "检查"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "page", ["cockpit:compare-file", "outputs:export", "runs:group-csv", "simulations:retrospect-csv"]
)
def test_a_file_fetched_by_its_address_counts_as_an_export(page: str) -> None:
    assert limits.door_of(RequestFactory().get("/"), page) == "export"
