"""Supervision of late work (督办): the life of a notice as a table, whose hand each act needs, its rising reminders.

A notice says what is asked, of whom, by when, and wants an answer with evidence. The days below are the usual practice
of such offices, not a rule of law: every notice bears its own, and these are what the first one of an office proposes.
Nothing here knows the database.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen, unprintable
from jingtu.engine.problems import Problem, register_texts
from jingtu.engine.workdays import Term, add_working_days, working_days_between


class Subject(StrEnum):
    """What a notice is about."""

    TASK = "task"
    INDICATOR = "indicator"
    MATTER = "matter"


class NoticeState(StrEnum):
    """Where a notice stands."""

    DRAFTED = "drafted"
    ISSUED = "issued"
    ANSWERED = "answered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class NoticeAction(StrEnum):
    """What may happen to a notice."""

    DRAFT = "draft"
    ISSUE = "issue"
    ANSWER = "answer"
    ACCEPT = "accept"
    RETURN = "return"
    WITHDRAW = "withdraw"
    FOLLOW = "follow"  # the place or the office went to its successor; not an act of a person


class Hand(StrEnum):
    """Whose hand an act needs."""

    OFFICE = "office"
    UNIT = "unit"


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states to which, by whom."""

    sources: frozenset[NoticeState]
    target: NoticeState
    hand: Hand
    needs_reason: bool = False


S = NoticeState
WAITING = frozenset({S.ISSUED, S.RETURNED})
"""The unit's turn: the clock runs."""
OPEN = WAITING | {S.ANSWERED}
TABLE: dict[NoticeAction, Transition] = {
    NoticeAction.ISSUE: Transition(frozenset({S.DRAFTED}), S.ISSUED, Hand.OFFICE),
    NoticeAction.ANSWER: Transition(WAITING, S.ANSWERED, Hand.UNIT, needs_reason=True),
    NoticeAction.ACCEPT: Transition(frozenset({S.ANSWERED}), S.ACCEPTED, Hand.OFFICE),
    NoticeAction.RETURN: Transition(frozenset({S.ANSWERED}), S.RETURNED, Hand.OFFICE, needs_reason=True),
    NoticeAction.WITHDRAW: Transition(
        frozenset({S.DRAFTED, *OPEN}), S.WITHDRAWN, Hand.OFFICE, needs_reason=True
    ),
}

ANSWER_DAYS = 5
"""Working days that the form proposes for the answer."""
HIGHEST = 3
"""Reminders rise: level 1 to the unit some working days before the last day, level 2 to its leader too on the last day,
level 3 from the day after to the leader of the office that issued the notice as well."""


@dataclass(frozen=True)
class Days:
    """The working days of a notice: how long before the last day the first reminder comes, how often the highest is
    repeated, and what a returned answer gets at least."""

    before: int = 2
    repeat: int = 5
    after_return: int = 3


USUAL = Days()
MOST_DAYS = {"before": 10, "repeat": 30, "after_return": 30}


REASON_MIN = 4
MOST_FILES = 10
LONGEST = 8000


@dataclass(frozen=True)
class NoticeFacts:
    """What the rules need to know of a notice and of the person before it."""

    state: NoticeState
    of_the_office: bool
    of_the_unit: bool


def refusal(action: NoticeAction, notice: NoticeFacts) -> Problem | None:
    """Why the act is refused now, or None when it is allowed. Whose hand it needs is asked first."""
    row = TABLE[action]
    allowed = notice.of_the_office if row.hand is Hand.OFFICE else notice.of_the_unit
    if not allowed:
        return Problem("supervising.not_permitted")
    if notice.state not in row.sources:
        return Problem("supervising.wrong_state")
    return None


def allowed_actions(notice: NoticeFacts) -> tuple[NoticeAction, ...]:
    """The acts open to this person now."""
    return tuple(action for action in TABLE if refusal(action, notice) is None)


