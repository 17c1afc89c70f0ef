"""Plans, tasks, supervision, letters, meetings and duty reports by programs: as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from jingtu.core.kernel.clock import today
from jingtu.engine.workdays import add_working_days
from jingtu.governance.duties.letters.models import Letter
from jingtu.governance.duties.plans.models import Plan, Task, TaskStep
from jingtu.governance.duties.supervising.models import Supervision
from tests.access.expectations import api_duties, letters
from tests.assessment.office import Office
from tests.portal.api.conftest import Program
from tests.portal.api.test_paging import all_pages, reads


@pytest.fixture
def secretary(office: Office) -> Program:
    """The city's secretary."""
    return Program(office.cast.user("secretary", "ancestor"))


@pytest.fixture
def county(office: Office) -> Program:
    """Who reports for county A."""
    return Program(office.cast.user("reporter", "own"))


def planned(office: Office, secretary: Program) -> int:
    wish = {"region": office.city.pk, "title": "年度计划", "starts": "2026-01-01", "ends": "2026-12-31"}
    made = secretary.post("/plans", wish, Idempotency_Key="plan")
    assert made.status_code == 201
    assert secretary.post("/plans", wish, Idempotency_Key="plan").json() == made.json()
    assert Plan.objects.count() == 1
    return int(made.json()["id"])


def given(office: Office, secretary: Program, plan: int, **other: Any) -> dict[str, Any]:
    county = office.cast.places["county_a"].pk
    wish = {"title": "建成教育基地", "region": county, "due": "2026-11-30", **other}
    made = secretary.post(f"/plans/{plan}/tasks", wish)
    assert made.status_code == 201, made.content
    return dict(made.json())


def codes(response: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["pointer"]) for error in response.json()["errors"]]


def test_a_task_is_given_reported_on_and_accepted(
    office: Office, secretary: Program, county: Program
) -> None:
    plan = planned(office, secretary)
    task = given(office, secretary, plan, weight=3)
    assert (task["number"], task["weight"], task["percent"], task["actions"]) == (
        "1",
        3,
        "0",
        task["actions"],
    )
    address = f"/tasks/{task['id']}"
    assert set(county.get(address).json()["actions"]) == {"start", "report", "submit"}
    assert codes(county.post(address + "/report", {"text": "已建两个"})) == [
        ("api.field_missing", "/percent")
    ]
    reported = county.post(address + "/report", {"percent": 40, "text": "已建两个"}, Idempotency_Key="r")
    assert (reported.json()["percent"], reported.json()["state"]) == ("40", "under_way")
    county.post(address + "/report", {"percent": 40, "text": "已建两个"}, Idempotency_Key="r")
    assert TaskStep.objects.filter(task_id=task["id"], action="report").count() == 1
    assert county.post(address + "/accept", {}).status_code == 403
    assert county.post(address + "/submit", {"text": "全部建成"}).json()["state"] == "submitted"
    assert codes(secretary.post(address + "/return", {"text": "重"})) == [("plans.reason_missing", "/text")]
    done = secretary.post(address + "/accept", {}).json()
    assert (done["state"], done["percent"], done["done_on"]) == ("done", "100", today().isoformat())
    assert [step["action"] for step in done["history"]] == ["accept", "submit", "report", "create"]
    assert done["history"][2]["changes"][-1] == {"field": "percent", "before": "0%", "after": "40%"}
    assert county.post(address + "/report", {"percent": 50, "text": "又"}).status_code == 409
    assert secretary.get(f"/plans/{plan}").json()["tasks_done"] == 1


def test_refusals_are_told_in_both_languages(office: Office, secretary: Program, county: Program) -> None:
    task = given(office, secretary, planned(office, secretary))
    english = Program(secretary.user, "en")
    for program, words in ((secretary, "理由"), (english, "reason")):
        refused = program.post(f"/tasks/{task['id']}/pause", {"text": ""})
        assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
        assert words in refused.json()["detail"].lower()
    assert county.post(
        f"/plans/{task['plan']}/tasks", {"title": "自拟", "due": "2026-11-30"}
    ).status_code in (
        403,
        404,
    )
    assert Program(office.cast.user("reporter", "sibling")).get(f"/tasks/{task['id']}").status_code == 404
    assert codes(secretary.post(f"/plans/{task['plan']}/tasks", {"title": "无期限"})) == [
        ("api.field_missing", "/due")
    ]


def test_tasks_are_narrowed_and_paged(office: Office, secretary: Program) -> None:
    plan = planned(office, secretary)
    first = given(office, secretary, plan, title="宣讲一", due="2026-06-30")
    below = given(office, secretary, plan, title="宣讲二", parent=first["id"], due="2026-05-31")
    other = given(
        office, secretary, plan, title="打击", region=office.cast.places["county_b"].pk, due="2099-12-31"
    )
    county = office.cast.places["county_a"].pk
    for query, expected in (
        ({"state": "late"}, {first["id"], below["id"]}),
        ({"region": county}, {first["id"], below["id"]}),
        ({"text": "宣讲", "top": "true"}, {first["id"]}),
        ({"due_from": "2026-07-01"}, {other["id"]}),
        ({"plan": plan, "state": "open"}, {first["id"], below["id"], other["id"]}),
    ):
        assert {row["id"] for row in secretary.get("/tasks", **query).json()["items"]} == expected, query
    rows = all_pages(secretary, "/tasks", 2)
    assert [row["id"] for row in rows] == [other["id"], below["id"], first["id"]]
    page = secretary.get(f"/tasks/{first['id']}").json()
    assert ([one["id"] for one in page["below"]], page["tasks"]) == ([below["id"]], 1)
    assert secretary.get(f"/tasks/{below['id']}").json()["above"][0]["number"] == first["number"]


