"""The life of a listing: states, who may do what, when, and the arithmetic of terms. Nothing here knows the database.

The course follows what provinces published of theirs: areas are listed in classes and examined after the
term – check, opinions asked, comprehensive judgement, then moved, kept or taken off (Fujian 2021–2022, report
of its review of eight areas [S]); a year with half a year more at most (Changde 2015 [S]); far below the
requirement stays listed, a relapse is listed again (Fuzhou 2014 [S]). Notice, reply and hearing before anything
burdensome is decided follow 行政处罚法 §44-45, §64 in spirit: they are the house's own rule here, as a listing is
a measure among authorities and no penalty [G].
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from jingtu.core.kernel.characters import unprintable
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.problems import Problem, register_texts

REASON_MIN = 4
REASON_MOST = 4000
TEAM_LEAST = 2
"""An acceptance on the spot is signed by no fewer; one person alone checks nobody."""


class ListingState(StrEnum):
    """Where a listing stands."""

    PROPOSED = "proposed"
    NOTICED = "noticed"
    HEARD = "heard"
    LISTED = "listed"
    RECTIFYING = "rectifying"
    SELF_ASSESSED = "self_assessed"
    INSPECTED = "inspected"
    CONSULTED = "consulted"
    WATCH = "watch"
    CLOSED = "closed"
    RELAPSED = "relapsed"
    RAISED = "raised"
    NOT_TAKEN = "not_taken"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What is done to a listing."""

    SERVE = "serve"
    REPLY = "reply"
    HEAR = "hear"
    LIST = "list"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    PLAN = "plan"
    PROGRESS = "progress"
    SELF_ASSESS = "self_assess"
    RETURN = "return"
    INSPECT = "inspect"
    CONSULT = "consult"
    DELIST = "delist"
    EXTEND = "extend"
    CLOSE = "close"
    RELAPSE = "relapse"
    RAISE = "raise"


class Side(StrEnum):
    """On whose side an act lies: the office above that prepares, the person above who decides, the place itself
    (for which the office may enter what came on paper, except its reply), the acceptance team."""

    PREPARES = "prepares"
    DECIDES = "decides"
    ANSWERS = "answers"
    TEAM = "team"


class Following(StrEnum):
    """How a listing follows a former one of the same place."""

    NONE = ""
    RELAPSE = "relapse"
    RAISE = "raise"


@dataclass(frozen=True)
class Transition:
    """From which states an act leads where, on whose side it lies, and what the step is taken from."""

    act: Act
    sources: frozenset[ListingState]
    target: ListingState | None
    side: Side
    after: str


S, A = ListingState, Act
RUNNING = frozenset({S.LISTED, S.RECTIFYING, S.SELF_ASSESSED, S.INSPECTED, S.CONSULTED})
"""The term runs."""
BEFORE = frozenset({S.PROPOSED, S.NOTICED, S.HEARD})
"""Nothing is decided yet."""
ENDED = frozenset({S.CLOSED, S.RELAPSED, S.RAISED, S.NOT_TAKEN, S.WITHDRAWN})
_UNDER_WORK = RUNNING - {S.LISTED}

TABLE: tuple[Transition, ...] = (
    Transition(A.SERVE, frozenset({S.PROPOSED}), S.NOTICED, Side.PREPARES, "house rule [G]: told before it is decided"),
    Transition(A.REPLY, frozenset({S.NOTICED}), None, Side.ANSWERS, "house rule [G]: the place may speak until the day"),
    Transition(A.HEAR, frozenset({S.NOTICED}), S.HEARD, Side.PREPARES, "house rule [G]: what was said is noted"),
    Transition(A.LIST, frozenset({S.HEARD}), S.LISTED, Side.DECIDES, "accountability.md 6.2-6.5: criticism, order, listing"),
    Transition(A.DECLINE, BEFORE, S.NOT_TAKEN, Side.DECIDES, "house rule [G]: kept with reasons"),
    Transition(A.WITHDRAW, BEFORE, S.WITHDRAWN, Side.PREPARES, "house rule [G]"),
    Transition(A.PLAN, frozenset({S.LISTED}), S.RECTIFYING, Side.ANSWERS, "Anju 2018-2021 [S]: 30 tasks; Anhui 2015 [S]: letter of responsibility"),
    Transition(A.PROGRESS, frozenset({S.RECTIFYING}), None, Side.ANSWERS, "Linshui 2022: monthly assessment"),
    Transition(A.SELF_ASSESS, frozenset({S.RECTIFYING}), S.SELF_ASSESSED, Side.ANSWERS, "6.5: self-report"),
    Transition(A.RETURN, frozenset({S.SELF_ASSESSED, S.INSPECTED, S.CONSULTED}), S.RECTIFYING, Side.PREPARES, "Fuzhou 2014 [S]: far below stays listed"),
    Transition(A.INSPECT, frozenset({S.SELF_ASSESSED}), S.INSPECTED, Side.TEAM, "Fujian 2021-2022 [S]: check and acceptance"),
    Transition(A.CONSULT, frozenset({S.INSPECTED}), S.CONSULTED, Side.PREPARES, "Fujian 2021-2022 [S]: opinions asked"),
    Transition(A.DELIST, frozenset({S.CONSULTED}), S.WATCH, Side.DECIDES, "Fujian 2021-2022 [S]: comprehensive judgement"),
    Transition(A.EXTEND, _UNDER_WORK, S.RECTIFYING, Side.DECIDES, "Changde 2015 [S]: six months more"),
    Transition(A.CLOSE, frozenset({S.WATCH}), S.CLOSED, Side.DECIDES, "6.5: watch period, then normal"),
    # The two below are taken together with the decision to list anew, which has its own notice and hearing.
    Transition(A.RELAPSE, frozenset({S.WATCH, S.CLOSED}), S.RELAPSED, Side.DECIDES, "Fuzhou 2014 [S]: relapse is listed again"),
    Transition(A.RAISE, RUNNING, S.RAISED, Side.DECIDES, "Fuzhou 2014 [S]: no change, ask the upper level"),
)  # fmt: skip
BY_ACT: dict[Act, Transition] = {row.act: row for row in TABLE}
DECISIONS = frozenset(row.act for row in TABLE if row.side is Side.DECIDES)


