"""What people type about forms and reports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.ui.templatetags.ui import period_kind_labels
from jingtu.engine.problems import InvalidInput

from .definition import CADENCES, Deadline, Definition, Step, Who
from .definition_text import read_sections, write_sections
from .words import interface_language


class DayField(forms.DateField):
    """A day with the browser's calendar."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class BoardForm(forms.Form):
    """Filters of the board."""

    form = forms.ChoiceField(label=_("报表"))
    period = forms.ChoiceField(label=_("周期"))
    state = forms.ChoiceField(label=_("状态"), required=False)
    q = forms.CharField(label=_("填报单位"), required=False, max_length=60)

    def __init__(
        self,
        *args: Any,
        forms: list[tuple[str, str]],
        periods: list[tuple[str, str]],
        states: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = forms  # type: ignore[attr-defined]
        self.fields["period"].choices = periods  # type: ignore[attr-defined]
        self.fields["state"].choices = states  # type: ignore[attr-defined]


class SpanForm(forms.Form):
    """From when to when, and of which form."""

    form = forms.ChoiceField(label=_("报表"), required=False)
    to = DayField(label=_("到"), required=False)

    def __init__(self, *args: Any, forms: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = [("", _("全部")), *forms]  # type: ignore[attr-defined]
        # "from" is no name in Python, but what the address should say.
        start = DayField(label=_("从"), required=False)
        self.fields = {"form": self.fields["form"], "from": start, "to": self.fields["to"]}


class ProxyForm(forms.Form):
    """Whom one asks to fill in for oneself, where and how long."""

    region = forms.TypedChoiceField(label=_("填报单位"), coerce=int)
    username = forms.CharField(label=_("代填人的用户名"), max_length=64)
    valid_from = DayField(label=_("从"))
    valid_to = DayField(label=_("到"))
    reason = forms.CharField(label=_("理由"), max_length=500)

    def __init__(self, *args: Any, regions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class DefinitionForm(forms.Form):
    """A form's definition on one page."""

    code = forms.CharField(
        label=_("代码"), max_length=64, help_text=_("小写字母、数字和下划线，保存后不能改。")
    )
    tree = forms.ChoiceField(label=_("区划树"))
    name_zh = forms.CharField(label=_("中文名称"), max_length=128)
    name_en = forms.CharField(label=_("英文名称"), max_length=128)
    instructions_zh = forms.CharField(
        label=_("填报说明（中文）"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "zh"}),
    )
    instructions_en = forms.CharField(
        label=_("填报说明（英文）"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    cadence = forms.ChoiceField(label=pgettext_lazy("cadence", "周期"))
    level = forms.ChoiceField(label=_("由哪一级填报"), required=False)
    within = forms.CharField(
        label=_("限于地区（代码）"), required=False, max_length=32, help_text=_("该地区之内；留空为整棵树。")
    )
    group = forms.CharField(
        label=_("限于分组（代码）"),
        required=False,
        max_length=64,
        help_text=_("分类考核分组的成员或其下级。"),
    )
    listed = forms.CharField(
        label=_("点名单位（代码）"), required=False, max_length=4000, help_text=_("多个用逗号或空格分开。")
    )
    days = forms.IntegerField(label=_("期满后几天截止"), min_value=0, max_value=366)
    counting = forms.ChoiceField(
        label=_("按什么天数"), choices=[("working_days", _("工作日")), ("days", _("自然日"))]
    )
    at = forms.CharField(label=_("截止时间"), max_length=5, help_text=_("如 18:00"))
    review = forms.CharField(
        label=_("审核级别"),
        max_length=200,
        help_text=_("从先到后，用逗号分开，写级别代码，如 county,city；“-”表示本单位自审。"),
    )
    valid_from = DayField(label=_("启用日期"))
    valid_to = DayField(label=_("停用日期"), required=False)
    sections = forms.CharField(
        label=_("内容"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "rp-code", "lang": "zh"}),
        help_text=_(
            "一行一个数据元素。“# 标题 | Title”另起一节，“> 说明 | Note”写本节说明；"
            "元素后可加 by=维度（分类填报，自动合计）、optional（可不填）、below（由下级汇总）。"
        ),
    )
    note = forms.CharField(label=_("修改说明"), required=False, max_length=500)

    def __init__(
        self, *args: Any, trees: list[tuple[str, str]], levels: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        labels = period_kind_labels()
        self.fields["tree"].choices = trees  # type: ignore[attr-defined]
        self.fields["level"].choices = [("", _("不按级别")), *levels]  # type: ignore[attr-defined]
        self.fields["cadence"].choices = [(kind, labels[kind]) for kind in CADENCES]  # type: ignore[attr-defined]

    def clean_at(self) -> str:
        text: str = self.cleaned_data["at"]
        try:
            return dt.time.fromisoformat(text).strftime("%H:%M")
        except ValueError as error:
            raise forms.ValidationError(_("时间写作 18:00。")) from error

    def clean_sections(self) -> Any:
        try:
            return read_sections(self.cleaned_data["sections"])
        except InvalidInput as error:
            raise forms.ValidationError([p.text(interface_language()) for p in error.problems]) from error

    def definition(self) -> Definition:
        """What the fields say, once they are valid."""
        given = self.cleaned_data
        return Definition(
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            cadence=given["cadence"],
            who=Who(
                given["level"],
                given["within"].strip(),
                given["group"].strip(),
                tuple(_words(given["listed"])),
            ),
            deadline=Deadline(given["days"], given["counting"], given["at"]),
            review=tuple(Step("" if word == "-" else word) for word in _words(given["review"])),
            sections=given["sections"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
            instructions_zh=given["instructions_zh"],
            instructions_en=given["instructions_en"],
        )

    @staticmethod
    def initial_of(definition: Definition) -> dict[str, Any]:
        """The fields of a definition that stands."""
        return {
            "name_zh": definition.name_zh,
            "name_en": definition.name_en,
            "instructions_zh": definition.instructions_zh,
            "instructions_en": definition.instructions_en,
            "cadence": definition.cadence,
            "level": definition.who.level,
            "within": definition.who.within,
            "group": definition.who.group,
            "listed": ", ".join(definition.who.listed),
            "days": definition.deadline.days,
            "counting": definition.deadline.counting,
            "at": definition.deadline.at,
            "review": ", ".join(step.level or "-" for step in definition.review),
            "valid_from": definition.valid_from,
            "valid_to": definition.valid_to,
            "sections": write_sections(definition.sections),
        }


def _words(text: str) -> list[str]:
    return text.replace("，", ",").replace("、", ",").replace(",", " ").split()
