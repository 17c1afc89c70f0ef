"""The editor of a rule set: a few numbers, and a row for each class, criterion and line of the checklist."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import words
from .definition import CheckItem, Criterion, ListingClass, RuleSetContent

EMPTY_ROWS = 3


class BasicsForm(forms.Form):
    """What holds for every class."""

    pass_mark = forms.DecimalField(label=_("验收合格分"), min_value=0, max_digits=6, decimal_places=2)
    hearing_days = forms.IntegerField(label=_("陈述申辩期（工作日）"), min_value=1, max_value=60)
    objection_days = forms.IntegerField(label=_("提出异议期（工作日）"), min_value=1, max_value=60)
    opinion_days = forms.IntegerField(label=_("征求意见期（工作日）"), min_value=1, max_value=60)
    progress_day = forms.IntegerField(label=_("每月几日前报进展"), min_value=1, max_value=28)
    key_areas = forms.IntegerField(label=_("每年重点督办地区数"), min_value=0, max_value=99)
    warned_areas = forms.IntegerField(label=_("每年重点通报警示地区数"), min_value=0, max_value=99)
    document = forms.CharField(label=_("依据文件"), required=False, max_length=255)
    note = forms.CharField(
        label=_("修订说明"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


def _code() -> forms.CharField:
    return forms.CharField(label=pgettext_lazy("listing rules", "代码"), max_length=32, required=False)


def _name(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=128, required=False)


def _tag() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=pgettext_lazy("listing rules", "核对情况"),
        choices=list(words.TAGS.items()),
        required=False,
        initial="G",
    )


def _months(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=120, required=False)


class ClassForm(forms.Form):
    """A class; a row without a code is left out."""

    code = _code()
    zh = _name(pgettext_lazy("listing rules", "名称"))
    en = _name(pgettext_lazy("listing rules", "英文名称"))
    rank = forms.IntegerField(label=_("轻重次序"), min_value=1, max_value=99, required=False)
    term = _months(_("期限（月）"))
    extension = _months(_("每次延长（月）"))
    cap = _months(_("累计上限（月）"))
    watch = _months(_("巩固期（月）"))
    formal = forms.BooleanField(label=_("公开挂牌"), required=False)
    source = _name(pgettext_lazy("listing rules", "出处"))
    status = _tag()


class CriterionForm(forms.Form):
    """A criterion; a row without a code is left out."""

    code = _code()
    zh = _name(pgettext_lazy("listing rules", "名称"))
    en = _name(pgettext_lazy("listing rules", "英文名称"))
    measure = forms.ChoiceField(label=_("取值方式"), choices=list(words.MEASURES.items()), required=False)
    subject = forms.CharField(label=_("指标、元素或评分表代码"), max_length=96, required=False)
    entry = forms.CharField(label=_("入列条件"), max_length=32, required=False)
    exit = forms.CharField(label=_("退出要求"), max_length=32, required=False)
    unit_zh = forms.CharField(label=pgettext_lazy("listing rules", "单位"), max_length=16, required=False)
    unit_en = forms.CharField(label=pgettext_lazy("listing rules", "英文单位"), max_length=32, required=False)
    problem = forms.ChoiceField(
        label=_("问题类型"), choices=[("", _("全部")), *words.PROBLEMS.items()], required=False
    )
    level = forms.ChoiceField(
        label=_("挂牌层级"), choices=[("", _("全部")), *words.LEVELS.items()], required=False
    )
    place = forms.CharField(label=_("适用地区级别"), max_length=32, required=False)
    source = _name(pgettext_lazy("listing rules", "出处"))
    status = _tag()


class CheckForm(forms.Form):
    """A line of the checklist; a row without a code is left out."""

    code = _code()
    zh = _name(pgettext_lazy("listing rules", "名称"))
    en = _name(pgettext_lazy("listing rules", "英文名称"))
    points = forms.DecimalField(label=_("分值"), min_value=0, max_digits=6, decimal_places=2, required=False)


class Editor:
    """All parts of the page together: filled from a version, or from what was sent."""

    def __init__(self, content: RuleSetContent, data: Any = None) -> None:
        plain = content.plain()
        self.basics = BasicsForm(
            data, initial={key: value for key, value in plain.items() if isinstance(value, str | int)}
        )
        self.parts: list[tuple[Any, str, Any]] = []
        for label, key, form in (
            (pgettext_lazy("listing rules", "类别"), "classes", ClassForm),
            (pgettext_lazy("listing rules", "指标"), "criteria", CriterionForm),
            (_("验收表"), "checklist", CheckForm),
        ):
            made = forms.formset_factory(form, extra=EMPTY_ROWS, max_num=60, absolute_max=60)
            self.parts.append((label, key, made(data, initial=plain[key], prefix=key)))

    def is_valid(self) -> bool:
        """Whether every part can be read."""
        return all([self.basics.is_valid(), *(part.is_valid() for _label, _key, part in self.parts)])

    def content(self) -> RuleSetContent:
        """What was typed; rows without a code are left out."""
        rows = {
            key: [one for one in (form.cleaned_data for form in part) if one.get("code")]
            for _label, key, part in self.parts
        }
        basics = self.basics.cleaned_data
        return RuleSetContent(
            classes=tuple(ListingClass(**_numbers(one)) for one in rows["classes"]),
            criteria=tuple(
                Criterion(**{**one, "status": one.get("status") or "G"}) for one in rows["criteria"]
            ),
            checklist=tuple(
                CheckItem(one["code"], one["zh"], one["en"], one["points"] or Decimal(0))
                for one in rows["checklist"]
            ),
            **{name: value for name, value in basics.items() if name != "note"},
        )

    def refuse(self, column: str, text: str) -> None:
        """Put what is wrong beside the field it is about: ``classes-0-term``, ``pass_mark`` or nowhere."""
        prefix, _dash, rest = column.partition("-")
        for _label, key, part in self.parts:
            number, _dash, field = rest.partition("-")
            if key == prefix and number.isdecimal() and int(number) < len(part.forms):
                form = part.forms[int(number)]
                form.add_error(field if field in form.fields else None, text)
                return
        self.basics.add_error(column if column in self.basics.fields else None, text)


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    months = {name: row.get(name) or 0 for name in ("rank", "term", "extension", "cap", "watch")}
    return {**row, **months, "status": row.get("status") or "G"}
