"""The life of an appeal as a table, and who may take which step. Nothing here knows the database.

A unit says that one number of its own is wrong; somebody who neither filed it nor entered the number
decides, with reasons. Nothing is decided by the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.characters import seen
from jingtu.engine.elements import Element, read_figure
from jingtu.engine.problems import Problem, register_texts


class AppealState(StrEnum):
    """Where an appeal stands."""

    FILED = "filed"
    ACCEPTED = "accepted"
    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class AppealAction(StrEnum):
    """What a person may do with an appeal."""

    FILE = "file"
    ACCEPT = "accept"
    DISMISS = "dismiss"
    DECIDE = "decide"
    WITHDRAW = "withdraw"
    ADD = "add"


class Disputed(StrEnum):
    """What kind of number is disputed."""

    INDICATOR = "indicator"
    OPERAND = "operand"
    FACT = "fact"
    MISSING = "missing"


OPEN_STATES = frozenset({AppealState.FILED, AppealState.ACCEPTED})
OUTCOMES = (AppealState.UPHELD, AppealState.PARTLY, AppealState.REJECTED)
CHANGING = frozenset({AppealState.UPHELD, AppealState.PARTLY})
"""Outcomes that change a fact."""
DECIDED_STATES = frozenset({*OUTCOMES, AppealState.DISMISSED})

TEXT_MIN = 10
REASON_MIN = 4
MOST_FILES = 10


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states, with which right over the run's region.

    ``by_the_unit``: for whoever may file for the disputed region instead. ``not_the_filer``: somebody else.
    """

    sources: frozenset[AppealState]
    permission: Permission
    by_the_unit: bool = False
    not_the_filer: bool = False
    needs_reason: bool = False


TABLE: dict[AppealAction, Transition] = {
    AppealAction.ACCEPT: Transition(
        frozenset({AppealState.FILED}), Permission.APPEALS_EXAMINE, not_the_filer=True
    ),
    AppealAction.DISMISS: Transition(
        frozenset({AppealState.FILED}), Permission.APPEALS_DECIDE, not_the_filer=True, needs_reason=True
    ),
    AppealAction.DECIDE: Transition(
        frozenset({AppealState.ACCEPTED}), Permission.APPEALS_DECIDE, not_the_filer=True, needs_reason=True
    ),
    AppealAction.WITHDRAW: Transition(
        OPEN_STATES, Permission.APPEALS_FILE, by_the_unit=True, needs_reason=True
    ),
    AppealAction.ADD: Transition(OPEN_STATES, Permission.APPEALS_FILE, by_the_unit=True),
}


@dataclass(frozen=True)
class AppealFacts:
    """What the rules need to know of an appeal and of the person before it.

    ``of_the_unit``: may file for the disputed region. ``entered_it``: had a hand in a figure behind the number.
    """

    state: AppealState
    permissions: frozenset[Permission]
    of_the_unit: bool
    is_filer: bool
    entered_it: bool


def refusal(action: AppealAction, appeal: AppealFacts) -> Problem | None:
    """Why the act is refused now, or None when it is allowed. Permission is asked first."""
    row = TABLE[action]
    allowed = appeal.of_the_unit if row.by_the_unit else row.permission in appeal.permissions
    if not allowed:
        return Problem("appeals.not_permitted")
    if appeal.state not in row.sources:
        return Problem("appeals.wrong_state")
    if row.not_the_filer and appeal.is_filer:
        return Problem("appeals.own_appeal")
    if action is AppealAction.DECIDE and appeal.entered_it:
        return Problem("appeals.own_number")
    return None


def allowed_actions(appeal: AppealFacts) -> tuple[AppealAction, ...]:
    """The acts open to this person now."""
    return tuple(action for action in TABLE if refusal(action, appeal) is None)


