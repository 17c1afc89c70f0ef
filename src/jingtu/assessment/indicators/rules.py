"""The life of a draft of the catalogue, as pure functions: who may do what when, and what undoing undoes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.actor import Permission
from jingtu.engine.problems import Problem, register_texts

REASON_LENGTH = 2
MOST_BYTES = 8 * 1024 * 1024
LONGEST_ENTRY = 200_000
"""No single definition is longer than this; a whole catalogue may have MOST_BYTES, as a file may."""


class DraftState(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    VALIDATED = "validated"
    ENFORCED = "enforced"
    DISCARDED = "discarded"


OPEN = frozenset({DraftState.DRAFT, DraftState.VALIDATED})


class DraftAct(StrEnum):
    """What somebody does with a draft."""

    EDIT = "edit"
    IMPORT = "import"
    UNDO = "undo"
    REDO = "redo"
    REBASE = "rebase"
    VALIDATE = "validate"
    ENFORCE = "enforce"
    DISCARD = "discard"


register_texts(
    {
        "indicators.somebody_faster": (
            "其他人刚刚导入或施行了另一版指标目录，请核对后重试。",
            "Somebody else has just brought another catalogue in force. Look at it, then try again.",
        ),
        "indicators.draft_closed": (
            "草案已经施行或作废，不能再改。",
            "The draft is in force or discarded already and cannot be changed.",
        ),
        "indicators.draft_not_validated": (
            "草案还没有通过校验，先校验再施行。",
            "The draft has not been validated; validate it first.",
        ),
        "indicators.draft_own_hand": (
            "起草、修改或校验过草案的人不能施行，须由另一人决定。",
            "Whoever opened, edited or validated a draft does not put it in force; another person decides.",
        ),
        "indicators.draft_reason": ("请写明理由。", "Give the reason."),
        "indicators.draft_moved": (
            "“{code}”刚刚被{who}改过，您的修改没有保存；请核对后重新修改。",
            '"{code}" has just been changed by {who}; your change was not saved. Look at it, then change again.',
        ),
        "indicators.draft_outdated": (
            "草案基于第{base}版，现在最新的是第{newest}版；请先更新到最新版。",
            "The draft was begun from version {base}, but the newest is version {newest}: bring it up to date first.",
        ),
        "indicators.draft_clash": (
            "“{code}”在草案和第{newest}版中改得不同，请先在草案中改成一致或撤销该修改。",
            '"{code}" was changed differently in the draft and in version {newest}; '
            "make them agree in the draft first.",
        ),
        "indicators.draft_up_to_date": ("草案已基于最新版。", "The draft is up to date already."),
        "indicators.draft_unchanged": (
            "草案与现行目录相同，没有可以施行的内容。",
            "The draft says the same as the catalogue it was begun from; there is nothing to put in force.",
        ),
        "indicators.nothing_to_undo": ("没有可撤销的修改。", "There is nothing to undo."),
        "indicators.nothing_to_redo": ("没有可重做的修改。", "There is nothing to redo."),
        "indicators.code_taken": ("编码“{code}”已有定义使用。", 'The code "{code}" is in use already.'),
        "indicators.code_fixed": (
            "编码不能改：请新建一个定义并删除原来的。",
            "A code stays as it is: add a new definition and remove the old one.",
        ),
        "indicators.entry_too_long": (
            "定义过长（超过{limit}个字符）。",
            "The definition is too long (more than {limit} characters).",
        ),
        "indicators.period_before_base": (
            "第{base}版自{day}起适用，新版不能更早。",
            "Version {base} applies from {day}; its successor cannot apply earlier.",
        ),
        "indicators.title_missing": ("请写草案名称。", "Give the draft a title."),
        "indicators.no_such_level": (
            "“{region}”之内没有级别为“{level}”的区划。",
            'There are no places of the level "{level}" in {region}.',
        ),
        "indicators.table_too_large": (
            "{places}个地方×{periods}期超过{limit}个数值，请缩小范围。",
            "{places} places × {periods} periods are more than {limit} values; ask for less at once.",
        ),
        "indicators.text_too_long": (
            "文字过长，最多{limit}个字符。",
            "Too long: at most {limit} characters.",
        ),
    }
)


@dataclass(frozen=True)
class DraftFacts:
    """What the rules ask about a draft and whoever wants to do something with it."""

    state: DraftState
    opener: bool
    had_a_hand: bool
    permissions: frozenset[Permission]


def may_edit(facts: DraftFacts) -> bool:
    """Who manages the catalogue edits every draft; who may draft edits those they opened."""
    return Permission.CATALOGUE_MANAGE in facts.permissions or (
        Permission.CATALOGUE_DRAFT in facts.permissions and facts.opener
    )


def permission_for(act: DraftAct) -> Permission:
    """The right an act asks for."""
    return Permission.CATALOGUE_MANAGE if act is DraftAct.ENFORCE else Permission.CATALOGUE_DRAFT


def refusal(act: DraftAct, facts: DraftFacts) -> Problem | None:
    """Why the act is not possible now; None when it is. Rights are asked before: :func:`permitted`."""
    if facts.state not in OPEN:
        return Problem("indicators.draft_closed")
    if act is DraftAct.ENFORCE:
        if facts.had_a_hand:
            return Problem("indicators.draft_own_hand")
        if facts.state is not DraftState.VALIDATED:
            return Problem("indicators.draft_not_validated")
    return None


def permitted(act: DraftAct, facts: DraftFacts) -> bool:
    """Whether the person's posts allow the act at all."""
    if act is DraftAct.ENFORCE:
        return Permission.CATALOGUE_MANAGE in facts.permissions
    return may_edit(facts)


def reason_problem(reason: str) -> Problem | None:
    """What is wrong with a reason."""
    return (
        None if len(reason.strip()) >= REASON_LENGTH else Problem("indicators.draft_reason", column="reason")
    )


@dataclass(frozen=True)
class Undoable:
    """The numbers of the edits that undo and redo would concern next; None where there is none."""

    undo: int | None
    redo: int | None


def undoable(acts: Iterable[tuple[int, DraftAct]]) -> Undoable:
    """What can be undone and redone, from all edits in order. A new edit ends redoing; bringing the draft up to
    date cannot be undone, nor what came before it."""
    done: list[int] = []
    undone: list[int] = []
    for number, act in acts:
        if act is DraftAct.UNDO:
            undone.append(done.pop())
        elif act is DraftAct.REDO:
            done.append(undone.pop())
        elif act is DraftAct.REBASE:
            done, undone = [], []
        else:
            done.append(number)
            undone = []
    return Undoable(done[-1] if done else None, undone[-1] if undone else None)
