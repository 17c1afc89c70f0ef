"""What people type about listings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.files.forms import FilesField
from jingtu.core.kernel.clock import today
from jingtu.core.ui.choices import nothing_chosen
from jingtu.engine.notation import plain_number

from . import words
from .definition import CheckItem
from .rules import REASON_MIN, REASON_MOST
from .services.common import Paper, Received
from .services.rectifying import PlanTask

Choices = Sequence[tuple[Any, Any]]


def _evidence() -> FilesField:
    return FilesField(
        label=_("附件"),
        help_text=_(
            "PDF、Word、Excel、CSV 或照片（JPEG、PNG），可多选；照片里的拍摄位置、设备等信息保存时去掉。只有可查看本件的人能打开。"
        ),
    )


def _text(label: Any, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        min_length=REASON_MIN,
        max_length=REASON_MOST,
        widget=forms.Textarea(attrs={"rows": rows}),
        **more,
    )


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more
    )


class TextForm(forms.Form):
    """Words that must be given."""

    text = _text(_("内容"), help_text=_("请勿写入个人身份信息。"))


class TextAndFilesForm(TextForm):
    """Words with papers."""

    evidence = _evidence()


class _WithPaper(TextAndFilesForm):
    """Words with papers, and the document they come with where there is one."""

    document_number = forms.CharField(label=_("文号"), max_length=64, required=False)
    document_date = _day(_("文件日期"), required=False, help_text=_("填写文号的，不填日期则为今天。"))

    def paper(self) -> Paper | None:
        """The document, where one was named."""
        number = self.cleaned_data["document_number"].strip()
        return Paper(number, self.cleaned_data["document_date"] or today()) if number else None


class NoticeForm(_WithPaper):
    """The notice, or the service of the decision."""


class HearingForm(_WithPaper):
    """What was said, and when."""

    held_on = _day(_("听取日期"), required=False, help_text=_("不填则为今天。"))
    field_order = ("held_on", "text")


class OnPaperForm(_WithPaper):
    """What a place without an account handed in on paper."""

    received_on = _day(_("收到日期"), help_text=_("是否在期限内，以收到日期为准。"))
    receiver = forms.TypedChoiceField(label=_("收件人"), coerce=int)
    field_order = ("received_on", "receiver", "text")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = people  # type: ignore[attr-defined]
        self.fields["text"].label = _("书面意见内容")
        self.fields["evidence"].required = True
        self.fields["evidence"].help_text = _("请附书面意见的扫描件或照片。")

    def received(self) -> Received:
        """When it came, and who took it in."""
        return Received(self.cleaned_data["received_on"], self.cleaned_data["receiver"])


class ClassifyForm(TextForm):
    """Class, problem and level chosen anew, with the reason."""

    class_code = forms.ChoiceField(label=_("类别"))
    problem = forms.ChoiceField(label=_("问题类型"), choices=list(words.PROBLEMS.items()))
    level = forms.ChoiceField(label=_("挂牌层级"), choices=list(words.LEVELS.items()))
    field_order = ("class_code", "problem", "level", "text")

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_code"].choices = classes  # type: ignore[attr-defined]
        self.fields["text"].label = _("理由")


class PlanForm(TextForm):
    """The plan of rectification with its tasks."""

    tasks = forms.CharField(
        label=_("任务"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("每行一项：任务 | 完成日期，例如：走访在册人员 | 2026-12-31。"),
    )
    evidence = _evidence()

    def clean_tasks(self) -> list[PlanTask]:
        """One task a line, with its day."""
        found = []
        for number, line in enumerate(self.cleaned_data["tasks"].splitlines(), start=1):
            if not line.strip():
                continue
            title, _bar, day = line.replace("｜", "|").rpartition("|")
            try:
                found.append(PlanTask(title.strip()[:200], dt.date.fromisoformat(day.strip())))
            except ValueError as error:
                raise forms.ValidationError(
                    _("第%(line)s行应写成“任务 | 完成日期”。") % {"line": number}
                ) from error
            if not title.strip():
                raise forms.ValidationError(_("第%(line)s行应写成“任务 | 完成日期”。") % {"line": number})
        return found


class DecisionForm(forms.Form):
    """A decision with its document."""

    decision = _text(_("决定和理由"))
    document_number = forms.CharField(label=_("决定文号"), max_length=64)
    document_date = _day(_("决定日期"))


class ListForm(DecisionForm):
    """The decision to list."""

    leader = forms.CharField(label=_("包抓责任领导（职务）"), max_length=128)
    no_awards = forms.BooleanField(
        label=_("整治期间取消评先评优资格"), required=False, help_text=_("仅按有权机关的决定和文件勾选。")
    )
    no_promotion = forms.BooleanField(
        label=_("整治期间暂缓提拔使用"), required=False, help_text=_("仅按有权机关的决定和文件勾选。")
    )


class ExtendForm(DecisionForm):
    """The decision to give more time."""

    months = forms.IntegerField(label=_("延长（月）"), min_value=1, max_value=120)
    field_order = ("months", "decision", "document_number", "document_date")


class DelistForm(DecisionForm):
    """The decision to delist; where something is missing, with the reason why all the same."""

    despite = _text(
        _("仍然摘牌的理由"),
        required=False,
        help_text=_("还有指标未达标、没有数值或任务未办结的，须说明理由。"),
    )
    field_order = ("despite", "decision", "document_number", "document_date")

    def __init__(self, *args: Any, missing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if missing:
            self.fields["despite"].required = True
        else:
            del self.fields["despite"]


class ReasonForm(forms.Form):
    """A decision that rests on reasons alone."""

    decision = _text(_("决定和理由"))


class ConsultForm(forms.Form):
    """Which units are asked."""

    units = forms.CharField(
        label=_("征求意见的单位"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一个。"),
        max_length=2000,
    )
    text = _text(_("征求意见的内容"))


class OpinionForm(forms.Form):
    """What a unit answered."""

    agrees = forms.TypedChoiceField(
        label=_("意见"),
        choices=[("yes", _("同意")), ("no", _("不同意"))],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    text = _text(_("内容"))


class ValuesForm(forms.Form):
    """Values of criteria, each with its source: a pair of fields for each criterion."""

    def __init__(self, *args: Any, rows: Iterable[tuple[str, str, str]], **kwargs: Any) -> None:
        """``rows``: code, name, help."""
        super().__init__(*args, **kwargs)
        self.codes = []
        for code, name, help_text in rows:
            self.codes.append(code)
            self.fields[f"value_{code}"] = forms.DecimalField(
                label=name, required=False, max_digits=14, decimal_places=4, help_text=help_text
            )
            self.fields[f"source_{code}"] = forms.CharField(
                label=pgettext_lazy("listing value", "数值来源"), required=False, max_length=255
            )


class CriteriaForm(ValuesForm):
    """The values at entry."""


class ProgressForm(ValuesForm):
    """What a month brought."""

    month = forms.CharField(
        label=_("月份"), widget=forms.TextInput(attrs={"type": "month"}), help_text=_("例如 2026-10。")
    )
    text = _text(_("进展和问题"))
    evidence = _evidence()


class AcceptanceForm(forms.Form):
    """The acceptance on the spot by the checklist."""

    held_on = _day(_("验收日期"))
    findings = _text(_("现场情况"))
    leads = forms.TypedChoiceField(label=_("验收组长"), coerce=int)
    team = forms.TypedMultipleChoiceField(
        label=_("验收组成员"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "至少两人，含组长；逐人签字后验收完成。包抓责任领导和在被挂牌地区任职的人员不能参加，不在名单内。"
        ),
    )

    def __init__(
        self, *args: Any, items: Sequence[tuple[CheckItem, str]], people: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leads"].choices = people  # type: ignore[attr-defined]
        self.fields["team"].choices = people  # type: ignore[attr-defined]
        for item, name in items:
            self.fields[f"score_{item.code}"] = forms.DecimalField(
                label=f"{name}（{plain_number(item.points)}）",
                min_value=0,
                max_value=item.points,
                decimal_places=2,
            )
            self.fields[f"note_{item.code}"] = forms.CharField(
                label=pgettext_lazy("listing checklist", "扣分说明"), required=False, max_length=255
            )


class ProposeForm(forms.Form):
    """Whom to list, in which class, for what."""

    region = forms.TypedChoiceField(label=_("地区"), coerce=int)
    rule = forms.ChoiceField(label=_("规则和类别"))
    problem = forms.ChoiceField(label=_("问题类型"), choices=list(words.PROBLEMS.items()))
    level = forms.ChoiceField(label=_("挂牌层级"), choices=list(words.LEVELS.items()))
    grounds = _text(_("事由"), help_text=_("依据的事实和文件。请勿写入个人身份信息。"))
    venue_name = forms.CharField(
        label=_("场所名称"), required=False, max_length=128, help_text=_("只对场所挂牌时填写。")
    )
    venue_kind = forms.CharField(label=_("场所类型"), required=False, max_length=64)
    venue_address = forms.CharField(label=_("场所地址"), required=False, max_length=255)
    evidence = _evidence()

    def __init__(self, *args: Any, regions: Choices, rules: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = nothing_chosen(regions)  # type: ignore[attr-defined]
        self.fields["rule"].choices = nothing_chosen(rules)  # type: ignore[attr-defined]


class FilterForm(forms.Form):
    """The filters of the board."""

    class_code = forms.ChoiceField(label=_("类别"), required=False)
    problem = forms.ChoiceField(label=_("问题类型"), required=False)
    level = forms.ChoiceField(label=_("挂牌层级"), required=False)
    stage = forms.ChoiceField(label=_("阶段"), required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("listing", "对象"), required=False)
    text = forms.CharField(label=_("名称"), required=False, max_length=64)

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("全部"))
        choices: dict[str, Choices] = {
            "class_code": classes,
            "problem": list(words.PROBLEMS.items()),
            "level": list(words.LEVELS.items()),
            "stage": list(words.STAGES.items()),
            "kind": [("region", _("地区")), ("venue", pgettext_lazy("listing", "场所"))],
        }
        for name, offered in choices.items():
            self.fields[name].choices = [every, *offered]  # type: ignore[attr-defined]
