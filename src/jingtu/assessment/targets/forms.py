"""What people type about targets."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.regions.forms import TreeField
from jingtu.core.regions.models import RegionTree
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, Problem
from jingtu.engine.targetfile import canonical_period
from jingtu.engine.targets import BASES, SCOPES, Target
from jingtu.engine.trajectoryfile import read_milestone

from .models import Trajectory
from .rules import REASON_MIN
from .services import MilestoneData, milestone_of

Choices = list[tuple[str, str]]


class ThresholdField(forms.CharField):
    """A requirement such as ≥ 96 or < 20; cleaned to a Threshold or None."""

    def clean(self, value: Any) -> Threshold | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Threshold.parse(text)
        except InvalidInput as error:
            raise forms.ValidationError(error.problems[0].text(interface_language())) from error


class SpanField(forms.CharField):
    """A period, or an open one such as 2026-01.. ; cleaned to its one spelling."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return canonical_period(text)
        except InvalidInput as error:
            raise forms.ValidationError(error.problems[0].text(interface_language())) from error


class PeriodField(forms.CharField):
    """One period; cleaned to its key."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return Period.parse(text).key if text else ""
        except InvalidInput as error:
            raise forms.ValidationError(error.problems[0].text(interface_language())) from error


class CellForm(forms.Form):
    """A target of one place for one period, in a cell of the table."""

    requirement = ThresholdField(label=_("目标"), required=False, max_length=32, help_text=_("如 ≥96、<20"))
    red_line = ThresholdField(label=_("红线"), required=False, max_length=32, help_text=_("如 <90"))
    document = forms.CharField(label=_("依据文件"), required=False, max_length=255)
    reason = forms.CharField(label=_("说明"), min_length=REASON_MIN, max_length=2000)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and data.get("requirement") is None and data.get("red_line") is None:
            raise forms.ValidationError(Problem("targets.nothing_asked").text(interface_language()))
        return data


class TargetForm(CellForm):
    """A whole target."""

    indicator = forms.ChoiceField(label=_("指标"))
    scope = forms.ChoiceField(label=_("适用对象"))
    region = forms.TypedChoiceField(
        label=_("地区（单位）"), coerce=int, help_text=_("选“该地区内各地”时，为范围；选分类组时不看此项。")
    )
    group = forms.ChoiceField(label=_("分类组"), required=False)
    level = forms.ChoiceField(label=_("下级级别"), required=False)
    period = SpanField(
        label=_("期间"), max_length=32, help_text=_("如 2026、2026-Q3；“2026-10..”表示从10月起。")
    )
    basis = forms.ChoiceField(label=_("适用方式"))

    field_order = (
        "indicator", "scope", "region", "group", "level", "period", "basis", "requirement", "red_line",
        "document", "reason",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        indicators: Choices,
        regions: list[tuple[int, str]],
        groups: Choices,
        levels: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        english = interface_language() == "en"
        blank = [("", "–")]
        self.fields["indicator"].choices = indicators  # type: ignore[attr-defined]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        self.fields["group"].choices = blank + groups  # type: ignore[attr-defined]
        self.fields["level"].choices = blank + levels  # type: ignore[attr-defined]
        for name, words in (("scope", SCOPES), ("basis", BASES)):
            self.fields[name].choices = [(code, pair[english]) for code, pair in words.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("scope") == "group" and not data.get("group"):
            self.add_error("group", forms.ValidationError(_("请选择分类组。")))
        if data.get("scope") == "level" and not data.get("level"):
            self.add_error("level", forms.ValidationError(_("请选择下级级别。")))
        if data.get("basis") == "exact" and str(data.get("period", "")).endswith(".."):
            self.add_error(
                "basis", forms.ValidationError(Problem("targets.open_exact").text(interface_language()))
            )
        return data

    def target(self, region: tuple[str, str]) -> Target:
        """The target typed, for the region chosen."""
        data = self.cleaned_data
        scope = data["scope"]
        return Target(
            data["indicator"],
            scope,
            data["period"],
            data["basis"],
            ("", "") if scope == "group" else region,
            data["group"] if scope == "group" else "",
            data["level"] if scope == "level" else "",
            data["requirement"],
            data["red_line"],
            data["document"].strip(),
        )


class FilterForm(forms.Form):
    """The filters of the list; choices are what occurs."""

    tree = forms.ChoiceField(label=pgettext_lazy("tree", "区划"), required=False)
    indicator = forms.ChoiceField(label=_("指标"), required=False)
    year = forms.ChoiceField(label=_("年份"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    region = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A file of targets for one tree."""

    tree = TreeField(
        RegionTree.objects.none(), label=pgettext_lazy("tree", "区划"), to_field_name="slug", empty_label=None
    )
    file = forms.FileField(
        label=_("文件"),
        help_text=_("CSV 或 Excel（.xlsx）。先整体校验，全部正确才可确认。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def __init__(self, *args: Any, trees: Iterable[RegionTree], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tree"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = RegionTree.objects.filter(slug__in=[tree.slug for tree in trees])


class DecisionForm(forms.Form):
    """The reason of a decision."""

    reason = forms.CharField(label=_("理由"), required=False, max_length=2000)


class TrajectoryForm(forms.Form):
    """A trajectory; milestones one a line."""

    region = forms.TypedChoiceField(label=_("地区（单位）"), coerce=int)
    indicator = forms.ChoiceField(label=_("指标"))
    name_zh = forms.CharField(label=_("名称"), max_length=128)
    name_en = forms.CharField(label=_("英文名称"), max_length=128, required=False)
    base_period = PeriodField(label=_("基期"), max_length=32, help_text=_("如 2025"))
    base_value = forms.DecimalField(label=_("基期值"), max_digits=18, decimal_places=4)
    milestones = forms.CharField(
        label=_("里程碑"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一个：期间 数值 名称，如“2027 70 两年见成效”；拐点在行末加“拐点”。"),
    )
    interpolation = forms.ChoiceField(label=_("其间如何推算"), choices=Trajectory.Interpolation.choices)
    tolerance = forms.DecimalField(
        label=_("容差"),
        initial=0,
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=4,
        help_text=_("相差不超过容差算“符合进度”。"),
    )
    cadence = forms.ChoiceField(
        label=_("按什么期间看"),
        choices=[("year", _("年")), ("half_year", _("半年")), ("quarter", _("季")), ("month", _("月"))],
    )
    turning_wrong_way = forms.IntegerField(
        label=_("拐点：此前连续变差次数"), initial=2, min_value=1, max_value=12
    )
    turning_right_way = forms.IntegerField(
        label=_("拐点：此后连续好转次数"), initial=2, min_value=1, max_value=12
    )
    turning_noise = forms.DecimalField(
        label=_("拐点：视为波动的幅度"), initial=0, min_value=Decimal(0), max_digits=18, decimal_places=4,
        help_text=_("比率按其置信区间判断，不用此项。"),
    )  # fmt: skip
    document = forms.CharField(label=_("依据文件"), required=False, max_length=255)
    reason = forms.CharField(label=_("说明"), min_length=REASON_MIN, max_length=2000)

    def __init__(
        self, *args: Any, indicators: Choices, regions: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"].choices = indicators  # type: ignore[attr-defined]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]

    def clean_base_period(self) -> str:
        return str(self.cleaned_data["base_period"])

    def clean_milestones(self) -> list[MilestoneData]:
        found = []
        for line in self.cleaned_data["milestones"].splitlines():
            if not line.strip():
                continue
            try:
                period, value, name = read_milestone(line)
            except InvalidInput as error:
                raise forms.ValidationError(error.problems[0].text(interface_language())) from error
            found.append(milestone_of(period, value, name))
        return found
