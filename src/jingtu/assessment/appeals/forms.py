"""What people type about appeals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jingtu.core.files.forms import FilesField

from .numbers import Behind, Cell, Number
from .rules import OUTCOMES, REASON_MIN, TEXT_MIN, AppealState
from .words import KINDS, STATES


class AppealForm(forms.Form):
    """Which number, what is wrong with it, what it should be, and the evidence."""

    key = forms.ChoiceField(label=_("对哪个数有异议"))
    claimed = forms.CharField(
        label=_("应为"), required=False, max_length=64, help_text=_("知道正确数值的请填写，只写数字。")
    )
    text = forms.CharField(
        label=_("理由和依据"),
        min_length=TEXT_MIN,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("哪里有误、依据是什么。请勿写入个人身份信息。"),
    )
    evidence = FilesField(label=_("证据文件"))

    def __init__(self, *args: Any, found: Behind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = [(number.key, _described(number)) for number in found.numbers]  # type: ignore[attr-defined]


def _described(number: Number) -> str:
    value = "＊" if number.hidden else number.value or "–"
    return f"{KINDS[number.kind]}：{number.label}（{value}）"


class EvidenceForm(forms.Form):
    """More words and files."""

    text = forms.CharField(
        label=_("补充说明"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    evidence = FilesField(label=_("证据文件"))


class NoteForm(forms.Form):
    """A remark that may be left out."""

    reason = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("只供本机关办理时参考，申诉单位看不到。"),
    )


class ReasonForm(forms.Form):
    """The reason of an act that must be explained."""

    reason = forms.CharField(
        label=_("理由"), min_length=REASON_MIN, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecisionForm(forms.Form):
    """The outcome with its reasons, and the new values of the figures behind the number."""

    outcome = forms.ChoiceField(
        label=_("裁定"),
        choices=[(state.value, STATES[state]) for state in OUTCOMES],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("裁定理由"),
        min_length=REASON_MIN,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, found: Behind, disputed: str = "", **kwargs: Any) -> None:
        """``disputed``: the key of the number in dispute; where it is a figure, it comes first."""
        super().__init__(*args, **kwargs)
        self._cells: dict[str, Cell] = {}
        for number, cell in enumerate(sorted(found.cells, key=lambda cell: cell.key != disputed)):
            name = f"cell_{number}"
            self._cells[name] = cell
            self.fields[name] = forms.CharField(
                label=cell.label,
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control"}),
            )

    def figures(self) -> list[tuple[Cell, forms.BoundField]]:
        """The figures with the fields for their new values."""
        return [(cell, self[name]) for name, cell in self._cells.items()]

    def corrections(self) -> dict[str, str]:
        """New values by key; what was left empty stays as it is."""
        given = ((cell.key, self.cleaned_data.get(name, "")) for name, cell in self._cells.items())
        return {key: value for key, value in given if value.strip()}

    def chosen(self) -> AppealState:
        """The chosen outcome."""
        return AppealState(self.cleaned_data["outcome"])


class AppealFilterForm(forms.Form):
    """The filters of the list."""

    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("open", _("未办结")), *((key, word) for key, word in STATES.items())],
    )
    overdue = forms.BooleanField(label=_("只看超期的"), required=False)
    mine = forms.BooleanField(label=_("只看我提出的"), required=False)
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)
