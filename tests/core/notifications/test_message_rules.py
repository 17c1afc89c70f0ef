"""When messages leave, how often they are tried, where they may go."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.core.notifications.rules import (
    BACKOFF,
    MOST_ATTEMPTS,
    address_problem,
    after_quiet_hours,
    due_at,
    next_attempt,
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("mode", "moment", "due"),
    [
        ("immediate", "2026-11-22 14:30", "2026-11-22 14:30"),
        ("daily", "2026-11-22 07:59", "2026-11-22 08:00"),
        ("daily", "2026-11-22 08:00", "2026-11-23 08:00"),
        ("weekly", "2026-11-22 14:30", "2026-11-23 08:00"),  # a Sunday
        ("weekly", "2026-11-23 07:00", "2026-11-23 08:00"),
        ("weekly", "2026-11-23 09:00", "2026-11-30 08:00"),
    ],
)
def test_digests_leave_in_the_morning(mode: str, moment: str, due: str) -> None:
    assert due_at(mode, at(moment)) == at(due)


@pytest.mark.parametrize(
    ("moment", "start", "end", "due"),
    [
        ("2026-11-22 22:30", "22:00", "07:00", "2026-11-23 07:00"),
        ("2026-11-23 03:00", "22:00", "07:00", "2026-11-23 07:00"),
        ("2026-11-22 21:59", "22:00", "07:00", "2026-11-22 21:59"),
        ("2026-11-22 07:00", "22:00", "07:00", "2026-11-22 07:00"),
        ("2026-11-22 12:30", "12:00", "14:00", "2026-11-22 14:00"),
        ("2026-11-22 14:00", "12:00", "14:00", "2026-11-22 14:00"),
        ("2026-11-22 12:30", "12:00", "12:00", "2026-11-22 12:30"),
    ],
)
def test_quiet_hours_are_kept(moment: str, start: str, end: str, due: str) -> None:
    quiet = dt.time.fromisoformat(start), dt.time.fromisoformat(end)
    assert after_quiet_hours(at(moment), *quiet) == at(due)
    assert after_quiet_hours(at(moment), None, None) == at(moment)


def test_a_digest_keeps_the_quiet_hours_too() -> None:
    night = dt.time(22), dt.time(9)
    assert due_at("daily", at("2026-11-22 14:30"), *night) == at("2026-11-23 09:00")
    assert due_at("weekly", at("2026-11-23 09:30"), *night) == at("2026-11-30 09:00")
    assert due_at("daily", at("2026-11-22 14:30"), dt.time(12), dt.time(14)) == at("2026-11-23 08:00")


def test_attempts_come_later_and_later_and_end() -> None:
    moment = at("2026-11-22 08:00")
    waits = [next_attempt(number, moment) for number in range(1, MOST_ATTEMPTS)]
    assert [wait - moment for wait in waits if wait] == [dt.timedelta(minutes=wait) for wait in BACKOFF]
    assert next_attempt(MOST_ATTEMPTS, moment) is None


@pytest.mark.parametrize(
    ("kind", "address", "fine"),
    [
        ("email", "mailtos://u:p@mail.example.org?from=a@example.org", True),
        ("email", "file:///etc/passwd", False),
        ("email", "json://127.0.0.1/", False),
        ("dingtalk", "dingtalk://token", True),
        ("wecom", "wecombot://key", True),
        ("feishu", "feishu://token", True),
        ("webhook", "jsons://intranet/notify", True),
        ("webhook", "dingtalk://token", False),
        ("webhook", "json://", False),
        ("webhook", "json://[::1", False),
        ("elsewhere", "json://intranet", False),
    ],
)
def test_a_channel_has_the_addresses_of_its_kind(kind: str, address: str, fine: bool) -> None:
    assert (address_problem(kind, address) is None) is fine