@dataclass(frozen=True)
class Stand:
    """What the rules need to know of a listing and of who stands before it.

    ``had_part``: prepared it, spoke for the place or signed its acceptance; such a person does not decide.
    """

    state: ListingState
    today: dt.date
    prepares: bool = False
    decides: bool = False
    answers: bool = False
    had_part: bool = False
    hear_until: dt.date | None = None
    replied: bool = False
    due_on: dt.date | None = None
    watch_until: dt.date | None = None
    accepted: bool | None = None
    opinions_open: bool = False
    signed: bool = False


def refusal(act: Act, stand: Stand) -> Problem | None:
    """Why an act is refused; None when it is allowed. Whether somebody may at all is asked first."""
    row = BY_ACT[act]
    permitted = {
        Side.PREPARES: stand.prepares,
        Side.DECIDES: stand.decides,
        Side.ANSWERS: stand.answers or (act is not A.REPLY and stand.prepares),
        Side.TEAM: stand.prepares,
    }[row.side]
    if not permitted:
        return Problem("listings.not_permitted")
    if stand.state not in row.sources:
        return Problem("listings.wrong_state")
    if row.side is Side.DECIDES and stand.had_part:
        return Problem("listings.had_part")
    return _time_refusal(act, stand)


def _time_refusal(act: Act, stand: Stand) -> Problem | None:
    until = stand.hear_until
    if act is A.REPLY and until is not None and stand.today > until:
        return Problem("listings.reply_over", {"until": until.isoformat()})
    if act is A.HEAR and not stand.replied and until is not None and stand.today <= until:
        return Problem("listings.reply_open", {"until": until.isoformat()})
    if act is A.INSPECT and not stand.signed:
        return Problem("listings.unsigned")
    if act is A.DELIST and stand.accepted is not True:
        return Problem("listings.not_accepted")
    if act is A.DELIST and stand.opinions_open:
        return Problem("listings.opinions_open")
    if act is A.CLOSE and stand.watch_until is not None and stand.today <= stand.watch_until:
        return Problem("listings.watch_runs", {"until": stand.watch_until.isoformat()})
    return None


# -- terms -------------------------------------------------------------------------------------------------


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months on; the last of the month where that has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def last_day(first: dt.date, months: int) -> dt.date:
    """The last day of a term of so many months that begins on ``first``."""
    return add_months(first, months) - dt.timedelta(days=1)


def extension_problem(months: int, *, term: int, extended: int, most_each: int, cap: int) -> Problem | None:
    """Why a term of ``term`` months, extended by ``extended`` so far, is not extended by ``months`` more."""
    if months < 1 or months > most_each:
        return Problem("listings.extension_each", {"most": most_each}, column="months")
    if term + extended + months > cap:
        return Problem("listings.extension_cap", {"cap": cap, "so_far": term + extended}, column="months")
    return None


def days_left(due: dt.date, today: dt.date) -> int:
    """Days until the last day of the term; negative when it is over."""
    return (due - today).days


# -- criteria ----------------------------------------------------------------------------------------------


def met(required: str, value: Decimal | None) -> bool | None:
    """Whether a value meets what is required at the exit; None without a value or a requirement."""
    if value is None or not required:
        return None
    return Threshold.parse(required).met_by(*value.as_integer_ratio())


FORECAST_POINTS = 3


