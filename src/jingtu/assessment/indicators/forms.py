"""What people type to find a definition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .words import DIRECTIONS, STATUSES, STRANDS


class IndicatorFilterForm(forms.Form):
    """The filters of the list of indicators; choices are what occurs."""

    q = forms.CharField(label=_("名称、编码或口径"), required=False, max_length=100)
    strand = forms.ChoiceField(label=_("条线"), required=False)
    row = forms.ChoiceField(label=_("机制编号"), required=False)
    status = forms.ChoiceField(label=_("口径依据"), required=False)
    direction = forms.ChoiceField(label=_("方向"), required=False)

    def __init__(self, *args: Any, choices: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"strand": STRANDS, "status": STATUSES, "direction": DIRECTIONS, "row": {}}
        for name, codes in choices.items():
            options = [(code, words[name].get(code, code)) for code in codes]
            self.fields[name].choices = [("", _("全部")), *options]  # type: ignore[attr-defined]
