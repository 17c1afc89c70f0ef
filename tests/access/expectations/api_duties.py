"""The API's doors to the duties of county A: open exactly as far as the pages are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import bodies, dutyreports, meetings, plans, supervising

JSON = "application/json"


def prepare(cast: Cast) -> Known:
    known = {
        name: dict(module.prepare(cast))
        for name, module in {
            "plans": plans,
            "supervising": supervising,
            "bodies": bodies,
            "meetings": meetings,
            "dutyreports": dutyreports,
        }.items()
    }
    return {**known, "county": cast.places["county_a"].pk}


def of(room: str, key: str, kwarg: str, **more: object) -> Callable[[Known], Mapping[str, object]]:
    """The address of one of the things that stand there."""
    return lambda known: {kwarg: known[room][key], **more}


def shown(response: HttpResponse) -> set[int]:
    return {row["id"] for row in response.json()["items"]}  # type: ignore[attr-defined]


def lists_only_own_tasks(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    mine = known["plans"]
    own = {mine[name] for name in ("task", "town", "other", "submitted")}
    # The meetings' decisions and nothing else stand there besides: no minutes were confirmed.
    expected = own if (member.role, member.relation) in plans.SEERS else set()
    if (member.role, member.relation) in plans.PLAN_SEERS - plans.SEERS:
        expected = {mine["town"]}
    assert shown(response) == expected, member.name


def lists_only_plans_with_own_tasks(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    concerned = (member.role, member.relation) in plans.PLAN_SEERS
    assert shown(response) == ({known["plans"]["plan"]} if concerned else set()), member.name


def lists_only_notices_to_know_of(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    who, mine = (member.role, member.relation), known["supervising"]
    expected = {mine["issued"], mine["answered"]} if who in supervising.SEERS else set()
    if who in supervising.OFFICE:
        expected.add(mine["drafted"])
    assert shown(response) == expected, member.name


def lists_only_own_bodies(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    concerned = (member.role, member.relation) in bodies.READERS
    assert shown(response) == ({known["bodies"][name] for name in ("body", "group")} if concerned else set())


def lists_only_own_meetings(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    concerned = (member.role, member.relation) in meetings.READERS
    assert (
        {known["meetings"][name] for name in ("meeting", "held", "minuted")} <= shown(response)
    ) is concerned
    assert concerned or not shown(response), member.name


def lists_only_reports_to_read(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    who, mine = (member.role, member.relation), known["dutyreports"]
    expected = {mine["sent"], mine["said"]} if who in dutyreports.READERS | dutyreports.AUTHOR else set()
    if who in dutyreports.AUTHOR:
        expected.add(mine["draft"])
    assert shown(response) == expected, member.name


def _new_task(known: Known) -> dict[str, object]:
    return {"title": "新任务", "region": known["county"], "due": "2026-11-30"}


def _new_plan(known: Known) -> dict[str, object]:
    return {"region": known["county"], "title": "新计划", "starts": "2026-01-01", "ends": "2026-12-31"}


def _words(known: Known) -> dict[str, str]:
    return {"text": "经核对材料"}


ANYBODY = everyone_signed_in()
"""A list opens to everybody and is empty for whoever may know of nothing."""

ROWS = [
    Row("api:v1:list_plans", open_to=ANYBODY, sees=lists_only_plans_with_own_tasks),
    Row("api:v1:create_plan", method="POST", data=_new_plan, content_type=JSON, open_to=plans.MANAGERS),
    Row("api:v1:get_plan", kwargs=of("plans", "plan", "plan_id"), open_to=plans.PLAN_SEERS),
    Row(
        "api:v1:add_task", method="POST", kwargs=of("plans", "plan", "plan_id"), data=_new_task,
        content_type=JSON, open_to=plans.MANAGERS,
    ),
    Row("api:v1:list_tasks", open_to=ANYBODY, sees=lists_only_own_tasks),
    Row("api:v1:get_task", kwargs=of("plans", "task", "task_id"), open_to=plans.SEERS),
    Row("api:v1:get_task", kwargs=of("plans", "town", "task_id"), open_to=plans.PLAN_SEERS),
    Row(
        "api:v1:act_on_task", method="POST", kwargs=of("plans", "other", "task_id", act="report"),
        data=lambda known: {"percent": 20, "text": "进展顺利"}, content_type=JSON, open_to=plans.HOLDERS,
    ),
    Row(
        "api:v1:act_on_task", method="POST", kwargs=of("plans", "submitted", "task_id", act="return"),
        data=_words, content_type=JSON, open_to=plans.MANAGERS,
    ),
    Row("api:v1:list_notices", open_to=ANYBODY, sees=lists_only_notices_to_know_of),
    Row("api:v1:get_notice", kwargs=of("supervising", "issued", "notice_id"), open_to=supervising.SEERS),
    Row("api:v1:get_notice", kwargs=of("supervising", "drafted", "notice_id"), open_to=supervising.OFFICE),
    Row(
        "api:v1:draft_notice", method="POST",
        data=lambda known: {
            "region": known["county"], "title": "落实巡查", "text": "请说明原因。", "issuer": "甲县禁毒办",
            "due": "2030-03-01", "place": known["plans"]["sibling_town"],
        },
        content_type=JSON, open_to=supervising.ISSUERS & plans.SEERS,
    ),
    Row(
        "api:v1:act_on_notice", method="POST", kwargs=of("supervising", "drafted", "notice_id", act="issue"),
        data=lambda known: {}, content_type=JSON, open_to=supervising.OFFICE,
    ),
    Row(
        "api:v1:act_on_notice", method="POST", kwargs=of("supervising", "issued", "notice_id", act="answer"),
        data=_words, content_type=JSON, open_to=supervising.ANSWERERS,
    ),
    Row("api:v1:list_bodies", open_to=ANYBODY, sees=lists_only_own_bodies),
    Row("api:v1:get_body", kwargs=of("bodies", "body", "body_id"), open_to=bodies.READERS),
    Row("api:v1:list_meetings", open_to=ANYBODY, sees=lists_only_own_meetings),
    Row("api:v1:get_meeting", kwargs=of("meetings", "held", "meeting_id"), open_to=meetings.READERS),
    Row("api:v1:list_duty_reports", open_to=ANYBODY, sees=lists_only_reports_to_read),
    Row(
        "api:v1:get_duty_report", kwargs=of("dutyreports", "sent", "report_id"),
        open_to=dutyreports.READERS | dutyreports.AUTHOR,
    ),
    Row("api:v1:get_duty_report", kwargs=of("dutyreports", "draft", "report_id"), open_to=dutyreports.AUTHOR),
]  # fmt: skip
