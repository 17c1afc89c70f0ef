"""What people type about supervision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.accounts.models import Unit
from jingtu.core.files.forms import FilesField
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.regions.models import Region
from jingtu.core.ui.choices import nothing_chosen

from .rules import LONGEST, MOST_DAYS, REASON_MIN, Days
from .words import STATES, SUBJECTS


def _chosen(field: forms.Field, choices: Sequence[tuple[Any, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def unit_choice(unit: Unit) -> str:
    """A unit as a value of the field for whom a notice is addressed to."""
    return f"unit:{unit.unit_region_id or unit.region_id}:{unit.pk}"


class NoticeFilterForm(forms.Form):
    """The filters of the list."""

    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("open", _("未办结")), *STATES.items()],
    )
    subject = forms.ChoiceField(label=_("类别"), required=False, choices=[("", _("全部")), *SUBJECTS.items()])
    q = forms.CharField(label=_("事项、文号或单位"), required=False, max_length=64)
    overdue = forms.BooleanField(label=_("只看超期的"), required=False)


class NoticeForm(forms.Form):
    """Of whom, what, by when."""

    region = forms.TypedChoiceField(label=_("督办机关所在地区"), coerce=int)
    addressee = forms.ChoiceField(label=_("被督办的地区或单位"))
    issuer = forms.CharField(label=_("督办机关"), max_length=64)
    title = forms.CharField(label=_("督办事项"), max_length=200)
    text = forms.CharField(
        label=_("督办要求"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("存在的问题、整改要求和答复内容。请勿写入个人身份信息。"),
    )
    due = forms.DateField(
        label=_("答复期限"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    before = forms.IntegerField(
        label=_("期限前几个工作日提醒"),
        min_value=1,
        max_value=MOST_DAYS["before"],
        help_text=_("提醒天数由督办机关确定，不是法定期限；默认同本机关上一件督办。"),
    )
    repeat = forms.IntegerField(
        label=_("逾期后每隔几个工作日再提醒"), min_value=1, max_value=MOST_DAYS["repeat"]
    )
    after_return = forms.IntegerField(
        label=_("退回后至少再给几个工作日"), min_value=1, max_value=MOST_DAYS["after_return"]
    )

    def __init__(
        self,
        *args: Any,
        regions: Sequence[Region],
        places: Sequence[Region],
        units: Sequence[Unit],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _chosen(self.fields["region"], [(region.pk, region.name) for region in regions])
        known = [(f"place:{place.pk}", place.name) for place in places]
        known += [(unit_choice(unit), f"{unit.region.name} {unit.name}") for unit in units]
        _chosen(self.fields["addressee"], nothing_chosen(known))

    def days(self) -> Days:
        """The working days of the notice."""
        return Days(**{name: self.cleaned_data[name] for name in MOST_DAYS})

    def place_and_unit(self) -> tuple[int, int | None]:
        """The place asked, and the unit where one is."""
        _kind, place, *unit = self.cleaned_data["addressee"].split(":")
        return int(place), int(unit[0]) if unit else None


class IssueForm(forms.Form):
    """Which series numbers the notice."""

    series = forms.TypedChoiceField(
        label=_("文号系列"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("下达时取得该系列的下一个文号。"),
    )

    def __init__(self, *args: Any, series: Sequence[NumberSeries], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen(
            self.fields["series"],
            [("", _("不编号")), *((one.pk, f"{one.region.name} · {one.name}") for one in series)],
        )


class AnswerForm(forms.Form):
    """What was done, and the evidence."""

    reason = forms.CharField(
        label=_("办理情况"),
        min_length=REASON_MIN,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("做了什么、结果如何、下一步安排。请勿写入个人身份信息。"),
    )
    evidence = FilesField(label=_("证明材料"))


class NoteForm(forms.Form):
    """A remark that may be left out."""

    reason = forms.CharField(
        label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReasonForm(forms.Form):
    """The reason of an act that must be explained."""

    reason = forms.CharField(
        label=pgettext_lazy("supervision", "理由"),
        min_length=REASON_MIN,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
