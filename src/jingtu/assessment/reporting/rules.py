"""The life of a report, when it is late, and what its figures must satisfy. Pure; knows no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.elements import Element
from jingtu.engine.problems import Problem, register_texts

from .definition import Line


class ReportState(StrEnum):
    """Where a report stands. A report nobody has begun has no row: NOT_STARTED is never stored."""

    NOT_STARTED = "not_started"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    REOPENED = "reopened"
    ACCEPTED = "accepted"


class ReportAction(StrEnum):
    """What people do to a report."""

    FILL = "fill"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    PASS = "pass"  # noqa: S105  a step of the review chain
    ACCEPT = "accept"
    UNLOCK = "unlock"
    TAKE_OVER = "take_over"
    RECEIVE = "receive"
    KEEP = "keep"
    REPLACE = "replace"
    ANSWER = "answer"


S, A = ReportState, ReportAction
WAITING = frozenset({S.SUBMITTED, S.IN_REVIEW})
OPEN = frozenset({S.NOT_STARTED, S.DRAFT, S.RETURNED, S.REOPENED})
PARTLY_OPEN = frozenset({S.RETURNED, S.REOPENED})
HANDED_IN = frozenset({S.SUBMITTED, S.IN_REVIEW, S.RETURNED, S.REOPENED, S.ACCEPTED})

TRANSITIONS: Mapping[tuple[ReportState, ReportAction], ReportState] = {
    (S.NOT_STARTED, A.FILL): S.DRAFT,
    (S.DRAFT, A.FILL): S.DRAFT,
    (S.RETURNED, A.FILL): S.RETURNED,
    (S.REOPENED, A.FILL): S.REOPENED,
    (S.DRAFT, A.SUBMIT): S.SUBMITTED,
    (S.RETURNED, A.SUBMIT): S.SUBMITTED,
    (S.REOPENED, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.WITHDRAW): S.DRAFT,
    (S.SUBMITTED, A.RETURN): S.RETURNED,
    (S.IN_REVIEW, A.RETURN): S.RETURNED,
    (S.SUBMITTED, A.PASS): S.IN_REVIEW,
    (S.IN_REVIEW, A.PASS): S.IN_REVIEW,
    (S.SUBMITTED, A.ACCEPT): S.ACCEPTED,
    (S.IN_REVIEW, A.ACCEPT): S.ACCEPTED,
    (S.ACCEPTED, A.UNLOCK): S.REOPENED,
    (S.NOT_STARTED, A.RECEIVE): S.ACCEPTED,
}

register_texts(
    {
        "report.stands_already": (
            "“{region}”的“{cell}”：报表填{reported}，提交之后另有来源记为{standing}。"
            "请打开这份报表，逐格选定以哪个数为准，再审核通过（命令行：--use {key}=report:{batch} 或 standing:{batch}）。",
            "“{cell}” of “{region}”: the report says {reported}, another source has said {standing} since it was "
            "handed in. Open the report and choose for each cell which shall stand, then accept "
            "(command line: --use {key}=report:{batch} or standing:{batch}).",
        ),
        "report.replace_reason": (
            "“{region}”：用报表的数替换已有的数，请在“理由”中写明原因。",
            "“{region}”: the report's figure replaces one that stands; say why in “Reason”.",
        ),
        "report.unreadable_choice": (
            "“{text}”不是一个选择；应写作 单元格=report:批次 或 单元格=standing:批次。",
            "“{text}” is no choice; write CELL=report:BATCH or CELL=standing:BATCH.",
        ),
        "report.choose_one_unit": (
            "逐格选择（--use）一次只能办理一个单位。",
            "Choosing for single cells (--use) is done for one unit at a time.",
        ),
        "report.somebody_faster": (
            "“{region}”的报表刚刚被别人处理过，请刷新后再办理。",
            "Somebody else has just dealt with the report of “{region}”. Reload, then decide.",
        ),
        "report.own_entry": (
            "“{region}”的报表有您自己填的数，不能由您审核。",
            "You entered figures in the report of “{region}” yourself and cannot review it.",
        ),
        "report.passed_before": (
            "“{region}”的报表上一级审核已由您办理，本级须换一人。",
            "You reviewed an earlier step of the report of “{region}”; this step needs another person.",
        ),
        "report.not_your_step": (
            "本级审核不在您的岗位范围内。",
            "This step of the review is not yours.",
        ),
        "report.unreadable": (
            "提交的内容无法识别，请刷新页面后重试。",
            "What was sent is not understood. Reload the page and try again.",
        ),
        "report.nobody_missing": (
            "没有需要催报的单位。",
            "There is no unit to remind.",
        ),
        "report.other_period": (
            "表格中的期间是{period}，本表要的是{wanted}。",
            "The sheet says {period}; this report is for {wanted}.",
        ),
        "report.sheet_overtaken": (
            "“{cell}”在这份表格下载之后由{person}于{at}改为“{value}”，表格里填的是“{given}”。"
            "请重新下载表格再填，或直接在页面上改这一格。",
            "“{cell}” was changed to “{value}” by {person} on {at}, after this sheet was downloaded; the sheet says "
            "“{given}”. Download the sheet anew and fill it in, or change the cell on the page.",
        ),
        "report.sheet_unmarked": (
            "“{cell}”已由{person}于{at}填为“{value}”，这份文件填的是“{given}”，又不是从本表下载的表格，"
            "不知道填表时是否看到过这个数。请用“下载表格”得到的 Excel 文件填，或直接在页面上改这一格。",
            "“{cell}” was set to “{value}” by {person} on {at}; this file says “{given}” and is not a sheet downloaded "
            "from the form, so it is not known whether that figure was seen. Fill in the Excel sheet you get from "
            "“Download”, or change the cell on the page.",
        ),
        "report.reason_required": ("请写明理由。", "State the reason."),
        "report.reason_short": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "report.nothing_chosen": ("请至少选择一格。", "Choose at least one cell."),
        "report.unknown_cell": ("本表没有“{cell}”这一格。", 'The form has no cell "{cell}".'),
        "report.locked_cell": (
            "“{cell}”由系统计算或已从别处取得，不能填写。",
            "“{cell}” is worked out or was given elsewhere; it cannot be typed.",
        ),
        "report.closed_cell": (
            "“{cell}”已锁定；只有被退回或解锁的格可以修改。",
            "“{cell}” is locked; only cells returned or unlocked can be changed.",
        ),
        "report.changed_meanwhile": (
            "“{cell}”刚被{person}改为“{value}”。请核对后再保存。",
            "“{cell}” has just been changed to “{value}” by {person}. Compare, then save again.",
        ),
        "report.not_asked": (
            "“{form}”在{period}不要求“{region}”填报。",
            "“{form}” is not asked of “{region}” for {period}.",
        ),
        "report.not_begun": (
            "{period}尚未开始，{start}起才能填报和提交。",
            "{period} has not begun yet; it can be filled in and handed in from {start} on.",
        ),
        "check.report_required": (
            "“{cell}”未填。没有数据请写明原因。",
            "“{cell}” is empty. Where there is no figure, say why.",
        ),
        "check.report_unanswered": (
            "“{cell}”被退回（{reason}），既没有改，也没有答复：请改正，或在“说明”里答复为什么不改（至少{least}个字；退回前写的说明不算）。",
            "“{cell}” was returned ({reason}) and is neither changed nor answered: correct it, or say in “Note” why "
            "it stays (at least {least} characters; what was noted before the return is no answer).",
        ),
        "report.unreadable_answer": (
            "“{text}”不是答复；应写作 单元格=答复。",
            "“{text}” is no answer; write CELL=ANSWER.",
        ),
        "check.report_part": (
            "“{part}”（{part_value}）大于“{whole}”（{whole_value}）。",
            "“{part}” ({part_value}) exceeds “{whole}” ({whole_value}).",
        ),
        "check.report_jump": (
            "“{cell}”上期为{before}，本期为{value}，变化很大，请核对并写明原因。",
            "“{cell}” was {before} last period and is {value} now; check it and say why.",
        ),
    }
)

STATE_WORDS: Mapping[ReportState, tuple[str, str]] = {
    S.NOT_STARTED: ("未开始", "not started"),
    S.DRAFT: ("填报中", "being filled in"),
    S.SUBMITTED: ("已提交", "submitted"),
    S.IN_REVIEW: ("审核中", "in review"),
    S.RETURNED: ("已退回", "returned"),
    S.REOPENED: ("已解锁", "unlocked"),
    S.ACCEPTED: ("已通过", "accepted"),
}
ACTION_WORDS: Mapping[ReportAction, tuple[str, str]] = {
    A.FILL: ("填写", "filled in"),
    A.SUBMIT: ("提交", "submitted"),
    A.WITHDRAW: ("撤回", "withdrawn"),
    A.RETURN: ("退回", "returned"),
    A.PASS: ("审核", "passed"),
    A.ACCEPT: ("审核", "accepted"),
    A.UNLOCK: ("解锁", "unlocked"),
    A.TAKE_OVER: ("交接", "handed over"),
    A.RECEIVE: ("登记", "registered"),
}

register_texts(
    {
        f"report.{state}_not_{action}": (
            f"报表现为“{state_zh}”，不能{action_zh}。请刷新页面查看最新状态。",
            f"The report is {state_en}, so it cannot be {action_en}. Reload the page to see where it stands.",
        )
        for state, (state_zh, state_en) in STATE_WORDS.items()
        for action, (action_zh, action_en) in ACTION_WORDS.items()
        if (state, action) not in TRANSITIONS
    }
)


def next_state(state: ReportState, action: ReportAction) -> ReportState | None:
    """Where an action leads from a state; None where it is not allowed."""
    return TRANSITIONS.get((state, action))


def is_open(state: ReportState, returned: bool) -> bool:
    """Whether a cell may be typed: all of a draft, of a returned or reopened report only what was sent back."""
    if state in PARTLY_OPEN:
        return returned
    return state in (S.NOT_STARTED, S.DRAFT)


class Timeliness(StrEnum):
    """How a report stands to its deadline."""

    ON_TIME = "on_time"
    LATE = "late"
    PENDING = "pending"
    OVERDUE = "overdue"


def timeliness(due: dt.datetime, handed_in: dt.datetime | None, moment: dt.datetime) -> Timeliness:
    """The first submission counts: what is returned for correction later stays in time."""
    if handed_in is not None:
        return Timeliness.ON_TIME if handed_in <= due else Timeliness.LATE
    return Timeliness.OVERDUE if moment > due else Timeliness.PENDING


class ReminderKind(StrEnum):
    """Which of the three reminders."""

    BEFORE = "before"
    AT = "at"
    AFTER = "after"


def reminder_due(due: dt.datetime, moment: dt.datetime, period_days: int) -> ReminderKind | None:
    """The reminder that is right now, the latest only: after a standstill nobody gets three at once.

    Before: two days ahead (for daily forms three hours); at: on the day itself; after: from the next day.
    """
    ahead = dt.timedelta(hours=3) if period_days == 1 else dt.timedelta(days=2)
    if moment > due:
        late = moment - due
        if late > dt.timedelta(days=30):
            return None
        return ReminderKind.AFTER if late >= dt.timedelta(hours=12) else ReminderKind.AT
    if moment.date() == due.date() and period_days > 1:
        return ReminderKind.AT
    return ReminderKind.BEFORE if due - moment <= ahead else None


# -- figures -----------------------------------------------------------------------------------------------

JUMP_TIMES = 3
"""A figure more than three times (or less than a third of) the last one wants a word of explanation …"""
JUMP_LEAST = 10
"""… unless both are so small that it is chance."""


@dataclass(frozen=True)
class CellValue:
    """What a cell holds for the checks: the scaled integer, whether it is exact, and the filler's note."""

    value: int | None
    exact: bool = True
    note: str = ""


