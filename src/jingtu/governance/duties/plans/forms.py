"""What people type about plans and tasks, and when they act on one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.accounts.models import Unit, User
from jingtu.core.files.forms import FilesField
from jingtu.core.regions.models import Region
from jingtu.core.ui.choices import nothing_chosen

from .queries.filters import LATE, OPEN, ORDERS
from .rules import HEAVIEST, REASON_MAX, REASON_MIN
from .words import STATES


def day_field(label: Any, required: bool = True) -> forms.DateField:
    """A day, typed or picked."""
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class PlanForm(forms.Form):
    """What a plan is called, when it runs, which document it carries out."""

    title = forms.CharField(label=_("计划名称"), max_length=200)
    region = forms.TypedChoiceField(label=_("所属地区"), coerce=int)
    starts = day_field(pgettext_lazy("task", "起始"))
    ends = day_field(pgettext_lazy("task", "截止"))
    document = forms.CharField(
        label=_("依据文件"), required=False, max_length=96, help_text=_("制度文件的编码或文号。")
    )

    def __init__(self, *args: Any, regions: Iterable[Region] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if regions is None:
            del self.fields["region"]
        else:
            self.fields["region"].choices = [(one.pk, one.name) for one in regions]  # type: ignore[attr-defined]


class TaskForm(forms.Form):
    """One task: what, for whom, by when, with which weight."""

    title = forms.CharField(label=_("任务名称"), max_length=300)
    requirement = forms.CharField(
        label=_("工作要求"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    strand = forms.CharField(
        label=_("工作体系"), required=False, max_length=64, help_text=_("同一体系的任务可以一起筛选。")
    )
    region = forms.TypedChoiceField(label=_("责任地区"), coerce=int)
    unit = forms.TypedChoiceField(label=_("牵头单位"), required=False, coerce=int, empty_value=None)
    leader = forms.TypedChoiceField(label=_("责任领导"), required=False, coerce=int, empty_value=None)
    person = forms.TypedChoiceField(
        label=pgettext_lazy("task", "责任人"), required=False, coerce=int, empty_value=None
    )
    starts = day_field(pgettext_lazy("task", "起始"), required=False)
    due = day_field(pgettext_lazy("task", "期限"))
    weight = forms.IntegerField(
        label=_("权重"),
        min_value=1,
        max_value=HEAVIEST,
        initial=1,
        help_text=_("在同级任务中的分量，汇总进度时按权重平均。"),
    )

    def __init__(
        self,
        *args: Any,
        regions: Iterable[Region],
        units: Iterable[Unit],
        people: Iterable[User],
        given: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        persons = [("", "–"), *((one.pk, one.full_name) for one in people)]
        choices: dict[str, list[tuple[Any, Any]]] = {
            "region": [(one.pk, one.name) for one in regions],
            "unit": [("", "–"), *((one.pk, one.name) for one in units)],
            "leader": persons,
            "person": persons,
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        if not given:
            for name in set(self.fields) - {"leader", "person"}:
                del self.fields[name]


class NoteForm(forms.Form):
    """The reason of an act, or a note where none is needed."""

    reason = forms.CharField(
        label=_("说明"), required=False, max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        if required:
            field.required = True
            field.label, field.min_length = _("理由"), REASON_MIN  # type: ignore[attr-defined]


class AcceptForm(NoteForm):
    """A note, and the day on which the work was complete where it was entered later."""

    done_on = day_field(pgettext_lazy("task", "完成日期"), required=False)
    field_order = ("done_on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"].help_text = _(
            "工作在提交之前已完成的填写：不早于起始日期和佐证材料的提交日期，不晚于提交日期；不填则以提交日期为准。"
        )


class WorkForm(forms.Form):
    """What was done, with evidence; how far it has come where that is for people to say."""

    percent = forms.IntegerField(label=_("进度（%）"), min_value=0, max_value=100)
    text = forms.CharField(
        label=_("工作情况"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("做了什么、有什么结果。请勿写入个人身份信息。"),
    )
    deliverable = forms.TypedChoiceField(label=_("对应成果"), required=False, coerce=int, empty_value=None)
    evidence = FilesField(label=_("佐证材料"))

    def __init__(
        self, *args: Any, claims: bool, deliverables: Iterable[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not claims:
            del self.fields["percent"]
        offered = list(deliverables)
        if offered:
            self.fields["deliverable"].choices = [("", "–"), *offered]  # type: ignore[attr-defined]
        else:
            del self.fields["deliverable"]


class HandOverForm(forms.Form):
    """Into whose hands, and why."""

    person = forms.TypedChoiceField(label=_("移交给"), coerce=int)
    reason = forms.CharField(
        label=_("理由"),
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = nothing_chosen(  # type: ignore[attr-defined]
            (one.pk, one.full_name) for one in people
        )


class TaskFilterForm(forms.Form):
    """The filters of a list of tasks; they stand in the address."""

    q = forms.CharField(label=_("查找"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("", _("全部")),
            (OPEN, pgettext_lazy("task", "未办结")),
            (LATE, pgettext_lazy("task", "逾期")),
            *STATES.items(),
        ],
    )
    strand = forms.ChoiceField(label=_("工作体系"), required=False)
    region = forms.ChoiceField(label=_("责任地区"), required=False)
    unit = forms.ChoiceField(label=_("单位"), required=False)
    person = forms.ChoiceField(label=pgettext_lazy("task", "责任人"), required=False)
    due_from = day_field(_("期限从"), required=False)
    due_to = day_field(_("期限至"), required=False)
    unassigned = forms.ChoiceField(
        label=_("责任落实"),
        required=False,
        choices=[("", _("全部")), ("on", _("无人负责")), ("gone", _("责任人已离岗"))],
    )

    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[Any, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("sort", "") not in set(ORDERS) - {""}:
            del self.fields["sort"]  # an order is kept when the filter changes; without one none stands there
        for name in ("strand", "region", "unit", "person"):
            offered = choices.get(name, [])
            if offered:
                self.fields[name].choices = [("", _("全部")), *offered]  # type: ignore[attr-defined]
            else:
                del self.fields[name]


class ReachForm(forms.Form):
    """When a milestone was reached."""

    on = day_field(_("达成日期"))
    note = forms.CharField(label=_("说明"), required=False, max_length=300)


class HandOverAllForm(forms.Form):
    """Whose open tasks go to whom, where, and why."""

    region = forms.TypedChoiceField(label=_("所属地区"), coerce=int)
    leaving = forms.TypedChoiceField(label=_("原责任人"), coerce=int)
    person = forms.TypedChoiceField(label=_("移交给"), coerce=int)
    reason = forms.CharField(
        label=_("理由"),
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        regions: Iterable[Region],
        leaving: Iterable[tuple[int, str]],
        people: Iterable[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [(one.pk, one.name) for one in regions]  # type: ignore[attr-defined]
        self.fields["leaving"].choices = nothing_chosen(leaving)  # type: ignore[attr-defined]
        self.fields["person"].choices = nothing_chosen(  # type: ignore[attr-defined]
            (one.pk, one.full_name) for one in people
        )
