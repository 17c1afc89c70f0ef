"""What people write about bodies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.accounts.models import Unit
from jingtu.core.documents.rules import parse_reference, reference
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.regions.models import Region

from .models import Body
from .rules import CATEGORIES, NAME_MOST, TEXT_MOST, CapacityKind
from .services import Draft
from .words import CATEGORY_WORDS, KINDS, TEAMS, Both, pick, title_words

Choice = tuple[str, str]


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A day, picked from the browser's calendar."""
    return forms.DateField(
        label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs
    )


def _choices(words: dict[str, Both], *, empty: str = "") -> list[Choice]:
    found = [(key, pick(both)) for key, both in words.items()]
    return [("", empty), *found] if empty else found


class BodyForm(forms.Form):
    """What is said of a body; ``reason`` only when it is changed."""

    region = forms.ChoiceField(label=_("地区"))
    kind = forms.ChoiceField(label=_("种类"))
    team = forms.ChoiceField(label=_("职责领域"), required=False, help_text=_("专项工作组填写。"))
    name = forms.CharField(label=_("名称"), max_length=NAME_MOST)
    name_en = forms.CharField(label=_("英文名称"), max_length=NAME_MOST, required=False)
    parent = forms.ChoiceField(label=pgettext_lazy("body", "上级机构"), required=False)
    duties = forms.CharField(
        label=pgettext_lazy("body", "职责"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    document = forms.ChoiceField(label=pgettext_lazy("body", "设立依据"), required=False)
    article = forms.CharField(label=_("条号"), max_length=32, required=False, help_text=_("例如“第三条”。"))
    indicators = forms.MultipleChoiceField(
        label=pgettext_lazy("body", "负责的指标"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    founded = day_field(_("设立日期"), required=False)
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self,
        *args: Any,
        places: Sequence[Region] = (),
        parents: Iterable[Body] = (),
        documents: Sequence[Choice] = (),
        indicators: Sequence[Choice] = (),
        body: Body | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        none = str(_("（无）"))
        offered = {
            "region": [(str(place.pk), place.name) for place in places],
            "kind": _choices(KINDS),
            "team": _choices(TEAMS, empty=none),
            "parent": [("", none), *((str(each.pk), each.title) for each in parents)],
            "document": [("", none), *documents],
            "indicators": list(indicators),
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        del self.fields["reason" if body is None else "region"]
        if body is not None and not self.is_bound:
            code, article = parse_reference(body.document)
            self.initial = {
                **self.initial,
                **{name: getattr(body, name) for name in ("kind", "team", "name", "name_en", "duties")},
                "parent": body.parent_id,
                "document": code,
                "article": article,
                "indicators": body.indicators,
                "founded": body.founded,
            }

    def draft(self) -> Draft:
        """What was written."""
        data = self.cleaned_data
        return Draft(
            kind=data["kind"],
            team=data["team"],
            name=data["name"],
            name_en=data["name_en"],
            parent_id=int(data["parent"]) if data["parent"] else None,
            duties=data["duties"],
            document=reference(data["document"], data["article"].strip()) if data["document"] else "",
            indicators=tuple(data["indicators"]),
            founded=data["founded"],
        )


class MemberForm(forms.Form):
    """A member by virtue of a post."""

    title = forms.ChoiceField(label=pgettext_lazy("body", "在机构中的职务"))
    post = forms.CharField(
        label=pgettext_lazy("body", "所任职务"),
        max_length=128,
        required=False,
        help_text=_("例如“市公安局局长”。成员随职务进出，换人时另行登记。"),
    )
    name = forms.CharField(label=pgettext_lazy("person", "姓名"), max_length=64, required=False)
    username = forms.CharField(
        label=_("用户名"), max_length=64, required=False, help_text=_("有本系统账号的填写，姓名可不填。")
    )
    unit = forms.ChoiceField(label=_("单位"), required=False)
    starts = day_field(_("任期起"))
    ends = day_field(_("任期止"), required=False, help_text=_("含当日；不定期的留空。"))

    def __init__(self, *args: Any, body: Body, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [(key, pick(both)) for key, both in title_words(body.kind).items()]
        self.fields["title"].choices = titles  # type: ignore[attr-defined]
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", str(_("（无）"))),
            *((str(unit.pk), unit.name) for unit in units),
        ]

    def unit_id(self) -> int | None:
        """The unit chosen."""
        return int(self.cleaned_data["unit"]) if self.cleaned_data["unit"] else None


class TermForm(forms.Form):
    """Until when a term runs, and why it is changed."""

    ends = day_field(_("任期止"), required=False, help_text=_("含当日；不定期的留空。"))
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class DissolveForm(forms.Form):
    """From which day a body is no more, and why."""

    day = day_field(_("撤销日期"))
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ReasonForm(forms.Form):
    """The reason of an act."""

    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class CapacityForm(forms.Form):
    """A record of what an office has; its fields follow its kind."""

    day = day_field(pgettext_lazy("capacity", "截至日期"))
    year = forms.IntegerField(label=_("预算年度"), min_value=1990, max_value=2100)
    category = forms.ChoiceField(label=_("类别"))
    planned = forms.IntegerField(min_value=0, max_value=10**13, required=False)
    actual = forms.IntegerField(min_value=0, max_value=10**13, required=False)
    text = forms.CharField(max_length=255, widget=forms.Textarea(attrs={"rows": 2}))
    document = forms.CharField(label=_("文件依据"), max_length=128, required=False)

    def __init__(self, *args: Any, kind: CapacityKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {
            CapacityKind.STAFF: ("day", "category", "planned", "actual", "document"),
            CapacityKind.BUDGET: ("day", "year", "planned", "actual", "document"),
            CapacityKind.PREMISES: ("day", "text", "document"),
            CapacityKind.HONOUR: ("day", "category", "text", "document"),
        }[kind]
        for name in list(self.fields):
            if name not in kept:
                del self.fields[name]
        if kind in CATEGORIES:
            words = [(key, pick(CATEGORY_WORDS[key])) for key in CATEGORIES[kind]]
            self.fields["category"].choices = words  # type: ignore[attr-defined]
        labels = {
            CapacityKind.STAFF: {"planned": _("编制数"), "actual": pgettext_lazy("capacity", "实有数")},
            CapacityKind.BUDGET: {"planned": _("预算数（元）"), "actual": _("已支出（元）")},
            CapacityKind.PREMISES: {"text": _("办公场所")},
            CapacityKind.HONOUR: {"day": _("获得日期"), "text": _("荣誉名称"), "document": _("文号")},
        }[kind]
        for name, label in labels.items():
            self.fields[name].label = label


class PeriodForm(forms.Form):
    """Of which period a report is drawn up."""

    period = forms.CharField(label=_("周期"), max_length=32, help_text=_("例如 2026-10、2026-Q3、2026-W40。"))


def _part(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 5})
    )


class TextsForm(forms.Form):
    """What people say in a report."""

    overall = _part(_("总体情况"))
    problems = _part(_("存在问题"))
    next = _part(_("下步打算"))


class IssueForm(forms.Form):
    """With which number a report goes out."""

    series_id = forms.TypedChoiceField(
        label=_("文号系列"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("签发时取得该系列的下一个文号。"),
    )

    def __init__(self, *args: Any, series: Sequence[NumberSeries] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(one.pk), f"{one.region.name} · {one.name}") for one in series]
        self.fields["series_id"].choices = [("", _("不编号")), *offered]  # type: ignore[attr-defined]