REASON_MIN = 4
"""So many characters a reason for sending back has at least, and an answer that leaves the figure as it is."""


def says_enough(text: str) -> bool:
    return len(seen(text)) >= REASON_MIN


@dataclass(frozen=True)
class SentBack:
    """What a cell held when the reviewer sent it back, the filler's note of that moment, and the reason."""

    value: int | None
    qualifier: str
    note: str
    reason: str

    def answer(self, note: str) -> str:
        """The note as far as it was written since: what was there when the cell was sent back answers nothing."""
        return "" if seen(note) in ("", seen(self.note)) else note.strip()

    def is_answered(self, value: int | None, qualifier: str, note: str) -> bool:
        """Whether the cell holds something else now, or says to the reviewer why it does not."""
        return (value, qualifier) != (self.value, self.qualifier) or says_enough(self.answer(note))


@dataclass(frozen=True)
class CellProblem:
    """A problem at a cell. A warning is answered by a note."""

    key: str
    problem: Problem

    @property
    def blocks(self) -> bool:
        return self.problem.severity == "error"


def check_cells(
    lines: Sequence[Line],
    names: Mapping[str, str],
    elements: Mapping[str, Element],
    values: Mapping[str, CellValue],
    previous: Mapping[str, int],
    pairs: Iterable[tuple[str, str]],
    *,
    complete: bool,
) -> list[CellProblem]:
    """Everything wrong or odd in one report, in the order of the form.

    ``complete``: also what is missing, as at submission. ``previous``: last period's figures by cell.
    The page repeats these rules while people type; this is the authority.
    """
    found: dict[str, list[Problem]] = {}

    def say(key: str, problem: Problem) -> None:
        found.setdefault(key, []).append(problem)

    known = {line.key: line for line in lines}
    for line in lines:
        cell = values.get(line.key, CellValue(None))
        element = elements[line.element]
        if cell.value is None:
            if complete and line.required and line.kind == "typed" and not cell.note:
                say(line.key, Problem("check.report_required", {"cell": names[line.key]}))
            continue
        before = previous.get(line.key)
        if before is not None and not cell.note and _jumps(before, cell.value, element.scale):
            params = {
                "cell": names[line.key],
                "before": element.format(before),
                "value": element.format(cell.value),
            }
            say(line.key, Problem("check.report_jump", params, severity="warning"))
    for part, whole in pairs:
        if part not in known or whole not in known or part in known[whole].parts:
            continue
        low, high = values.get(part), values.get(whole)
        if low is None or high is None or low.value is None or high.value is None:
            continue
        if not (low.exact and high.exact):
            continue
        if low.value * elements[whole].scale > high.value * elements[part].scale:
            params = {
                "part": names[part],
                "part_value": elements[part].format(low.value),
                "whole": names[whole],
                "whole_value": elements[whole].format(high.value),
            }
            say(part, Problem("check.report_part", params))
    order = {line.key: number for number, line in enumerate(lines)}
    return [
        CellProblem(key, problem)
        for key in sorted(found, key=lambda key: order[key])
        for problem in found[key]
    ]