def test_a_notice_is_drafted_issued_answered_and_accepted(
    office: Office, secretary: Program, county: Program
) -> None:
    task = given(office, secretary, planned(office, secretary))
    due = add_working_days(today(), 5).day.isoformat()
    wish = {
        "region": office.city.pk,
        "task": task["id"],
        "title": "进度",
        "text": "请说明。",
        "issuer": "市禁毒办",
    }
    early = secretary.post("/supervision", {**wish, "due": today().isoformat()})
    assert codes(early) == [("supervising.due_too_early", "/due")]
    notice = secretary.post("/supervision", {**wish, "due": due}).json()
    assert (notice["state"], notice["place"]["name"], notice["actions"]) == (
        "drafted",
        "甲县",
        ["issue", "withdraw"],
    )
    address = f"/supervision/{notice['id']}"
    assert county.get(address).status_code == 404
    session = Client()
    session.force_login(secretary.user)
    with override_settings(CONFIRM_SECONDS=0):
        asked = session.post(f"/api/v1{address}/issue", {}, content_type="application/json")
    assert (asked.status_code, asked.json()["errors"][0]["code"]) == (403, "accounts.confirm_needed")
    assert secretary.post(address + "/issue", {}).json()["state"] == "issued"
    assert codes(county.post(address + "/answer", {"text": ""})) == [("supervising.reason_missing", "/text")]
    answered = county.post(address + "/answer", {"text": "施工延误，月底建成"}).json()
    assert (answered["state"], answered["answered_on"]) == ("answered", today().isoformat())
    assert secretary.post(address + "/accept", {"text": ""}).json()["state"] == "accepted"
    assert secretary.post(address + "/return", {"text": "再补充材料"}).status_code == 409
    assert Supervision.objects.get().steps.count() == 4


def test_letters_are_read_with_their_coverage_and_signed_by_nobody(office: Office) -> None:
    known = letters.prepare(office.cast)
    secretary = Program(office.cast.user("secretary", "own"))
    letter = secretary.get(f"/letters/{known['issued']}").json()
    stored = Letter.objects.get(pk=known["issued"])
    assert (letter["hash"], letter["signed_hash"], letter["state"]) == (stored.digest, "", "issued")
    assert stored.text.startswith(f"{letter['title']}\n")
    assert letter["text"] in stored.text
    signer = Program(office.cast.user("reporter", "descendant"))
    assert "sign" in signer.get(f"/letters/{known['issued']}").json()["actions"]
    assert signer.post(f"/letters/{known['issued']}/sign", {}).status_code == 404
    found = secretary.get("/letters/coverage", region=known["county"]).json()
    assert found["issued"] == Letter.objects.filter(state="issued", kind="place").count() + 1
    assert (found["signed"], {one["letter"] for one in found["unsigned"]}) == (
        0,
        {known["issued"], known["drafted"], known["inside"]},
    )
    assert {row["id"] for row in signer.get("/letters", mine="true").json()["items"]} == {known["issued"]}


def test_bodies_meetings_and_duty_reports_are_read(office: Office) -> None:
    known = api_duties.prepare(office.cast)
    secretary = Program(office.cast.user("secretary", "own"))
    body = secretary.get(f"/bodies/{known['bodies']['body']}").json()
    assert [(one["name"], one["title_en"]) for one in body["members"]] == [("示例", "Member")]
    assert secretary.get(f"/bodies/{known['bodies']['group']}").json()["below"] == [known["bodies"]["body"]]
    assert [row["in_office"] for row in secretary.get("/bodies", kind="headquarters").json()["items"]] == [1]
    meeting = secretary.get(f"/meetings/{known['meetings']['held']}").json()
    assert [(one["number"], one["outcome"]) for one in meeting["decisions"]] == [(1, "open"), (2, "open")]
    assert [one["name"] for one in meeting["attendees"]] == ["来宾"]
    held = secretary.get("/meetings", state="held").json()["items"]
    assert [(row["id"], row["decisions"]) for row in held] == [(meeting["id"], 2)]
    report = secretary.get(f"/duty-reports/{known['dutyreports']['said']}").json()
    assert (report["state"], [one["text"] for one in report["comments"]]) == ("commented", ["有短板。"])
    assert {row["year"] for row in secretary.get("/duty-reports", state="submitted").json()["items"]} == {
        2024
    }


def test_lists_of_duties_need_as_many_reads_for_many_rows_as_for_few(
    office: Office, secretary: Program
) -> None:
    plan = planned(office, secretary)
    paths = ("/plans", "/tasks", "/supervision", "/bodies", "/meetings", "/letters", "/duty-reports")
    given(office, secretary, plan)
    before = {path: reads(secretary, path) for path in paths}
    api_duties.prepare(office.cast)
    letters.prepare(office.cast)
    assert {path: reads(secretary, path) for path in paths} == before
    assert Task.objects.count() > 3
    assert max(before.values()) <= 15, before
