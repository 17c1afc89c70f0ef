"""The words of the interface for states, acts and severities of runs."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .findingrules import FindingAct
from .findings import LATE_EDITS
from .rules import FindingState, RunAction, RunState, Severity

STATES: dict[str, str | Promise] = {
    RunState.DRAFT: _("草稿"),
    RunState.CHECKED: _("已核查"),
    RunState.IN_REVIEW: _("审批中"),
    RunState.APPEAL: _("申诉期"),
    RunState.EMBARGOED: _("已签发，待公布"),
    RunState.PUBLISHED: _("已发布"),
    RunState.SUPERSEDED: _("已被新版取代"),
    RunState.WITHDRAWN: _("已撤回"),
}

UNRANKED: dict[str, str | Promise] = {
    "coverage": _("未排名（报送不足）"),
    "no_value": _("未排名（没有数据）"),
}
"""Why a place has no rank."""

STATE_MARKS: dict[str, tuple[str, str]] = {
    RunState.DRAFT: ("none", "○"),
    RunState.CHECKED: ("none", "◐"),
    RunState.IN_REVIEW: ("watch", "▲"),
    RunState.APPEAL: ("watch", "▲"),
    RunState.EMBARGOED: ("none", "◑"),
    RunState.PUBLISHED: ("met", "●"),
    RunState.SUPERSEDED: ("none", "–"),
    RunState.WITHDRAWN: ("below", "◆"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""

ACTIONS: dict[str, str | Promise] = {
    RunAction.COMPUTE: _("计算"),
    RunAction.CHECK: _("核查"),
    RunAction.ANSWER: _("答复核查意见"),
    RunAction.OVERRIDE: _("豁免核查意见"),
    RunAction.SUBMIT: _("提交审批"),
    RunAction.OPEN_APPEAL: _("开放申诉"),
    RunAction.SEND_BACK: _("退回"),
    RunAction.PUBLISH: _("批准并发布"),
    RunAction.RELEASE: _("提前公布"),
    RunAction.CORRECT: _("更正（生成新版）"),
    RunAction.WITHDRAW: _("撤回"),
}

DONE: dict[str, str | Promise] = {
    RunAction.COMPUTE: pgettext_lazy("done", "计算"),
    RunAction.CHECK: pgettext_lazy("done", "核查"),
    RunAction.ANSWER: pgettext_lazy("done", "答复核查意见"),
    RunAction.OVERRIDE: pgettext_lazy("done", "豁免核查意见"),
    RunAction.SUBMIT: pgettext_lazy("done", "提交审批"),
    RunAction.OPEN_APPEAL: pgettext_lazy("done", "开放申诉"),
    RunAction.SEND_BACK: pgettext_lazy("done", "退回"),
    RunAction.PUBLISH: pgettext_lazy("done", "批准并发布"),
    RunAction.RELEASE: pgettext_lazy("done", "提前公布"),
    RunAction.CORRECT: pgettext_lazy("done", "更正（生成新版）"),
    RunAction.WITHDRAW: pgettext_lazy("done", "撤回"),
}
"""The same acts in a history, where English tells what was done, not what to do."""

SEVERITIES: dict[str, str | Promise] = {
    Severity.ERROR: pgettext_lazy("finding", "错误"),
    Severity.WARNING: pgettext_lazy("finding", "提醒"),
}

FINDING_STATES: dict[str, str | Promise] = {
    FindingState.OPEN: _("待处理"),
    FindingState.REPLIED: _("已回复，待认可"),
    FindingState.RETURNED: _("已退回，待重答"),
    FindingState.ANSWERED: _("已答复"),
    FindingState.OVERRIDDEN: _("已豁免"),
    FindingState.GONE: _("已消除"),
}

FINDING_MARKS: dict[str, tuple[str, str]] = {
    FindingState.OPEN: ("watch", "▲"),
    FindingState.REPLIED: ("none", "◐"),
    FindingState.RETURNED: ("below", "◆"),
    FindingState.ANSWERED: ("met", "●"),
    FindingState.OVERRIDDEN: ("none", "–"),
    FindingState.GONE: ("none", "○"),
}

FINDING_ACTS: dict[str, str | Promise] = {
    FindingAct.ASSIGN: _("指定答复人"),
    FindingAct.REPLY: _("回复核查意见"),
    FindingAct.RETURN: _("退回重答"),
    FindingAct.ACCEPT: _("认可回复"),
    FindingAct.ANSWER: _("答复核查意见"),
    FindingAct.OVERRIDE: _("豁免核查意见"),
    FindingAct.GONE: _("数字更正后不再提示"),
    FindingAct.CARRY: _("沿用上一版的答复"),
}

CHECK_KINDS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "missing": (pgettext_lazy("check", "缺报"), ("check.missing",)),
    "outlier_history": (pgettext_lazy("check", "与自身以往相差悬殊"), ("check.outlier_history",)),
    "outlier_peers": (pgettext_lazy("check", "与同类地区相差悬殊"), ("check.outlier_peers",)),
    "sudden_zero": (pgettext_lazy("check", "突然为零"), ("check.sudden_zero",)),
    "parts": (pgettext_lazy("check", "分项之和不符"), ("check.parts",)),
    "above_whole": (
        pgettext_lazy("check", "分子大于分母"),
        ("check.above_whole", "check.above_whole_lagging"),
    ),
    "both_levels": (pgettext_lazy("check", "本级与下级重复"), ("check.both_levels",)),
    "copied_period": (pgettext_lazy("check", "照抄上期"), ("check.copied_period",)),
    "round_numbers": (pgettext_lazy("check", "整数过多"), ("check.round_fives", "check.round_hundreds")),
    "late_edit": (pgettext_lazy("check", "截止后改数"), LATE_EDITS),
}
"""The kinds of checks as a list is narrowed to them, with the codes of their findings."""
