"""The timeline, and the rules by which an open task may become late."""

from __future__ import annotations

import datetime as dt
import random

from jingtu.core.kernel.clock import now
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.forecasting import Facts, elapsed, projected, reasons
from jingtu.governance.duties.plans.models import Dependency, Milestone, Task, TaskStep
from jingtu.governance.duties.plans.queries import TaskFilter, rows_of, tasks
from jingtu.governance.duties.plans.queries.risks import at_risk, facts_of, risk_rows
from jingtu.governance.duties.plans.queries.timelines import ticks, timeline
from jingtu.governance.duties.plans.rules import WORKING
from jingtu.governance.duties.plans.sums import child_path

from .board import Board

DAY = dt.date(2026, 11, 20)


def day_from(chance: random.Random, first: int, last: int) -> dt.date:
    return DAY + dt.timedelta(days=chance.randint(first, last))


def codes(task: Facts) -> list[str]:
    return [one.code for one in reasons(task, DAY)]


def test_progress_is_compared_with_time_once_a_quarter_of_it_has_gone() -> None:
    starts, due = dt.date(2026, 11, 1), dt.date(2026, 12, 9)  # half of 38 days
    assert elapsed(starts, due, DAY) == 5_000
    assert codes(Facts(starts, due, 3_000)) == ["plans.risk_behind"]
    assert codes(Facts(starts, due, 3_001)) == []
    assert codes(Facts(starts, dt.date(2027, 11, 1), 0)) == []
    assert elapsed(due, due, DAY) == 0


def test_a_missed_milestone_is_a_reason_and_one_reached_is_none() -> None:
    starts, due = dt.date(2026, 11, 15), dt.date(2027, 12, 31)
    assert codes(Facts(starts, due, 0, planned=2, missed=1)) == ["plans.risk_milestones"]
    assert codes(Facts(starts, due, 0, planned=2, missed=0)) == []


def test_a_trend_is_carried_on_from_the_last_four_values_and_only_once_it_is_long_enough() -> None:
    starts, due = dt.date(2026, 1, 1), dt.date(2026, 12, 30)
    months = [(dt.date(2026, month, 11), month * 900) for month in range(5, 11)]
    task = Facts(starts, due, 9_000, measured=months)
    # from 11 July (6300) to today 2700 in 132 days, 40 days left
    assert projected(task, DAY) == 9_000 + 2_700 * 40 // 132
    assert codes(task) == ["plans.risk_trend"]
    assert projected(Facts(starts, due, 9_000, measured=months[-1:]), DAY) is None
    near = [(dt.date(2026, 11, 1), 0), (dt.date(2026, 11, 10), 9_000)]
    assert projected(Facts(starts, due, 9_000, measured=near), DAY) is None
    assert codes(Facts(starts, due, 9_900, measured=[(dt.date(2026, 8, 1), 0), *months[-2:]])) == []


def test_at_risk_are_open_tasks_with_a_reason_for_whoever_may_read_them(board: Board) -> None:
    behind = board.task("落后", starts=dt.date(2026, 10, 1), due=dt.date(2026, 12, 1))
    missed = board.task("漏了里程碑", starts=dt.date(2026, 11, 19), due=dt.date(2026, 12, 31))
    Milestone.objects.create(task=missed, title="方案", due=dt.date(2026, 11, 19))
    board.task("刚开始", starts=dt.date(2026, 11, 19), due=dt.date(2026, 12, 31))
    board.task("已逾期", starts=dt.date(2026, 10, 1), due=dt.date(2026, 11, 1))
    board.submitted(title="已交", starts=dt.date(2026, 10, 1), due=dt.date(2026, 12, 1))
    found = at_risk(board.giver, TaskFilter())
    assert list(found) == [behind, missed]
    assert [why for _row, why in risk_rows(board.giver, list(found))] == [
        ["时间已过81%，进度0%"],
        ["到今天应达成1个里程碑，其中1个未达成"],
    ]
    assert not at_risk(board.actor("secretary", "sibling"), TaskFilter())
    services.report(board.holder, behind.pk, 80, "已大部完成")
    assert [one.pk for one in at_risk(board.giver, TaskFilter())] == [missed.pk]