def reason_problem(action: AppealAction, reason: str) -> Problem | None:
    """What is wrong with the reason given for an act that must be explained."""
    if TABLE[action].needs_reason and len(seen(reason)) < REASON_MIN:
        return Problem("appeals.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


def read_claimed(claimed: str, element: Element | None) -> str | Problem:
    """What is claimed in the one spelling of figures, read as the grid of a report reads; empty for nothing.

    ``element``: of a single figure in dispute, so that it is one this element can hold.
    """
    if not claimed.strip():
        return ""
    read = read_figure(claimed)
    if isinstance(read, Problem) or read.number is None or not _fits(read.number):
        return Problem("appeals.claimed_no_figure", {"text": claimed.strip()[:64]}, column="claimed")
    wrong = element.try_value(claimed) if element is not None else None
    return wrong.at(column="claimed") if isinstance(wrong, Problem) else read.text()


def _fits(number: Decimal) -> bool:
    return number.adjusted() < 15 and len(number.as_tuple().digits) <= 20


def outcome_problem(outcome: AppealState, corrections: int) -> Problem | None:
    """An appeal that is upheld, even partly, changes at least one figure; a rejected one changes none."""
    if outcome not in OUTCOMES:
        return Problem("appeals.no_outcome", column="outcome")
    if outcome in CHANGING and not corrections:
        return Problem("appeals.nothing_corrected", column="outcome")
    if outcome not in CHANGING and corrections:
        return Problem("appeals.rejected_corrects", column="outcome")
    return None


register_texts(
    {
        "appeals.not_permitted": (
            "您的岗位无权对该申诉执行此操作。",
            "Your posts do not allow this act on the appeal.",
        ),
        "appeals.wrong_state": (
            "申诉的当前状态不允许此操作，请刷新页面查看最新状态。",
            "The appeal's present state does not allow this act. Reload to see where it stands.",
        ),
        "appeals.own_appeal": (
            "提出申诉的人不能受理或裁定自己的申诉。",
            "Whoever filed an appeal cannot accept or decide it.",
        ),
        "appeals.own_number": (
            "填报、提交、审核或导入该数字的人不能裁定对它的申诉，请由另一名有权的人裁定。",
            "Whoever typed, handed in, passed or imported the disputed number cannot decide about it; "
            "another person must.",
        ),
        "appeals.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "appeals.text_missing": (
            "请说明哪里有误、依据是什么（至少{least}个字）。",
            "Please say what is wrong and on what evidence (at least {least} characters).",
        ),
        "appeals.claimed_no_figure": (
            "“{text}”不是一个数。“应为”只写数，例如 1149224、98.5%、2‰、300+；不清楚的请留空。",
            "“{text}” is no figure. State the figure alone, for example 1149224, 98.5%, 2‰ or 300+; leave it empty if "
            "you do not know it.",
        ),
        "appeals.no_outcome": ("请选择裁定结果。", "Choose an outcome."),
        "appeals.nothing_corrected": (
            "成立或部分成立的申诉须至少更正一个数；不更正的应裁定不成立。",
            "An appeal that is upheld, even partly, corrects at least one figure; otherwise reject it.",
        ),
        "appeals.rejected_corrects": (
            "裁定不成立时不能更正数据。",
            "A rejected appeal corrects nothing.",
        ),
        "appeals.not_open": (
            "该考核现在不在申诉期内。",
            "The assessment is not open to appeal now.",
        ),
        "appeals.nothing_disputed": (
            "请从列出的数字中选择要申诉的一个。",
            "Choose the number you dispute among those listed.",
        ),
        "appeals.filed_already": (
            "对这个数的申诉（第{number}号）正在办理，请补充材料，不必另行提出。",
            "Appeal no. {number} about this number is under way; add to it instead of filing again.",
        ),
        "appeals.too_many_files": (
            "一件申诉最多附{most}个文件。",
            "An appeal takes at most {most} files.",
        ),
        "appeals.unknown_fact": (
            "所更正的数不在该申诉涉及的数据之内。",
            "The corrected figure is not among those behind the disputed number.",
        ),
        "appeals.open_hold": (
            "还有{count}件申诉未裁定（第{numbers}号）；带着未决申诉发布须说明理由，理由将印入通报附注。",
            "{count} appeals are undecided (no. {numbers}); publishing all the same needs a reason, "
            "which is printed in the notes.",
        ),
        "appeals.not_computed_in": (
            "申诉（第{numbers}号）已裁定更正数据，但本次结果尚未据此重新计算。",
            "By the decision of appeals (no. {numbers}) figures were corrected, but the assessment was not computed "
            "again since.",
        ),
    }
)
