"""What people type about runs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput

from .rules import DECIDE_DAYS, EXAMINE_DAYS, MOST_DAYS, OBJECTION_DAYS, REASON_MIN
from .words import CHECK_KINDS, FINDING_STATES, SEVERITIES


class NewRunForm(forms.Form):
    """Which assessment to begin. Choices are filled with what the actor may prepare."""

    region = forms.TypedChoiceField(
        label=_("考核范围"), coerce=int, help_text=_("在该地区之内对下级进行排名。")
    )
    scorecard = forms.ChoiceField(label=_("评分表"))
    level = forms.ChoiceField(label=_("排名级别"), required=False, help_text=_("留空则用评分表规定的级别。"))
    period = forms.CharField(
        label=_("周期"),
        max_length=32,
        help_text=_("例如 2026-10、2026-Q3、2026-01..2026-02、2026年1—2月。"),
    )
    note = forms.CharField(
        label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        *args: Any,
        regions: list[tuple[int, str]],
        scorecards: list[tuple[str, str]],
        levels: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        self.fields["scorecard"].choices = scorecards  # type: ignore[attr-defined]
        self.fields["level"].choices = [("", _("按评分表")), *levels]  # type: ignore[attr-defined]

    def clean_period(self) -> str:
        try:
            return Period.parse(self.cleaned_data["period"]).key
        except InvalidInput as error:
            raise forms.ValidationError([p.text(interface_language()) for p in error.problems]) from error


class ReasonForm(forms.Form):
    """The reason of an act that must be explained."""

    reason = forms.CharField(
        label=_("理由"), min_length=REASON_MIN, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class NoteForm(forms.Form):
    """A remark that may be left out."""

    reason = forms.CharField(
        label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class FindingFilterForm(forms.Form):
    """The filters of the list of findings."""

    state = forms.ChoiceField(label=_("状态"), required=False)
    severity = forms.ChoiceField(label=pgettext_lazy("severity", "级别"), required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("check", "核查种类"), required=False)
    run = forms.ChoiceField(label=_("考核"), required=False)
    tree = forms.ChoiceField(label=_("区划树"), required=False)
    q = forms.CharField(label=_("地区"), required=False, max_length=60)
    mine = forms.BooleanField(label=_("只看我负责的"), required=False)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", _("未处理完")),
            *FINDING_STATES.items(),
            ("all", _("全部")),
        ]
        self.fields["severity"].choices = [("", _("全部")), *SEVERITIES.items()]  # type: ignore[attr-defined]
        kinds = [(kind, word) for kind, (word, _codes) in CHECK_KINDS.items()]
        self.fields["kind"].choices = [("", _("全部")), *kinds]  # type: ignore[attr-defined]
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]


class AssignFindingsForm(forms.Form):
    """Whom findings are given to: whoever reports for each place, oneself, or somebody of the office."""

    owner = forms.ChoiceField(label=_("交给"), widget=forms.Select(attrs={"class": "form-select"}))
    reason = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("unit", _("各自单位的填报员")),
            ("me", _("我自己")),
            *((str(pk), name) for pk, name in people),
        ]


class OpenAppealForm(NoteForm):
    """For how many working days the units may dispute their figures."""

    days = forms.IntegerField(
        label=_("申诉期（工作日）"),
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("自明日起算，扣除法定节假日和周末，调休上班日计入。"),
    )
    field_order = ("days", "reason")


class PublishForm(NoteForm):
    """Signing: when readers see it, and the reasons that the rules ask for now."""

    release_at = forms.DateTimeField(
        label=_("公布时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("留空则立即公布；填写后内容即行固定，但到时才对读者可见。"),
    )
    skip_reason = forms.CharField(
        label=_("不等申诉期的理由"),
        min_length=REASON_MIN,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("将印入通报附注。"),
    )
    hold_reason = forms.CharField(
        label=_("仍然发布的理由"),
        min_length=REASON_MIN,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("将连同您的姓名印入通报附注。"),
    )
    field_order = ("skip_reason", "hold_reason", "release_at", "reason")

    def __init__(self, *args: Any, skips: bool, held: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not skips:
            del self.fields["skip_reason"]
        if not held:
            del self.fields["hold_reason"]


class ReleaseRuleForm(forms.Form):
    """How an office lets the runs of a card go."""

    region = forms.TypedChoiceField(label=_("机关所在地区"), coerce=int)
    scorecard = forms.ChoiceField(label=_("评分表"), required=False)
    appeal_days = forms.IntegerField(
        label=_("发布前申诉期（工作日）"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=0,
        help_text=_("0 为不设。"),
    )
    objection_days = forms.IntegerField(
        label=_("发布后申诉期（工作日）"), min_value=0, max_value=MOST_DAYS, initial=OBJECTION_DAYS
    )
    examine_days = forms.IntegerField(
        label=_("受理申诉的期限（工作日）"), min_value=1, max_value=MOST_DAYS, initial=EXAMINE_DAYS
    )
    decide_days = forms.IntegerField(
        label=_("裁定申诉的期限（工作日）"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=DECIDE_DAYS,
        help_text=_("自受理之日起算。"),
    )
    series = forms.TypedChoiceField(
        label=_("文号系列"), coerce=int, required=False, empty_value=None, help_text=_("留空则不自动编号。")
    )

    def __init__(
        self,
        *args: Any,
        regions: list[tuple[int, str]],
        scorecards: list[tuple[str, str]],
        series: list[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        self.fields["scorecard"].choices = [("", _("全部")), *scorecards]  # type: ignore[attr-defined]
        self.fields["series"].choices = [("", _("不编号")), *series]  # type: ignore[attr-defined]


class RunFilterForm(forms.Form):
    """The filters of the list; choices are what occurs among the runs the actor may know of."""

    tree = forms.ChoiceField(label=_("区划树"), required=False)
    scorecard = forms.ChoiceField(label=_("评分表"), required=False)
    period = forms.ChoiceField(label=_("周期"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    mine = forms.BooleanField(label=_("只看我编制的"), required=False)
    region = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]
