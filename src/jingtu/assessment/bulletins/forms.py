from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jingtu.assessment.bulletins.distributing import Entry
from jingtu.assessment.bulletins.rules import BulletinKind, EntryKind

KINDS: dict[str, Any] = {
    BulletinKind.FULL: _("考核通报"),
    BulletinKind.WEEKLY: _("周通报"),
    BulletinKind.DAILY: _("日监测"),
}


class SendForm(forms.Form):
    """The list an issued bulletin is sent to."""

    list = forms.TypedChoiceField(label=_("发送名单"), coerce=int)

    def __init__(self, *args: Any, lists: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["list"].choices = lists  # type: ignore[attr-defined]


class ListForm(forms.Form):
    """A reusable list: the regions of levels, single regions, units and posts it names."""

    region = forms.TypedChoiceField(label=_("机关所在地区"), coerce=int)
    name = forms.CharField(label=_("名称"), max_length=64)
    levels = forms.MultipleChoiceField(
        label=_("各级地区的人员"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("该级每个地区持业务岗位的人。"),
    )
    regions = forms.MultipleChoiceField(
        label=_("指定地区"), required=False, widget=forms.SelectMultiple(attrs={"size": "8"})
    )
    units = forms.MultipleChoiceField(
        label=_("成员单位"), required=False, widget=forms.SelectMultiple(attrs={"size": "8"})
    )
    posts = forms.MultipleChoiceField(
        label=_("本机关岗位"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[Any, Any]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def entries(self) -> Sequence[Entry]:
        """The lines of the list."""
        data = self.cleaned_data
        office = data["region"]
        return [
            *(Entry(EntryKind.LEVEL, office, level=level) for level in data["levels"]),
            *(Entry(EntryKind.REGION, int(region)) for region in data["regions"]),
            *(Entry(EntryKind.UNIT, unit_id=int(unit)) for unit in data["units"]),
            *(Entry(EntryKind.POST, office, role=role) for role in data["posts"]),
        ]


class IssueForm(forms.Form):
    """What an office adds to the results: its kind, its number, its name, its readers."""

    kind = forms.ChoiceField(label=_("种类"), choices=list(KINDS.items()))

    number = forms.CharField(
        label=_("文号"),
        max_length=64,
        required=False,
        help_text=_("例如：示禁办通〔2026〕9号；不填则用考核签发时取得的文号，没有则不编号。"),
    )
    issuer_zh = forms.CharField(label=_("发文机关"), max_length=64)
    issuer_en = forms.CharField(label=_("发文机关（英文）"), max_length=128, required=False)
    distribution = forms.CharField(
        label=_("抄送"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个单位。"),
    )

    send_to = forms.TypedChoiceField(
        label=_("发送名单"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("印发后发给名单上的人，并逐人记录签收。"),
    )

    def __init__(self, *args: Any, lists: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["send_to"].choices = [("", _("暂不发送")), *lists]  # type: ignore[attr-defined]

    def names(self) -> list[str]:
        """The readers, one a line."""
        return [line.strip() for line in self.cleaned_data["distribution"].splitlines() if line.strip()]
