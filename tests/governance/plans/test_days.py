"""On which days work counts as done, milestones as reached, and how a past time is told."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager

import pytest

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.regions.services import Order, merge_regions
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.panels import tasks_of_body
from jingtu.governance.duties.plans.queries import beside, late_tasks, stood, tasks
from jingtu.governance.duties.plans.rules import done_day_problem, reached_day_problem

from .board import MORNING, Board

TODAY = MORNING.date()


def days(first: int) -> dt.date:
    return TODAY + dt.timedelta(days=first)


def at(back: int) -> AbstractContextManager[None]:
    return frozen(MORNING - dt.timedelta(days=back))


@pytest.mark.parametrize(
    ("day", "entered", "code"),
    [
        (0, -30, ""),
        (-5, -30, ""),
        (-6, -30, "plans.done_before_evidence"),
        (1, -30, "plans.done_after_submission"),
        (-41, -30, "plans.done_before_start"),
        (-31, -30, "plans.done_before_evidence"),
        (-31, -9, ""),  # entered after its due day: it may have been done before it stood here
        (-7, -9, "plans.done_before_evidence"),
    ],
)
def test_work_is_done_between_its_evidence_and_its_submission(day: int, entered: int, code: str) -> None:
    problem = done_day_problem(
        days(day),
        starts=days(-40),
        due=days(-10),
        entered=days(entered),
        proven=days(-5),
        submitted=TODAY,
    )
    assert (problem.code if problem else "") == code


@pytest.mark.parametrize(
    ("day", "code"), [(0, ""), (-40, ""), (1, "plans.not_yet"), (-41, "plans.reached_before_start")]
)
def test_a_milestone_is_reached_between_the_start_of_its_task_and_today(day: int, code: str) -> None:
    problem = reached_day_problem(days(day), days(-40), TODAY)
    assert (problem.code if problem else "") == code


def test_whoever_accepts_cannot_put_the_day_before_the_evidence(board: Board) -> None:
    task = board.task(starts=dt.date(2026, 10, 1))
    with at(4):
        services.report(board.holder, task.pk, 90, "主要工作完成", [("台账.csv", [b"a,b\n1,2\n"])])
    services.submit(board.holder, task.pk, "全部完成")
    with pytest.raises(InvalidInput) as refused:
        services.accept(board.giver, task.pk, "属实", days(-5))
    assert refused.value.problems[0].text("zh") == (
        "完成日期不能早于佐证材料的提交日期（2026-11-16）：此前没有材料可以证明。"
    )
    assert services.accept(board.giver, task.pk, "属实", days(-4)).done_on == days(-4)


def test_a_milestone_written_down_late_keeps_both_days(board: Board) -> None:
    task = board.task(starts=dt.date(2026, 10, 1))
    made = services.add_milestone(board.giver, task.pk, "动工", dt.date(2026, 10, 20))
    with pytest.raises(InvalidInput):
        services.reach_milestone(board.holder, made.pk, on=dt.date(2026, 9, 30))
    reached = services.reach_milestone(board.holder, made.pk, on=dt.date(2026, 10, 19))
    assert (reached.reached_on, reached.recorded_on) == (dt.date(2026, 10, 19), TODAY)
    [stretch] = beside(board.giver, task).route
    assert stretch.recorded_later


def test_a_report_on_a_past_time_counts_tasks_as_they_stood_at_its_end(board: Board) -> None:
    office = Body.objects.create(
        kind="office", name="市禁毒办", region_id=board.city, created_at="2026-01-01T00:00Z"
    )
    with at(60):
        given = {name: board.task(name, due=days(-40)) for name in ("完成", "迟交", "取消", "仍在办")}
        later = board.task("后来才到期", due=days(-5))
    with at(45):
        services.submit(board.holder, given["完成"].pk, "已完成")
    with at(20):
        services.accept(board.giver, given["完成"].pk)
        services.submit(board.holder, given["迟交"].pk, "已完成")
        services.accept(board.giver, given["迟交"].pk)
        services.cancel(board.giver, given["取消"].pk, "不再需要")
        board.task("补录的", due=days(-40))
    then = days(-30)
    known = [board.again(task) for task in (*given.values(), later)]
    states = stood(known, then)
    assert [states[task.pk] for task in known] == [
        "done",
        "not_started",
        "not_started",
        "not_started",
        "not_started",
    ]
    assert [task.title for task in late_tasks(board.giver, board.city, then)] == ["迟交", "取消", "仍在办"]
    assert [task.title for task in late_tasks(board.giver, board.city, TODAY)] == [
        "仍在办", "补录的", "后来才到期",
    ]  # fmt: skip
    panel = tasks_of_body(board.giver, office, days(-50), then)
    assert panel is not None
    assert panel.sentence_zh == (
        f"{days(-50)}至{then}到期任务4项，其中办结1项；截至{then}逾期未办结3项（含此前到期的）。"
    )
    assert panel.lines[0].detail_zh == "应于2026-10-11完成，已逾期10天"
    now = tasks_of_body(board.giver, office, days(-50), TODAY)
    assert now is not None
    assert now.sentence_zh == (
        f"{days(-50)}至{TODAY}到期任务5项，其中办结2项；截至{TODAY}逾期未办结3项（含此前到期的）。"
    )
    assert Task.objects.count() == 6


def test_tasks_of_a_merged_place_go_on_at_its_successor_with_their_history(board: Board) -> None:
    open_, closed = board.task("在办的"), board.done(title="办结的")
    into = board.cast.places["county_b"]
    with frozen(MORNING + dt.timedelta(days=40)):
        merge_regions(SYSTEM, [board.cast.places["county_a"]], into=into, order=Order(days(40)))
        assert {task.region_id for task in tasks(board.actor("secretary", "sibling"))} == {into.pk}
        for task in (open_, closed):
            step = task.steps.get(action="region")
            assert step.changes == {"region": [board.county, into.pk]}
        assert board.again(closed).state == "done"
        services.start(board.actor("reporter", "sibling"), open_.pk)
