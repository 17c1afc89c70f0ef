from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import DEFAULT_PATTERN, REASON_MIN


class SeriesForm(forms.Form):
    """A new series of an office."""

    region = forms.TypedChoiceField(label=_("发文机关所在地区"), coerce=int)
    name = forms.CharField(label=_("名称"), max_length=64, help_text=_("例如：考核通报。"))
    office = forms.CharField(
        label=_("发文机关代字"), max_length=32, required=False, help_text=_("例如：示禁办通。")
    )
    pattern = forms.CharField(
        label=_("编号规则"),
        max_length=64,
        initial=DEFAULT_PATTERN,
        help_text=_("{office} 为机关代字，{year} 为年份，{n} 为每年从1起的顺序号。"),
    )

    def __init__(self, *args: Any, regions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class ReserveForm(forms.Form):
    """The next number of a series, for something outside the system."""

    subject = forms.CharField(label=_("用途"), max_length=255)
    reason = forms.CharField(label=_("预留理由"), min_length=REASON_MIN, max_length=1000)


class VoidForm(forms.Form):
    """Why a reserved number is not used."""

    reason = forms.CharField(
        label=_("作废理由"),
        min_length=REASON_MIN,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NumberFilterForm(forms.Form):
    """The filters of the register."""

    series = forms.ChoiceField(label=_("系列"), required=False)
    year = forms.ChoiceField(label=_("年份"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[Any, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]
