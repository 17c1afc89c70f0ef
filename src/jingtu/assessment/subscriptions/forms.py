"""What people choose for a subscription."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Subscription


class SubscriptionForm(forms.Form):
    """Name, rhythm, way, regions and indicators. Choices are what the actor may read."""

    name = forms.CharField(label=_("名称"), max_length=64)
    cadence = forms.ChoiceField(label=pgettext_lazy("cadence", "周期"), choices=Subscription.Cadence.choices)
    way = forms.ChoiceField(
        label=_("送到哪里"),
        choices=Subscription.Way.choices,
        help_text=_("外发内容只含已公布且不隐去的数字，发送时按您当时的权限生成。"),
    )
    channel = forms.TypedChoiceField(
        label=_("群"), required=False, coerce=int, empty_value=None, help_text=_("只列出由您负责的群。")
    )
    regions = forms.TypedMultipleChoiceField(label=_("地区"), coerce=int, widget=forms.CheckboxSelectMultiple)
    indicators = forms.MultipleChoiceField(label=_("指标"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        *args: Any,
        regions: list[tuple[int, str]],
        indicators: list[tuple[str, str]],
        groups: list[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regions"].choices = regions  # type: ignore[attr-defined]
        self.fields["indicators"].choices = indicators  # type: ignore[attr-defined]
        if groups:
            self.fields["channel"].choices = [("", "–"), *groups]  # type: ignore[attr-defined]
        else:
            del self.fields["channel"]
            self.fields["way"].choices = [  # type: ignore[attr-defined]
                choice for choice in Subscription.Way.choices if choice[0] != Subscription.Way.GROUP
            ]
