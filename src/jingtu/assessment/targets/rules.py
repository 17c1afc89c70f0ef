"""The life of a target: who may set it, when a second person must agree, what follows what.

A target that decides points is in force only when somebody else has approved it; one of an indicator that
no scorecard uses takes effect at once. Nothing is overwritten: a new version supersedes the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.catalogue.model import Catalogue
from jingtu.engine.problems import Problem, register_texts

REASON_MIN = 4
"""A reason shorter than this many characters explains nothing."""


class TargetState(StrEnum):
    """Where a version stands."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class TargetAction(StrEnum):
    """What may be decided about a version."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


_SOURCES: dict[TargetAction, tuple[TargetState, ...]] = {
    TargetAction.APPROVE: (TargetState.PROPOSED,),
    TargetAction.REJECT: (TargetState.PROPOSED,),
    TargetAction.WITHDRAW: (TargetState.PROPOSED, TargetState.IN_FORCE),
}


@dataclass(frozen=True)
class Hands:
    """Who stands before a version: what they may do over its region and whether they proposed it."""

    manages: bool
    approves: bool
    proposed_it: bool


def needs_approval(catalogue: Catalogue, indicator: str) -> bool:
    """Whether a target of the indicator can change points: some scorecard scores it or vetoes by it."""
    return any(indicator in card.indicators for card in catalogue.scorecards.values())


def refusal(action: TargetAction, state: TargetState, hands: Hands, *, scored: bool) -> Problem | None:
    """Why the act is refused; None when it is allowed. ``scored``: the target can change points."""
    if action is TargetAction.WITHDRAW and (state is TargetState.PROPOSED or not scored):
        if not hands.manages:
            return Problem("targets.not_permitted")
    elif not hands.approves:
        return Problem("targets.not_permitted")
    if state not in _SOURCES[action]:
        return Problem("targets.wrong_state")
    if hands.proposed_it and action is TargetAction.APPROVE:
        return Problem("targets.same_person")
    return None


def reason_problem(reason: str) -> Problem | None:
    """What is wrong with the reason of a target or a decision."""
    if len(seen(reason)) < REASON_MIN:
        return Problem("targets.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


register_texts(
    {
        "targets.not_permitted": (
            "您的岗位无权对该目标执行此操作。",
            "Your posts do not allow this act on the target.",
        ),
        "targets.wrong_state": (
            "目标的当前状态不允许此操作，请刷新页面。",
            "The target's present state does not allow this act. Reload the page.",
        ),
        "targets.same_person": (
            "拟定人不能批准自己拟定的目标，请由另一名审批人办理。",
            "Whoever proposed a target cannot approve it; another approver must.",
        ),
        "targets.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "targets.unprintable": (
            "文字中有无法打印的控制字符，请删去后重试。",
            "The text holds control characters that cannot be printed; remove them and try again.",
        ),
        "targets.negative": ("不能小于0。", "Must not be less than 0."),
        "targets.too_many_rows": (
            "一个文件最多{most}条轨迹，此文件有{count}条，请分成几个文件。",
            "A file sets at most {most} trajectories; this one has {count}. Split it.",
        ),
        "targets.not_yours": (
            "您无权为“{region}”下达目标。",
            "You may not set targets for {region}.",
        ),
        "targets.nothing_new": (
            "与现行版本完全相同，没有需要更改的内容。",
            "Equal to the version in force; nothing to change.",
        ),
        "targets.proposal_waits": (
            "同一目标的第{version}版正在等待批准，请先处理该版。",
            "Version {version} of this target awaits approval; settle it first.",
        ),
        "targets.none_chosen": (
            "请先勾选待批准的目标。",
            "Tick the targets to approve first.",
        ),
        "targets.too_many": (
            "一次最多批准{most}个目标。",
            "At most {most} targets can be approved at once.",
        ),
        "targets.import_not_ready": (
            "该文件已处理或未通过校验，请刷新页面。",
            "This file has been dealt with or was refused. Reload the page.",
        ),
        "targets.milestones": (
            "里程碑须按时间先后排列，且都晚于基期。",
            "Milestones must follow each other in time, all after the base period.",
        ),
        "targets.no_milestones": ("至少需要一个里程碑。", "At least one milestone is needed."),
        "targets.unknown_code": (
            "目录中没有指标“{code}”。",
            'The catalogue has no indicator "{code}".',
        ),
        "targets.describes_only": (
            "指标“{code}”没有方向，不能设轨迹。",
            'The indicator "{code}" has no direction and cannot have a trajectory.',
        ),
    }
)
