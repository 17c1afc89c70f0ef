"""The life of a listing: states, who may do what, and when. Nothing here knows the database.

The course follows what provinces published of theirs: areas are listed in classes and examined after the
term – check, opinions asked, comprehensive judgement, then moved, kept or taken off (Fujian 2021–2022, report
of its review of eight areas [S]); a year with half a year more at most (Changde 2015 [S]); far below the
requirement stays listed, a relapse is listed again (Fuzhou 2014 [S]). Notice, reply and hearing before anything
burdensome is decided follow 行政处罚法 §44-45, §64 in spirit: they are the house's own rule here, as a listing is
a measure among authorities and no penalty [G].
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen, unprintable
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
    REVOKED = "revoked"
    NOT_TAKEN = "not_taken"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What is done to a listing."""

    CLASSIFY = "classify"
    CRITERIA = "criteria"
    SERVE = "serve"
    REPLY = "reply"
    SUSPEND = "suspend"
    RESUME = "resume"
    HEAR = "hear"
    RECALL = "recall"
    LIST = "list"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    DELIVER = "deliver"
    OBJECT = "object"
    REVIEW = "review"
    REVOKE = "revoke"
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
    (for which the office may enter what came on paper; its reply and its objection only where the place has no
    account to speak with), the acceptance team."""

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
ENDED = frozenset({S.CLOSED, S.RELAPSED, S.RAISED, S.REVOKED, S.NOT_TAKEN, S.WITHDRAWN})
DROPPED = frozenset({S.NOT_TAKEN, S.WITHDRAWN})
"""Nothing came of it."""
_UNDER_WORK = RUNNING - {S.LISTED}

TABLE: tuple[Transition, ...] = (
    Transition(A.CLASSIFY, frozenset({S.PROPOSED}), None, Side.PREPARES, "house rule [G]: what was told about is what is decided about"),
    Transition(A.CRITERIA, frozenset({S.PROPOSED}), None, Side.PREPARES, "house rule [G]: what was told about is what is decided about"),
    Transition(A.SERVE, frozenset({S.PROPOSED}), S.NOTICED, Side.PREPARES, "house rule [G]: told before it is decided"),
    Transition(A.REPLY, frozenset({S.NOTICED}), None, Side.ANSWERS, "house rule [G]: the place may speak until the day"),
    Transition(A.SUSPEND, frozenset({S.NOTICED}), None, Side.PREPARES, "house rule [G]: days on which nobody can speak are not counted"),
    Transition(A.RESUME, frozenset({S.NOTICED}), None, Side.PREPARES, "house rule [G]"),
    Transition(A.HEAR, frozenset({S.NOTICED}), S.HEARD, Side.PREPARES, "house rule [G]: what was said is noted"),
    Transition(A.RECALL, frozenset({S.NOTICED, S.HEARD}), S.PROPOSED, Side.PREPARES, "house rule [G]: a change needs a new notice"),
    Transition(A.LIST, frozenset({S.HEARD}), S.LISTED, Side.DECIDES, "accountability.md 6.2-6.5: criticism, order, listing"),
    Transition(A.DECLINE, BEFORE, S.NOT_TAKEN, Side.DECIDES, "house rule [G]: kept with reasons"),
    Transition(A.WITHDRAW, BEFORE, S.WITHDRAWN, Side.PREPARES, "house rule [G]"),
    Transition(A.DELIVER, RUNNING, None, Side.PREPARES, "house rule [G]: the time to object runs from the service"),
    Transition(A.OBJECT, RUNNING, None, Side.ANSWERS, "house rule [G]: the place may object"),
    Transition(A.REVIEW, RUNNING | {S.WATCH}, None, Side.DECIDES, "house rule [G]: reviewed by another person"),
    Transition(A.REVOKE, RUNNING | {S.WATCH}, S.REVOKED, Side.DECIDES, "house rule [G]: what should not have been decided is taken back"),
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
    ``on_paper``: the place has no account, so that the office enters what it says; ``spoken_on``: the day on which that
    came in. ``objected``: an objection waits for its review, which ``decided_it`` leaves to another person.
    """

    state: ListingState
    today: dt.date
    prepares: bool = False
    decides: bool = False
    answers: bool = False
    had_part: bool = False
    decided_it: bool = False
    on_paper: bool = False
    spoken_on: dt.date | None = None
    hear_until: dt.date | None = None
    suspended: bool = False
    replied: bool = False
    delivered: bool = False
    object_until: dt.date | None = None
    objected: bool = False
    due_on: dt.date | None = None
    watch_until: dt.date | None = None
    accepted: bool | None = None
    opinions_open: bool = False
    signed: bool = False


SPEAKING = frozenset({A.REPLY, A.OBJECT})
"""The place's own word."""
FROZEN = frozenset({A.CLASSIFY, A.CRITERIA})
"""What the notice tells; afterwards only a new notice changes it."""


