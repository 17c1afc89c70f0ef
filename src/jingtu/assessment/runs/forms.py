"""What people type about runs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput

from .rules import REASON_MIN
from .words import interface_language


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
