"""The words of the interface for rhythms, states and acts of meetings."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .rules import LAST, Act, MeetingState, Outcome, Presence, Rhythm, Shift

RHYTHMS: dict[str, str | Promise] = {
    Rhythm.WEEK: pgettext_lazy("meetings", "每周"),
    Rhythm.HALF_MONTH: pgettext_lazy("meetings", "每半月"),
    Rhythm.MONTH: pgettext_lazy("meetings", "每月"),
    Rhythm.QUARTER: pgettext_lazy("meetings", "每季"),
}
PRESET_NAMES: dict[str, str | Promise] = {
    "weekly": _("周碰头会"),
    "half_monthly": _("半月调度会"),
    "monthly": _("月调度会"),
    "quarterly": _("季讲评会"),
}
WEEKDAYS: dict[int, str | Promise] = {
    0: pgettext_lazy("meetings", "周一"),
    1: pgettext_lazy("meetings", "周二"),
    2: pgettext_lazy("meetings", "周三"),
    3: pgettext_lazy("meetings", "周四"),
    4: pgettext_lazy("meetings", "周五"),
    5: pgettext_lazy("meetings", "周六"),
    6: pgettext_lazy("meetings", "周日"),
}
NTHS: dict[int, str | Promise] = {
    1: _("第一个"),
    2: _("第二个"),
    3: _("第三个"),
    4: _("第四个"),
    LAST: _("最后一个"),
}
SHIFTS: dict[str, str | Promise] = {
    Shift.LATER: _("往后顺延"),
    Shift.EARLIER: _("提前"),
}
STATES: dict[str, str | Promise] = {
    MeetingState.PLANNED: pgettext_lazy("meetings", "已安排"),
    MeetingState.INVITED: pgettext_lazy("meetings", "已通知"),
    MeetingState.HELD: pgettext_lazy("meetings", "已召开"),
    MeetingState.MINUTED: pgettext_lazy("meetings", "纪要待确认"),
    MeetingState.CONFIRMED: pgettext_lazy("meetings", "纪要已确认"),
    MeetingState.CANCELLED: pgettext_lazy("meetings", "已取消"),
}
MARKS: dict[str, tuple[str, str]] = {
    MeetingState.PLANNED: ("none", "○"),
    MeetingState.INVITED: ("none", "◐"),
    MeetingState.HELD: ("watch", "▲"),
    MeetingState.MINUTED: ("watch", "▲"),
    MeetingState.CONFIRMED: ("met", "●"),
    MeetingState.CANCELLED: ("none", "–"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""
DONE: dict[str, str | Promise] = {
    Act.PLAN: pgettext_lazy("meeting history", "安排会议"),
    Act.MOVE: pgettext_lazy("meeting history", "改期"),
    Act.INVITE: pgettext_lazy("meeting history", "发会议通知"),
    Act.HOLD: pgettext_lazy("meeting history", "登记到会情况"),
    Act.MINUTE: pgettext_lazy("meeting history", "提交纪要"),
    Act.RETURN: pgettext_lazy("meeting history", "退回纪要"),
    Act.CONFIRM: pgettext_lazy("meeting history", "确认纪要"),
    Act.CANCEL: pgettext_lazy("meeting history", "取消会议"),
    Act.FOLLOW: pgettext_lazy("meeting history", "随区划变更转移"),
}
PRESENCES: dict[str, str | Promise] = {
    Presence.EXPECTED: pgettext_lazy("meetings", "应到"),
    Presence.PRESENT: pgettext_lazy("meetings", "到会"),
    Presence.SUBSTITUTED: pgettext_lazy("meetings", "由他人代会"),
    Presence.EXCUSED: pgettext_lazy("meetings", "请假"),
    Presence.ABSENT: pgettext_lazy("meetings", "缺席"),
}
OUTCOMES: dict[str, str | Promise] = {
    Outcome.OPEN: pgettext_lazy("meetings", "办理中"),
    Outcome.LATE: pgettext_lazy("meetings", "逾期未办结"),
    Outcome.DONE: pgettext_lazy("meetings", "按期办结"),
    Outcome.DONE_LATE: pgettext_lazy("meetings", "逾期办结"),
    Outcome.CANCELLED: pgettext_lazy("meetings", "已撤销"),
}
OUTCOME_MARKS: dict[str, tuple[str, str]] = {
    Outcome.OPEN: ("none", "◐"),
    Outcome.LATE: ("below", "◆"),
    Outcome.DONE: ("met", "●"),
    Outcome.DONE_LATE: ("watch", "▲"),
    Outcome.CANCELLED: ("none", "–"),
}
OUTCOME_TEXTS: dict[str, tuple[str, str]] = {
    Outcome.OPEN: ("办理中", "under way"),
    Outcome.LATE: ("逾期未办结", "late"),
    Outcome.DONE: ("按期办结", "done in time"),
    Outcome.DONE_LATE: ("逾期办结", "done late"),
    Outcome.CANCELLED: ("已撤销", "cancelled"),
}
"""For papers, which are printed in either language."""
STATE_TEXTS: dict[str, tuple[str, str]] = {
    MeetingState.PLANNED: ("已安排", "planned"),
    MeetingState.INVITED: ("已通知", "invited"),
    MeetingState.HELD: ("已召开", "held"),
    MeetingState.MINUTED: ("纪要待确认", "minutes to confirm"),
    MeetingState.CONFIRMED: ("纪要已确认", "minutes confirmed"),
    MeetingState.CANCELLED: ("已取消", "cancelled"),
}
POINT_KINDS: dict[str, str | Promise] = {
    "own": pgettext_lazy("meetings", "自拟议题"),
    "decision": pgettext_lazy("meetings", "上次决定的落实"),
    "red_indicator": pgettext_lazy("meetings", "红线指标"),
    "late_task": pgettext_lazy("meetings", "逾期任务"),
    "supervision": pgettext_lazy("meetings", "在办督办"),
    "open_measure": pgettext_lazy("meetings", "在办措施"),
}
