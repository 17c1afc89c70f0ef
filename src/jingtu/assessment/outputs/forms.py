"""What people choose and write about sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.files.forms import FilesField

from .rules import LONGEST_TEXT

Choices = Sequence[tuple[Any, Any]]


class FilterForm(forms.Form):
    """What the list is narrowed to."""

    layout = forms.ChoiceField(label=pgettext_lazy("field", "表样"), required=False)
    period = forms.ChoiceField(label=_("周期"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args: Any, layouts: Choices, periods: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("全部"))
        states = [("open", pgettext_lazy("sheet", "办理中")), ("sent", pgettext_lazy("sheet", "已报出"))]
        self.fields["layout"].choices = [everything, *layouts]  # type: ignore[attr-defined]
        self.fields["period"].choices = [everything, *periods]  # type: ignore[attr-defined]
        self.fields["state"].choices = [everything, *states]  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    """Which layout, for whom, for which period."""

    layout = forms.ChoiceField(label=pgettext_lazy("field", "表样"))
    region = forms.TypedChoiceField(label=_("地区"), coerce=int)
    period = forms.CharField(label=_("周期"), max_length=16, help_text=_("例如 2026-Q3、2026-09 或 2025。"))

    def __init__(self, *args: Any, layouts: Choices, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = layouts  # type: ignore[attr-defined]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class ItemForm(forms.Form):
    """The answer to an item, a remark, and evidence."""

    text = forms.CharField(
        label=_("文字内容"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("请勿写入个人身份信息。"),
    )
    note = forms.CharField(label=_("备注"), required=False, max_length=255)
    evidence = FilesField(label=_("佐证材料"))


class LayoutForm(forms.Form):
    """A layout as YAML and why it is changed."""

    text = forms.CharField(
        label=_("表样定义"),
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "form-control jt-code"}),
    )
    reason = forms.CharField(label=_("修改理由"), max_length=255)
