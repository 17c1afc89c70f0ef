"""The words of the interface for states and acts of tasks."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .rules import TaskAction, TaskState

STATES: dict[str, str | Promise] = {
    TaskState.NOT_STARTED: pgettext_lazy("task", "未开始"),
    TaskState.UNDER_WAY: pgettext_lazy("task", "进行中"),
    TaskState.SUBMITTED: pgettext_lazy("task", "待验收"),
    TaskState.RETURNED: pgettext_lazy("task", "已退回"),
    TaskState.PAUSED: pgettext_lazy("task", "已暂停"),
    TaskState.DONE: pgettext_lazy("task", "已办结"),
    TaskState.CANCELLED: pgettext_lazy("task", "已取消"),
}
MARKS: dict[str, tuple[str, str]] = {
    TaskState.NOT_STARTED: ("none", "○"),
    TaskState.UNDER_WAY: ("watch", "▶"),
    TaskState.SUBMITTED: ("watch", "▲"),
    TaskState.RETURNED: ("below", "◆"),
    TaskState.PAUSED: ("none", "‖"),
    TaskState.DONE: ("met", "●"),
    TaskState.CANCELLED: ("none", "–"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""

ACTIONS: dict[str, str | Promise] = {
    TaskAction.START: pgettext_lazy("task", "开始"),
    TaskAction.REPORT: pgettext_lazy("task", "报告进度"),
    TaskAction.SUBMIT: pgettext_lazy("task", "提交办结"),
    TaskAction.ACCEPT: pgettext_lazy("task", "验收通过"),
    TaskAction.RETURN: pgettext_lazy("task", "退回"),
    TaskAction.PAUSE: pgettext_lazy("task", "暂停"),
    TaskAction.RESUME: pgettext_lazy("task", "恢复办理"),
    TaskAction.CANCEL: pgettext_lazy("task", "取消任务"),
    TaskAction.RESTORE: pgettext_lazy("task", "撤销取消"),
}
DONE: dict[str, str | Promise] = {
    TaskAction.START: pgettext_lazy("task done", "开始"),
    TaskAction.REPORT: pgettext_lazy("task done", "报告进度"),
    TaskAction.SUBMIT: pgettext_lazy("task done", "提交办结"),
    TaskAction.ACCEPT: pgettext_lazy("task done", "验收通过"),
    TaskAction.RETURN: pgettext_lazy("task done", "退回"),
    TaskAction.PAUSE: pgettext_lazy("task done", "暂停"),
    TaskAction.RESUME: pgettext_lazy("task done", "恢复办理"),
    TaskAction.CANCEL: pgettext_lazy("task done", "取消"),
    TaskAction.RESTORE: pgettext_lazy("task done", "撤销取消"),
    "create": pgettext_lazy("task done", "下达"),
    "edit": pgettext_lazy("task done", "修改"),
    "hand_over": pgettext_lazy("task done", "移交"),
    "undo": pgettext_lazy("task done", "撤销修改"),
    "carry": pgettext_lazy("task done", "随上级任务调整"),
    "split": pgettext_lazy("task done", "分解"),
    "evidence": pgettext_lazy("task done", "补充佐证"),
    "region": pgettext_lazy("task done", "随区划变更转移"),
    "measured": pgettext_lazy("task done", "按指标更新进度"),
}
"""What was done, in a history; also what is no act of the table."""

FIELDS: dict[str, str | Promise] = {
    "title": _("任务名称"),
    "requirement": _("工作要求"),
    "strand": _("工作体系"),
    "region": _("责任地区"),
    "unit": _("牵头单位"),
    "supporting": _("配合单位"),
    "leader": _("责任领导"),
    "person": pgettext_lazy("task", "责任人"),
    "starts": pgettext_lazy("task", "起始"),
    "due": pgettext_lazy("task", "期限"),
    "weight": _("权重"),
    "state": _("状态"),
    "percent": _("进度"),
    "needs": _("依赖任务"),
    "milestone": _("里程碑"),
    "deliverable": _("交付成果"),
    "indicator": _("关联指标"),
    "document": _("依据文件"),
}
KINDS: dict[str, str | Promise] = {
    "plan": pgettext_lazy("plan kind", "工作计划"),
    "meeting": pgettext_lazy("plan kind", "会议决定事项"),
    "rectification": pgettext_lazy("plan kind", "整治方案"),
    "supervision": pgettext_lazy("plan kind", "督办事项"),
    "letter": pgettext_lazy("plan kind", "责任书任务"),
}
