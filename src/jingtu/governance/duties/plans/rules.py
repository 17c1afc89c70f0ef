"""The life of a task as a table, who may take which step, which days are possible. Nothing here knows the database.

Being late is not a state: it follows from the date and is never stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts


class TaskState(StrEnum):
    """Where a task stands."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskAction(StrEnum):
    """What a person may do with a task."""

    START = "start"
    REPORT = "report"
    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RESTORE = "restore"


class Measure(StrEnum):
    """How progress is known: said by whoever does the work, or read off an indicator."""

    CLAIMED = "claimed"
    MEASURED = "measured"


WORKING = frozenset({TaskState.NOT_STARTED, TaskState.UNDER_WAY, TaskState.RETURNED})
"""States in which the clock runs against the holder; what is submitted waits for whoever gave the task."""
OPEN_STATES = WORKING | {TaskState.SUBMITTED, TaskState.PAUSED}
CLOSED_STATES = frozenset({TaskState.DONE, TaskState.CANCELLED})

HEAVIEST = 1000
REASON_MIN = 4
REASON_MAX = 1000
MOST_FILES = 20


@dataclass(frozen=True)
class Transition:
    """One row of the table. ``by_giver``: for whoever manages the place that gave the task; otherwise for its holder.

    ``other_person``: not for whoever submitted it.
    """

    sources: frozenset[TaskState]
    target: TaskState
    by_giver: bool = False
    needs_reason: bool = False
    other_person: bool = False


TABLE: dict[TaskAction, Transition] = {
    TaskAction.START: Transition(frozenset({TaskState.NOT_STARTED}), TaskState.UNDER_WAY),
    TaskAction.REPORT: Transition(WORKING, TaskState.UNDER_WAY),
    TaskAction.SUBMIT: Transition(WORKING, TaskState.SUBMITTED),
    TaskAction.ACCEPT: Transition(
        frozenset({TaskState.SUBMITTED}), TaskState.DONE, by_giver=True, other_person=True
    ),
    TaskAction.RETURN: Transition(
        frozenset({TaskState.SUBMITTED, TaskState.DONE}),
        TaskState.RETURNED,
        by_giver=True,
        needs_reason=True,
    ),
    TaskAction.PAUSE: Transition(WORKING, TaskState.PAUSED, by_giver=True, needs_reason=True),
    TaskAction.RESUME: Transition(frozenset({TaskState.PAUSED}), TaskState.UNDER_WAY, by_giver=True),
    TaskAction.CANCEL: Transition(OPEN_STATES, TaskState.CANCELLED, by_giver=True, needs_reason=True),
    TaskAction.RESTORE: Transition(
        frozenset({TaskState.CANCELLED}), TaskState.NOT_STARTED, by_giver=True, needs_reason=True
    ),
}


@dataclass(frozen=True)
class TaskFacts:
    """What the rules need to know of a task and of the person before it.

    ``parent``: the state of the task above, None at the top. ``open_children``: tasks directly below that are
    neither done nor cancelled. ``waits_for``: numbers of the tasks it depends on that are still open.
    """

    state: TaskState
    is_giver: bool
    is_holder: bool
    submitted_by_self: bool = False
    parent: TaskState | None = None
    open_children: int = 0
    waits_for: tuple[str, ...] = ()


def refusal(action: TaskAction, task: TaskFacts) -> Problem | None:
    """Why the act is refused now, or None when it is allowed. Permission is asked first."""
    row = TABLE[action]
    if not (task.is_giver if row.by_giver else task.is_holder):
        return Problem("plans.not_permitted")
    if task.state not in row.sources:
        return Problem("plans.wrong_state")
    if row.other_person and task.submitted_by_self:
        return Problem("plans.own_submission")
    if action is TaskAction.SUBMIT and task.open_children:
        return Problem("plans.open_children", {"count": task.open_children})
    if action is TaskAction.SUBMIT and task.waits_for:
        return Problem("plans.waits_for", {"numbers": "、".join(task.waits_for)})
    if action in {TaskAction.RETURN, TaskAction.RESTORE} and task.parent in CLOSED_STATES:
        return Problem("plans.parent_closed")
    return None


