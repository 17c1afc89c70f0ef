"""The life of a run as a table: which act leads from which state to which, who may do it, on what condition.

A run is collected, computed and checked by one person, signed by another, and never rewritten
after that: a correction is a new version. Nothing here knows the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts


class RunState(StrEnum):
    """Where a run stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    IN_REVIEW = "in_review"
    APPEAL = "appeal"
    EMBARGOED = "embargoed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class RunAction(StrEnum):
    """What a person may do with a run."""

    COMPUTE = "compute"
    CHECK = "check"
    ANSWER = "answer"
    OVERRIDE = "override"
    SUBMIT = "submit"
    OPEN_APPEAL = "open_appeal"
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    RELEASE = "release"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


class FindingState(StrEnum):
    """Whether somebody has dealt with a finding."""

    OPEN = "open"
    REPLIED = "replied"
    RETURNED = "returned"
    ANSWERED = "answered"
    OVERRIDDEN = "overridden"
    GONE = "gone"


class Severity(StrEnum):
    """``error`` holds a run back until it is dealt with; ``warning`` is only shown."""

    ERROR = "error"
    WARNING = "warning"


HOLDING = frozenset({FindingState.OPEN, FindingState.REPLIED, FindingState.RETURNED})
"""Nobody has settled a finding in one of these states; a unit's reply settles nothing until it is accepted."""

OPEN_STATES = frozenset({RunState.DRAFT, RunState.CHECKED, RunState.IN_REVIEW, RunState.APPEAL})
SETTLE_FIRST = {
    RunState.IN_REVIEW: "runs.in_review_exists",
    RunState.APPEAL: "runs.in_appeal_exists",
    RunState.EMBARGOED: "runs.embargoed_exists",
}
"""A version in one of these states is not pushed aside by a new one: somebody counts on it."""

OBJECTION_DAYS = 5
EXAMINE_DAYS = 2
DECIDE_DAYS = 5
"""Working days after publication within which a number may be disputed, unless the office says otherwise."""
MOST_DAYS = 60

REASON_MIN = 4
"""A reason shorter than this many characters explains nothing."""


@dataclass(frozen=True)
class Transition:
    """One row of the table. ``target`` None: the state stays."""

    sources: frozenset[RunState]
    target: RunState | None
    permission: Permission
    needs_reason: bool = False
    by_another_person: bool = False


_PREPARE = Permission.RUNS_PREPARE
_APPROVE = Permission.RUNS_APPROVE

TABLE: dict[RunAction, Transition] = {
    # Computing again sets a checked run back: what was checked is no longer what is there.
    # What an appeal has changed is computed in again, and goes the whole way from there.
    RunAction.COMPUTE: Transition(
        frozenset({RunState.DRAFT, RunState.CHECKED, RunState.APPEAL}), RunState.DRAFT, _PREPARE
    ),
    RunAction.CHECK: Transition(frozenset({RunState.DRAFT, RunState.CHECKED}), RunState.CHECKED, _PREPARE),
    RunAction.ANSWER: Transition(frozenset({RunState.CHECKED}), None, _PREPARE, needs_reason=True),
    RunAction.OVERRIDE: Transition(
        frozenset({RunState.CHECKED, RunState.IN_REVIEW}),
        None,
        _APPROVE,
        needs_reason=True,
        by_another_person=True,
    ),
    RunAction.SUBMIT: Transition(frozenset({RunState.CHECKED}), RunState.IN_REVIEW, _PREPARE),
    RunAction.OPEN_APPEAL: Transition(
        frozenset({RunState.IN_REVIEW}), RunState.APPEAL, _APPROVE, by_another_person=True
    ),
    RunAction.SEND_BACK: Transition(
        frozenset({RunState.IN_REVIEW, RunState.APPEAL}), RunState.DRAFT, _APPROVE, needs_reason=True
    ),
    RunAction.PUBLISH: Transition(
        frozenset({RunState.IN_REVIEW, RunState.APPEAL}),
        RunState.PUBLISHED,
        _APPROVE,
        by_another_person=True,
    ),
    RunAction.RELEASE: Transition(
        frozenset({RunState.EMBARGOED}), RunState.PUBLISHED, _APPROVE, needs_reason=True
    ),
    RunAction.CORRECT: Transition(frozenset({RunState.PUBLISHED}), None, _PREPARE, needs_reason=True),
    RunAction.WITHDRAW: Transition(
        frozenset({*OPEN_STATES, RunState.EMBARGOED, RunState.PUBLISHED}),
        RunState.WITHDRAWN,
        _PREPARE,
        needs_reason=True,
    ),
}


