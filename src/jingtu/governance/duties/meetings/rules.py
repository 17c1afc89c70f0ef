"""On which day a series meets, and what may be done with a meeting in which state. Nothing here knows a database."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import Problem, register_texts
from jingtu.engine.workdays import add_working_days, is_working_day, unannounced

TITLE_MOST = 128
TEXT_MOST = 8000
REASON_MOST = 500
MOST_ITEMS = 60
MOST_PAPERS = 20
MOST_ATTENDEES = 200
MINUTES_MOST = 480
NEXT_AFTER_DAYS = 366
"""A meeting is moved by at most a year."""

register_texts(
    {
        "meetings.no_weekday": (
            "请选择星期几（周一至周五）。",
            "Choose a weekday from Monday to Friday.",
        ),
        "meetings.no_day": (
            "请填写日期：半月 1—16，月和季 1—31。",
            "Give a day: 1 to 16 of the half month, 1 to 31 of the month.",
        ),
        "meetings.no_month": ("请选择季度的第几个月（1—3）。", "Choose the month of the quarter, 1 to 3."),
        "meetings.weekday_or_day": (
            "按“第几个星期几”开会的，两项都要填；按日期开会的，两项都不填。",
            "Give both the weekday and which one of the month it is, or neither and a day.",
        ),
        "meetings.off_holiday": (
            "{planned}是法定节假日，调整到{day}。",
            "{planned} is a public holiday; moved to {day}.",
        ),
        "meetings.off_weekend": (
            "{planned}是周末，调整到{day}。",
            "{planned} falls on a weekend; moved to {day}.",
        ),
        "meetings.no_working_day": (
            "{period}没有工作日，不开会。",
            "{period} has no working day; there is no meeting.",
        ),
        "meetings.is_planned": (
            "会议通知还没有发，现在不能这样办。",
            "The invitation has not gone out yet; this cannot be done now.",
        ),
        "meetings.is_invited": (
            "会议通知已发、尚未登记到会情况，现在不能这样办。",
            "The invitation has gone out and the attendance is not recorded yet; this cannot be done now.",
        ),
        "meetings.is_held": (
            "会议已经召开，现在不能这样办。",
            "The meeting has been held; this cannot be done now.",
        ),
        "meetings.is_minuted": (
            "纪要已经提交、等主持人确认，现在不能这样办。",
            "The minutes wait for the chair; this cannot be done now.",
        ),
        "meetings.is_confirmed": (
            "纪要已经确认，不能再改。",
            "The minutes are confirmed and stay as they are.",
        ),
        "meetings.is_cancelled": (
            "会议已经取消。",
            "The meeting was cancelled.",
        ),
        "meetings.reason_missing": ("请写明原因。", "Give the reason."),
        "meetings.day_off": (
            "{day}不是工作日；确需在这一天开会的，请勾选“休息日也开”。",
            "{day} is no working day; tick “on a day off too” if the meeting has to be then.",
        ),
        "meetings.now_off": (
            "新公布的放假安排使{planned}成为休息日，改到{day}。",
            "The holidays announced since make {planned} a day off; moved to {day}.",
        ),
        "meetings.proposal_changed": (
            "建议的日期已有变化，请刷新页面后再办。",
            "The day proposed is another by now. Reload the page.",
        ),
        "meetings.not_off": ("{day}是工作日，不需要改期。", "{day} is a working day; nothing has to move."),
        "meetings.followed": (
            "随区划变更由{old}转到{new}。",
            "Went from {old} to {new} with the change of regions.",
        ),
        "meetings.day_past": ("不能改到过去的日期。", "A meeting is not moved into the past."),
        "meetings.same_day": ("日期和时间没有变化。", "Day and time are the same as before."),
        "meetings.nothing_on_agenda": (
            "议程是空的，请先加入议题再发会议通知。",
            "The agenda is empty; put items on it before inviting.",
        ),
        "meetings.nobody_invited": (
            "还没有参会人员。",
            "Nobody is invited yet.",
        ),
        "meetings.no_chair": (
            "请先确定主持人：纪要由主持人确认。",
            "Name the chair first: the chair confirms the minutes.",
        ),
        "meetings.not_yet": (
            "会议还没有到开会的日子。",
            "The day of the meeting has not come yet.",
        ),
        "meetings.minutes_missing": (
            "每个议题都要有记录：{items}。",
            "Every item needs its minutes: {items}.",
        ),
        "meetings.agenda_frozen": (
            "会议通知已发，议程已固定；可以补充议题，不能改动或删除原有议题。",
            "The invitation has gone out and the agenda is fixed: items may be added, not changed or taken off.",
        ),
    }
)


class Rhythm(StrEnum):
    """How often a series meets; each is a kind of period, and there is one meeting in each."""

    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"


KIND_OF = {
    Rhythm.WEEK: PeriodKind.WEEK,
    Rhythm.HALF_MONTH: PeriodKind.HALF_MONTH,
    Rhythm.MONTH: PeriodKind.MONTH,
    Rhythm.QUARTER: PeriodKind.QUARTER,
}
AHEAD_DAYS = {Rhythm.WEEK: 28, Rhythm.HALF_MONTH: 45, Rhythm.MONTH: 92, Rhythm.QUARTER: 184}
"""How far ahead a series puts down its meetings."""


class Shift(StrEnum):
    """Which way a day off is avoided first."""

    LATER = "later"
    EARLIER = "earlier"


LAST = 5
"""Of ``nth``: the last such weekday of the month."""


@dataclass(frozen=True)
class Rule:
    """On which day of its period a series meets.

    Weekly: ``weekday`` (0 Monday to 4 Friday). Half-monthly: ``day`` counted from the 1st or the 16th. Monthly
    and quarterly: either ``day`` of the month (the last one where there are fewer), or the ``nth`` ``weekday``;
    ``month`` says which of the quarter.
    """

    rhythm: Rhythm
    weekday: int | None = None
    nth: int = 0
    day: int = 0
    month: int = 1
    shift: Shift = Shift.LATER


def rule_problems(rule: Rule) -> list[Problem]:
    """What keeps a rule from naming one day in every period."""
    found = []
    if rule.rhythm is Rhythm.WEEK:
        if rule.weekday is None or not 0 <= rule.weekday <= 4:
            found.append(Problem("meetings.no_weekday", column="weekday"))
        return found
    if rule.rhythm is Rhythm.HALF_MONTH:
        if not 1 <= rule.day <= 16:
            found.append(Problem("meetings.no_day", column="day"))
        return found
    if (rule.weekday is None) != (rule.nth == 0):
        found.append(Problem("meetings.weekday_or_day", column="nth"))
    elif rule.weekday is None:
        if not 1 <= rule.day <= 31:
            found.append(Problem("meetings.no_day", column="day"))
    elif not 0 <= rule.weekday <= 4 or not 1 <= rule.nth <= LAST:
        found.append(Problem("meetings.no_weekday", column="weekday"))
    if rule.rhythm is Rhythm.QUARTER and not 1 <= rule.month <= 3:
        found.append(Problem("meetings.no_month", column="month"))
    return found


def usual_day(rule: Rule, period: Period) -> date:
    """The day the rule names in a period, whether offices work on it or not."""
    if rule.rhythm is Rhythm.WEEK:
        return period.start + timedelta(days=rule.weekday or 0)
    if rule.rhythm is Rhythm.HALF_MONTH:
        return min(period.start + timedelta(days=rule.day - 1), period.end)
    year, month = period.start.year, period.start.month
    if rule.rhythm is Rhythm.QUARTER:
        month += rule.month - 1
    last = calendar.monthrange(year, month)[1]
    if rule.weekday is None:
        return date(year, month, min(rule.day, last))
    first = date(year, month, 1)
    found = first + timedelta(days=(rule.weekday - first.weekday()) % 7)
    for _ in range(rule.nth - 1):
        if (found + timedelta(days=7)).month != month:
            break
        found += timedelta(days=7)
    return found


@dataclass(frozen=True)
class Slot:
    """Where a period's meeting falls. ``day`` None: the whole period has no working day. ``why``: what moved
    it; ``years``: those touched whose public holidays were not announced yet."""

    period: Period
    planned: date
    day: date | None
    why: Problem | None = None
    years: tuple[int, ...] = ()


def slot(rule: Rule, period: Period) -> Slot:
    """The day of a period's meeting: the usual one, moved off days off but never out of its period."""
    planned = usual_day(rule, period)
    day = _working(planned, period, rule.shift)
    years = unannounced(planned, day or planned)
    if day is None:
        return Slot(period, planned, None, Problem("meetings.no_working_day", {"period": period.key}), years)
    if day == planned:
        return Slot(period, planned, day, None, years)
    code = "meetings.off_weekend" if planned.weekday() > 4 else "meetings.off_holiday"
    why = Problem(code, {"planned": planned.isoformat(), "day": day.isoformat()})
    return Slot(period, planned, day, why, years)


