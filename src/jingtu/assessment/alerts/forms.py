"""What people type about alerts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import REASON_MIN
from .words import SEVERITIES, STATES


class AlertFilterForm(forms.Form):
    """The filters of the list."""

    state = forms.ChoiceField(label=_("状态"), required=False)
    severity = forms.ChoiceField(label=_("程度"), required=False)
    rule = forms.ChoiceField(label=_("规则"), required=False)
    tree = forms.ChoiceField(label=_("区划树"), required=False)
    mine = forms.BooleanField(label=_("只看我负责的"), required=False)
    overdue = forms.BooleanField(label=_("只看逾期的"), required=False)
    region = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", _("未办结")),
            *STATES.items(),
            ("all", _("全部")),
        ]
        self.fields["severity"].choices = [("", _("全部")), *SEVERITIES.items()]  # type: ignore[attr-defined]
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]


class ActForm(forms.Form):
    """The reason of an act, which may be left out where nothing must be explained."""

    reason = forms.CharField(label=_("说明"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.required = required
        if required:
            field.label, field.min_length = _("理由"), REASON_MIN  # type: ignore[attr-defined]


class SnoozeForm(ActForm):
    """Until when, and why."""

    until = forms.DateField(label=_("暂缓至"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("until", "reason")


class AssignForm(ActForm):
    """To whom, and why."""

    owner = forms.TypedChoiceField(label=_("责任人"), coerce=int)
    field_order = ("owner", "reason")

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, required=False, **kwargs)
        self.fields["owner"].choices = people  # type: ignore[attr-defined]