def test_what_figures_measured_is_the_trend_of_the_task(board: Board) -> None:
    task = board.task(starts=dt.date(2026, 11, 10), due=dt.date(2027, 12, 1))
    for days, percent in ((90, 10), (40, 12)):
        TaskStep.objects.create(
            task=task,
            action="measured",
            at=now() - dt.timedelta(days=days),
            changes={"percent": [0, percent]},
        )
    [found] = at_risk(board.giver, TaskFilter())
    assert codes(facts_of([found], DAY)[found.pk]) == ["plans.risk_trend"]


def test_the_database_finds_exactly_the_tasks_that_the_rules_speak_of(board: Board) -> None:
    chance = random.Random(20261120)
    first = board.task()
    made = Task.objects.bulk_create(
        Task(
            plan=board.plan,
            path=child_path("", at + 2),
            title=f"任务{at}",
            region=first.region,
            starts=day_from(chance, -300, 0) if chance.random() < 0.7 else None,
            due=day_from(chance, 0, 120),
            state=chance.choice(sorted(WORKING)),
            progress=chance.choice(
                [0, 2_499, 2_500, 7_999, 8_000, 8_001, 9_999, 10_000, chance.randrange(10_001)]
            ),
        )
        for at in range(300)
    )
    Milestone.objects.bulk_create(
        Milestone(task=task, title="点", due=day_from(chance, -9, 9), reached_on=chance.choice([None, DAY]))
        for task in made[::5]
    )
    TaskStep.objects.bulk_create(
        TaskStep(
            task=task,
            action="measured",
            at=now() - dt.timedelta(hours=chance.randrange(24 * 70)),
            changes={"percent": [0, chance.randrange(101)]},
        )
        for task in made[1::2]
        for _ in range(chance.randrange(7))
    )
    found = list(at_risk(board.giver, TaskFilter()))
    tasks_, facts = Task.objects.select_related("plan"), {}
    for task in tasks_.filter(plan=board.plan):
        facts |= facts_of([task], DAY)
    assert {task.pk for task in found} == {pk for pk, known in facts.items() if reasons(known, DAY)}
    assert 50 < len(found) < 280


def test_a_timeline_places_bars_milestones_dependencies_and_today(board: Board) -> None:
    first = board.task("一", starts=dt.date(2026, 11, 1), due=dt.date(2026, 11, 15))
    second = board.task("二", due=dt.date(2026, 11, 30))
    Dependency.objects.create(task=second, needed=first)
    Milestone.objects.create(task=first, title="过半", due=dt.date(2026, 11, 9))
    picture = timeline(board.giver, rows_of(tasks(board.giver)))
    assert picture is not None
    assert (picture.first, picture.last) == (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    one, two = picture.bars
    assert (one.x, one.width, one.marks[0].x, one.is_point) == ("0.000", "50.000", "30.000", False)
    assert (two.end, two.is_point, two.needs) == ("100.000", True, ["1"])
    assert [(link.x, link.to_x) for link in picture.links] == [("50.000", two.x)]
    assert picture.today == f"{100 * 19 / 30:.3f}"
    only_second = timeline(board.giver, rows_of(tasks(board.giver).filter(pk=second.pk)))
    assert only_second is not None
    assert (only_second.links, only_second.bars[0].needs) == ([], ["1"])
    assert timeline(board.giver, []) is None


def test_a_timeline_has_at_most_a_dozen_ticks() -> None:
    for years in range(20):
        found = ticks(dt.date(2026, 1, 1), dt.date(2026 + years, 12, 31))
        assert 1 <= len(found) <= 12, years
        assert found == sorted(set(found))
