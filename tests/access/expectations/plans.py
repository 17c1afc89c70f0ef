"""A plan of county A with a task of its own that its reporter submitted, one under way, and one of its first township."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import TaskStep
from jingtu.governance.duties.plans.services.feeds import make_feed
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone, roles

READING = ("analyst", "reviewer", "leader", "secretary", "reporter")
READERS = roles(*READING)
OVER = ("own", "ancestor")
SEERS = roles(*READING, relations=OVER)
# The township reads the plan, since one of its tasks is there.
PLAN_SEERS = roles(*READING, relations=(*OVER, "descendant"))
MANAGERS = roles("secretary", relations=OVER)
HOLDERS = roles("secretary", "reporter", relations=OVER)
DUE = dt.date(2026, 11, 30)


def prepare(cast: Cast) -> Known:
    secretary, reporter = cast.actor("secretary", "own"), cast.actor("reporter", "own")
    plan = services.create_plan(
        secretary,
        cast.places["county_a"].pk,
        "甲县计划",
        starts=dt.date(2026, 1, 1),
        ends=dt.date(2026, 12, 31),
    )
    task = services.add_task(secretary, plan.pk, "县任务", due=DUE)
    town = services.add_task(
        secretary, plan.pk, "镇任务", parent_id=task.pk, region_id=cast.places["township_a"].pk, due=DUE
    )
    other = services.add_task(secretary, plan.pk, "另一任务", due=DUE)
    submitted = services.add_task(secretary, plan.pk, "已交任务", due=DUE)
    services.submit(reporter, submitted.pk, "已完成")
    milestone = services.add_milestone(secretary, other.pk, "动工", dt.date(2026, 6, 30))
    services.update_task(secretary, other.pk, {"weight": 2})
    return {
        "milestone": milestone.pk,
        "step": TaskStep.objects.filter(task=other, changes__has_key="weight").get().pk,
        "sibling_town": cast.places["township_a2"].pk,
        "plan": plan.pk,
        "task": task.pk,
        "town": town.pk,
        "other": other.pk,
        "submitted": submitted.pk,
        "person": reporter.user_id,
        "county": cast.places["county_a"].pk,
        "token": make_feed(reporter),
    }


def lists_only_own_tasks(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row.task.pk for row in response.context["rows"]}  # type: ignore[attr-defined]
    if member.relation in OVER:
        assert shown == {known[name] for name in ("task", "town", "other", "submitted")}, member.name
    else:
        assert shown == ({known["town"]} if member.relation == "descendant" else set()), member.name


def shows_only_the_own_part_of_the_tree(
    response: HttpResponse, member: Member, cast: Cast, known: Known
) -> None:
    shown = {row.task.pk for row in response.context["rows"]}  # type: ignore[attr-defined]
    top = ("town",) if member.relation == "descendant" else ("task", "other", "submitted")
    assert shown == {known[name] for name in top}, member.name


def lists_only_plans_with_own_tasks(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {plan.pk for plan, _kind in response.context["rows"]}  # type: ignore[attr-defined]
    concerned = member.relation in {*OVER, "descendant"}
    assert shown == ({known["plan"]} if concerned else set()), member.name


def changes_only_own_tasks(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    done = response.headers.get("Location") == f"/plans/{known['plan']}/"
    assert done is (member.relation in OVER), member.name


def _plan(known: Known) -> dict[str, object]:
    return {"plan_id": known["plan"]}


def _task(name: str, **more: object):
    return lambda known: {"task_id": known[name], **more}


def _reason(known: Known) -> dict[str, str]:
    return {"reason": "按部署调整"}


def _new_task(known: Known) -> dict[str, object]:
    return {"title": "新任务", "region": known["county"], "due": "2026-11-30", "weight": "1"}


VIEWS = ("board", "timeline", "calendar", "units", "people", "late", "risk")

ROWS = [
    *(Row(f"plans:{view}", open_to=READERS) for view in VIEWS),
    *(Row(f"plans:plan-{view}", kwargs=_plan, open_to=PLAN_SEERS) for view in VIEWS),
    Row("plans:list", open_to=READERS, sees=lists_only_plans_with_own_tasks),
    Row("plans:tasks", open_to=READERS, sees=lists_only_own_tasks),
    Row("plans:feed-address", open_to=READERS),
    Row("plans:feed-address", method="POST", open_to=READERS),
    Row("plans:feed-end", method="POST", open_to=READERS),
    Row("plans:feed", kwargs=lambda known: {"token": known["token"]}, open_to=everyone()),
    Row("plans:new", open_to=roles("secretary")),
    Row("plans:plan", kwargs=_plan, open_to=PLAN_SEERS, sees=shows_only_the_own_part_of_the_tree),
    Row("plans:edit-plan", kwargs=_plan, open_to=MANAGERS),
    Row("plans:cancel-plan", kwargs=_plan, method="POST", data=_reason, open_to=MANAGERS),
    Row("plans:add", kwargs=_plan, open_to=MANAGERS),
    Row("plans:add", kwargs=_plan, method="POST", data=_new_task, open_to=MANAGERS),
    Row("plans:task", kwargs=_task("task"), open_to=SEERS),
    Row("plans:task", kwargs=_task("town"), open_to=PLAN_SEERS),
    Row("plans:edit", kwargs=_task("task"), open_to=MANAGERS),
    Row("plans:evidence", kwargs=_task("task"), open_to=HOLDERS),
    Row("plans:hand-over", kwargs=_task("task"), open_to=MANAGERS),
    Row("plans:hand-over-all", open_to=roles("secretary")),
    Row("plans:split", kwargs=_task("task"), open_to=MANAGERS),
    Row(
        "plans:split",
        kwargs=_task("task"),
        method="POST",
        data=lambda known: {"regions": [known["sibling_town"]], "due_offset": "5"},
        open_to=MANAGERS,
    ),
    Row("plans:carry", kwargs=_task("task"), open_to=MANAGERS),
    Row("plans:lay", kwargs=_task("task", what="milestone"), open_to=MANAGERS),
    Row("plans:lay", kwargs=_task("task", what="need"), open_to=MANAGERS),
    Row(
        "plans:lay",
        kwargs=_task("task", what="deliverable"),
        method="POST",
        data=lambda known: {"title": "验收表"},
        open_to=MANAGERS,
    ),
    Row(
        "plans:many",
        method="POST",
        data=lambda known: {"task": [known["other"]], "apply": "on", "due": "2026-12-15", **_reason(known)},
        open_to=roles("secretary"),
        sees=changes_only_own_tasks,
    ),
    Row("plans:reach", kwargs=lambda known: {"milestone_id": known["milestone"]}, open_to=HOLDERS),
    Row("plans:undo", kwargs=lambda known: {"step_id": known["step"]}, open_to=MANAGERS),
    Row(
        "plans:undo",
        kwargs=lambda known: {"step_id": known["step"]},
        method="POST",
        data=_reason,
        open_to=MANAGERS,
    ),
    Row("plans:template", open_to=roles("secretary")),
    Row("plans:import", kwargs=_plan, open_to=MANAGERS),
    Row("plans:export", kwargs=_plan, open_to=PLAN_SEERS),
    Row(
        "plans:hand-over",
        kwargs=_task("task"),
        method="POST",
        data=lambda known: {"person": known["person"], **_reason(known)},
        open_to=MANAGERS,
    ),
    Row(
        "plans:act",
        kwargs=_task("other", action="report"),
        method="POST",
        data=lambda known: {"percent": "20", "text": "进展"},
        open_to=HOLDERS,
    ),
    Row("plans:act", kwargs=_task("other", action="submit"), open_to=HOLDERS),
    Row(
        "plans:act",
        kwargs=_task("submitted", action="accept"),
        method="POST",
        data=_reason,
        open_to=MANAGERS,
    ),
    Row(
        "plans:act",
        kwargs=_task("other", action="cancel"),
        method="POST",
        data=_reason,
        open_to=MANAGERS,
    ),
]
