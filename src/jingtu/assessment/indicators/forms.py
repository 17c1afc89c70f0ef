"""What people type to find a definition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import MOST_BYTES
from .words import CHANGES, DEFINITION_KINDS, DIRECTIONS, DRAFT_STATES, STATUSES, STRANDS


class IndicatorFilterForm(forms.Form):
    """The filters of the list of indicators; choices are what occurs."""

    q = forms.CharField(label=_("名称、编码或口径"), required=False, max_length=100)
    strand = forms.ChoiceField(label=_("条线"), required=False)
    row = forms.ChoiceField(label=_("机制编号"), required=False)
    status = forms.ChoiceField(label=_("口径依据"), required=False)
    direction = forms.ChoiceField(label=_("方向"), required=False)

    def __init__(self, *args: Any, choices: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"strand": STRANDS, "status": STATUSES, "direction": DIRECTIONS, "row": {}}
        for name, codes in choices.items():
            options = [(code, words[name].get(code, code)) for code in codes]
            self.fields[name].choices = [("", _("全部")), *options]  # type: ignore[attr-defined]


class DraftFilterForm(forms.Form):
    """The filter of the list of drafts."""

    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("open", _("未结")), *DRAFT_STATES.items()],
    )


class OpenForm(forms.Form):
    """What a new draft is called and what it is for."""

    title = forms.CharField(label=_("草案名称"), max_length=128)
    purpose = forms.CharField(
        label=_("修改目的"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DefinitionFilterForm(forms.Form):
    """The filters of the definitions of a draft."""

    q = forms.CharField(label=_("名称、编码或算法"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("类别"),
        required=False,
        choices=[
            ("", _("全部")),
            *((kind, word) for kind, word in DEFINITION_KINDS.items() if kind != "catalogue"),
        ],
    )
    what = forms.ChoiceField(
        label=_("改动"),
        required=False,
        choices=[("", _("全部")), ("any", _("有改动")), *CHANGES.items(), ("problem", _("有问题"))],
    )


class EnforceForm(forms.Form):
    """From which period a draft judges, and why it is put in force."""

    period = forms.CharField(
        label=_("自哪一期起施行"), max_length=32, help_text=_("如 2026-12、2027-Q1、2027；以前各期仍按原版本")
    )
    reason = forms.CharField(label=_("施行理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ImportForm(forms.Form):
    """A whole catalogue as YAML, pasted or as a file."""

    file = forms.FileField(label=_("YAML 文件"), required=False)
    text = forms.CharField(
        label=_("或粘贴内容"),
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 12, "class": "jt-code", "spellcheck": "false", "lang": "zh"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        file = given.get("file")
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件过大。"))
        if file is None and not given.get("text", "").strip():
            raise forms.ValidationError(_("请选择文件或粘贴内容。"))
        return given

    def yaml(self) -> str:
        """What was sent, as text. Raises ValidationError for what is not UTF-8."""
        file = self.cleaned_data.get("file")
        if file is None:
            return str(self.cleaned_data["text"])
        try:
            return bytes(file.read()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("文件不是 UTF-8 编码。")) from None


class CompareForm(forms.Form):
    """Which two versions are compared."""

    old = forms.TypedChoiceField(label=_("旧版"), coerce=int)
    new = forms.TypedChoiceField(label=_("新版"), coerce=int)

    def __init__(self, *args: Any, versions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("old", "new"):
            self.fields[name].choices = versions  # type: ignore[attr-defined]
