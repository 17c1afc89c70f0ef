"""Filters of the audit screen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.engine.problems import Language

from .actions import label_of, registered_actions
from .queries import Filters


class FilterForm(forms.Form):
    """Who, what, to what, when."""

    person = forms.CharField(label=_("人员"), required=False, max_length=64)
    action = forms.ChoiceField(label=_("操作"), required=False)
    kind = forms.ChoiceField(
        label=_("类型"),
        required=False,
        choices=[("", _("全部")), ("change", _("变更")), ("read", _("查阅与导出"))],
    )
    target = forms.CharField(
        label=pgettext_lazy("audit", "对象"),
        required=False,
        max_length=128,
        widget=forms.TextInput(attrs={"placeholder": "user:12"}),
    )
    since = forms.DateField(
        label=_("起"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("止"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, language: Language, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted((code, label_of(code, language)) for code in registered_actions())
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部")), *choices]

    def filters(self) -> Filters:
        """What was asked for; fields that make no sense are left out and shown as errors."""
        self.is_valid()
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value})