def reason_problem(action: NoticeAction, reason: str) -> Problem | None:
    """What is wrong with the words of an act that must be explained; an answer is one."""
    if TABLE[action].needs_reason and len(seen(reason)) < REASON_MIN:
        return Problem("supervising.reason_missing", {"least": REASON_MIN}, column="reason")
    return text_problem(reason, "reason")


def text_problem(text: str, column: str) -> Problem | None:
    """What no record takes."""
    if unprintable(text):
        return Problem("supervising.unprintable", column=column)
    return Problem("supervising.too_long", {"most": LONGEST}, column=column) if len(text) > LONGEST else None


def due_problem(due: dt.date, today: dt.date) -> Problem | None:
    """Whoever is asked gets at least until the next working day."""
    first = add_working_days(today, 1).day
    if due >= first:
        return None
    return Problem("supervising.due_too_early", {"first": first.isoformat()}, column="due")


def usual_due(today: dt.date) -> Term:
    """The last day that the form proposes."""
    return add_working_days(today, ANSWER_DAYS)


def days_problems(days: Days) -> list[Problem]:
    """What is wrong with the days of a notice, each at its field."""
    return [
        Problem("supervising.days_wrong", {"most": most}, column=name)
        for name, most in MOST_DAYS.items()
        if not 1 <= getattr(days, name) <= most
    ]


def due_after_return(due: dt.date, today: dt.date, days: Days = USUAL) -> dt.date:
    """Until when a returned answer is to be given anew: never earlier than before."""
    return max(due, add_working_days(today, days.after_return).day)


def level_reached(due: dt.date, today: dt.date, days: Days = USUAL) -> int:
    """The highest level of reminders whose day has come; 0 before the first."""
    offsets = ((1, -days.before), (2, 0), (HIGHEST, 1))
    return max((level for level, offset in offsets if today >= _day(due, offset)), default=0)


def reminder_due(due: dt.date, today: dt.date, sent: int, last: dt.date | None, days: Days = USUAL) -> int:
    """The level to remind at now, 0 for none; ``sent`` and ``last``: the level and day of the last reminder."""
    level = level_reached(due, today, days)
    if level > sent:
        return level
    again = last is None or working_days_between(last, today) >= days.repeat
    return level if level == HIGHEST and sent == HIGHEST and again else 0


def _day(due: dt.date, offset: int) -> dt.date:
    return add_working_days(due, offset).day if offset else due


register_texts(
    {
        "supervising.not_permitted": (
            "您的岗位无权对该督办件执行此操作。",
            "Your posts do not allow this act on the notice.",
        ),
        "supervising.wrong_state": (
            "督办件的当前状态不允许此操作，请刷新页面查看最新状态。",
            "The notice's present state does not allow this. Reload to see where it stands.",
        ),
        "supervising.reason_missing": (
            "请写明内容或理由（至少{least}个字）。",
            "Please say what was done or why (at least {least} characters).",
        ),
        "supervising.unprintable": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "supervising.too_long": ("文字超过{most}个字。", "The text has more than {most} characters."),
        "supervising.missing": ("请填写此项。", "Please fill this in."),
        "supervising.days_wrong": ("请填写1至{most}个工作日。", "Give 1 to {most} working days."),
        "supervising.due_too_early": (
            "答复期限最早为下一个工作日（{first}）。",
            "The answer is due on the next working day ({first}) at the earliest.",
        ),
        "supervising.no_such_place": (
            "所选地区或单位不在督办机关的管辖范围内。",
            "The place or unit is not one that the office supervises.",
        ),
        "supervising.no_such_subject": (
            "没有找到要督办的任务或指标，或者您无权查看。",
            "There is no such task or indicator, or none that you may see.",
        ),
        "supervising.not_the_offices_series": (
            "该文号系列不属于本机关或其上级机关。",
            "That series of numbers does not belong to this office or one above it.",
        ),
        "supervising.too_many_files": (
            "一次答复最多附{most}个文件。",
            "An answer takes at most {most} files.",
        ),
    }
)
