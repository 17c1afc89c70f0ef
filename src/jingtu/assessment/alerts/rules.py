"""The life of an alert as a table, and what a further detection does to an alert there is already.

An alert speaks of a place and a figure, never of a person, and decides nothing: people settle it and say
why. Nothing here knows the database.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts
from jingtu.engine.workdays import Term, add_working_days


class AlertState(StrEnum):
    """Where an alert stands."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_HAND = "in_hand"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class AlertAction(StrEnum):
    """What a person does with an alert."""

    ACKNOWLEDGE = "acknowledge"
    TAKE = "take"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    REOPEN = "reopen"


class AlertEventKind(StrEnum):
    """What stands in an alert's history besides the acts of people."""

    RAISED = "raised"
    CONTINUED = "continued"
    WORSENED = "worsened"
    RAISED_AGAIN = "raised_again"
    DISCLOSED = "disclosed"
    WOKEN = "woken"
    EASED = "eased"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class Severity(StrEnum):
    """How urgent a rule calls it; the words of the catalogue."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


OPEN_STATES = frozenset({AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.IN_HAND, AlertState.SNOOZED})
CLOSED_STATES = frozenset(AlertState) - OPEN_STATES
WAITING_STATES = OPEN_STATES - {AlertState.SNOOZED}

REASON_MIN = 4
WORSE_BY = 1.25
"""An alert that was settled or put off is raised again once its strength has grown by a quarter."""
SNOOZE_LONGEST = dt.timedelta(days=185)


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    sources: frozenset[AlertState]
    target: AlertState
    permission: Permission
    needs_reason: bool = False


_HANDLE = Permission.ALERTS_HANDLE
_DISMISS = Permission.ALERTS_DISMISS

TABLE: dict[AlertAction, Transition] = {
    AlertAction.ACKNOWLEDGE: Transition(frozenset({AlertState.NEW}), AlertState.ACKNOWLEDGED, _HANDLE),
    AlertAction.TAKE: Transition(
        frozenset({AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.SNOOZED}), AlertState.IN_HAND, _HANDLE
    ),
    AlertAction.RESOLVE: Transition(OPEN_STATES, AlertState.RESOLVED, _HANDLE, needs_reason=True),
    # Whoever answers for the figure does not wave its alert away: that is for those who analyse and review.
    AlertAction.SNOOZE: Transition(WAITING_STATES, AlertState.SNOOZED, _DISMISS, needs_reason=True),
    AlertAction.DISMISS: Transition(OPEN_STATES, AlertState.DISMISSED, _DISMISS, needs_reason=True),
    AlertAction.REOPEN: Transition(CLOSED_STATES, AlertState.NEW, _DISMISS, needs_reason=True),
}

register_texts(
    {
        "alerts.not_permitted": (
            "您的岗位无权对该预警执行此操作。",
            "Your posts do not allow this act on the alert.",
        ),
        "alerts.wrong_state": (
            "预警的当前状态不允许此操作，请刷新页面查看最新状态。",
            "The alert's present state does not allow this act. Reload to see where it stands.",
        ),
        "alerts.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "alerts.until_needed": (
            "请写明暂缓到哪一天。",
            "Say until which day to put it off.",
        ),
        "alerts.snooze_day": (
            "暂缓日期应在明天与{latest}之间。",
            "Put it off to a day between tomorrow and {latest}.",
        ),
        "alerts.not_an_owner": (
            "该用户无权查看此预警，不能作为责任人。",
            "That user may not see the alert and cannot answer for it.",
        ),
    }
)


def refusal(action: AlertAction, state: AlertState, held: frozenset[Permission]) -> Problem | None:
    """Why the act is refused now, or None. Permission is asked first."""
    row = TABLE[action]
    if row.permission not in held:
        return Problem("alerts.not_permitted")
    if state not in row.sources:
        return Problem("alerts.wrong_state")
    return None


def reason_problem(action: AlertAction, reason: str) -> Problem | None:
    """What is wrong with the reason given for an act that must be explained."""
    if TABLE[action].needs_reason and len(seen(reason)) < REASON_MIN:
        return Problem("alerts.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


def snooze_problem(until: dt.date, today: dt.date) -> Problem | None:
    """What is wrong with the day an alert is put off to."""
    latest = today + SNOOZE_LONGEST
    if today < until <= latest:
        return None
    return Problem("alerts.snooze_day", {"latest": latest.isoformat()}, column="until")


def due_on(raised: dt.date, working_days: int) -> Term:
    """The day by which an alert raised on a day should be settled."""
    return add_working_days(raised, working_days)


def is_worse(before: float, now: float) -> bool:
    """Whether a strength has grown enough to be spoken of again."""
    return now > 0 and now >= before * WORSE_BY and now > before


Continuation = Literal["fresh", "same", "add", "raise_again"]


@dataclass(frozen=True)
class Standing:
    """What is known of the last alert of the same rule, place and subject.

    ``same_period``: the detection is about a period it has already; ``follows``: about the one right after
    its last. ``settled_strength``: its strength when it was closed or put off.
    """

    state: AlertState
    same_period: bool
    follows: bool
    settled_strength: float


def continuation(standing: Standing | None, strength: float) -> Continuation:
    """Whether a detection begins an alert, adds to one, or raises one again.

    An open alert goes on as the same one, with or without a gap. One put off or dismissed speaks again
    only when it has become worse; one resolved speaks again when the next period shows the same.
    """
    if standing is None:
        return "fresh"
    worse = is_worse(standing.settled_strength, strength)
    match standing.state:
        case AlertState.SNOOZED:
            return "raise_again" if worse else "add"
        case AlertState.RESOLVED | AlertState.DISMISSED:
            if standing.same_period:
                return "raise_again" if worse else "same"
            if not standing.follows:
                return "fresh"
            if standing.state is AlertState.DISMISSED and not worse:
                return "add"
            return "raise_again"
    return "add"
