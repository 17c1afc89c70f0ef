"""The words of the interface for rhythms and states of schedules."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jingtu.engine.catalogue import Scorecard

from .rules import Cadence, OccurrenceState, WaitFor

CADENCES: dict[str, str | Promise] = {
    Cadence.DAY: _("每日"),
    Cadence.WEEK: _("每周"),
    Cadence.DEKAD: _("每旬"),
    Cadence.HALF_MONTH: _("每半月"),
    Cadence.MONTH: _("每月"),
    Cadence.QUARTER: _("每季"),
    Cadence.HALF_YEAR: _("每半年"),
    Cadence.YEAR: _("每年"),
    Cadence.YTD: _("每月累计"),
    Cadence.ODD: _("不定期"),
}
PRESET_NAMES: dict[str, str | Promise] = {
    "daily": _("日监测"),
    "weekly": _("周通报"),
    "monthly": _("月考核"),
    "quarterly": _("季排名"),
}
WAITS: dict[str, str | Promise] = {
    WaitFor.COVERAGE: _("数据覆盖率达到要求"),
    WaitFor.REPORTS: _("所选报表全部审核通过"),
}
STATES: dict[str, str | Promise] = {
    "upcoming": _("未到期"),
    OccurrenceState.WAITING: _("等待数据"),
    OccurrenceState.RUNNING: _("生成中"),
    OccurrenceState.PRODUCED: _("已生成草稿"),
    OccurrenceState.SKIPPED: _("已有考核"),
    OccurrenceState.STOPPED: _("已停止"),
    OccurrenceState.FAILED: _("未能生成"),
}
REPORTS_WAITED_FOR = _("等待报表")
PRESET_TEXTS: dict[str, str | Promise] = {
    "daily": _("每天上午办前一天，拟一份日监测。"),
    "weekly": _("每周第一个工作日办上一周，拟一份周通报。"),
    "monthly": _("次月第五个工作日起，月报全部审核通过即办，最迟再等三个工作日；拟考核通报。"),
    "quarterly": _("季后第八个工作日起，所选报表全部审核通过即办，最迟再等五个工作日；拟考核通报。"),
}
MARKS: dict[str, tuple[str, str]] = {
    "upcoming": ("none", "○"),
    OccurrenceState.WAITING: ("watch", "▲"),
    OccurrenceState.RUNNING: ("none", "◐"),
    OccurrenceState.PRODUCED: ("met", "●"),
    OccurrenceState.SKIPPED: ("none", "–"),
    OccurrenceState.STOPPED: ("below", "◆"),
    OccurrenceState.FAILED: ("below", "◆"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""


def rhythms(card: Scorecard) -> list[str]:
    """The rhythms a card is made for, in words."""
    return [str(CADENCES[Cadence.ODD if kind == "range" else Cadence(kind)]) for kind in card.cadence]
