"""What people write in duty reports and about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.accounts.models import Unit
from jingtu.core.regions.models import Region

from .rules import TEXT_MOST


class BeginForm(forms.Form):
    """Of which post and year one reports."""

    region = forms.ChoiceField(label=_("地区"))
    unit = forms.TypedChoiceField(
        label=_("所在单位"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("选择单位后，系统记载中一并列出该单位的任务。"),
    )
    post = forms.CharField(label=pgettext_lazy("duty report", "所述职务"), max_length=128)
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)

    def __init__(self, *args: Any, places: Sequence[Region], units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.pk, f"{one.region.name} · {one.name}") for one in units]
        self.fields["unit"].choices = [("", _("不属于某个单位")), *names]  # type: ignore[attr-defined]
        self.fields["region"].choices = [(str(one.pk), one.name) for one in places]  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """One's own words."""

    text = forms.CharField(
        label=pgettext_lazy("duty report", "内容"),
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
