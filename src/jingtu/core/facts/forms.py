"""Forms of the data pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.regions.forms import TreeField
from jingtu.core.regions.models import RegionTree
from jingtu.engine.elements import Element
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Language


class PeriodsField(forms.CharField):
    """One or more periods, apart by commas or spaces; cleaned to their keys."""

    def __init__(self, language: Language = "zh", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language = language

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        try:
            return [
                Period.parse(part).key
                for part in text.replace("，", ",").replace("、", ",").split(",")
                if part.strip()
            ]
        except InvalidInput as error:
            raise forms.ValidationError(error.problems[0].text(self.language)) from error


class UploadForm(forms.Form):
    """A file for one tree."""

    tree = TreeField(RegionTree.objects.none(), label=pgettext_lazy("tree", "区划"), to_field_name="slug")
    file = forms.FileField(
        label=_("文件"),
        help_text=_("CSV 或 Excel（.xlsx）。先整体校验，全部正确才入库。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def __init__(self, *args: Any, trees: Iterable[RegionTree], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = [tree.slug for tree in trees]
        field = self.fields["tree"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = RegionTree.objects.filter(slug__in=slugs)
        field.empty_label = None


class TemplateForm(forms.Form):
    """What a template to fill in shall contain."""

    tree = forms.CharField(widget=forms.HiddenInput)
    elements = forms.MultipleChoiceField(
        label=_("数据元素"), widget=forms.SelectMultiple(attrs={"size": "12"})
    )
    periods = PeriodsField(label=_("期间"), help_text=_("如 2026-10；多个期间用逗号分开。"), max_length=400)
    level = forms.ChoiceField(label=_("填报级别"), required=False)
    style = forms.ChoiceField(
        label=_("样式"),
        required=False,
        choices=(
            ("table", _("每个地区一行，每个数一列（固定报表）")),
            ("list", _("每个数一行，地区、分类等逐行选择（零星数据）")),
        ),
    )

    def __init__(
        self,
        *args: Any,
        elements: Mapping[str, Element],
        levels: Iterable[tuple[str, str]],
        language: Language,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(element.code, element.name(language)) for element in elements.values()]
        self.fields["elements"].choices = choices  # type: ignore[attr-defined]
        self.fields["level"].choices = [("", _("最低一级")), *levels]  # type: ignore[attr-defined]
        self.fields["periods"].language = language  # type: ignore[attr-defined]


class BrowseForm(forms.Form):
    """Filters of the list of facts and of exports."""

    tree = forms.CharField(widget=forms.HiddenInput, required=False)
    region = forms.CharField(widget=forms.HiddenInput, required=False)
    element = forms.ChoiceField(label=_("数据元素"), required=False)
    period = PeriodsField(label=_("期间"), required=False, max_length=200)

    def __init__(
        self, *args: Any, elements: Mapping[str, Element], language: Language, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(element.code, element.name(language)) for element in elements.values()]
        self.fields["element"].choices = [("", _("全部")), *choices]  # type: ignore[attr-defined]
        self.fields["period"].language = language  # type: ignore[attr-defined]


class ChangeForm(forms.Form):
    """A new value for one cell, with its reason."""

    value = forms.CharField(
        label=_("新值"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    reason = forms.CharField(label=_("理由"), max_length=500)


class ReasonForm(forms.Form):
    """Only a reason."""

    reason = forms.CharField(label=_("理由"), max_length=500)
