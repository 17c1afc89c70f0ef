"""The words of the interface for states, acts and severities of alerts."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .rules import AlertAction, AlertEventKind, AlertState, Severity

STATES: dict[str, str | Promise] = {
    AlertState.NEW: pgettext_lazy("alert", "新"),
    AlertState.ACKNOWLEDGED: pgettext_lazy("alert", "已知悉"),
    AlertState.IN_HAND: pgettext_lazy("alert", "处置中"),
    AlertState.SNOOZED: pgettext_lazy("alert", "暂缓"),
    AlertState.RESOLVED: pgettext_lazy("alert", "已解决"),
    AlertState.DISMISSED: pgettext_lazy("alert", "已排除"),
}
STATE_MARKS: dict[str, tuple[str, str]] = {
    AlertState.NEW: ("below", "◆"),
    AlertState.ACKNOWLEDGED: ("watch", "▲"),
    AlertState.IN_HAND: ("watch", "▶"),
    AlertState.SNOOZED: ("none", "◌"),
    AlertState.RESOLVED: ("met", "●"),
    AlertState.DISMISSED: ("none", "–"),
}
"""CSS state and mark: a state is never told by colour alone."""

SEVERITIES: dict[str, str | Promise] = {
    Severity.CRITICAL: pgettext_lazy("alert severity", "紧急"),
    Severity.WARNING: pgettext_lazy("alert severity", "警示"),
    Severity.INFO: pgettext_lazy("alert severity", "提示"),
}
SEVERITY_MARKS: dict[str, tuple[str, str]] = {
    Severity.CRITICAL: ("below", "◆"),
    Severity.WARNING: ("watch", "▲"),
    Severity.INFO: ("none", "○"),
}

ACTIONS: dict[str, str | Promise] = {
    AlertAction.ACKNOWLEDGE: _("知悉"),
    AlertAction.TAKE: _("着手处置"),
    AlertAction.RESOLVE: _("标为已解决"),
    AlertAction.SNOOZE: _("暂缓"),
    AlertAction.DISMISS: _("排除（误报）"),
    AlertAction.REOPEN: _("重新打开"),
}

EVENTS: dict[str, str | Promise] = {
    **ACTIONS,
    "assign": _("指定责任人"),
    AlertEventKind.RAISED: _("发出预警"),
    AlertEventKind.CONTINUED: _("本期仍然触发"),
    AlertEventKind.WORSENED: _("本期加重"),
    AlertEventKind.RAISED_AGAIN: _("再次预警"),
    AlertEventKind.DISCLOSED: _("考核发布，通知责任人"),
    AlertEventKind.WOKEN: _("暂缓期满"),
    AlertEventKind.EASED: _("本期不再触发"),
    AlertEventKind.LAPSED: _("数据更正后不再触发，自动关闭"),
    AlertEventKind.WITHDRAWN: _("所依据的考核已撤回，自动关闭"),
    AlertEventKind.SUPERSEDED: _("所依据的考核已被新版取代且新版不再触发，自动关闭"),
}

KINDS: dict[str, str | Promise] = {
    "red_line": _("触及红线"),
    "worsening": _("连续变差"),
    "gap_growing": _("差距扩大"),
    "missing_report": pgettext_lazy("kind", "缺报"),
    "sudden_change": _("突变"),
    "first_case": _("首次出现"),
    "inactivity": _("长期无数据"),
}
