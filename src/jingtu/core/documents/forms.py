"""What people write about normative documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.documents.keeping import Draft
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.files.forms import upload_of
from jingtu.core.files.services import Upload
from jingtu.core.regions.models import Region


def _day(**kwargs: Any) -> forms.DateField:
    return forms.DateField(
        required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs
    )


class DocumentForm(forms.Form):
    """All that is said about a document; ``code`` and ``keeper`` only when it is new."""

    title_zh = forms.CharField(label=_("标题"), max_length=255)
    title_en = forms.CharField(label=_("英文标题"), max_length=255, required=False)
    kind = forms.ChoiceField(label=_("种类"), choices=NormativeDocument.Kind.choices)
    number = forms.CharField(label=_("文号"), max_length=128, required=False)
    issuer = forms.CharField(label=_("发文机关"), max_length=255, required=False)
    date = forms.CharField(
        label=_("发文日期"), max_length=10, required=False, help_text=_("2026、2026-03 或 2026-03-01。")
    )
    in_force_from = _day(label=_("施行日期"))
    in_force_to = _day(label=_("失效日期"), help_text=_("含当日；长期有效的留空。到期前 60 天提醒。"))
    url = forms.URLField(label=_("网址"), max_length=500, required=False, assume_scheme="https")
    text = forms.CharField(
        label=_("正文"), required=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 10})
    )
    file = forms.FileField(
        label=_("文件"),
        required=False,
        help_text=_("PDF 或 Word。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx"}),
    )
    code = forms.CharField(
        label=_("代码"),
        required=False,
        max_length=96,
        help_text=_("指标、任务引用文件时用的代码；不填由系统编定，以后不变。"),
    )
    keeper = forms.ChoiceField(label=pgettext_lazy("document", "保管地区"), required=False)
    reason = forms.CharField(
        label=_("修改理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    def __init__(
        self,
        *args: Any,
        keepers: list[Region] | None = None,
        whole: bool = False,
        stage: str = "new",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(place.pk), place.name) for place in keepers or []]
        if whole:
            offered.append(("", str(_("全系统"))))
        self.fields["keeper"].choices = offered  # type: ignore[attr-defined]
        for name in {"new": ("reason",), "version": ("reason", "keeper"), "edit": ("code", "keeper")}[stage]:
            del self.fields[name]
        if stage == "edit":
            self.fields["reason"].required = True

    def draft(self) -> Draft:
        """What was written."""
        data = self.cleaned_data
        return Draft(**{name: data[name] for name in Draft.__dataclass_fields__})

    def upload(self) -> Upload | None:
        """The file that came with it."""
        given = self.cleaned_data.get("file")
        return upload_of(given) if given else None

    def keeper_id(self) -> int | None:
        """The place chosen."""
        chosen = self.cleaned_data.get("keeper")
        return int(chosen) if chosen else None


class ArticleForm(forms.Form):
    """One article."""

    number = forms.CharField(label=_("条号"), max_length=32, help_text=_("例如“第三条”。"))
    text = forms.CharField(label=_("条文"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))


class RemovalForm(forms.Form):
    """Why an article is taken out."""

    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
