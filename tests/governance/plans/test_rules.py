"""Progress adds up by weight, the table of states has no way around it, and sums kept equal sums made anew."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Plan, Task
from jingtu.governance.duties.plans.rules import (
    CLOSED_STATES,
    TABLE,
    WORKING,
    TaskAction,
    TaskFacts,
    TaskState,
    allowed_actions,
    cycle_through,
    is_late,
    reminder_day,
)
from jingtu.governance.duties.plans.services.rollup import roll_up_all
from jingtu.governance.duties.plans.sums import (
    WHOLE,
    Rolled,
    Sums,
    ancestors_of,
    child_path,
    mean,
    measured,
    number_of,
    rolled,
)

from .board import DUE, MORNING, Board

DAY = dt.date(2026, 11, 20)
LINES = st.lists(st.tuples(st.integers(1, 1000), st.integers(0, WHOLE)), min_size=1, max_size=30)


@given(LINES)
def test_a_parent_is_the_weighted_mean_of_its_children(lines: list[tuple[int, int]]) -> None:
    sums = Sums()
    for weight, progress in lines:
        sums = sums.plus(weight, Rolled(progress, 1, int(progress == WHOLE), None))
    exact = sum(weight * progress for weight, progress in lines) / sum(weight for weight, _ in lines)
    found = rolled(TaskState.UNDER_WAY, 1234, DAY, sums)
    assert abs(found.progress - exact) <= 0.5
    assert min(lines, key=lambda one: one[1])[1] <= found.progress <= max(one[1] for one in lines)
    assert (found.leaves, found.next_due) == (len(lines), DAY)


@given(LINES)
def test_all_children_done_make_a_whole_and_only_they_do(lines: list[tuple[int, int]]) -> None:
    weight = sum(each for each, _ in lines)
    assert mean(weight * WHOLE, weight) == WHOLE
    assert mean(0, weight) == 0


@given(
    st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2)
)
def test_a_measured_progress_is_between_nothing_and_all_and_whole_only_at_the_target(
    start: Decimal, target: Decimal, value: Decimal
) -> None:
    found = measured(start, target, value)
    assert 0 <= found <= WHOLE
    reached = value >= target if target > start else value <= target if target < start else value == target
    assert (found == WHOLE) is reached


@given(st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8), max_size=4), max_size=9))
def test_refusing_circles_keeps_a_graph_without_circles(wanted: dict[int, set[int]]) -> None:
    kept: dict[int, list[int]] = {}
    for task, needed in wanted.items():
        for other in needed:
            chain = cycle_through(kept, task, other)
            if chain:
                assert (chain[0], chain[-1]) == (other, task)
                assert all(after in kept[before] for before, after in itertools.pairwise(chain))
            else:
                kept.setdefault(task, []).append(other)
    gone: set[int] = set()
    while left := [node for node in kept if node not in gone and not set(kept[node]) & (set(kept) - gone)]:
        gone |= set(left)
    assert gone == set(kept)


def test_paths_say_where_a_task_stands() -> None:
    path = child_path(child_path("", 2), 13)
    assert (path, number_of(path), list(ancestors_of(path))) == ("00002.00013.", "2.13", ["00002."])


@pytest.mark.parametrize(
    ("day", "asked"),
    [
        (dt.date(2026, 11, 12), None),
        (dt.date(2026, 11, 13), dt.date(2026, 11, 13)),
        (dt.date(2026, 11, 19), dt.date(2026, 11, 13)),
        (dt.date(2026, 11, 20), dt.date(2026, 11, 20)),
        (dt.date(2026, 11, 21), dt.date(2026, 11, 21)),
        (dt.date(2026, 11, 27), dt.date(2026, 11, 21)),
        (dt.date(2026, 11, 28), dt.date(2026, 11, 28)),
    ],
)
def test_reminders_come_a_week_before_on_the_day_after_it_and_weekly(
    day: dt.date, asked: dt.date | None
) -> None:
    assert reminder_day(DAY, day) == asked


@pytest.mark.parametrize("state", list(TaskState))
def test_only_work_that_lies_with_the_holder_is_late(state: TaskState) -> None:
    assert is_late(state, DAY, DAY + dt.timedelta(days=1)) is (state in WORKING)
    assert not is_late(state, DAY, DAY)


@pytest.mark.parametrize("state", list(TaskState))
def test_nobody_without_a_part_in_it_does_anything(state: TaskState) -> None:
    assert allowed_actions(TaskFacts(state, is_giver=False, is_holder=False)) == ()


def test_no_path_leads_to_done_but_through_a_submission() -> None:
    into = {action for action, row in TABLE.items() if row.target is TaskState.DONE}
    assert into == {TaskAction.ACCEPT}
    assert TABLE[TaskAction.ACCEPT].sources == {TaskState.SUBMITTED}
    assert {row.target for row in TABLE.values()} == set(TaskState)


class Machine(RuleBasedStateMachine):
    """One task through its table: states only move along it, and closing acts need reasons and other people."""

    @initialize()
    def begin(self) -> None:
        self.state, self.by_self = TaskState.NOT_STARTED, False

    @rule(action=st.sampled_from(TaskAction), giver=st.booleans(), holder=st.booleans())
    def act(self, action: TaskAction, giver: bool, holder: bool) -> None:
        facts = TaskFacts(self.state, is_giver=giver, is_holder=holder, submitted_by_self=self.by_self)
        if action not in allowed_actions(facts):
            return
        row = TABLE[action]
        assert self.state in row.sources
        assert giver if row.by_giver else holder
        if action is TaskAction.ACCEPT:
            assert not self.by_self
        self.state = row.target
        if action is TaskAction.SUBMIT:
            self.by_self = giver
        elif self.state is not TaskState.SUBMITTED:
            self.by_self = False

    @precondition(lambda self: self.state in CLOSED_STATES)
    @invariant()
    def closed_tasks_open_only_with_a_reason(self) -> None:
        facts = TaskFacts(self.state, is_giver=True, is_holder=True)
        assert all(TABLE[action].needs_reason for action in allowed_actions(facts))


Machine.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestMachine = Machine.TestCase

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "report", "cancel", "restore", "weigh", "due", "done"]),
        st.integers(0, 30),
        st.integers(0, 100),
    ),
    min_size=4,
    max_size=10,
)


@given(acts=ACTS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_sums_kept_step_by_step_equal_sums_made_anew(board: Board, acts: list[tuple[str, int, int]]) -> None:
    plan = services.create_plan(
        board.giver, board.city, "随机", starts=dt.date(2026, 1, 1), ends=dt.date(2026, 12, 31)
    )
    with frozen(MORNING):
        for act, which, size in acts:
            _try(board, plan, act, which, size)
    kept = _sums(plan)
    Task.objects.filter(plan=plan).update(progress=0, leaves=0, leaves_done=0, next_due=None)
    Plan.objects.filter(pk=plan.pk).update(progress=0, leaves=0, leaves_done=0, next_due=None)
    roll_up_all(plan.pk)
    assert _sums(plan) == kept


def _try(board: Board, plan: Plan, act: str, which: int, size: int) -> None:
    rows = list(Task.objects.filter(plan=plan).order_by("path"))
    task = rows[which % len(rows)] if rows else None
    try:
        if act == "add" or task is None:
            parent = task.pk if task and which % 3 else None
            services.add_task(
                board.giver,
                plan.pk,
                "任务",
                parent_id=parent,
                region_id=board.county,
                due=DUE,
                weight=size + 1,
            )
        elif act == "report":
            services.report(board.holder, task.pk, size, "进展")
        elif act == "cancel":
            services.cancel(board.giver, task.pk, "不再需要")
        elif act == "restore":
            services.restore(board.giver, task.pk, "仍然需要")
        elif act == "weigh":
            services.update_task(board.giver, task.pk, {"weight": size + 1})
        elif act == "due":
            services.update_task(board.giver, task.pk, {"due": DUE + dt.timedelta(days=size)})
        else:
            services.submit(board.holder, task.pk, "完成")
            services.accept(board.giver, task.pk)
    except Conflict:
        return


def _sums(plan: Plan) -> list[tuple[object, ...]]:
    kept = ("progress", "leaves", "leaves_done", "next_due")
    rows = Task.objects.filter(plan=plan).order_by("path").values_list("path", *kept)
    return [*rows, *Plan.objects.filter(pk=plan.pk).values_list("title", *kept)]
