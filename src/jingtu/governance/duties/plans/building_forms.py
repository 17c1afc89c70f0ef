"""What people type when they lay out, split and rebuild a plan, one task after the other or many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from jingtu.core.accounts.models import Unit, User
from jingtu.core.regions.models import Region

from .forms import NoteForm, day_field
from .rules import REASON_MAX, REASON_MIN


class UndoForm(NoteForm):
    """Why a change is taken back, and whether everything that was done with it goes back too."""

    together = forms.BooleanField(required=False)
    field_order = ("together", "reason")

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, required=True, **kwargs)
        if others:
            self.fields["together"].label = ngettext(
                "同时撤销同批修改的另外%(count)s项任务", "同时撤销同批修改的另外%(count)s项任务", others
            ) % {"count": others}
        else:
            del self.fields["together"]


class ManyForm(forms.Form):
    """One change for many tasks, with one reason."""

    due = day_field(_("改期限为"), required=False)
    unit = forms.TypedChoiceField(label=_("改牵头单位为"), required=False, coerce=int, empty_value=None)
    person = forms.TypedChoiceField(label=_("改责任人为"), required=False, coerce=int, empty_value=None)
    pause = forms.BooleanField(label=_("暂停所选任务"), required=False)
    reason = forms.CharField(
        label=_("理由"),
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, units: Iterable[Unit], people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = [("", _("不改"))]
        self.fields["unit"].choices = [*keep, *((one.pk, one.name) for one in units)]  # type: ignore[attr-defined]
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            *keep,
            *((one.pk, one.full_name) for one in people),
        ]

    def changes(self) -> dict[str, Any]:
        """What is to be changed."""
        return {
            name: self.cleaned_data[name]
            for name in ("due", "unit", "person")
            if self.cleaned_data[name] is not None
        }


class SplitForm(forms.Form):
    """To which places, and how many days earlier they are due."""

    regions = forms.TypedMultipleChoiceField(
        label=_("分解到"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    due_offset = forms.IntegerField(
        label=_("期限提前天数"),
        min_value=0,
        max_value=3650,
        initial=0,
        help_text=_("下级任务的期限比本任务早多少天。"),
    )

    further = forms.BooleanField(
        label=_("同时分解到所选地区的下一级"),
        required=False,
        help_text=_("先列出将分解出的任务，确认后一次完成。已分解过的地区可选，其下一级尚未分解的补上。"),
    )
    further_offset = forms.IntegerField(
        label=_("下一级期限再提前天数"), required=False, min_value=0, max_value=3650, initial=0
    )

    def __init__(
        self, *args: Any, regions: Iterable[Region], have: Collection[int], deeper: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regions"].choices = [  # type: ignore[attr-defined]
            (one.pk, _("%(place)s（已分解）") % {"place": one.name} if one.pk in have else one.name)
            for one in regions
            if deeper or one.pk not in have
        ]
        if not deeper:
            del self.fields["further"], self.fields["further_offset"]

    def further_days(self) -> int | None:
        """How many days earlier again the level below is due; None when it gets nothing."""
        data = self.cleaned_data
        return (data["further_offset"] or 0) if data.get("further") else None


class QuickTaskForm(forms.Form):
    """A task added on the page of its plan: what, below which, where, by when."""

    title = forms.CharField(
        label=_("任务名称"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    parent = forms.TypedChoiceField(
        label=pgettext_lazy("where a task goes", "上级任务"), required=False, coerce=int, empty_value=None
    )
    region = forms.TypedChoiceField(label=_("责任地区"), required=False, coerce=int, empty_value=None)
    due = day_field(pgettext_lazy("task", "期限"))

    def __init__(
        self,
        *args: Any,
        parents: Iterable[tuple[int, str]],
        regions: Iterable[Region],
        at_top: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **{"auto_id": "quick_%s", **kwargs})
        self.fields["parent"].required = not at_top
        choices: dict[str, list[tuple[Any, Any]]] = {
            "parent": [*([("", _("（计划的第一级）"))] if at_top else []), *parents],
            "region": [("", _("同上级任务")), *((one.pk, one.name) for one in regions)],
        }
        self.offers = bool(choices["parent"])
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]


class CarryForm(forms.Form):
    """Which of the tasks below are to follow."""

    children = forms.TypedMultipleChoiceField(
        label=_("随本任务调整"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["children"].choices = choices  # type: ignore[attr-defined]
        self.fields["children"].initial = [key for key, _word in choices]


class MilestoneForm(forms.Form):
    """What is to be reached by when."""

    title = forms.CharField(label=_("里程碑"), max_length=200)
    due = day_field(pgettext_lazy("task", "期限"))


class DeliverableForm(forms.Form):
    """What the task has to produce."""

    title = forms.CharField(label=_("交付成果"), max_length=200)


class NeedForm(forms.Form):
    """Which other task of the plan comes first."""

    needed = forms.TypedChoiceField(label=_("依赖任务"), coerce=int)

    def __init__(self, *args: Any, offered: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["needed"].choices = list(offered)  # type: ignore[attr-defined]


class CiteForm(forms.Form):
    """On which document the task stands."""

    document = forms.ChoiceField(label=_("依据文件"))
    article = forms.CharField(label=_("条款"), required=False, max_length=64)

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].choices = list(offered)  # type: ignore[attr-defined]


class IndicatorForm(forms.Form):
    """Which indicator speaks about the task, and from where to where it measures it."""

    indicator = forms.ChoiceField(label=_("关联指标"))
    start = forms.DecimalField(
        label=_("起点值"),
        required=False,
        max_digits=20,
        decimal_places=6,
        help_text=_("起点值和目标值都填时，进度由最近发布的指标值测得，不再填报。"),
    )
    target = forms.DecimalField(label=_("目标值"), required=False, max_digits=20, decimal_places=6)

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"].choices = list(offered)  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    """The table to import."""

    file = forms.FileField(
        label=_("任务表"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=_("Excel 或 CSV，列名同模板。全部正确才会导入，有错则一行也不导入。"),
    )
