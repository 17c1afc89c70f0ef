"""What people write in duty reports and about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.regions.models import Region

from .rules import TEXT_MOST


class BeginForm(forms.Form):
    """Of which post and year one reports."""

    region = forms.ChoiceField(label=_("地区"))
    post = forms.CharField(label=pgettext_lazy("duty report", "所述职务"), max_length=128)
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)

    def __init__(self, *args: Any, places: Sequence[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [(str(one.pk), one.name) for one in places]  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """One's own words."""

    text = forms.CharField(
        label=pgettext_lazy("duty report", "内容"),
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
