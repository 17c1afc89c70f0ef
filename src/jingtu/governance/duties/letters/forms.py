"""What people type about letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.regions.models import Region

from .drafting import TemplateData, Wanted
from .models import LetterTemplate
from .recipients import Candidate, Recipient, usual_signer
from .rules import (
    FIELDS,
    LONGEST,
    MOST_REMIND_EVERY,
    MOST_SIGN_DAYS,
    REASON_MIN,
    REMIND_EVERY,
    SIGN_DAYS,
    Kind,
    Layer,
)
from .words import KINDS, LAYERS, STATES


def _chosen(field: forms.Field, choices: Sequence[tuple[Any, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class LetterFilterForm(forms.Form):
    """The filters of the list."""

    year = forms.ChoiceField(label=_("年度"), required=False)
    layer = forms.ChoiceField(
        label=pgettext_lazy("letter", "层级"), required=False, choices=[("", _("全部")), *LAYERS.items()]
    )
    kind = forms.ChoiceField(label=_("签订对象"), required=False, choices=[("", _("全部")), *KINDS.items()])
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("live", pgettext_lazy("letter state", "有效")), *STATES.items()],
    )
    q = forms.CharField(label=_("签订对象或签字人"), required=False, max_length=64)
    mine = forms.BooleanField(label=_("只看由我签字的"), required=False)

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen(self.fields["year"], [("", _("全部")), *((year, str(year)) for year in years)])


class CoverageFilterForm(forms.Form):
    """Where, which year, which part."""

    region = forms.ChoiceField(label=_("地区"), required=False)
    year = forms.ChoiceField(label=_("年度"), required=False)
    layer = forms.ChoiceField(
        label=pgettext_lazy("letter", "层级"), required=False, choices=[("", _("全部")), *LAYERS.items()]
    )
    kind = forms.ChoiceField(label=_("签订对象"), required=False, choices=[("", _("全部")), *KINDS.items()])

    def __init__(self, *args: Any, regions: Sequence[Region], years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen(self.fields["region"], [(region.pk, region.name) for region in regions])
        _chosen(self.fields["year"], [(year, str(year)) for year in years])


class TemplateForm(forms.Form):
    """The text of a year's letters of one layer."""

    region = forms.TypedChoiceField(label=_("下达机关所在地区"), coerce=int)
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    layer = forms.ChoiceField(label=pgettext_lazy("letter", "层级"), choices=list(LAYERS.items()))
    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("letter", "适用对象"),
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    name = forms.CharField(label=_("模板名称"), max_length=64)
    issuer = forms.CharField(label=_("下达机关"), max_length=64)
    title = forms.CharField(label=_("标题"), max_length=128)
    text = forms.CharField(
        label=_("正文"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("大括号内为合并字段，可用字段见下方列表；其他字段会被拒绝。"),
    )
    duties = forms.CharField(
        label=_("职责清单"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("每行一条，合并到职责字段处。"),
    )
    title_en = forms.CharField(
        label=_("英文阅读本标题"),
        required=False,
        max_length=128,
        help_text=_("供不读中文的人阅读；签字和生效只以中文正文为准。可不填。"),
    )
    text_en = forms.CharField(
        label=_("英文阅读本正文"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10, "lang": "en"}),
        help_text=_("合并字段同中文正文；目标表和职责按英文列出。"),
    )
    duties_en = forms.CharField(
        label=_("英文职责清单"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en"}),
    )
    indicators = forms.MultipleChoiceField(
        label=_("目标表列出的指标"),
        required=False,
        help_text=_("不选时列出当年有目标的全部指标。"),
    )
    sign_days = forms.IntegerField(
        label=_("签字期限（工作日）"),
        min_value=1,
        max_value=MOST_SIGN_DAYS,
        initial=SIGN_DAYS,
        help_text=_("下达后多少个工作日内签字。法律没有规定天数，由本机关确定。"),
    )
    remind_every = forms.IntegerField(
        label=_("逾期提醒间隔（工作日）"),
        min_value=1,
        max_value=MOST_REMIND_EVERY,
        initial=REMIND_EVERY,
        help_text=_("期限当日提醒签字人，仍未签的每隔多少个工作日再提醒一次。"),
    )

    def __init__(
        self,
        *args: Any,
        regions: Sequence[Region],
        indicators: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _chosen(self.fields["region"], [(region.pk, region.name) for region in regions])
        _chosen(self.fields["indicators"], indicators)

    def data_given(self) -> TemplateData:
        """What the service takes."""
        given = self.cleaned_data
        return TemplateData(
            year=given["year"],
            layer=Layer(given["layer"]),
            name=given["name"],
            kinds=[Kind(kind) for kind in given["kinds"]],
            issuer=given["issuer"],
            title=given["title"],
            text=given["text"].replace("\r\n", "\n"),
            duties=given["duties"].replace("\r\n", "\n"),
            indicators=given["indicators"],
            title_en=given["title_en"],
            text_en=given["text_en"].replace("\r\n", "\n"),
            duties_en=given["duties_en"].replace("\r\n", "\n"),
            sign_days=given["sign_days"],
            remind_every=given["remind_every"],
        )


def template_initial(template: LetterTemplate) -> dict[str, Any]:
    """The form filled with an earlier version."""
    names = ("year", "layer", "kinds", "name", "issuer", "title", "text", "duties", "indicators")
    further = ("sign_days", "remind_every", "title_en", "text_en", "duties_en")
    return {"region": template.region_id, **{name: getattr(template, name) for name in (*names, *further)}}


def field_rows(english: bool) -> list[tuple[str, str]]:
    """The merge fields and what they say."""
    return [(f"{{{name}}}", words[english]) for name, words in FIELDS.items()]


class BatchForm(forms.Form):
    """Recipients with their signers. Fields are numbered by the recipients' order."""

    pick = forms.MultipleChoiceField(required=False)

    def __init__(
        self,
        *args: Any,
        layer: str,
        recipients: Sequence[Recipient],
        people: Mapping[str, Sequence[Candidate]],
        standing: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.recipients = recipients
        self.standing = standing
        self.one_each = layer == Layer.HEAD
        _chosen(self.fields["pick"], [(one.key, one.name) for one in recipients])
        for number, one in enumerate(recipients):
            able = people.get(one.key, ())
            self.fields[f"signer_{number}"] = forms.TypedChoiceField(
                label=_("签字人"),
                required=False,
                coerce=int,
                empty_value=None,
                initial=usual_signer(layer, able),
                choices=[("", _("纸质签字")), *((each.user_id, each.name) for each in able)],
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("纸质签字人姓名"),
                required=False,
                max_length=64,
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a recipient, for the template."""
        picked = set(self["pick"].value() or ()) if self.is_bound else None
        for number, one in enumerate(self.recipients):
            letter = self.standing.get(one.key)
            yield {
                "recipient": one,
                "kind": KINDS[one.kind],
                "signer": self[f"signer_{number}"],
                "name": self[f"name_{number}"],
                "letter": letter,
                "closed": letter is not None and self.one_each,
                "checked": letter is None if picked is None else one.key in picked,
            }

    def wanted(self) -> list[Wanted]:
        """What was chosen, as the service takes it."""
        picked = set(self.cleaned_data["pick"])
        return [
            Wanted(
                one.key,
                self.cleaned_data.get(f"signer_{number}"),
                self.cleaned_data.get(f"name_{number}", ""),
            )
            for number, one in enumerate(self.recipients)
            if one.key in picked
        ]


class ReasonForm(forms.Form):
    """The reason of an act that must be explained."""

    reason = forms.CharField(
        label=_("理由"), min_length=REASON_MIN, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReplaceForm(ReasonForm):
    """From which template the new letter is drawn up, and why."""

    template = forms.TypedChoiceField(label=pgettext_lazy("letter", "模板"), coerce=int)
    field_order = ("template", "reason")

    def __init__(self, *args: Any, templates: Sequence[LetterTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen(
            self.fields["template"],
            [(one.pk, f"{one.name} · {one.year} · v{one.version}") for one in templates],
        )


class ScanForm(forms.Form):
    """A letter signed on paper."""

    day = forms.DateField(
        label=_("纸质签字日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    scan = forms.FileField(
        label=_("扫描件"),
        help_text=_("PDF。只有下达机关和签字人可以打开。"),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
    )


class PartnerForm(forms.Form):
    """A partner organisation."""

    region = forms.TypedChoiceField(label=_("地区"), coerce=int)
    name = forms.CharField(label=_("组织名称"), max_length=128)

    def __init__(self, *args: Any, regions: Sequence[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen(self.fields["region"], [(region.pk, region.name) for region in regions])
