"""What one act does to many tasks: splitting over two levels, changing many, and taking all of it back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Task, TaskStep
from jingtu.governance.duties.plans.services.spreading import spread_of
from jingtu.governance.duties.plans.services.undoing import together

from .board import DUE, Board


def live(board: Board) -> list[tuple[int, int]]:
    found = Task.objects.filter(plan=board.plan).exclude(state="cancelled")
    return list(found.order_by("path").values_list("depth", "region_id"))


def deep(board: Board) -> tuple[Task, list[Task]]:
    task = board.task(region_id=board.city)
    made = services.copy_down(
        board.giver, task.pk, [board.county, board.sibling], due_offset=10, further_offset=5
    )
    return task, made


def test_a_task_is_copied_down_over_two_levels_in_one_act(board: Board) -> None:
    task, made = deep(board)
    towns = [one for one in made if one.depth == 2]
    assert {one.region.parent_id for one in towns} == {board.county, board.sibling}
    assert {one.due for one in made if one.depth == 1} == {DUE - dt.timedelta(days=10)}
    assert {(one.due, one.parent_id == one.source_id) for one in towns} == {
        (DUE - dt.timedelta(days=15), True)
    }
    assert board.again(made[0]).child_count == sum(one.parent_id == made[0].pk for one in towns)
    own = next(one for one in towns if one.region_id == board.town)
    services.report(board.actor("reporter", "descendant"), own.pk, 50, "一半")
    assert board.again(task).progress > 0
    assert board.again(task).leaves == len(towns)


def test_places_that_have_the_task_pass_it_on_and_nothing_is_made_twice(board: Board) -> None:
    task = board.task(region_id=board.city)
    [county] = services.copy_down(board.giver, task.pk, [board.county])
    [town] = services.copy_down(board.county_giver, county.pk, [board.town])
    spread = spread_of(board.giver, task, [board.county, board.sibling], further=True)
    assert [place.pk for place in spread.first] == [board.sibling]
    assert board.town not in {place.pk for place in spread.below[board.county]}
    made = services.copy_down(board.giver, task.pk, [board.county, board.sibling], further_offset=0)
    assert len(made) == spread.count
    again = spread_of(board.giver, board.again(task), [board.county, board.sibling], further=True)
    assert again.count == 0
    with pytest.raises(Conflict):
        services.copy_down(board.giver, task.pk, [board.county, board.sibling], further_offset=0)
    assert board.again(town).state == "not_started"


def test_two_levels_of_splitting_are_taken_back_as_one(board: Board) -> None:
    task, made = deep(board)
    batch = made[0].steps.get().batch
    services.undo_together(board.giver, batch, "分解错了级别")
    assert live(board) == [(0, board.city)]
    assert (board.again(task).leaves, board.again(task).progress) == (1, 0)
    assert list(together(batch)) == []
    with pytest.raises(Conflict):
        services.undo_together(board.giver, batch, "再撤一次")
    assert services.copy_down(board.giver, task.pk, [board.county])


def test_splitting_is_not_taken_back_once_somebody_has_begun(board: Board) -> None:
    _task, made = deep(board)
    batch = made[0].steps.get().batch
    town = next(one for one in made if one.region_id == board.town)
    services.report(board.actor("reporter", "descendant"), town.pk, 10, "已开始")
    with pytest.raises(InvalidInput) as refused:
        services.undo_together(board.giver, batch, "分解错了级别")
    assert {one.code for one in refused.value.problems} == {"plans.begun_since"}
    assert any(town.number in one.text("zh") for one in refused.value.problems)
    assert board.again(town).state == "under_way"
    assert len(live(board)) == 1 + len(made)


def test_a_county_takes_back_its_own_splitting_and_not_the_citys(board: Board) -> None:
    _task, made = deep(board)
    with pytest.raises(NotFound):  # the tasks of the other county are not the county's to see
        services.undo_together(board.county_giver, made[0].steps.get().batch, "县里不要")
    other = board.task("另一项")
    own = services.copy_down(board.county_giver, other.pk, [board.town])
    alone = services.change_many(board.giver, [other.pk], {"due": dt.date(2026, 12, 20)}, "市里顺延")
    with pytest.raises(PermissionDenied):
        services.undo_together(board.county_giver, alone, "县里不要")
    services.undo_together(board.county_giver, own[0].steps.get().batch, "改为县里直接办")
    assert board.again(own[0]).state == "cancelled"


def test_a_change_of_many_is_taken_back_in_one_act_and_a_bounded_number_of_queries(board: Board) -> None:
    tasks = [board.task(f"任务{number}") for number in range(12)]
    counts = []
    for part in (tasks[:3], tasks[3:]):
        batch = services.change_many(
            board.giver,
            [task.pk for task in part],
            {"due": dt.date(2026, 12, 20), "person": board.holder.user_id},
            "统一顺延",
            pause=True,
        )
        with CaptureQueriesContext(connection) as queries:
            services.undo_together(board.giver, batch, "改回原来的期限")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert {(one.due, one.person_id, one.state, one.state_reason) for one in Task.objects.all()} == {
        (DUE, None, "not_started", "")
    }
    assert TaskStep.objects.filter(action="undo", undoes__isnull=False).count() == 12


def test_what_was_changed_since_is_named_task_by_task_and_nothing_is_taken_back(board: Board) -> None:
    first, second, third = (board.task(title) for title in "甲乙丙")
    batch = services.change_many(
        board.giver, [first.pk, second.pk, third.pk], {"due": dt.date(2026, 12, 20)}, "统一顺延"
    )
    services.update_task(board.giver, second.pk, {"due": dt.date(2026, 12, 24)})
    services.cancel(board.giver, third.pk, "不再需要")
    with pytest.raises(InvalidInput) as refused:
        services.undo_together(board.giver, batch, "改回原来的期限")
    assert [one.text("zh") for one in refused.value.problems] == [
        "2 乙（甲县）：“期限”此后又被改动。",
        "3 丙（甲县）：此后已办结或已取消。",
    ]
    assert board.again(first).due == dt.date(2026, 12, 20)


def test_the_page_after_a_change_of_many_offers_to_take_it_back(board: Board) -> None:
    tasks = [board.task(title) for title in "甲乙"]
    client = Client()
    client.force_login(board.giver.user)
    chosen = {"task": [task.pk for task in tasks], "next": f"/plans/{board.plan.pk}/?sort=due"}
    given = {**chosen, "apply": "on", "due": "2026-12-20", "reason": "统一顺延"}
    answer = client.post("/plans/tasks/many/", given, follow=True)
    assert answer.redirect_chain[-1][0] == f"/plans/{board.plan.pk}/?sort=due"
    step = TaskStep.objects.filter(action="edit").earliest("pk")
    assert f"/plans/steps/{step.pk}/undo/?all=on" in answer.content.decode()
    page = client.get(f"/plans/steps/{step.pk}/undo/?all=on")
    assert page.context["form"]["together"].value() is True
    client.post(f"/plans/steps/{step.pk}/undo/", {"together": "on", "reason": "改回原来的期限"})
    assert {one.due for one in Task.objects.all()} == {DUE}


def test_the_page_of_splitting_shows_what_would_be_made_before_it_is(board: Board) -> None:
    task = board.task(region_id=board.city)
    client = Client()
    client.force_login(board.giver.user)
    asked = {
        "regions": [board.county, board.sibling], "due_offset": "10", "further": "on", "further_offset": "5",
    }  # fmt: skip
    page = client.post(f"/plans/tasks/{task.pk}/split/", asked)
    assert page.status_code == 200
    assert page.context["spread"].count_below > 0
    assert Task.objects.count() == 1
    done = client.post(f"/plans/tasks/{task.pk}/split/", {**asked, "confirmed": "on"}, follow=True)
    assert Task.objects.count() == 1 + page.context["spread"].count
    assert "全部撤销" in done.content.decode()
