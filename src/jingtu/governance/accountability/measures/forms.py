"""What people type about ladders, rules, proposals and measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.files.rules import EVIDENCE_ACCEPT
from jingtu.core.ui.choices import nothing_chosen
from jingtu.core.ui.middleware import interface_language

from . import words
from .ladders import EFFECTS, LEAST_REPLY, MOST_DAYS, MOST_MONTHS, Rung
from .registry import Choice, RuleKind
from .rules import REASON_MIN, Act

Choices = list[tuple[str, Any]]
NO_NAMES = _("请勿写入个人身份信息。")


def _text(label: Any, rows: int = 4, *, required: bool = True, help_text: Any = NO_NAMES) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        min_length=REASON_MIN if required else None,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


class ProposalFilterForm(forms.Form):
    """The filters of the proposals."""

    q = forms.CharField(label=_("地区"), required=False, max_length=64)
    kind = forms.ChoiceField(label=_("规则"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("全部")), *kinds]  # type: ignore[attr-defined]
        states = [("waiting", pgettext_lazy("measures", "尚未决定")), *words.PROPOSAL_STATES.items()]
        self.fields["state"].choices = [("", _("全部")), *states]  # type: ignore[attr-defined]


class MeasureFilterForm(forms.Form):
    """The filters of the measures."""

    q = forms.CharField(label=_("地区"), required=False, max_length=64)
    rung = forms.ChoiceField(label=pgettext_lazy("measures one", "措施"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args: Any, rungs: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rung"].choices = [("", _("全部")), *rungs]  # type: ignore[attr-defined]
        states = [
            ("open", pgettext_lazy("measures", "办理或执行中")),
            ("review", pgettext_lazy("measures", "有异议待复核")),
            ("closed", pgettext_lazy("measures", "已办结")),
            *words.STATES.items(),
        ]
        self.fields["state"].choices = [("", _("全部")), *states]  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """The file of a proposal: which measure, for whom, on which facts."""

    rung = forms.ChoiceField(label=_("拟采取的措施"))
    facts = _text(_("事实和理由"), 6, help_text=_("写明事实、数据出处和对不利理由的说明，会写进告知书。"))
    post = forms.CharField(
        label=_("岗位"),
        required=False,
        max_length=128,
        help_text=_("只在措施针对岗位人员时填写，写岗位不写姓名。"),
    )
    username = forms.CharField(
        label=_("该岗位人员的用户名"),
        required=False,
        max_length=64,
        help_text=_("填写后本人可以查看并陈述申辩；没有账号的留空，由人工送达。"),
    )

    def __init__(self, *args: Any, rungs: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rung"].choices = nothing_chosen(rungs)  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """The decision on a proposal, with its reasons."""

    outcome = forms.ChoiceField(
        label=_("决定"),
        choices=[
            ("take", pgettext_lazy("measures", "采取，立案并告知")),
            ("not_take", pgettext_lazy("measures", "不采取")),
        ],
        widget=forms.RadioSelect,
    )
    reason = _text(_("理由"), 5, help_text=_("请写明如何看待证据和不利于追责的理由。"))

    def __init__(self, *args: Any, takes: bool, choices: Sequence[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = interface_language() == "en"
        for one in choices if takes else ():
            self.fields[f"choice_{one.key}"] = forms.ChoiceField(
                label=one.label_en if english else one.label_zh,
                choices=[(code, en if english and en else zh) for code, zh, en in one.options],
                initial=one.proposed,
                help_text=one.why_en if english else one.why_zh,
            )
        self.order_fields(["outcome", *(name for name in self.fields if name.startswith("choice_"))])
        if not takes:
            field = self.fields["outcome"]
            field.choices = [("not_take", pgettext_lazy("measures", "不采取"))]  # type: ignore[attr-defined]
            field.help_text = _("材料尚未整理，现在只能决定不采取。")

    def chosen(self) -> dict[str, str]:
        """What was chosen for a case that is carried out elsewhere."""
        start = "choice_"
        return {
            name.removeprefix(start): value
            for name, value in self.cleaned_data.items()
            if name.startswith(start) and value
        }


class StepForm(forms.Form):
    """One step of a measure: only the fields that the step has."""

    on = forms.DateField(
        label=_("日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("留空为今天。"),
    )
    text = _text(_("内容"))
    months = forms.IntegerField(label=_("变更后的期限（月）"), min_value=1, max_value=60)
    series = forms.ChoiceField(label=_("文号系列"), required=False, help_text=_("选择后自动编发下一个文号。"))
    number = forms.CharField(
        label=_("文号"), required=False, max_length=64, help_text=_("系统外编发的文号；选了系列就不用填。")
    )
    file = forms.FileField(
        label=pgettext_lazy("measures", "附件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": EVIDENCE_ACCEPT}),
        help_text=_("PDF、Word、Excel、CSV 或照片（JPEG、PNG）；照片里的拍摄位置、设备等信息保存时去掉。"),
    )

    LABELS: ClassVar = {
        Act.REPLY: _("陈述申辩意见"),
        Act.OBJECT: _("异议和理由"),
        Act.HEAR: _("听取的意见"),
    }
    SILENT = frozenset({Act.NOTICE, Act.SERVE, Act.SERVE_DECISION})
    DATED = frozenset({Act.SERVE, Act.SERVE_DECISION, Act.HEAR})

    def __init__(
        self, *args: Any, act: Act, series: Choices, numbered: bool, dated: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if act in self.SILENT:
            self.fields["text"].required, self.fields["text"].label = False, _("备注")
        else:
            self.fields["text"].label = self.LABELS.get(act, _("理由"))
        if not dated and act not in self.DATED:
            del self.fields["on"]
        if act is not Act.CHANGE:
            del self.fields["months"]
        if not numbered:
            del self.fields["series"]
            del self.fields["number"]
        else:
            self.fields["series"].choices = [("", _("不编发")), *series]  # type: ignore[attr-defined]


class EffectForm(forms.Form):
    """One effect, with the body that decided it and its document."""

    effect = forms.ChoiceField(label=_("后果"))
    body = forms.CharField(label=_("作出决定的机关"), max_length=128)
    document_number = forms.CharField(label=_("文件编号"), max_length=64)
    document_date = forms.DateField(label=_("文件日期"), widget=forms.DateInput(attrs={"type": "date"}))
    starts_on = forms.DateField(label=_("起"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=_("止"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("没有止期的留空。"),
    )

    def __init__(self, *args: Any, effects: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effect"].choices = effects  # type: ignore[attr-defined]


class RungForm(forms.Form):
    """One kind of measure in the ladder's editor."""

    code = forms.SlugField(label=_("代码"), max_length=32)
    name_zh = forms.CharField(label=_("中文名"), max_length=64)
    name_en = forms.CharField(label=_("英文名"), max_length=96)
    basis = forms.ChoiceField(label=_("依据"), required=False)
    level = forms.ChoiceField(label=_("由哪一级以上决定"), required=False)
    form = forms.ChoiceField(label=_("形式"), choices=list(words.FORMS.items()))
    addressee = forms.ChoiceField(label=_("针对"), choices=list(words.ADDRESSEES.items()))
    reply_days = forms.IntegerField(
        label=_("陈述申辩（工作日）"), min_value=LEAST_REPLY, max_value=MOST_DAYS, initial=5
    )
    objection_days = forms.IntegerField(
        label=_("异议（工作日）"), min_value=1, max_value=MOST_DAYS, initial=15
    )
    review_days = forms.IntegerField(label=_("复核（工作日）"), min_value=1, max_value=MOST_DAYS, initial=30)
    term = forms.IntegerField(
        label=_("期限（月）"), min_value=0, max_value=MOST_MONTHS, initial=6, help_text=_("0 为没有期限。")
    )
    effects = forms.MultipleChoiceField(
        label=_("可以记录的后果"),
        choices=list(words.EFFECTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    template = forms.ChoiceField(label=_("文书模板"), choices=list(words.TEMPLATES.items()))

    def __init__(self, *args: Any, levels: Choices, documents: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            ("", pgettext_lazy("measures", "该地区以上任一级")),
            *levels,
        ]
        self.fields["basis"].choices = [("", _("未指明")), *documents]  # type: ignore[attr-defined]

    def rung(self) -> Rung:
        """What was typed."""
        data = self.cleaned_data
        kept = tuple(one for one in EFFECTS if one in data["effects"])
        return Rung(**{**{name: data[name] for name in self.fields if name != "effects"}, "effects": kept})


class LadderForm(forms.Form):
    """Name of the ladder, and why it is changed."""

    name_zh = forms.CharField(label=_("清单中文名"), max_length=64)
    name_en = forms.CharField(label=_("清单英文名"), max_length=128)
    note = forms.CharField(label=_("修改说明"), max_length=255, min_length=REASON_MIN)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class RuleForm(forms.Form):
    """The parameters of a rule at an office."""

    enabled = forms.BooleanField(label=_("启用"), required=False)
    rung = forms.ChoiceField(label=_("建议的措施"), required=False)
    note = forms.CharField(label=_("修改理由"), max_length=255, required=False)

    def __init__(self, *args: Any, kind: RuleKind, rungs: Choices, english: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in kind.parameters:
            label = one.label("en" if english else "zh")
            if one.kind == "choice":
                choices = [(code, en if english else zh) for code, zh, en in one.choices]
                self.fields[f"p_{one.key}"] = forms.ChoiceField(label=label, choices=choices)
            else:
                self.fields[f"p_{one.key}"] = forms.IntegerField(
                    label=label, min_value=one.least, max_value=one.most
                )
        self.fields["rung"].choices = [  # type: ignore[attr-defined]
            ("", pgettext_lazy("measures", "由整理材料的人选定")),
            *rungs,
        ]
        self.order_fields([*(f"p_{one.key}" for one in kind.parameters), "rung", "enabled", "note"])

    def parameters(self) -> dict[str, Any]:
        """The values of the rule's own fields."""
        return {
            name.removeprefix("p_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("p_")
        }


class BulletinForm(forms.Form):
    """Which quarter, and its number."""

    region = forms.TypedChoiceField(label=_("地区"), coerce=int)
    period = forms.CharField(label=_("季度"), max_length=16, help_text=_("例如 2026-Q3。"))
    number = forms.CharField(label=_("文号"), max_length=64, required=False)

    def __init__(self, *args: Any, regions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
