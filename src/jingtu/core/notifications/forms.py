"""What people state about messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Channel, Delivery, Preference

KINDS = (
    ("runs", pgettext_lazy("topic", "考核")),
    ("alerts", pgettext_lazy("alerts", "预警")),
    ("reporting", pgettext_lazy("topic", "报表")),
    ("appeals", _("申诉")),
    ("jobs", _("作业")),
)
"""Kinds of notices (the first part of their codes) that can be kept inside the system."""


class PreferenceForm(forms.Form):
    """How one wants to be told."""

    mode = forms.ChoiceField(label=_("电子邮件"), choices=Preference.Mode.choices)
    quiet_from = forms.TimeField(
        label=_("免打扰从"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    quiet_to = forms.TimeField(
        label=_("免打扰到"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("可以跨过午夜；时段内的消息到时段结束后发送。"),
    )
    muted = forms.MultipleChoiceField(
        label=_("只在系统内提醒，不发邮件"),
        choices=KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ChannelForm(forms.Form):
    """A new channel."""

    name = forms.CharField(label=_("名称"), max_length=64)
    kind = forms.ChoiceField(label=_("类型"), choices=Channel.Kind.choices)
    address = forms.CharField(
        label=_("地址和密钥"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("加密保存，保存后不再显示。写法见运维手册。"),
    )
    responsible = forms.TypedChoiceField(
        label=_("负责人"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("群消息渠道必填：消息只包含此人有权看到的内容。"),
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].choices = [("", "–"), *people]  # type: ignore[attr-defined]


class ChangeChannelForm(forms.Form):
    """A new address, or none; in use or not."""

    address = forms.CharField(
        label=_("新的地址和密钥"),
        max_length=1000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("留空则不变。已保存的地址不会显示。"),
    )
    enabled = forms.BooleanField(label=pgettext_lazy("state", "启用"), required=False)


class DeliveryFilterForm(forms.Form):
    """The filter of the log."""

    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("全部")), *Delivery.State.choices]
    )
