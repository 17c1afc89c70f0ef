"""Filters of the audit screen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.engine.problems import Language

from .actions import label_of, registered_actions, registered_objects, word_of
from .queries import EARLIEST, LATEST, Filters

YEARS = {"first": EARLIEST.year, "last": LATEST.year}


class FilterForm(forms.Form):
    """Who, what, to what, when."""

    person = forms.CharField(label=_("人员"), required=False, max_length=64)
    action = forms.ChoiceField(label=_("操作"), required=False)
    kind = forms.ChoiceField(
        label=_("类型"),
        required=False,
        choices=[("", _("全部")), ("change", _("变更")), ("read", _("查阅与导出"))],
    )
    target = forms.ChoiceField(label=pgettext_lazy("audit", "对象"), required=False)
    which = forms.CharField(
        label=_("对象编号或名称"),
        required=False,
        max_length=128,
        help_text=_("用户、区划可写名称，其他写编号。"),
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
        objects = sorted(((kind, word_of(kind, language)) for kind in registered_objects()), key=_by_word)
        for name, offered in (("action", choices), ("target", objects)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *offered]

    def clean_since(self) -> dt.date | None:
        """The first day, one that a calendar and the office's time zone can hold."""
        return _known(self.cleaned_data.get("since"))

    def clean_until(self) -> dt.date | None:
        """The last day, not before the first."""
        since, until = self.cleaned_data.get("since"), _known(self.cleaned_data.get("until"))
        if since and until and until < since:
            raise forms.ValidationError(_("截止日期不得早于起始日期。"))
        return until

    def filters(self) -> Filters:
        """What was asked for; fields that make no sense are left out and shown as errors."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if which := given.pop("which", "").strip():
            given["target"] = f"{given.get('target', '')}:{which}"
        return Filters(**given)


def _known(day: dt.date | None) -> dt.date | None:
    if day is not None and not EARLIEST <= day <= LATEST:
        raise forms.ValidationError(_("请填写 %(first)s 年至 %(last)s 年的日期。"), params=YEARS)
    return day


def _by_word(choice: tuple[str, str]) -> str:
    return choice[1]