def _jumps(before: int, value: int, scale: int) -> bool:
    low, high = sorted((abs(before), abs(value)))
    return high >= JUMP_LEAST * scale and high > JUMP_TIMES * low


def totals(lines: Sequence[Line], values: Mapping[str, CellValue]) -> dict[str, CellValue]:
    """The totals whose every part is given; a total of inexact parts is inexact."""
    given = dict(values)
    found: dict[str, CellValue] = {}
    # A whole may be part of a larger one, so the inner totals come first.
    pending = [line for line in lines if line.kind == "total"]
    while pending:
        ready = [line for line in pending if not any(other.key in line.parts for other in pending)]
        if not ready:
            break
        for line in ready:
            parts = [given.get(key) for key in line.parts]
            stated = [part for part in parts if part is not None and part.value is not None]
            if parts and len(stated) == len(parts):
                whole = CellValue(sum(int(part.value or 0) for part in stated), all(p.exact for p in stated))
                found[line.key] = given[line.key] = whole
        pending = [line for line in pending if line not in ready]
    return found


def may_review_problem(
    person: int | None, entered_by: Collection[int], passed_by: Collection[int]
) -> str | None:
    """Why a person may not decide on a report whatever their posts: the code of the sentence, None if they may."""
    if person is not None and person in entered_by:
        return "report.own_entry"
    if person is not None and person in passed_by:
        return "report.passed_before"
    return None
