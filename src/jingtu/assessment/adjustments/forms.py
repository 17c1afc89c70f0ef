"""What people type about entries and vetoes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jingtu.core.files.forms import FilesField

from .rules import REASON_MIN

Choices = list[tuple[str, str]]


class EntryForm(forms.Form):
    """For whom, on which line of which card, how much, why, and the evidence."""

    line = forms.ChoiceField(label=_("评分项"), help_text=_("每一项的计分规则和上限由评分表规定。"))
    region = forms.TypedChoiceField(label=_("地区或单位"), coerce=int)
    period = forms.CharField(label=_("周期"), max_length=32, help_text=_("例如 2026-10、2026-Q3。"))
    count = forms.DecimalField(label=_("数量"), max_digits=8, decimal_places=2, min_value=0)
    reason = forms.CharField(
        label=_("事由"),
        min_length=REASON_MIN,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("依据何文件、何事。请勿写入个人身份信息。"),
    )
    evidence = FilesField(label=_("证据文件"), required=True)

    def __init__(self, *args: Any, lines: Choices, regions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = lines  # type: ignore[attr-defined]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Words that must be given."""

    reason = forms.CharField(
        label=_("理由"), min_length=REASON_MIN, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class NoteForm(forms.Form):
    """A remark that may be left out."""

    reason = forms.CharField(
        label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReplyForm(forms.Form):
    """What the place says."""

    reason = forms.CharField(
        label=_("答辩意见"),
        min_length=REASON_MIN,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("请勿写入个人身份信息。"),
    )


class VetoForm(ReasonForm):
    """The decision with its reasons."""

    outcome = forms.ChoiceField(
        label=_("决定"),
        choices=[("apply", _("适用一票否决")), ("not_apply", _("不予适用"))],
        widget=forms.RadioSelect,
    )
    field_order = ("outcome", "reason")


class FilterForm(forms.Form):
    """The filters of both lists."""

    scorecard = forms.ChoiceField(label=_("评分表"), required=False)
    period = forms.CharField(label=_("周期"), required=False, max_length=32)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(
        self, *args: Any, scorecards: Choices, states: dict[str, str | Promise], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scorecard"].choices = [("", _("全部")), *scorecards]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("全部")), *states.items()]  # type: ignore[attr-defined]
