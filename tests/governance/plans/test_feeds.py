"""A person's own calendar by a secret address."""

from __future__ import annotations

import datetime as dt

import icalendar
from django.test import Client, override_settings

from jingtu.core.accounts.models import Post
from jingtu.core.accounts.rules import parse_rate
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen, now
from jingtu.governance.duties.plans.icalendar import Event, written
from jingtu.governance.duties.plans.models import CalendarFeed, Milestone
from jingtu.governance.duties.plans.services.feeds import end_feed, make_feed

from .board import MORNING, Board


def read(token: str) -> tuple[int, str]:
    response = Client().get(f"/plans/feed/{token}.ics")
    return response.status_code, response.content.decode().replace("\r\n ", "")


def test_the_address_gives_titles_and_days_of_the_own_tasks_alone(board: Board) -> None:
    own = board.task("完善,阵地", person_id=board.holder.user_id, requirement="内部要求")
    Milestone.objects.create(task=own, title="过半", due=dt.date(2026, 11, 25))
    board.task("别人的")
    board.done(title="办结的", person_id=board.holder.user_id)
    status, text = read(make_feed(board.holder))
    assert status == 200
    assert "SUMMARY:期限：完善\\,阵地\r\n" in text
    assert "DTSTART;VALUE=DATE:20261130\r\nDTEND;VALUE=DATE:20261201\r\n" in text
    assert "里程碑：过半" in text
    assert not [word for word in ("别人的", "办结的", "内部要求") if word in text]
    assert text.count("BEGIN:VEVENT") == 2


def test_only_the_hash_is_kept_and_making_and_ending_are_audited(board: Board) -> None:
    first = make_feed(board.holder)
    second = make_feed(board.holder)
    assert first not in str(CalendarFeed.objects.values().get())
    assert (read(first)[0], read(second)[0], read("x" * 200)[0]) == (404, 200, 404)
    assert end_feed(board.holder)
    assert not end_feed(board.holder)
    assert read(second)[0] == 404
    kept = (
        AuditEntry.objects.filter(target_type="calendar_feed").order_by("pk").values_list("action", flat=True)
    )
    assert list(kept) == ["plans.feed_made", "plans.feed_made", "plans.feed_ended"]


def test_rights_are_asked_anew_on_every_reading(board: Board) -> None:
    board.task("县任务", person_id=board.holder.user_id)
    token, user = make_feed(board.holder), board.holder.user
    Post.objects.filter(user=user).update(suspended_at=now())
    assert read(token)[0] == 404
    Post.objects.filter(user=user).update(suspended_at=None)
    assert "县任务" in read(token)[1]
    for field, value in (
        ("is_active", False),
        ("must_change_password", True),
        ("password_changed_at", now() + dt.timedelta(minutes=1)),
    ):
        before = getattr(user, field)
        type(user).objects.filter(pk=user.pk).update(**{field: value})
        assert read(token)[0] == 404, field
        type(user).objects.filter(pk=user.pk).update(**{field: before})


def test_the_page_shows_a_new_address_once(board: Board) -> None:
    client = Client()
    with frozen(MORNING):
        client.force_login(board.holder.user)
        made = client.post("/plans/calendar/address/")
        again = client.get("/plans/calendar/address/")
    assert ".ics" in made.content.decode()
    assert ".ics" not in again.content.decode()


@override_settings(RATE_LIMITS={"calendar": parse_rate("2/h")})
def test_reading_is_limited_by_address(board: Board) -> None:
    token = make_feed(board.holder)
    assert [read(token)[0] for _ in range(3)] == [200, 200, 429]


def test_another_program_reads_the_days_as_they_are() -> None:
    east = dt.timezone(dt.timedelta(hours=8))
    text = written(
        "我的任务，" * 20,
        [
            Event("m-1", "会\n议", dt.datetime(2026, 11, 20, 9, tzinfo=east), cancelled=True),
            Event("t-1", "期限：完善;阵地", dt.date(2026, 11, 30)),
        ],
        MORNING,
    )
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "DTSTART:20261120T010000Z\r\n" in text
    meeting, task = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert (str(meeting["SUMMARY"]), str(meeting["STATUS"])) == ("会\n议", "CANCELLED")
    assert (str(task["SUMMARY"]), task["DTSTART"].dt) == ("期限：完善;阵地", dt.date(2026, 11, 30))
    assert task["DTEND"].dt == dt.date(2026, 12, 1)
