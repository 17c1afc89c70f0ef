"""The audit screens over HTTP."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.audit.queries import Filters, entries
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import RegionTree
from tests.access.cast import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client) -> Client:
    user = User.objects.create_user("auditor", full_name="审计")
    Post.objects.create(user=user, role="auditor")
    client.force_login(user)
    return client


def test_the_list_is_filtered_by_person_action_target_and_day(auditor: Client) -> None:
    record(SYSTEM, "accounts.user_created", target_type="user", target_id=1)
    record(SYSTEM, "accounts.post_granted", target_type="post", target_id=1)

    def shown(**query: str) -> list[str]:
        response = auditor.get(reverse("audit:list"), query)
        assert response.status_code == 200
        return [item.entry.action for item in response.context["shown"]]

    assert shown() == ["accounts.post_granted", "accounts.user_created"]
    assert shown(action="accounts.user_created") == ["accounts.user_created"]
    assert shown(target="post") == ["accounts.post_granted"]
    assert shown(target="post", which="2") == []
    assert shown(target="post", which="1") == ["accounts.post_granted"]
    assert shown(which="1") == ["accounts.post_granted", "accounts.user_created"]
    assert shown(person="系统") == ["accounts.post_granted", "accounts.user_created"]
    assert shown(person="别人") == []
    assert shown(until="2000-01-01") == []
    assert shown(since="2000-01-01") == ["accounts.post_granted", "accounts.user_created"]
    for day in ("nonsense", "0001-01-01", "9999-12-31"):
        assert shown(since=day, until=day) == ["accounts.post_granted", "accounts.user_created"]
        assert set(auditor.get(reverse("audit:list"), {"since": day}).context["form"].errors) == {"since"}


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_the_ends_of_the_calendar_are_asked_for_without_harm(day: dt.date) -> None:
    record(SYSTEM, "accounts.user_created", target_type="user", target_id=1)
    assert not entries(SYSTEM, Filters(since=day, until=day)).exists()
    assert entries(SYSTEM, Filters(since=dt.date.min, until=dt.date.max)).count() == 1


def test_an_object_is_found_and_shown_by_its_name_and_a_place_with_what_fell_to_it(auditor: Client) -> None:
    _, places = make_places()
    zhao = User.objects.create_user("zhao", full_name="赵某")
    record(SYSTEM, "accounts.user_changed", target_type="user", target_id=zhao.pk)
    record(SYSTEM, "runs.created", target_type="run", target_id=zhao.pk, region_id=places["county_a"].pk)
    record(SYSTEM, "regions.renamed", target_type="region", target_id=places["county_b"].pk)

    def shown(**query: str) -> list[str]:
        return [item.entry.action for item in auditor.get(reverse("audit:list"), query).context["shown"]]

    assert shown(target="user", which="赵") == ["accounts.user_changed"]
    assert shown(target="user", which="nobody") == []
    assert shown(target="user", which=str(zhao.pk)) == ["accounts.user_changed"]
    assert shown(target="user", which="赵某某") == []
    assert shown(target="run", which=str(zhao.pk)) == ["runs.created"]
    assert shown(target="region", which="甲县") == ["runs.created"]
    assert shown(target="region", which="310102") == ["regions.renamed"]
    assert shown(target="region", which=str(places["county_a"].pk)) == ["runs.created"]
    page = auditor.get(reverse("audit:list")).content.decode()
    assert "用户 赵某（zhao）" in page
    assert "甲县（310101）" in page
    entry = AuditEntry.objects.get(action="runs.created")
    assert "甲县（310101）" in auditor.get(reverse("audit:entry", args=[entry.pk])).content.decode()
    RegionTree.objects.update(fictional=True)
    assert "甲县（310101，虚构）" in auditor.get(reverse("audit:entry", args=[entry.pk])).content.decode()
    auditor.cookies["django_language"] = "en"
    assert "User 赵某 (zhao)" in auditor.get(reverse("audit:list")).content.decode()


def test_the_entry_shows_what_changed_and_nothing_that_did_not(auditor: Client) -> None:
    entry = record(
        SYSTEM,
        "accounts.user_changed",
        target_type="user",
        target_id=1,
        before={"full_name": "旧名", "email": "same@example.org"},
        after={"full_name": "新名", "email": "same@example.org"},
    )
    page = auditor.get(reverse("audit:entry", args=[entry.pk])).content.decode()
    assert "旧名" in page
    assert "新名" in page
    assert "same@example.org" not in page


def test_an_entry_that_does_not_exist_is_not_found(auditor: Client) -> None:
    assert auditor.get(reverse("audit:entry", args=[999])).status_code == 404


def test_the_export_is_safe_in_a_spreadsheet_counted_and_itself_recorded(auditor: Client) -> None:
    record(
        SYSTEM,
        "accounts.user_changed",
        target_type="user",
        target_id=1,
        after={"email": None},
        reason="=HYPERLINK(1)",
    )
    response = auditor.post(
        reverse("audit:export"), {"action": "accounts.user_changed", "reason": "年度检查"}
    )
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    titles = next(number for number, row in enumerate(rows) if len(row) > 2)
    mark = dict(row[:2] for row in rows[:titles])
    assert mark["导出人"] == "审计（auditor）"
    assert mark["筛选条件"] == "操作=修改用户"
    assert (mark["导出原因"], mark["记录数"]) == ("年度检查", "1")
    assert mark["链首"].startswith(f"{AuditEntry.objects.count() - 1}:")
    assert [len(row) > 2 for row in rows[titles:]] == [True, True, False]
    assert rows[titles + 1][8] == "'=HYPERLINK(1)"
    assert (rows[titles + 1][6], json.loads(rows[titles + 1][7])) == ("", {"email": None})
    assert rows[-1] == ["完，共 1 条"]
    newest = AuditEntry.objects.first()
    assert newest
    assert (newest.action, newest.reason, newest.after["count"]) == ("audit.exported", "年度检查", 1)
    assert newest.after["filters"] == {"action": "accounts.user_changed"}


def test_an_export_needs_a_reason(auditor: Client) -> None:
    for odd in (
        {"since": "abc"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"action": "nothing"},
        {"since": "2026-11-02", "until": "2026-11-01"},
    ):
        refused = auditor.post(reverse("audit:export"), {"reason": "年度检查", **odd})
        assert (refused.status_code, "筛选条件有误" in refused.content.decode()) == (400, True), odd
    assert auditor.post(reverse("audit:export"), {"reason": " "}).status_code == 400
    assert not AuditEntry.objects.filter(action="audit.exported").exists()


def test_the_list_tells_reading_from_changing(auditor: Client) -> None:
    record(SYSTEM, "accounts.user_changed", target_type="user", target_id=1)
    record(SYSTEM, "files.downloaded", target_type="file", target_id=1)

    def shown(kind: str) -> list[str]:
        page = auditor.get(reverse("audit:list"), {"kind": kind})
        return [item.entry.action for item in page.context["shown"]]

    assert shown("read") == ["files.downloaded"]
    assert shown("change") == ["accounts.user_changed"]


def test_a_noted_head_is_checked_on_screen(auditor: Client) -> None:
    entry = record(SYSTEM, "accounts.user_changed", target_type="user", target_id=1)
    noted = f"{entry.sequence}:{entry.hash[:16]}"
    assert "审计链完整" in auditor.post(reverse("audit:verify"), {"head": noted}).content.decode()
    forged = f"{entry.sequence}:{'0' * 16}"
    assert "断裂" in auditor.post(reverse("audit:verify"), {"head": forged}).content.decode()
    assert auditor.post(reverse("audit:verify"), {"head": "nonsense"}).status_code == 400


def test_verify_says_on_screen_whether_the_chain_holds(auditor: Client) -> None:
    record(SYSTEM, "accounts.user_changed", target_type="user", target_id=1)
    assert "审计链完整" in auditor.post(reverse("audit:verify")).content.decode()
    AuditEntry.objects.all().order_by("sequence")._raw_delete("default")  # type: ignore[attr-defined]
    assert "断裂" in auditor.post(reverse("audit:verify")).content.decode()


def test_the_list_needs_the_same_queries_for_few_and_for_many_entries(auditor: Client) -> None:
    def queries_with(more: int) -> int:
        for number in range(more):
            record(SYSTEM, "accounts.user_changed", target_type="user", target_id=number)
        with CaptureQueriesContext(connection) as captured:
            auditor.get(reverse("audit:list"))
        return len(captured)

    auditor.get(reverse("audit:list"))
    assert queries_with(1) == queries_with(40) <= 6


@pytest.mark.parametrize("address", ["10.9.8.7"])
def test_entries_of_a_request_carry_its_address(auditor: Client, address: str) -> None:
    auditor.post(reverse("audit:verify"), REMOTE_ADDR=address)
    newest = AuditEntry.objects.first()
    assert newest
    assert (newest.address, newest.channel) == (address, "web")


def test_a_forged_forwarding_header_is_not_believed(auditor: Client, settings: object) -> None:
    auditor.post(reverse("audit:verify"), REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6")
    assert AuditEntry.objects.first().address == "10.0.0.1"  # type: ignore[union-attr]
    settings.TRUSTED_PROXIES = 1  # type: ignore[attr-defined]
    auditor.post(reverse("audit:verify"), REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.0.0.9")
    assert AuditEntry.objects.first().address == "10.0.0.9"  # type: ignore[union-attr]
