from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class IssueForm(forms.Form):
    """What an office adds to the results: its number, its name, its readers."""

    number = forms.CharField(
        label=_("文号"),
        max_length=64,
        required=False,
        help_text=_("例如：示禁办通〔2026〕9号；不填则不编号。"),
    )
    issuer_zh = forms.CharField(label=_("发文机关"), max_length=64)
    issuer_en = forms.CharField(label=_("发文机关（英文）"), max_length=128, required=False)
    distribution = forms.CharField(
        label=_("抄送"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个单位。"),
    )

    def names(self) -> list[str]:
        """The readers, one a line."""
        return [line.strip() for line in self.cleaned_data["distribution"].splitlines() if line.strip()]
