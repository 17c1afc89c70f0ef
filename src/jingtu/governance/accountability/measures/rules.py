"""The life of a proposal and of a measure: who may do what, when, in which order. Pure.

A rule proposes, a named person decides with reasons. No measure is decided before its addressee had notice and
the time to reply; none ends without a decision. What a decision costs its addressee is recorded effect by
effect, only as the competent body decided it in a document of its own.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts

from .clocks import Clock, Suspension

__all__ = ["Clock", "Suspension"]  # the due-process clock, where the listings look for it

REASON_MIN = 4
"""A reason shorter than this many characters explains nothing."""
SMALL = 5
"""Counts of persons below this are not printed."""


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    FILED = "filed"
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"


UNDECIDED = frozenset({ProposalState.OPEN, ProposalState.FILED})


class State(StrEnum):
    """Where a measure stands."""

    OPENED = "opened"
    NOTICED = "noticed"
    SERVED = "served"
    REPLIED = "replied"
    DECIDED = "decided"
    IN_FORCE = "in_force"
    OBJECTED = "objected"
    DROPPED = "dropped"
    REVOKED = "revoked"
    ENDED = "ended"


class Act(StrEnum):
    """What is done with a measure."""

    OPEN = "open"
    NOTICE = "notice"
    SERVE = "serve"
    REPLY = "reply"
    HEAR = "hear"
    SUSPEND = "suspend"
    RESUME = "resume"
    DECIDE = "decide"
    DROP = "drop"
    SERVE_DECISION = "serve_decision"
    EFFECT = "effect"
    OBJECT = "object"
    UPHOLD = "uphold"
    CHANGE = "change"
    REVOKE = "revoke"
    LIFT = "lift"
    END = "end"
    MOVE = "move"


HEARABLE = frozenset({State.SERVED, State.REPLIED})
LIVE = frozenset({State.IN_FORCE, State.OBJECTED})
OPEN_STATES = frozenset(
    {State.OPENED, State.NOTICED, State.SERVED, State.REPLIED, State.DECIDED, State.IN_FORCE, State.OBJECTED}
)
CLOSED = frozenset(State) - OPEN_STATES
DECIDED_STATES = frozenset(
    {State.DECIDED, State.IN_FORCE, State.OBJECTED, State.DROPPED, State.REVOKED, State.ENDED}
)

TABLE: dict[Act, tuple[frozenset[State], State | None]] = {
    Act.NOTICE: (frozenset({State.OPENED}), State.NOTICED),
    Act.SERVE: (frozenset({State.NOTICED}), State.SERVED),
    Act.REPLY: (HEARABLE, State.REPLIED),
    Act.HEAR: (HEARABLE, None),
    Act.SUSPEND: (HEARABLE | LIVE, None),
    Act.RESUME: (HEARABLE | LIVE, None),
    Act.DECIDE: (HEARABLE, State.DECIDED),
    Act.DROP: (frozenset({State.OPENED, State.NOTICED}) | HEARABLE, State.DROPPED),
    Act.SERVE_DECISION: (frozenset({State.DECIDED}), State.IN_FORCE),
    Act.EFFECT: (LIVE, None),
    Act.OBJECT: (frozenset({State.IN_FORCE}), State.OBJECTED),
    Act.UPHOLD: (frozenset({State.OBJECTED, State.ENDED}), State.IN_FORCE),
    Act.CHANGE: (frozenset({State.OBJECTED, State.ENDED}), State.IN_FORCE),
    Act.REVOKE: (frozenset({State.OBJECTED, State.ENDED}), State.REVOKED),
    Act.LIFT: (frozenset({State.IN_FORCE}), State.ENDED),
    Act.END: (LIVE, State.ENDED),
}
"""From which states an act is possible, and where it leads (None: it stays where it is). What has ended is reviewed
only where an objection still waits, and stays ended unless it is revoked."""

KEEPING = frozenset({Act.NOTICE, Act.SERVE, Act.HEAR, Act.SERVE_DECISION, Act.EFFECT})
"""What whoever keeps the file does."""
STILLING = frozenset({Act.SUSPEND, Act.RESUME})
"""Before a decision whoever keeps the file lets clocks stand still; a term in force only whoever may decide."""
DECIDING = frozenset({Act.DECIDE, Act.DROP, Act.UPHOLD, Act.CHANGE, Act.REVOKE, Act.LIFT})
"""What only a named person above the place does, with reasons."""
ANSWERING = frozenset({Act.REPLY, Act.OBJECT})
"""What the addressee does; what came on paper is entered by whoever keeps the file, with the paper."""
REVIEWING = frozenset({Act.UPHOLD, Act.CHANGE, Act.REVOKE})


@dataclass(frozen=True)
class Standing:
    """What the rules need to know of a measure and of who stands before it.

    ``prepared_it``: had a hand in its file; ``decided_it``: made the decision that is objected to; ``objected``: an
    objection waits for its review; ``high_enough``: stands no lower than the post it was decided from;
    ``concerned``: the measure is against them, or they answer for the organisation it is against.
    """

    state: State
    keeps: bool = False
    decides: bool = False
    speaks_for_it: bool = False
    prepared_it: bool = False
    decided_it: bool = False
    concerned: bool = False
    suspended: bool = False
    objected: bool = False
    high_enough: bool = True
    reply: Clock | None = None
    objection: Clock | None = None
    ends_on: dt.date | None = None


def decides(act: Act, state: State) -> bool:
    """Whether the act is a decision about the measure in that state."""
    return act in DECIDING or (act in STILLING and state in LIVE)


def keeps(act: Act, state: State) -> bool:
    """Whether the act keeps the file of the measure in that state."""
    return act in KEEPING or (act in STILLING and state not in LIVE)


def act_problem(act: Act, found: Standing, day: dt.date) -> Problem | None:
    """Why an act is refused on ``day``; None when it is allowed. Rights are asked first."""
    return _rights(act, found) or _state(act, found) or _time(act, found, day)


def _rights(act: Act, found: Standing) -> Problem | None:
    keeping, deciding = keeps(act, found.state), decides(act, found.state)
    if keeping and not found.keeps:
        return Problem("measures.not_permitted")
    if act in ANSWERING and not (found.speaks_for_it or found.keeps):
        return Problem("measures.not_permitted")
    if deciding:
        if not found.decides:
            return Problem("measures.not_permitted")
        if found.state in DECIDED_STATES and not found.high_enough:
            return Problem("measures.decided_above")
        if found.prepared_it:
            return Problem("measures.same_person")
        if act in REVIEWING and found.decided_it:
            return Problem("measures.own_decision")
    if (keeping or deciding) and found.concerned:
        return Problem("measures.own_case")
    return None


def _state(act: Act, found: Standing) -> Problem | None:
    sources, _ = TABLE[act]
    if found.state not in sources:
        return Problem("measures.wrong_state")
    if found.state is State.ENDED and not found.objected:
        return Problem("measures.wrong_state")
    if (act is Act.SUSPEND and found.suspended) or (act is Act.RESUME and not found.suspended):
        return Problem("measures.wrong_state")
    return None


def _time(act: Act, found: Standing, day: dt.date) -> Problem | None:
    if act is Act.DECIDE and found.state is State.SERVED:
        return _still_open(found.reply, day)
    if act is Act.REPLY and found.reply is not None and found.reply.over(day):
        return Problem("measures.reply_over", {"until": _said(found.reply)})
    if act is Act.OBJECT and found.objection is not None and found.objection.over(day):
        return Problem("measures.objection_over", {"until": _said(found.objection)})
    if act is Act.END and (found.ends_on is None or day <= found.ends_on or found.suspended):
        return Problem("measures.term_runs")
    return None


def _still_open(clock: Clock | None, day: dt.date) -> Problem | None:
    """Without a reply a decision waits until the time to reply is over, also while the clock stands still."""
    if clock is None or clock.over(day):
        return None
    if clock.due() is None:
        return Problem("measures.clock_stands")
    return Problem("measures.reply_open", {"until": _said(clock)})


def _said(clock: Clock) -> str:
    due = clock.due()
    return due.isoformat() if due else "—"


def result_of(act: Act, state: State) -> State:
    """The state after an act that was allowed."""
    leads_to = TABLE[act][1]
    if state is State.ENDED and leads_to is State.IN_FORCE:
        return state
    return state if leads_to is None else leads_to


@dataclass(frozen=True)
class Deciding:
    """What the rules need to know of a proposal and of the person before it."""

    state: ProposalState
    decides: bool
    prepared_it: bool
    concerned: bool = False


def decision_problem(found: Deciding, *, takes: bool) -> Problem | None:
    """Why the proposal may not be decided; None when it may. It is taken only when its file was prepared."""
    if not found.decides:
        return Problem("measures.not_permitted")
    if found.state not in UNDECIDED:
        return Problem("measures.decided_already")
    if found.prepared_it:
        return Problem("measures.same_person")
    if found.concerned:
        return Problem("measures.own_case")
    if takes and found.state is not ProposalState.FILED:
        return Problem("measures.no_file")
    return None


def reason_problem(reason: str, column: str = "reason") -> Problem | None:
    """What is wrong with the reason given."""
    if len(seen(reason)) < REASON_MIN:
        return Problem("measures.reason_missing", {"least": REASON_MIN}, column=column)
    return None


def term_end(served: dt.date, months: int) -> dt.date:
    """The last day of a term of whole months that begins on ``served``: the day of the same number, or the last of a
    shorter month (民法典 201, 202: the first day is not counted)."""
    whole = served.month - 1 + months
    year, month = served.year + whole // 12, whole % 12 + 1
    return dt.date(year, month, min(served.day, calendar.monthrange(year, month)[1]))


def shown_count(count: int, least: int = SMALL) -> str:
    """A count of persons for print; a small one only as being small."""
    return str(count) if count == 0 or count >= least else f"<{least}"


def shown_counts(counts: Collection[int], least: int = SMALL) -> bool:
    """Whether a total may stand beside parts: not when exactly one part is hidden, or it could be told."""
    return sum(1 for count in counts if 0 < count < least) != 1


register_texts(
    {
        "measures.not_permitted": ("您的岗位无权执行此操作。", "Your posts do not allow this act."),
        "measures.not_above": (
            "只有对该地区有决定权、且所在层级高于该地区的人才能决定。",
            "Only a named person with the power to decide, whose post stands above the place, may decide.",
        ),
        "measures.same_person": (
            "整理材料的人不能作决定，请由另一名有权的人办理。",
            "Whoever prepared the file does not decide; another person with the power must.",
        ),
        "measures.decided_above": (
            "这项措施由更高层级决定，下级不能复核、解除或中止。",
            "It was decided at a higher level; a lower one does not review, lift or suspend it.",
        ),
        "measures.own_decision": (
            "作出原决定的人不能复核自己的决定。",
            "Whoever made the decision does not review it.",
        ),
        "measures.own_case": (
            "措施所针对的人员、单位的答复人应当回避，请由另一人办理。",
            "Whom the measure concerns, or who answers for the organisation, stands aside; another person must act.",
        ),
        "measures.wrong_state": (
            "当前状态不允许此操作，请刷新页面。",
            "The present state does not allow this act. Reload the page.",
        ),
        "measures.decided_already": (
            "这项建议已经作出决定。",
            "This proposal has been decided already.",
        ),
        "measures.no_file": (
            "材料尚未整理：先确定拟采取的措施和事实，再决定采取。",
            "The file has not been prepared: state the measure and the facts before it is taken.",
        ),
        "measures.reply_open": (
            "对方可在{until}前陈述申辩；收到答复或期满之后才能决定。",
            "The addressee may reply until {until}; decide after the reply or when that time is over.",
        ),
        "measures.clock_stands": (
            "期限已中止，恢复并期满（或收到答复）之后才能决定。",
            "The clock is suspended; decide after it runs again and is over, or after the reply.",
        ),
        "measures.reply_over": (
            "陈述申辩的期限已于{until}届满。",
            "The time to reply ended on {until}.",
        ),
        "measures.objection_over": (
            "提出异议的期限已于{until}届满。",
            "The time to object ended on {until}.",
        ),
        "measures.term_runs": ("期限尚未届满。", "The term has not ended."),
        "measures.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
    }
)