def forecast(
    values: Sequence[tuple[dt.date, Decimal]],
    due: dt.date,
    *,
    floor: Decimal | None = Decimal(0),
    ceiling: Decimal | None = None,
) -> Decimal | None:
    """Where a value will stand on ``due`` if it keeps moving as between entry and now: a straight line through the
    first and the last of the values. None with fewer than two days; never below ``floor``
    or above ``ceiling`` (a share has one).

    A line through two points promises nothing: screens say the rule beside the figure.
    """
    days = sorted(values, key=lambda pair: pair[0])
    if len(days) < 2 or days[0][0] == days[-1][0]:
        return None
    (first, start), (last, now_) = days[0], days[-1]
    slope = (now_ - start) / Decimal((last - first).days)
    ahead = max((due - last).days, 0)
    reached = (now_ + slope * ahead).quantize(Decimal("0.01"), ROUND_HALF_UP)
    reached = reached if floor is None else max(floor, reached)
    return reached if ceiling is None else min(ceiling, reached)


# -- acceptance --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scored:
    """One line of the checklist: its points and what was given."""

    code: str
    points: Decimal
    score: Decimal | None


def score_problems(lines: Sequence[Scored]) -> list[Problem]:
    """What is wrong with the scores: every line has one, between nothing and its points."""
    found = []
    for line in lines:
        if line.score is None:
            found.append(Problem("listings.score_missing", column=f"score_{line.code}"))
        elif not Decimal(0) <= line.score <= line.points:
            found.append(
                Problem(
                    "listings.score_range",
                    {"most": f"{line.points.normalize():f}"},
                    column=f"score_{line.code}",
                )
            )
    return found


def total(lines: Sequence[Scored]) -> Decimal:
    """The points given, of a hundred where the lines add up to that."""
    return sum((line.score or Decimal(0) for line in lines), Decimal(0))


def passes(lines: Sequence[Scored], pass_mark: Decimal) -> bool:
    """Whether the sum reaches the pass mark."""
    return total(lines) >= pass_mark


def text_problem(text: str, column: str = "reason", least: int = REASON_MIN) -> Problem | None:
    """What is wrong with words that must be given."""
    if len(text.strip()) < least:
        return Problem("listings.reason_missing", {"least": least}, column=column)
    return printable_problem(text, column)


def printable_problem(text: str, column: str) -> Problem | None:
    """No record takes control characters, no step more than its column holds."""
    if unprintable(text):
        return Problem("listings.unprintable", column=column)
    if len(text) > REASON_MOST:
        return Problem("listings.too_long", {"most": REASON_MOST}, column=column)
    return None


register_texts(
    {
        "listings.not_permitted": ("您的岗位无权执行此操作。", "Your posts do not allow this act."),
        "listings.wrong_state": (
            "当前状态不允许此操作，请刷新页面。",
            "The present state does not allow this act. Reload the page.",
        ),
        "listings.had_part": (
            "提出或办理这件挂牌、代表当地陈述、参加验收的人不能作决定，请由上级另一名负责人决定。",
            "Whoever prepared the listing, spoke for the place or signed its acceptance cannot decide it; "
            "another person above the place must.",
        ),
        "listings.reply_open": (
            "当地可在{until}前陈述申辩；陈述之后或期满之后才能记录听取情况。",
            "The place may speak until {until}; note the hearing after its reply or when the time is over.",
        ),
        "listings.reply_over": ("陈述申辩期已于{until}结束。", "The time to reply ended on {until}."),
        "listings.unsigned": (
            "验收组成员尚未全部签字。",
            "Not every member of the acceptance team has signed.",
        ),
        "listings.not_accepted": (
            "验收未达到合格分，不能摘牌；可以延期，或退回整改后再验收。",
            "The acceptance did not reach the pass mark, so it cannot be delisted; extend it, or return it and examine it anew.",
        ),
        "listings.opinions_open": (
            "征求意见尚未全部收到，期限也未到。",
            "Opinions asked for are still out and their time is not over.",
        ),
        "listings.watch_runs": (
            "巩固期到{until}为止，期满后才能结案。",
            "The watch period runs until {until}; close it afterwards.",
        ),
        "listings.extension_each": (
            "每次延期为1至{most}个月。",
            "An extension is 1 to {most} months.",
        ),
        "listings.extension_cap": (
            "累计不得超过{cap}个月（目前{so_far}个月）。",
            "In all no more than {cap} months ({so_far} so far).",
        ),
        "listings.score_missing": ("请打分。", "Give a score."),
        "listings.score_range": ("应在0到{most}之间。", "Between 0 and {most}."),
        "listings.reason_missing": (
            "请写明内容（至少{least}个字）。",
            "Please write something (at least {least} characters).",
        ),
        "listings.unprintable": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "listings.too_long": ("最多{most}个字。", "At most {most} characters."),
    }
)
