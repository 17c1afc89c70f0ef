"""A task from being given to being done, over the services and over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from jingtu.core.accounts.models import Post, Unit
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Task, TaskStep
from jingtu.governance.duties.plans.queries import (
    TaskFilter,
    get_task,
    late_tasks,
    lineage,
    plans,
    tasks,
    tasks_of_origin,
)
from jingtu.governance.duties.plans.registry import origins_named, register_origin

from .board import DUE, Board


def test_a_task_goes_from_given_to_done_and_every_step_is_kept(board: Board) -> None:
    task = board.task()
    services.start(board.holder, task.pk)
    services.report(board.holder, task.pk, 40, "已建成两处")
    services.submit(board.holder, task.pk, "全部建成")
    services.send_back(board.giver, task.pk, "缺验收材料")
    services.submit(board.holder, task.pk, "材料已补")
    services.accept(board.giver, task.pk)
    task = board.again(task)
    assert (task.state, task.progress, task.done_on) == ("done", 10_000, dt.date(2026, 11, 20))
    actions = list(TaskStep.objects.filter(task=task).order_by("pk").values_list("action", flat=True))
    assert actions == ["create", "start", "report", "submit", "return", "submit", "accept"]
    assert board.again(task).plan.percent == 100


def test_whoever_submitted_does_not_accept(board: Board) -> None:
    task = board.task(region_id=board.city)
    services.submit(board.giver, task.pk, "已完成")
    with pytest.raises(Conflict) as refused:
        services.accept(board.giver, task.pk)
    assert refused.value.problem.code == "plans.own_submission"


def test_a_parent_waits_for_its_children_and_counts_them_by_weight(board: Board) -> None:
    parent = board.task()
    light = board.task("轻", parent, weight=1)
    heavy = board.task("重", parent, weight=3)
    services.report(board.holder, heavy.pk, 80, "过半")
    assert board.again(parent).progress == 6_000
    assert board.again(parent).state == "under_way"
    with pytest.raises(Conflict) as refused:
        services.submit(board.holder, parent.pk, "完成")
    assert refused.value.problem.code == "plans.open_children"
    services.cancel(board.giver, light.pk, "任务合并")
    parent = board.again(parent)
    assert (parent.progress, parent.leaves) == (8_000, 1)


def test_cancelling_takes_what_is_open_below_with_it_and_needs_a_reason(board: Board) -> None:
    parent = board.task()
    child = board.task("子", parent)
    with pytest.raises(InvalidInput):
        services.cancel(board.giver, parent.pk, "")
    services.cancel(board.giver, parent.pk, "上级调整部署")
    assert board.again(child).state == "cancelled"
    assert (board.again(parent).plan.leaves, Task.objects.count()) == (0, 2)


def test_the_county_splits_its_task_but_does_not_move_its_due_day(board: Board) -> None:
    task = board.task()
    services.add_task(
        board.county_giver, board.plan.pk, "镇里办", parent_id=task.pk, region_id=board.town, due=DUE
    )
    services.update_task(board.county_giver, task.pk, {"person": board.holder.user_id})
    with pytest.raises(PermissionDenied):
        services.update_task(board.county_giver, task.pk, {"due": dt.date(2027, 1, 1)})
    with pytest.raises(PermissionDenied):
        services.accept(board.county_giver, task.pk)


def test_nobody_gives_tasks_outside_their_places(board: Board) -> None:
    with pytest.raises(InvalidInput):
        board.task(region_id=board.cast.places["outside"].pk)
    with pytest.raises(NotFound):
        services.add_task(board.actor("secretary", "outsider"), board.plan.pk, "越权", due=DUE)
    with pytest.raises(PermissionDenied):
        services.add_task(board.holder, board.task().plan_id, "越权", due=DUE)


def test_neighbours_see_nothing_and_those_below_only_their_own_and_the_titles_above(board: Board) -> None:
    parent = board.task("县任务")
    child = board.task("镇任务", parent, region_id=board.town)
    town = board.actor("reporter", "descendant")
    assert [task.pk for task in tasks(town)] == [child.pk]
    assert [(one.title, one.pk) for one in lineage(town, get_task(town, child.pk))] == [("县任务", None)]
    assert [plan.pk for plan in plans(town)] == [board.plan.pk]
    sibling = board.actor("secretary", "sibling")
    assert not tasks(sibling).exists()
    assert not plans(sibling).exists()
    with pytest.raises(NotFound):
        get_task(sibling, child.pk)


def test_somebody_of_another_unit_reads_but_does_not_report(board: Board) -> None:
    unit = Unit.objects.create(name="公安局", region_id=board.county)
    other = Unit.objects.create(name="教育局", region_id=board.county)
    Post.objects.filter(user=board.holder.user).update(unit=other)
    task = board.task(unit_id=unit.pk)
    holder = board.actor("reporter", "own")
    assert get_task(holder, task.pk).pk == task.pk
    with pytest.raises(PermissionDenied):
        services.report(holder, task.pk, 10, "进展")
    Post.objects.filter(user=board.holder.user).update(unit=unit)
    services.report(board.actor("reporter", "own"), task.pk, 10, "进展")


def test_late_is_what_is_past_its_day_and_still_with_the_holder(board: Board) -> None:
    late = board.task("迟", due=dt.date(2026, 11, 19))
    board.task("今日到期", due=dt.date(2026, 11, 20))
    board.submitted(title="已交", due=dt.date(2026, 11, 1))
    paused = board.task("暂停", due=dt.date(2026, 11, 1))
    services.pause(board.giver, paused.pk, "等待上级批复")
    assert [task.pk for task in late_tasks(board.giver, board.city, dt.date(2026, 11, 20))] == [late.pk]
    assert [task.pk for task in tasks(board.giver, TaskFilter(state="late"))] == [late.pk]
    assert late_tasks(board.actor("secretary", "sibling"), board.city, dt.date(2026, 11, 20)) == []


def test_tasks_are_found_by_their_origin_and_the_origin_by_its_key(board: Board) -> None:
    task = board.task(origin="decision:12")
    found = tasks_of_origin(board.giver, ["decision:12", "decision:13"])
    assert {key: [one.pk for one in rows] for key, rows in found.items()} == {
        "decision:12": [task.pk],
        "decision:13": [],
    }
    register_origin(
        "test", "决定", "Decision", lambda actor, keys: {key: (f"{key}号", "/x/") for key in keys}
    )
    assert origins_named(board.giver, ["test:7", "unknown:1"]) == {"test:7": ("决定 7号", "/x/")}
    with pytest.raises(InvalidInput):
        board.task(origin="无效")


def test_open_tasks_are_handed_over_with_a_reason_all_or_none(board: Board) -> None:
    first, second = board.task(), board.done()
    to = board.actor("leader", "own").user_id
    with pytest.raises(Conflict):
        services.hand_over(board.giver, [first.pk, second.pk], to, "岗位调整")
    assert board.again(first).person_id is None
    [moved] = services.hand_over(board.county_giver, [first.pk], to, "岗位调整")
    assert moved.steps.get(action="hand_over").changes == {"person": [None, to]}


def test_a_right_over_one_task_hands_over_no_other_of_the_same_place(board: Board) -> None:
    below = services.create_plan(
        board.actor("secretary", "own"), board.county, "县计划", starts=DUE, ends=DUE
    )
    given = services.add_task(board.county_giver, below.pk, "镇里的事", region_id=board.town, due=DUE)
    # Somebody with posts in the county and in its town who reads both but manages only what the county gave.
    other = services.add_task(board.giver, board.plan.pk, "市里交办", region_id=board.town, due=DUE)

    class CountyOnly(type(board.county_giver)):  # type: ignore[misc]
        def can(self, permission, region_id=None):
            if permission is Permission.PLANS_MANAGE and region_id is not None:
                return region_id == board.county
            return super().can(permission, region_id)

    actor = CountyOnly(board.county_giver.user)
    person = board.holder.user_id
    assert services.hand_over(actor, [given.pk], person, "人员调整")
    with pytest.raises(PermissionDenied):
        services.hand_over(actor, [given.pk, other.pk], person, "人员调整")


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(9999, 12, 31)])
def test_a_day_that_no_timeline_can_draw_is_refused(board: Board, day: dt.date) -> None:
    with pytest.raises(InvalidInput):
        board.task(due=day)
    with pytest.raises(InvalidInput):
        services.create_plan(board.giver, board.city, "计划", starts=min(day, DUE), ends=max(day, DUE))
    task = board.task()
    with pytest.raises(InvalidInput):
        services.add_milestone(board.giver, task.pk, "开工", day)
    with pytest.raises(InvalidInput):
        services.change_many(board.giver, [task.pk], {"due": day}, "统一调整")


def test_the_pages_lead_through_the_life_of_a_task(board: Board, client: Client) -> None:
    client.force_login(board.giver.user)
    answer = client.post(
        f"/plans/{board.plan.pk}/add/",
        {"title": "建设阵地", "region": board.county, "due": "2026-11-30", "weight": "2"},
    )
    task = Task.objects.get(title="建设阵地")
    assert answer.headers["Location"] == f"/plans/tasks/{task.pk}/"
    assert "建设阵地" in client.get(f"/plans/{board.plan.pk}/").content.decode()
    assert client.get(f"/plans/tasks/{task.pk}/pause/").status_code == 200
    client.force_login(board.holder.user)
    assert client.get(f"/plans/tasks/{task.pk}/pause/").status_code == 403
    answer = client.post(f"/plans/tasks/{task.pk}/report/", {"percent": "55", "text": "已建一处"})
    assert answer.status_code == 302
    assert "55%" in client.get(f"/plans/tasks/{task.pk}/").content.decode()
    assert client.post(f"/plans/tasks/{task.pk}/report/", {"percent": "155", "text": "x"}).status_code == 400