def permission_for(action: RunAction, state: RunState) -> Permission:
    """What the act asks for over the run's region. Taking back what was signed is for those who sign."""
    if action is RunAction.WITHDRAW and state in (RunState.PUBLISHED, RunState.EMBARGOED):
        return _APPROVE
    return TABLE[action].permission


ONWARD = (RunAction.SUBMIT, RunAction.OPEN_APPEAL, RunAction.PUBLISH)
"""Acts that carry figures further; an open error finding holds each of them back."""


@dataclass(frozen=True)
class RunFacts:
    """What the rules need to know of a run and of the person before it."""

    state: RunState
    computed: bool
    is_preparer: bool
    permissions: frozenset[Permission]
    open_errors: int = 0


def refusal(action: RunAction, run: RunFacts) -> Problem | None:
    """Why the act is refused now, or None when it is allowed.

    Permission is asked first, so that somebody without it learns nothing about the run's state.
    """
    row = TABLE[action]
    if permission_for(action, run.state) not in run.permissions:
        return Problem("runs.not_permitted")
    if run.state not in row.sources:
        return Problem("runs.wrong_state")
    if row.by_another_person and run.is_preparer:
        return Problem("runs.same_person")
    if action in (RunAction.CHECK, *ONWARD) and not run.computed:
        return Problem("runs.not_computed")
    if action in ONWARD and run.open_errors:
        return Problem("runs.open_findings", {"count": run.open_errors})
    return None


def allowed_actions(run: RunFacts) -> tuple[RunAction, ...]:
    """The acts open to this person now, in the order of a run's life."""
    return tuple(action for action in RunAction if refusal(action, run) is None)