def _working(planned: date, period: Period, shift: Shift) -> date | None:
    steps = (1, -1) if shift is Shift.LATER else (-1, 1)
    for step in steps:
        at = planned
        while period.start <= at <= period.end:
            if is_working_day(at):
                return at
            at += timedelta(days=step)
    return None


def slots(rule: Rule, first: date, last: date) -> Iterator[Slot]:
    """The meetings whose periods touch the days from ``first`` to ``last`` and that fall between them; periods
    without a working day are among them where their usual day falls between."""
    period = Period.of(KIND_OF[rule.rhythm], first)
    while period.start <= last:
        found = slot(rule, period)
        if first <= (found.day or found.planned) <= last:
            yield found
        period = period.next()


def working_day_near(
    held_on: date, today: date, rule: Rule | None = None, period: Period | None = None
) -> date:
    """Where a meeting goes whose day has turned out to be a day off: the day its series' rule names now in its period,
    or the next working day where that one has passed, and for a meeting outside every series."""
    if rule is not None and period is not None:
        named = slot(rule, period).day
        if named is not None and named >= today:
            return named
    return add_working_days(max(held_on, today), 0).day


PRESETS: Mapping[str, Rule] = {
    "weekly": Rule(Rhythm.WEEK, weekday=0),
    "half_monthly": Rule(Rhythm.HALF_MONTH, day=5),
    "monthly": Rule(Rhythm.MONTH, day=8),
    "quarterly": Rule(Rhythm.QUARTER, day=15, month=1),
}
"""The rhythm that programmes commonly prescribe: a weekly meeting, half-monthly and monthly dispatch, a
quarterly review. The days are a beginning and can be changed."""


