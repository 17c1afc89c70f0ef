"""Words of states and acts in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.ui.middleware import interface_language
from jingtu.engine.elements import Element, parse_category
from jingtu.engine.problems import Language

from .definition import Line
from .rules import ReportAction, ReportState, Timeliness

__all__ = [
    "ACTIONS",
    "MARKS",
    "ORIGINS",
    "PROXY_STATES",
    "STATES",
    "TIMES",
    "interface_language",
    "line_name",
]

S, A = ReportState, ReportAction
STATES = {
    S.NOT_STARTED: _("未开始"),
    S.DRAFT: _("填报中"),
    S.SUBMITTED: _("已提交"),
    S.IN_REVIEW: _("审核中"),
    S.RETURNED: _("已退回"),
    S.REOPENED: _("已解锁"),
    S.ACCEPTED: _("已通过"),
}
PROXY_STATES = {"asked": _("待审批"), "approved": _("已批准"), "refused": _("未批准"), "ended": _("已终止")}
# (tone, mark): shape and colour beside the word.
MARKS = {
    S.NOT_STARTED: ("none", "–"),
    S.DRAFT: ("none", "◌"),
    S.SUBMITTED: ("watch", "◐"),
    S.IN_REVIEW: ("watch", "◑"),
    S.RETURNED: ("below", "◆"),
    S.REOPENED: ("watch", "▲"),
    S.ACCEPTED: ("met", "●"),
}
ACTIONS = {
    A.FILL: _("填写"),
    A.SUBMIT: _("提交"),
    A.WITHDRAW: pgettext_lazy("done", "撤回"),
    A.RETURN: pgettext_lazy("done", "退回"),
    A.PASS: _("审核通过本级"),
    A.ACCEPT: _("审核通过"),
    A.UNLOCK: _("解锁"),
    A.TAKE_OVER: _("交接"),
    A.RECEIVE: _("登记收到"),
    A.KEEP: _("保留已有的数"),
    A.REPLACE: _("以报表的数替换"),
    A.ANSWER: pgettext_lazy("done", "答复退回"),
}
TIMES = {
    Timeliness.ON_TIME: _("按时"),
    Timeliness.LATE: _("迟报"),
    Timeliness.PENDING: _("未到期"),
    Timeliness.OVERDUE: _("逾期未报"),
}
TIME_MARKS = {
    Timeliness.ON_TIME: ("met", "●"),
    Timeliness.LATE: ("watch", "▲"),
    Timeliness.PENDING: ("none", "–"),
    Timeliness.OVERDUE: ("below", "◆"),
}
ORIGINS = {
    "total": _("合计"),
    "below": _("下级汇总"),
    "feed": _("系统取数"),
    "given": _("已有数据"),
    "sheet": _("表格上传"),
    "api": _("接口"),
    "typed": _("手工填写"),
}


def category_label(line: Line, element: Element, language: Language) -> str:
    """A category as people read it."""
    pairs = parse_category(line.category)
    return " · ".join(element.category_name(dimension, value, language) for dimension, value in pairs.items())


def line_name(line: Line, element: Element, language: Language) -> str:
    """The name of a cell: the element's, with its category."""
    name = element.name(language)
    if not line.category:
        return name
    separator = "：" if language == "zh" else ": "
    return f"{name}{separator}{category_label(line, element, language)}"