def allowed_actions(task: TaskFacts) -> tuple[TaskAction, ...]:
    """The acts open to this person now."""
    return tuple(action for action in TABLE if refusal(action, task) is None)


def reason_problem(action: TaskAction, reason: str) -> Problem | None:
    """What is wrong with the reason given for an act that must be explained."""
    if TABLE[action].needs_reason and len(seen(reason)) < REASON_MIN:
        return Problem("plans.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


def is_late(state: str, due: dt.date, day: dt.date) -> bool:
    """Whether the day has passed and the holder has not handed the work in. The due day itself is in time."""
    return state in WORKING and due < day


def days_late(state: str, due: dt.date, day: dt.date) -> int:
    """Whole days since the due day; 0 when not late."""
    return (day - due).days if is_late(state, due, day) else 0


def reminder_day(due: dt.date, day: dt.date) -> dt.date | None:
    """The last day up to ``day`` on which a reminder was called for: a week before, on the due day, the day after,
    and every week from there; None before the first."""
    late = (day - due).days
    if late > 0:
        return due + dt.timedelta(days=1 + (late - 1) // 7 * 7)
    if late == 0:
        return due
    return due - dt.timedelta(days=7) if late >= -7 else None


# --- dates and weights


EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
"""Days of plans lie between; one of the year 9999 is a slip of the hand that no timeline can draw."""


def day_problem(day: dt.date, column: str = "due") -> Problem | None:
    """What is wrong with a day in itself."""
    if EARLIEST <= day <= LATEST:
        return None
    return Problem("plans.day_range", {"first": EARLIEST.year, "last": LATEST.year}, column=column)


def period_problems(starts: dt.date | None, due: dt.date, weight: int) -> list[Problem]:
    """What is wrong with a task's dates and weight in themselves."""
    days = (("starts", starts), ("due", due))
    asked = [day_problem(day, column) for column, day in days if day is not None]
    found = [problem for problem in asked if problem is not None]
    if starts is not None and due < starts:
        found.append(Problem("plans.dates_reversed", column="due"))
    if not 1 <= weight <= HEAVIEST:
        found.append(Problem("plans.weight_range", {"most": HEAVIEST}, column="weight"))
    return found


def day_hints(due: dt.date, *, plan_ends: dt.date, today: dt.date) -> list[Problem]:
    """What is odd about a task's last day, though it may be meant: work taken down late, or that outlasts its plan."""
    found = []
    if due < today:
        found.append(Problem("plans.due_over", {"day": due.isoformat()}, column="due"))
    if due > plan_ends:
        found.append(
            Problem(
                "plans.due_after_plan", {"day": due.isoformat(), "ends": plan_ends.isoformat()}, column="due"
            )
        )
    return found


def done_day_problem(
    day: dt.date, *, starts: dt.date, due: dt.date, entered: dt.date, proven: dt.date, submitted: dt.date
) -> Problem | None:
    """Why work cannot count as done on a day: it lies outside the task's time, or nothing had proven it by then.

    ``proven``: when the last evidence came in. A task that was entered only after its due day may have been done
    before it stood here; nobody could have handed in evidence then.
    """
    if day > submitted:
        return Problem("plans.done_after_submission", {"day": submitted}, column="done_on")
    if day < starts:
        return Problem("plans.done_before_start", {"day": starts}, column="done_on")
    if day < proven and not (day < entered and due < entered):
        return Problem("plans.done_before_evidence", {"day": proven}, column="done_on")
    return None


def reached_day_problem(day: dt.date, starts: dt.date, today: dt.date) -> Problem | None:
    """Why a milestone cannot have been reached on a day."""
    if day > today:
        return Problem("plans.not_yet", column="on")
    if day < starts:
        return Problem("plans.reached_before_start", {"day": starts}, column="on")
    return None


# --- dependencies


def cycle_through(needs: Mapping[int, Iterable[int]], task: int, needed: int) -> list[int]:
    """The chain that would close if ``task`` waited for ``needed``: from ``needed`` back to ``task``; else empty."""
    before: dict[int, int | None] = {needed: None}
    waiting = [needed]
    while waiting:
        at = waiting.pop()
        if at == task:
            chain = [at]
            while (step := before[chain[-1]]) is not None:
                chain.append(step)
            return chain[::-1]
        for other in needs.get(at, ()):
            if other not in before:
                before[other] = at
                waiting.append(other)
    return []


register_texts(
    {
        "plans.not_permitted": (
            "您的岗位无权对该任务执行此操作。",
            "Your posts do not allow this act on the task.",
        ),
        "plans.wrong_state": (
            "任务的当前状态不允许此操作，请刷新页面查看最新状态。",
            "The task's present state does not allow this act. Reload to see where it stands.",
        ),
        "plans.own_submission": (
            "提交办结的人不能验收自己的提交，请由另一人验收。",
            "Whoever submitted the work cannot accept it; another person must.",
        ),
        "plans.open_children": (
            "还有{count}项下级任务未办结，不能提交办结。",
            "{count} tasks below it are still open; it cannot be submitted as done.",
        ),
        "plans.waits_for": (
            "它所依赖的任务（{numbers}）尚未办结，不能提交办结。",
            "The tasks it depends on ({numbers}) are still open; it cannot be submitted as done.",
        ),
        "plans.parent_closed": (
            "上级任务已办结或已取消，请先退回或恢复上级任务。",
            "The task above is done or cancelled; return or restore that one first.",
        ),
        "plans.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "plans.text_unprintable": (
            "文字中有无法打印的控制字符，请删去后重试。",
            "The text holds control characters that cannot be printed; remove them and try again.",
        ),
        "plans.text_too_long": (
            "文字过长，最多{most}字。",
            "The text is too long; at most {most} characters.",
        ),
        "plans.title_missing": ("请填写名称。", "Please give a title."),
        "plans.dates_reversed": ("期限不得早于起始日期。", "The due day lies before the first day."),
        "plans.day_range": (
            "日期应在{first}年至{last}年之间。",
            "The day lies between {first} and {last}.",
        ),
        "plans.weight_range": (
            "权重应为1至{most}的整数。",
            "The weight is a whole number from 1 to {most}.",
        ),
        "plans.percent_range": (
            "进度应为0至100的整数。",
            "Progress is a whole number from 0 to 100.",
        ),
        "plans.cycle": (
            "任务之间不能循环依赖：{chain}。",
            "Tasks cannot wait for each other in a circle: {chain}.",
        ),
        "plans.depends_on_kin": (
            "任务不能依赖自己、自己的上级或下级任务。",
            "A task cannot depend on itself, on one above it or on one below it.",
        ),
        "plans.other_plan": ("两项任务不在同一计划中。", "The two tasks are not in the same plan."),
        "plans.too_deep": ("任务分解最多{most}级。", "A plan is at most {most} levels deep."),
        "plans.too_many": ("同一级任务过多，请分组。", "Too many tasks at one level; group them."),
        "plans.plan_closed": (
            "计划已取消，不能再改动。",
            "The plan has been cancelled and takes no changes.",
        ),
        "plans.task_closed": (
            "任务已办结或已取消，不能再改动或分解。",
            "The task is done or cancelled: it takes no changes and no tasks below it.",
        ),
        "plans.task_waits": (
            "任务已提交办结，等待验收，此时不能分解。",
            "The task was submitted and waits for acceptance; nothing can be added below it now.",
        ),
        "plans.unknown_person": (
            "没有这个人，或其账号已停用。",
            "There is no such person, or the account is suspended.",
        ),
        "plans.unknown_unit": (
            "没有这个单位，或已停用。",
            "There is no such unit, or it is no longer active.",
        ),
        "plans.unknown_region": (
            "没有这个地区，或不在您可下达任务的范围内。",
            "There is no such place, or none to which you may give tasks.",
        ),
        "plans.unknown_origin": ("来源的写法应为“类别:编号”。", "An origin is written “kind:key”."),
        "plans.nothing_changed": ("没有任何改动。", "Nothing was changed."),
        "plans.measured_not_claimed": (
            "该任务的进度由指标测得，不能填报。",
            "The progress of this task is measured by an indicator and cannot be claimed.",
        ),
        "plans.has_children": (
            "该任务的进度由下级任务汇总，不能填报。",
            "The progress of this task is made of the tasks below it and cannot be claimed.",
        ),
        "plans.too_many_files": ("一项任务最多附{most}个文件。", "A task takes at most {most} files."),
    }
)
