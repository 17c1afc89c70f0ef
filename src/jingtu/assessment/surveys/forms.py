"""What people type about surveys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.regions.forms import TreeField
from jingtu.core.regions.models import RegionTree
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput


class UploadForm(forms.Form):
    """A file of results and what is said of the survey."""

    tree = TreeField(
        RegionTree.objects.none(), label=pgettext_lazy("tree", "区划"), to_field_name="slug", empty_label=None
    )
    element = forms.ChoiceField(label=_("调查内容"))
    period = forms.CharField(label=_("期间"), max_length=32, help_text=_("如 2026-H1、2025。"))
    agency = forms.CharField(label=_("调查机构"), max_length=128)
    method = forms.CharField(
        label=_("调查方法"), max_length=255, required=False, help_text=_("如电话随机访问。")
    )
    source = forms.CharField(label=_("来源文件"), max_length=255, required=False)
    file = forms.FileField(
        label=_("文件"),
        help_text=_("CSV 或 Excel（.xlsx），每行一个地区：样本量和满意（知晓）人数，或比例；区间可不写。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def __init__(
        self, *args: Any, trees: Iterable[RegionTree], elements: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tree"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = RegionTree.objects.filter(slug__in=[tree.slug for tree in trees])
        self.fields["element"].choices = elements  # type: ignore[attr-defined]

    def clean_period(self) -> str:
        try:
            return Period.parse(self.cleaned_data["period"]).key
        except InvalidInput as error:
            raise forms.ValidationError(error.problems[0].text(interface_language())) from error


class FilterForm(forms.Form):
    """The filters of the list of waves."""

    tree = forms.ChoiceField(label=pgettext_lazy("tree", "区划"), required=False)
    element = forms.ChoiceField(label=_("调查内容"), required=False)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]