def refusal(act: Act, stand: Stand) -> Problem | None:
    """Why an act is refused; None when it is allowed. Whether somebody may at all is asked first."""
    row = BY_ACT[act]
    permitted = {
        Side.PREPARES: stand.prepares,
        Side.DECIDES: stand.decides,
        Side.ANSWERS: stand.answers or (stand.prepares and (act not in SPEAKING or stand.on_paper)),
        Side.TEAM: stand.prepares,
    }[row.side]
    if not permitted:
        return Problem("listings.not_permitted")
    if stand.state not in row.sources:
        told = act in FROZEN and stand.state in (S.NOTICED, S.HEARD)
        return Problem("listings.told_already" if told else "listings.wrong_state")
    if row.side is Side.DECIDES and stand.had_part:
        return Problem("listings.had_part")
    return _time_refusal(act, stand)


def _time_refusal(act: Act, stand: Stand) -> Problem | None:
    if act in (A.REPLY, A.HEAR, A.SUSPEND, A.RESUME):
        return _hearing_refusal(act, stand)
    if act in (A.DELIVER, A.OBJECT, A.REVIEW, A.REVOKE, A.EXTEND):
        return _objection_refusal(act, stand)
    if act is A.INSPECT and not stand.signed:
        return Problem("listings.unsigned")
    if act is A.DELIST and stand.accepted is not True:
        return Problem("listings.not_accepted")
    if act is A.DELIST and stand.opinions_open:
        return Problem("listings.opinions_open")
    if act is A.CLOSE and stand.watch_until is not None and stand.today <= stand.watch_until:
        return Problem("listings.watch_runs", {"until": stand.watch_until.isoformat()})
    return None


def _hearing_refusal(act: Act, stand: Stand) -> Problem | None:
    until = stand.hear_until
    over = until is not None and (stand.spoken_on or stand.today) > until
    if act in (A.REPLY, A.SUSPEND) and until is not None and over:
        return Problem("listings.reply_over", {"until": until.isoformat()})
    if act in (A.SUSPEND, A.RESUME):
        return Problem("listings.wrong_state") if stand.suspended is (act is A.SUSPEND) else None
    if act is A.HEAR and not stand.replied and stand.suspended:
        return Problem("listings.suspended")
    if act is A.HEAR and not stand.replied and until is not None and not over:
        return Problem("listings.reply_open", {"until": until.isoformat()})
    return None


def _objection_refusal(act: Act, stand: Stand) -> Problem | None:
    until = stand.object_until
    if act is A.DELIVER and stand.delivered:
        return Problem("listings.wrong_state")
    if act is A.OBJECT and until is not None and (stand.spoken_on or stand.today) > until:
        return Problem("listings.objection_over", {"until": until.isoformat()})
    if act is A.OBJECT and stand.objected:
        return Problem("listings.objection_open")
    if act is A.EXTEND and stand.objected:
        return Problem("listings.objection_open")
    if act is A.REVIEW and not stand.objected:
        return Problem("listings.no_objection")
    if act in (A.REVIEW, A.REVOKE) and stand.objected and stand.decided_it:
        return Problem("listings.reviews_own")
    return None


# -- days and words ----------------------------------------------------------------------------------------


def day_problem(
    day: dt.date, column: str, *, today: dt.date, earliest: dt.date | None = None
) -> Problem | None:
    """No day that is entered lies ahead, and none before what it follows."""
    if day > today:
        return Problem("listings.future", column=column)
    if earliest is not None and day < earliest:
        return Problem("listings.too_early", {"earliest": earliest.isoformat()}, column=column)
    return None


def text_problem(text: str, column: str = "reason", least: int = REASON_MIN) -> Problem | None:
    """What is wrong with words that must be given."""
    if len(seen(text)) < least:
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
        "listings.told_already": (
            "告知已经送达，类别、问题和入列指标值不能再改；确需改动的，先收回告知，改动后重新送达、重新听取意见。",
            "The notice is served, so class, problem and values at entry stay as they were told. To change them, take the "
            "notice back, change them, and serve and hear anew.",
        ),
        "listings.suspended": (
            "陈述申辩期已中止，恢复并期满之后才能记录听取情况。",
            "The time to reply stands still; note the hearing after it was resumed and is over.",
        ),
        "listings.objection_over": (
            "提出异议的期限已于{until}结束。",
            "The time to object ended on {until}.",
        ),
        "listings.objection_open": (
            "异议尚未复核，请先由另一名负责人复核。",
            "An objection waits for its review by another person; that comes first.",
        ),
        "listings.no_objection": ("没有待复核的异议。", "No objection waits for a review."),
        "listings.reviews_own": (
            "作出挂牌决定的人不能复核对它的异议，请由上级另一名负责人复核。",
            "Whoever decided the listing does not review the objection to it; another person above the place must.",
        ),
        "listings.future": ("日期不能晚于今天。", "The date lies in the future."),
        "listings.too_early": (
            "日期不能早于{earliest}，即这一步所依据的上一步的日期。",
            "The date cannot lie before {earliest}, the day of the step it rests on.",
        ),
        "listings.clock_back": (
            "最近一步记在{last}，晚于今天；请系统管理员核对服务器时间。",
            "The latest step bears the day {last}, after today; ask the administrator to check the server's clock.",
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
