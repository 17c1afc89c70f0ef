"""What people type about schedules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.assessment.bulletins.forms import KINDS

from .models import Schedule
from .rules import MOST_OFFSET, MOST_WAIT, NAME_MOST, Cadence, Timing, WaitFor
from .services import Plan
from .words import CADENCES, WAITS


class ScheduleForm(forms.Form):
    """A schedule with everything it needs to know."""

    name = forms.CharField(label=_("名称"), max_length=NAME_MOST)
    region = forms.TypedChoiceField(label=_("考核范围"), coerce=int)
    scorecard = forms.ChoiceField(label=_("评分表"))
    level = forms.ChoiceField(label=_("排名级别"), required=False, help_text=_("留空则用评分表规定的级别。"))
    cadence = forms.ChoiceField(label=pgettext_lazy("cadence", "周期"), choices=list(CADENCES.items()))
    ranges = forms.CharField(
        label=_("不定期的周期"),
        required=False,
        max_length=1000,
        help_text=_("仅用于不定期；多个用逗号分开，例如 2026-01..2026-02, 2026-H1。"),
    )
    offset_days = forms.IntegerField(
        label=_("周期结束后第几天到期"), min_value=0, max_value=MOST_OFFSET, initial=5
    )
    in_working_days = forms.BooleanField(
        label=_("按工作日计算"),
        required=False,
        initial=True,
        help_text=_("扣除法定节假日和周末，计入调休上班日。"),
    )
    at = forms.TimeField(
        label=_("到期时刻"),
        initial=dt.time(9, 0),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    min_coverage = forms.IntegerField(
        label=_("数据覆盖率至少（%）"),
        min_value=0,
        max_value=100,
        initial=95,
        help_text=_("前三个同类周期报过的数，本期报来的比例。"),
    )
    wait_for = forms.ChoiceField(
        label=_("等什么"),
        choices=list(WAITS.items()),
        initial=WaitFor.COVERAGE.value,
        help_text=_(
            "等报表的，不看覆盖率：范围内应报的每一份都审核通过才办理，或等到最迟时间并注明通过了几份。"
        ),
    )
    reports = forms.MultipleChoiceField(
        label=_("要等的报表"), required=False, widget=forms.CheckboxSelectMultiple
    )
    wait_days = forms.IntegerField(
        label=_("不足时最多再等几天"),
        min_value=0,
        max_value=MOST_WAIT,
        initial=3,
        help_text=_("等满仍不足，按现有数据生成并注明覆盖率。"),
    )
    bulletin = forms.ChoiceField(
        label=_("同时拟制通报"), required=False, choices=[("", _("不拟制")), *KINDS.items()]
    )
    list = forms.TypedChoiceField(label=_("发送名单"), coerce=int, required=False, empty_value=None)
    on_behalf = forms.TypedChoiceField(
        label=_("以谁的名义"),
        coerce=int,
        help_text=_(
            "按此人当时的权限执行；岗位终止则计划停止并通知。指定别人的，须其本人同意后才办理。计划只生成草稿，不会自动发布。"
        ),
    )
    starts_on = forms.DateField(
        label=_("从哪天起"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("此日及以后结束的周期；错过的会依次补办。"),
    )

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[Any, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            empty = {"level": [("", _("按评分表"))], "list": [("", _("暂不发送"))]}.get(name, [])
            self.fields[name].choices = [*empty, *offered]  # type: ignore[attr-defined]

    def plan(self) -> Plan:
        """What was typed, for the service."""
        data = self.cleaned_data
        ranges = tuple(part.strip() for part in data["ranges"].replace("，", ",").split(",") if part.strip())
        cadence = Cadence(data["cadence"])
        return Plan(
            region_id=data["region"],
            name=data["name"],
            scorecard=data["scorecard"],
            timing=Timing(
                cadence,
                data["offset_days"],
                data["in_working_days"],
                data["at"],
                data["wait_days"],
                ranges if cadence is Cadence.ODD else (),
            ),
            min_coverage=data["min_coverage"],
            on_behalf=data["on_behalf"],
            starts_on=data["starts_on"],
            level=data["level"],
            bulletin=data["bulletin"],
            list_id=data["list"],
            wait_for=WaitFor(data["wait_for"]),
            forms=tuple(data["reports"]),
        )


def initial_of(schedule: Schedule) -> dict[str, object]:
    """The form filled with a schedule."""
    return {
        "name": schedule.name,
        "region": schedule.region_id,
        "scorecard": schedule.scorecard,
        "level": schedule.level,
        "cadence": schedule.cadence,
        "ranges": ", ".join(schedule.ranges),
        "offset_days": schedule.offset_days,
        "in_working_days": schedule.in_working_days,
        "at": schedule.at,
        "min_coverage": schedule.min_coverage,
        "wait_days": schedule.wait_days,
        "wait_for": schedule.wait_for,
        "reports": schedule.forms,
        "bulletin": schedule.bulletin,
        "list": schedule.send_to_id,
        "on_behalf": schedule.on_behalf_id,
        "starts_on": schedule.starts_on,
    }
