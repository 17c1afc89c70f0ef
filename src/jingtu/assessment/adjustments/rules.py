"""The life of an entry and of a veto: who may do what, when, and what holds for the points.

A bonus or deduction counts only when somebody other than whoever entered it has approved it. A veto that
fires is proposed, never applied by the machine: the place hears of it and may reply until a date, then a
named person decides with reasons. A decision holds for the value it was made about.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts

REASON_MIN = 4
"""A reason shorter than this many characters explains nothing."""
REPLY_DAYS = 3
"""Working days a place has to reply to a veto; practice, not law."""


class EntryState(StrEnum):
    """Where an entry stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class EntryAction(StrEnum):
    """What may be done with an entry."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class VetoState(StrEnum):
    """Where a veto stands; ``lapsed``: what it rested on is gone."""

    PROPOSED = "proposed"
    REPLIED = "replied"
    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    LAPSED = "lapsed"


UNDECIDED = frozenset({VetoState.PROPOSED, VetoState.REPLIED})
DECIDED = frozenset({VetoState.APPLIED, VetoState.NOT_APPLIED})

_ENTRY_SOURCES: dict[EntryAction, frozenset[EntryState]] = {
    EntryAction.APPROVE: frozenset({EntryState.PROPOSED}),
    EntryAction.REFUSE: frozenset({EntryState.PROPOSED}),
    EntryAction.WITHDRAW: frozenset({EntryState.PROPOSED, EntryState.APPROVED}),
}
ENTRY_RESULT: dict[EntryAction, EntryState] = {
    EntryAction.APPROVE: EntryState.APPROVED,
    EntryAction.REFUSE: EntryState.REFUSED,
    EntryAction.WITHDRAW: EntryState.WITHDRAWN,
}


@dataclass(frozen=True)
class Hands:
    """Who stands before an entry: what they may do over its place, and whether they entered it."""

    files: bool
    approves: bool
    entered_it: bool


def entry_refusal(action: EntryAction, state: EntryState, hands: Hands) -> Problem | None:
    """Why the act is refused; None when it is allowed. Permission is asked first."""
    if action is EntryAction.WITHDRAW and state is EntryState.PROPOSED:
        permitted = hands.entered_it or hands.approves
    else:
        permitted = hands.approves
    if not permitted:
        return Problem("adjustments.not_permitted")
    if state not in _ENTRY_SOURCES[action]:
        return Problem("adjustments.wrong_state")
    if action is EntryAction.APPROVE and hands.entered_it:
        return Problem("adjustments.same_person")
    return None


@dataclass(frozen=True)
class Case:
    """What the rules need to know of a veto and of the person before it."""

    state: VetoState
    reply_until: dt.date
    speaks_for_place: bool
    approves: bool
    replied_it: bool = False
    proposed_it: bool = False


def reply_refusal(case: Case, today: dt.date) -> Problem | None:
    """Why a reply is not taken; None when it is. A reply may be written again until the day is over."""
    if not case.speaks_for_place:
        return Problem("adjustments.not_permitted")
    if case.state not in UNDECIDED:
        return Problem("adjustments.wrong_state")
    if today > case.reply_until:
        return Problem("adjustments.reply_over", {"until": case.reply_until.isoformat()})
    return None


def decision_refusal(case: Case, today: dt.date) -> Problem | None:
    """Why the veto may not be decided now; None when it may."""
    if not case.approves:
        return Problem("adjustments.not_permitted")
    if case.state not in UNDECIDED:
        return Problem("adjustments.wrong_state")
    if case.replied_it or case.proposed_it:
        return Problem("adjustments.not_a_third")
    if case.state is VetoState.PROPOSED and today <= case.reply_until:
        return Problem("adjustments.reply_open", {"until": case.reply_until.isoformat()})
    return None


def fired_again(state: VetoState, old_value: str, new_value: str) -> VetoState:
    """The state of a veto that fires in a new computation: decided once, unless the value is another."""
    if state is VetoState.LAPSED or old_value != new_value:
        return VetoState.PROPOSED
    return state


def reason_problem(reason: str) -> Problem | None:
    """What is wrong with the reason given."""
    if len(seen(reason)) < REASON_MIN:
        return Problem("adjustments.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


register_texts(
    {
        "adjustments.not_permitted": ("您的岗位无权执行此操作。", "Your posts do not allow this act."),
        "adjustments.wrong_state": (
            "当前状态不允许此操作，请刷新页面。",
            "The present state does not allow this act. Reload the page.",
        ),
        "adjustments.same_person": (
            "申报人不能批准自己申报的加减分，请由另一名审批人办理。",
            "Whoever entered it cannot approve it; another approver must.",
        ),
        "adjustments.not_a_third": (
            "提出否决或代表该地区答辩的人不能作决定，请由另一名审批人办理。",
            "Whoever proposed the veto or replied for the place cannot decide it; another approver must.",
        ),
        "adjustments.reply_open": (
            "该地区可在{until}前答辩；答辩之后或期满之后才能决定。",
            "The place may reply until {until}; decide after its reply or when the time is over.",
        ),
        "adjustments.reply_over": (
            "答辩期已于{until}结束。",
            "The time to reply ended on {until}.",
        ),
        "adjustments.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "adjustments.not_begun": (
            "周期“{period}”还没有开始，不能申报。",
            "The period “{period}” has not begun; nothing can be stated for it.",
        ),
        "adjustments.entered_already": (
            "同一地区、周期、评分项已有相同数量和事由的申报（第{number}号），不重复计分；另有其事的请写清事由。",
            "Entry no. {number} states the same count and reason for this place, period and line; it does not count "
            "twice. If it is about something else, say so in the reason.",
        ),
        "adjustments.no_line": (
            "评分表“{scorecard}”没有这个加分或扣分项。",
            "The scorecard “{scorecard}” has no such bonus or deduction line.",
        ),
        "adjustments.wrong_level": (
            "评分表“{scorecard}”不考核这一级的对象。",
            "The scorecard “{scorecard}” does not assess places of this level.",
        ),
        "adjustments.evidence_missing": (
            "请附上证据文件；没有证据的加减分不予受理。",
            "Attach the evidence; an entry without evidence is not taken.",
        ),
        "adjustments.unknown_scorecard": (
            "指标目录中没有评分表“{scorecard}”。",
            "The catalogue has no scorecard “{scorecard}”.",
        ),
    }
)
