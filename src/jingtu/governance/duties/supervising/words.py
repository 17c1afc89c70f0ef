"""The words of the interface for notices of supervision."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from .rules import NoticeAction, NoticeState, Subject

SUBJECTS: dict[str, str | Promise] = {
    Subject.TASK: pgettext_lazy("supervision", "任务"),
    Subject.INDICATOR: pgettext_lazy("supervision", "指标"),
    Subject.MATTER: pgettext_lazy("supervision", "其他事项"),
}
STATES: dict[str, str | Promise] = {
    NoticeState.DRAFTED: pgettext_lazy("supervision state", "待下达"),
    NoticeState.ISSUED: pgettext_lazy("supervision state", "待答复"),
    NoticeState.ANSWERED: pgettext_lazy("supervision state", "待审核"),
    NoticeState.RETURNED: pgettext_lazy("supervision state", "已退回"),
    NoticeState.ACCEPTED: pgettext_lazy("supervision state", "已办结"),
    NoticeState.WITHDRAWN: pgettext_lazy("supervision state", "已撤回"),
}
MARKS: dict[str, tuple[str, str]] = {
    NoticeState.DRAFTED: ("none", "–"),
    NoticeState.ISSUED: ("watch", "▲"),
    NoticeState.ANSWERED: ("watch", "▲"),
    NoticeState.RETURNED: ("below", "◆"),
    NoticeState.ACCEPTED: ("met", "●"),
    NoticeState.WITHDRAWN: ("none", "–"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""

DONE: dict[str, str | Promise] = {
    NoticeAction.DRAFT: pgettext_lazy("supervision done", "起草"),
    NoticeAction.ISSUE: pgettext_lazy("supervision done", "下达"),
    NoticeAction.ANSWER: pgettext_lazy("supervision done", "答复"),
    NoticeAction.ACCEPT: pgettext_lazy("supervision done", "审核通过"),
    NoticeAction.RETURN: pgettext_lazy("supervision done", "退回"),
    NoticeAction.WITHDRAW: pgettext_lazy("supervision done", "撤回"),
    NoticeAction.FOLLOW: pgettext_lazy("supervision done", "随区划变更转办"),
}
"""What was done, in a history."""

TITLES: dict[str, str | Promise] = {
    NoticeAction.ISSUE: pgettext_lazy("supervision", "下达"),
    NoticeAction.ANSWER: pgettext_lazy("supervision", "答复"),
    NoticeAction.ACCEPT: pgettext_lazy("supervision", "审核通过"),
    NoticeAction.RETURN: pgettext_lazy("supervision", "退回"),
    NoticeAction.WITHDRAW: pgettext_lazy("supervision", "撤回"),
}
"""What may be done, on buttons and as titles."""