class MeetingState(StrEnum):
    """How far a meeting has come."""

    PLANNED = "planned"
    INVITED = "invited"
    HELD = "held"
    MINUTED = "minuted"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What is done with a meeting as a whole."""

    PLAN = "plan"
    FOLLOW = "follow"  # its region went to a successor; not an act of a person
    MOVE = "move"
    INVITE = "invite"
    ADD = "add"  # an item after the invitation
    HOLD = "hold"
    MINUTE = "minute"
    RETURN = "return"
    CONFIRM = "confirm"
    CANCEL = "cancel"


S = MeetingState
TABLE: Mapping[tuple[MeetingState, Act], MeetingState] = {
    (S.PLANNED, Act.MOVE): S.PLANNED,
    (S.PLANNED, Act.INVITE): S.INVITED,
    (S.PLANNED, Act.CANCEL): S.CANCELLED,
    (S.INVITED, Act.MOVE): S.INVITED,
    (S.INVITED, Act.ADD): S.INVITED,
    (S.INVITED, Act.HOLD): S.HELD,
    (S.INVITED, Act.CANCEL): S.CANCELLED,
    (S.HELD, Act.MINUTE): S.MINUTED,
    (S.MINUTED, Act.RETURN): S.HELD,
    (S.MINUTED, Act.CONFIRM): S.CONFIRMED,
}
"""What may be done in which state, and what comes of it. A meeting that was held is never cancelled."""

OPEN_STATES = frozenset({S.PLANNED, S.INVITED})
UNFINISHED = OPEN_STATES | {S.HELD, S.MINUTED}
"""Something is still to be done about the meeting."""
TOOK_PLACE = frozenset({S.HELD, S.MINUTED, S.CONFIRMED})
NEEDS_REASON = frozenset({Act.MOVE, Act.CANCEL, Act.RETURN})
CHAIRS = frozenset({Act.RETURN, Act.CONFIRM})
"""Acts of the chair in person; everything else is for who manages meetings."""


def after(state: MeetingState, act: Act) -> MeetingState | None:
    """The state after an act; None where it may not be done."""
    return TABLE.get((state, act))


def open_acts(state: MeetingState) -> list[Act]:
    """What may be done in a state, in the order of :class:`Act`."""
    return [act for act in Act if (state, act) in TABLE]


class Presence(StrEnum):
    """Whether somebody came. ``substituted``: somebody else stood in."""

    EXPECTED = "expected"
    PRESENT = "present"
    SUBSTITUTED = "substituted"
    EXCUSED = "excused"
    ABSENT = "absent"


class Outcome(StrEnum):
    """What became of a decision, as the next agenda shows it."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done_late"
    CANCELLED = "cancelled"


def outcome(due: date, finished: date | None, cancelled: bool, day: date) -> Outcome:
    """What became of a decision by ``day``; done on its due date is in time."""
    if cancelled:
        return Outcome.CANCELLED
    if finished is not None and finished <= day:
        return Outcome.DONE if finished <= due else Outcome.DONE_LATE
    return Outcome.LATE if day > due else Outcome.OPEN