def reason_problem(action: RunAction, reason: str) -> Problem | None:
    """What is wrong with the reason given for an act that must be explained."""
    if TABLE[action].needs_reason and len(seen(reason)) < REASON_MIN:
        return Problem("runs.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


def appeal_problem(days: int, until: dt.date | None, today: dt.date) -> Problem | None:
    """Why a run may not be published for want of time for appeals; None when the office's rule is kept."""
    if until is not None and today <= until:
        return Problem("runs.appeal_running", {"until": until.isoformat()})
    if days and until is None:
        return Problem("runs.appeal_not_offered", {"days": days})
    return None


def appeal_open(run_state: RunState, until: dt.date | None, today: dt.date) -> bool:
    """Whether an unpublished run's figures may be disputed: also while what was upheld is computed in."""
    return until is not None and today <= until and run_state in OPEN_STATES


def next_version(versions: Iterable[int]) -> int:
    """The number of a new version among the versions there are."""
    return max(versions, default=0) + 1


def open_errors(findings: Collection[tuple[Severity, FindingState]]) -> int:
    """How many findings still hold the run back."""
    return sum(1 for severity, state in findings if severity is Severity.ERROR and state in HOLDING)


def hidden_points(
    sections: Iterable[int], items: Sequence[tuple[Decimal, Decimal]], hidden: Collection[int]
) -> frozenset[int]:
    """Items whose points stay hidden where the values of some are: theirs, and as many others of the section
    as leave each of theirs open over half of what it can bring, although the section's sum is shown.

    ``sections``: how many items each section has; ``items``: points and the most there can be. Where all of a
    section is full, or nothing, its published sum says so and nothing more can be hidden.
    """
    found = set(hidden)
    start = 0
    for size in sections:
        inside = range(start, start + size)
        start += size
        own = [number for number in inside if number in hidden]
        others = sorted(
            (number for number in inside if number not in hidden),
            key=lambda n: (-min(items[n][0], items[n][1] - items[n][0]), -items[n][1], n),
        )
        chosen = list(own)
        while others and any(_open(items, chosen, number) < items[number][1] / 2 for number in own):
            chosen.append(others.pop(0))
        found.update(chosen)
    return frozenset(found)


def _open(items: Sequence[tuple[Decimal, Decimal]], chosen: Sequence[int], number: int) -> Decimal:
    """Over how many points an item could move while the sum of the chosen ones stays."""
    total = sum((items[n][0] for n in chosen), Decimal(0))
    most = items[number][1]
    rest = sum((items[n][1] for n in chosen if n != number), Decimal(0))
    return min(most, total) - max(Decimal(0), total - rest)


register_texts(
    {
        "runs.not_permitted": (
            "您的岗位无权对该考核执行此操作。",
            "Your posts do not allow this act on the run.",
        ),
        "runs.wrong_state": (
            "考核的当前状态不允许此操作，请重新查看它现在的状态。",
            "The assessment's present state does not allow this act; look again where it stands.",
        ),
        "runs.same_person": (
            "编制人不能审批或豁免自己编制的考核，请由另一名审批人办理。",
            "The person who prepared an assessment cannot approve it or override its findings; another approver must.",
        ),
        "runs.not_computed": (
            "考核尚未计算，请先计算。",
            "The assessment has not been computed yet; compute it first.",
        ),
        "runs.open_findings": (
            "还有{count}条错误级核查意见未处理，请逐条答复或由审批人豁免。",
            "{count} findings of severity error are still open; answer each, or have an approver override it.",
        ),
        "runs.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "runs.appeal_running": (
            "申诉期到{until}才结束；提前发布须说明理由，理由将印入通报附注。",
            "Units may appeal until {until}; publishing earlier needs a reason, which is printed in the notes.",
        ),
        "runs.appeal_not_offered": (
            "按规定应先开放申诉{days}个工作日；略过须说明理由，理由将印入通报附注。",
            "The office's rule gives {days} working days for appeals first; skipping them needs a reason, "
            "which is printed in the notes.",
        ),
        "runs.days_needed": (
            "请给出1至{most}个工作日。",
            "Give a number of working days from 1 to {most}.",
        ),
        "runs.days_out_of_range": (
            "天数须在0至{most}之间。",
            "The number of days must lie between 0 and {most}.",
        ),
        "runs.not_the_offices_series": (
            "该文号系列不属于本机关或其上级。",
            "That series of numbers does not belong to this office or one above it.",
        ),
        "runs.only_version": (
            "这次考核只有一版，没有可比较的上一版。",
            "There is only one version of this assessment, and nothing to compare it with.",
        ),
        "runs.not_versions": (
            "两次考核的范围、评分表或周期不同，不是同一考核的两个版本；两地、两期的比较见“两地对比”。",
            'These differ in scope, card or period: they are no two versions of one assessment. "Compare two" sets '
            "places side by side.",
        ),
        "runs.embargo_past": (
            "公布时间已经过去；要立即公布请留空。",
            "That time has passed; leave it empty to publish at once.",
        ),
        "runs.embargo_too_long": (
            "公布时间最多可定在一年之内。",
            "A release is set for no later than a year from now.",
        ),
        "runs.none_changed": (
            "自第{version}版发布以来，数据与定义均无变化，无需更正。",
            "Neither facts nor definitions have changed since version {version} was published; nothing to correct.",
        ),
        "runs.in_review_exists": (
            "同一范围、评分表和周期已有第{version}版正在审批，请先处理该版。",
            "Version {version} for the same places, scorecard and period is in review; settle it first.",
        ),
        "runs.in_appeal_exists": (
            "同一范围、评分表和周期已有第{version}版正在申诉期，请先处理该版。",
            "Version {version} for the same places, scorecard and period is open to appeal; settle it first.",
        ),
        "runs.embargoed_exists": (
            "同一范围、评分表和周期已有第{version}版签发待公布，请先公布或撤回该版。",
            "Version {version} for the same places, scorecard and period is signed and awaits release; "
            "release or withdraw it first.",
        ),
        "runs.somebody_faster": (
            "其他人刚刚处理了该考核，请重新查看它现在的状态。",
            "Somebody else has just acted on this assessment; look again where it stands.",
        ),
        "runs.snapshot_damaged": (
            "存档内容与发布校验值不一致：{run}。请运行 jingtu doctor 并从备份恢复。",
            "The stored snapshot does not match its hash: {run}. Run jingtu doctor and restore from a backup.",
        ),
        "runs.many_missing": (
            "缺报{count}项，此前曾报：{elements}等",
            "{count} elements reported before are missing, among them {elements}",
        ),
        "runs.changed.catalogue": (
            "指标目录已由第{old}版换为第{new}版。",
            "The catalogue has gone from version {old} to version {new}.",
        ),
        "runs.changed.facts": (
            "第{sequence}批数据（{rows}行，本次用到的期间：{periods}）由{actor}于{at}存入，说明：{note}。",
            "Batch {sequence} ({rows} rows; periods of use here: {periods}) was stored by {actor} at {at}; note: {note}.",
        ),
        "runs.changed.taken_back": (
            "计算之后有数据被撤回（本次用到的期间：{periods}），撤回的批次已较久远，未逐一查明。",
            "Figures were taken back after it was computed (periods of use here: {periods}); the batches that did lie "
            "too far back to be named.",
        ),
        "runs.changed.more_facts": (
            "此后还有{count}批数据。",
            "{count} further batches came after that.",
        ),
        "runs.changed.tree": (
            "区划有调整。",
            "The region tree has changed.",
        ),
        "runs.changed.targets": (
            "目标有变化。",
            "The dated targets have changed.",
        ),
        "runs.changed.ledger": (
            "加减分或一票否决的决定有变化。",
            "Bonus and deduction entries or decisions about vetoes have changed.",
        ),
        "runs.vetoes_open": (
            "还有{count}项一票否决未作决定（{places}），决定之前不能发布。",
            "{count} vetoes are not decided yet ({places}); the assessment cannot be published before.",
        ),
        "runs.vetoes_decided_since": (
            "计算之后又作出了一票否决的决定或审批了加减分，请退回重新计算后再发布。",
            "Vetoes were decided or entries settled after the assessment was computed; send it back, compute it again, "
            "then publish.",
        ),
        "runs.no_places": (
            "“{region}”之下没有“{level}”级的对象，无法排名。",
            "There are no places of level “{level}” below {region} to rank.",
        ),
        "runs.no_catalogue": (
            "尚未导入指标目录，请先导入（jingtu catalogue import）。",
            "No catalogue has been imported yet; import one first (jingtu catalogue import).",
        ),
        "runs.unknown_scorecard": (
            "指标目录中没有评分表“{scorecard}”。",
            "The catalogue has no scorecard “{scorecard}”.",
        ),
        "runs.future_period": (
            "周期{period}尚未结束，不能考核。",
            "The period {period} is not over yet and cannot be assessed.",
        ),
        "runs.wrong_cadence": (
            "评分表“{scorecard}”不适用于周期{period}（可用：{allowed}）。",
            "Scorecard “{scorecard}” is not made for the period {period} (allowed: {allowed}).",
        ),
    }
)
