"""The words of the interface for states, acts and kinds of numbers in appeals."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .rules import AppealAction, AppealState, Disputed

STATES: dict[str, str | Promise] = {
    AppealState.FILED: _("已提出"),
    AppealState.ACCEPTED: _("已受理"),
    AppealState.UPHELD: _("成立"),
    AppealState.PARTLY: _("部分成立"),
    AppealState.REJECTED: _("不成立"),
    AppealState.DISMISSED: _("不予受理"),
    AppealState.WITHDRAWN: _("已撤回"),
}
MARKS: dict[str, tuple[str, str]] = {
    AppealState.FILED: ("watch", "▲"),
    AppealState.ACCEPTED: ("watch", "▲"),
    AppealState.UPHELD: ("met", "●"),
    AppealState.PARTLY: ("met", "●"),
    AppealState.REJECTED: ("none", "–"),
    AppealState.DISMISSED: ("none", "–"),
    AppealState.WITHDRAWN: ("none", "–"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""

ACTIONS: dict[str, str | Promise] = {
    AppealAction.FILE: _("提出申诉"),
    AppealAction.ACCEPT: _("受理"),
    AppealAction.DISMISS: _("不予受理"),
    AppealAction.DECIDE: _("裁定"),
    AppealAction.WITHDRAW: _("撤回"),
    AppealAction.ADD: _("补充材料"),
}
DONE: dict[str, str | Promise] = {
    AppealAction.FILE: pgettext_lazy("done", "提出申诉"),
    AppealAction.ACCEPT: pgettext_lazy("done", "受理"),
    AppealAction.DISMISS: pgettext_lazy("done", "不予受理"),
    AppealAction.DECIDE: pgettext_lazy("done", "裁定"),
    AppealAction.WITHDRAW: pgettext_lazy("done", "撤回"),
    AppealAction.ADD: pgettext_lazy("done", "补充材料"),
}
"""The same acts in a history, where English tells what was done, not what to do."""

KINDS: dict[str, str | Promise] = {
    Disputed.INDICATOR: _("指标值"),
    Disputed.OPERAND: _("分子或分母"),
    Disputed.FACT: _("填报数"),
    Disputed.MISSING: _("缺报"),
}
