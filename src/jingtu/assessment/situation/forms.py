from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jingtu.core.numbering.models import NumberSeries
from jingtu.core.regions.models import Region


class DraftForm(forms.Form):
    """Which region and which year or quarter."""

    region = forms.TypedChoiceField(label=_("地区"), coerce=int)
    period = forms.CharField(
        label=_("年度或季度"), max_length=16, help_text=_("例如 2026-Q3 或 2025；时期结束后才能编写。")
    )

    def __init__(self, regions: Sequence[Region], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["region"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(region.pk, region.name) for region in regions]


class SignForm(forms.Form):
    """What the signer adds."""

    issuer_zh = forms.CharField(label=_("发文机关"), max_length=64)
    issuer_en = forms.CharField(label=_("发文机关（英文）"), max_length=128, required=False)
    series_id = forms.TypedChoiceField(
        label=_("文号系列"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("签发时取得该系列的下一个文号。"),
    )

    def __init__(self, *args: Any, series: Sequence[NumberSeries] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["series_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("不编号")), *((one.pk, f"{one.region.name} · {one.name}") for one in series)]


class ReturnForm(forms.Form):
    reason = forms.CharField(label=_("退回理由"), max_length=255)
