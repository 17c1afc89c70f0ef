"""Definitions as forms: every field of the YAML has one of its own, and what a form says is what YAML says.

``initial_of(entry)`` fills a form from a definition, ``entry()`` gives the definition back. What the forms
do not know themselves (formulas, codes, how things fit) the parser of the files tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jingtu.core.ui.templatetags.ui import period_kind_labels

from . import words
from .entryfields import Described, EntryForm, ListField, Plain, lean, number, split
from .rules import LONGEST_ENTRY

THRESHOLD_HELP = _("如 >= 95、< 20；>= 和 <= 含等于")


class ElementForm(Described):
    """A data element."""

    kind = "elements"
    field_order = ("code", "name_zh", "name_en", "nature", "unit", "decimals", "strand", "source")
    nature = forms.ChoiceField(label=_("性质"), choices=list(words.KINDS.items()))
    unit = forms.ChoiceField(label=_("单位"))
    decimals = forms.IntegerField(label=_("小数位"), min_value=0, max_value=6, initial=0)
    strand = forms.ChoiceField(label=_("条线"), required=False, choices=[("", "–"), *words.STRANDS.items()])
    source = forms.ChoiceField(label=_("数据来源"), choices=list(words.SOURCES.items()), initial="form")
    person_based = forms.BooleanField(label=_("涉及个人计数"), required=False)
    non_negative = forms.BooleanField(label=_("不能为负"), required=False, initial=True)
    dimensions = forms.CharField(
        label=pgettext_lazy("many", "分类"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "jt-code"}),
        help_text=_("每行一个分类：age: u18 18_35 36_59 60plus"),
    )
    parts_of = forms.ChoiceField(label=_("属于哪个元素的组成部分"), required=False)

    def offer(self) -> None:
        self.fields["unit"].choices = self.units()  # type: ignore[attr-defined]
        self.fields["parts_of"].choices = self.named(self.catalogue.elements, empty=True)  # type: ignore[attr-defined]
        self.fields.pop("rows")

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        lines = [f"{name}: {' '.join(values)}" for name, values in entry.get("dimensions", {}).items()]
        return {
            "decimals": 0,
            "source": "import",
            "non_negative": True,
            "strand": "",
            **super().initial_of(entry),
            "nature": entry["kind"],
            "dimensions": "\n".join(lines),
        }

    def clean_dimensions(self) -> Plain:
        found: Plain = {}
        for line in self.cleaned_data["dimensions"].splitlines():
            name, colon, values = line.replace("：", ":").partition(":")
            if not line.strip():
                continue
            if not colon or not values.strip() or name.strip() in found:
                raise forms.ValidationError(gettext("每行写一个分类，如 age: u18 18_35，且不重复。"))
            found[name.strip()] = split(values)
        return found

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            **super().entry(),
            "kind": given["nature"],
            "unit": given["unit"],
            "decimals": given["decimals"],
            "person_based": given["person_based"],
            "non_negative": given["non_negative"],
            "source": given["source"],
            **lean(strand=given["strand"], dimensions=given["dimensions"], parts_of=given["parts_of"]),
            **self.described(),
        }


class IndicatorForm(Described):
    """An indicator."""

    kind = "indicators"
    field_order = (
        "code",
        "name_zh",
        "name_en",
        "formula",
        "unit",
        "decimals",
        "direction",
        "target",
        "red_line",
    )
    formula = forms.CharField(
        label=_("算法"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "jt-code", "spellcheck": "false"}),
    )
    unit = forms.ChoiceField(label=_("单位"))
    decimals = forms.IntegerField(label=_("小数位"), min_value=0, max_value=6, initial=2)
    direction = forms.ChoiceField(label=_("方向"), choices=list(words.DIRECTIONS.items()))
    target = forms.CharField(label=_("要求"), required=False, max_length=40, help_text=THRESHOLD_HELP)
    red_line = forms.CharField(label=_("红线"), required=False, max_length=40, help_text=THRESHOLD_HELP)
    strand = forms.ChoiceField(label=_("条线"), choices=list(words.STRANDS.items()))
    min_denominator = forms.IntegerField(
        label=_("最小分母"),
        required=False,
        min_value=0,
        max_value=10**9,
        help_text=_("分母小于此数只显示，不排名"),
    )
    lagging = forms.BooleanField(label=_("分子分母统计时段不同"), required=False)
    person_based = forms.BooleanField(label=_("涉及个人计数"), required=False)
    gap_zh = forms.CharField(
        label=_("差距的计数单位（中文）"),
        required=False,
        max_length=40,
        help_text=_("如：人、次、家"),
        widget=forms.TextInput(attrs={"lang": "zh"}),
    )
    gap_en = forms.CharField(label=_("差距的计数单位（英文）"), required=False, max_length=40)

    def offer(self) -> None:
        self.fields["unit"].choices = self.units()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        gap = entry.get("gap_unit", {})
        return {
            "decimals": 2,
            **super().initial_of(entry),
            "gap_zh": gap.get("zh", ""),
            "gap_en": gap.get("en", ""),
        }

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            **super().entry(),
            "strand": given["strand"],
            "formula": given["formula"],
            "direction": given["direction"],
            **lean(target=given["target"], red_line=given["red_line"]),
            "unit": given["unit"],
            "decimals": given["decimals"],
            **lean(
                min_denominator=given["min_denominator"],
                lagging=given["lagging"],
                person_based=given["person_based"],
                gap_unit=lean(zh=given["gap_zh"], en=given["gap_en"]),
            ),
            **self.described(),
        }


class AlertForm(Described):
    """An alert rule."""

    kind = "alerts"
    field_order = ("code", "name_zh", "name_en", "watches", "severity", "owner", "due_days", "cadence")
    watches = forms.ChoiceField(label=_("预警情形"), choices=list(words.ALERT_KINDS.items()))
    severity = forms.ChoiceField(label=_("程度"), choices=list(words.SEVERITIES.items()), initial="warning")
    owner = forms.ChoiceField(label=_("由谁处置"), choices=list(words.OWNERS.items()))
    due_days = forms.IntegerField(label=_("处置期限（工作日）"), min_value=1, max_value=250, initial=5)
    cadence = forms.MultipleChoiceField(
        label=pgettext_lazy("cadence", "周期"), widget=forms.CheckboxSelectMultiple
    )
    levels = ListField(label=_("地区级别"), required=False, max_length=200, help_text=_("留空为考核的级别"))
    indicators = forms.MultipleChoiceField(
        label=_("指标"), required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    elements = forms.MultipleChoiceField(
        label=_("数据元素"), required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    periods = forms.IntegerField(label=_("期数"), min_value=1, max_value=24, initial=3)
    test = forms.ChoiceField(label=_("检验方法"), choices=list(words.TESTS.items()), initial="auto")
    side = forms.ChoiceField(label=_("方向"), choices=list(words.SIDES.items()), initial="worse")
    significance = forms.CharField(label=_("显著性水平（计数检验）"), max_length=20, initial="0.001")
    distance = forms.CharField(label=_("稳健标准差倍数（数值检验）"), max_length=20, initial="4")

    def offer(self) -> None:
        for name, choices in (
            ("cadence", list(period_kind_labels().items())),
            ("indicators", self.named(self.catalogue.indicators)),
            ("elements", self.named(self.catalogue.elements)),
        ):
            own = [(code, code) for code in (self.given or {}).get(name, ()) if code not in dict(choices)]
            self.fields[name].choices = [*choices, *own]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        return {
            "periods": 3,
            "test": "auto",
            "side": "worse",
            "significance": "0.001",
            "distance": "4",
            **super().initial_of(entry),
            "watches": entry["kind"],
        }

    def clean_significance(self) -> int | float:
        return number(self.cleaned_data["significance"])

    def clean_distance(self) -> int | float:
        return number(self.cleaned_data["distance"])

    def entry(self) -> Plain:
        given = self.cleaned_data
        # The order a definition names its subjects in is its author's: kept for those that stay.
        return {
            **super().entry(),
            "kind": given["watches"],
            **{name: given[name] for name in ("severity", "cadence", "owner", "due_days")},
            "cadence": self._ordered("cadence"),
            **lean(
                levels=given["levels"],
                indicators=self._ordered("indicators"),
                elements=self._ordered("elements"),
            ),
            **{name: given[name] for name in ("periods", "test", "side", "significance", "distance")},
            **self.described(),
        }

    def _ordered(self, name: str) -> list[str]:
        return keep_order((self.given or {}).get(name, ()), self.cleaned_data[name])


class CheckForm(Described):
    """How one check of the figures is set."""

    kind = "checks"
    field_order = ("code", "name_zh", "name_en", "looks_for", "severity", "at_least", "limit")
    looks_for = forms.ChoiceField(label=_("核查种类"), choices=list(words.CHECK_KINDS.items()))
    severity = forms.ChoiceField(
        label=pgettext_lazy("severity", "级别"), choices=list(words.CHECK_SEVERITIES.items())
    )
    at_least = forms.IntegerField(
        label=_("至少要有"),
        min_value=1,
        max_value=1000,
        help_text=_("以往期数、地区个数、以往中位数或数字个数；不足则不作判断。"),
    )
    limit = forms.CharField(
        label=_("界限"),
        max_length=20,
        initial="0",
        help_text=_("偏离用稳健标准差倍数，雷同用所占份额，整数偏多用显著性水平；其余填0。"),
    )

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        return {"limit": "0", **super().initial_of(entry), "looks_for": entry["kind"]}

    def clean_limit(self) -> int | float:
        return number(self.cleaned_data["limit"])

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            **super().entry(),
            "kind": given["looks_for"],
            "severity": given["severity"],
            "at_least": given["at_least"],
            "limit": given["limit"],
            **self.described(),
        }


def keep_order(before: Sequence[str], chosen: Iterable[str]) -> list[str]:
    """What was chosen, first what was there before in its order, then the rest."""
    wanted = list(chosen)
    kept = [code for code in before if code in wanted]
    return kept + [code for code in wanted if code not in kept]


class GroupForm(Described):
    """A named set of indicators, or of such sets; its members are rows (:class:`MemberRow`)."""

    kind = "groups"
    field_order = ("code", "name_zh", "name_en", "groups", "met_from", "watch_from")
    groups = ListField(
        label=_("包含的指标组"), required=False, max_length=1000, help_text=_("指标组编码，用空格隔开")
    )
    met_from = forms.CharField(
        label=_("达标所需比例"), max_length=20, initial="1", help_text=_("0 至 1；达标的成员占多少算整组达标")
    )
    watch_from = forms.CharField(label=_("预警所需比例"), max_length=20, initial="0.5")

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        return {"met_from": "1", "watch_from": "0.5", **super().initial_of(entry)}

    def clean_met_from(self) -> int | float:
        return number(self.cleaned_data["met_from"])

    def clean_watch_from(self) -> int | float:
        return number(self.cleaned_data["watch_from"])

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            **super().entry(),
            **lean(groups=given["groups"]),
            "met_from": given["met_from"],
            "watch_from": given["watch_from"],
            **self.described(),
        }


class ScorecardForm(Described):
    """The head of a scorecard; sections, items, bonus and vetoes are rows."""

    kind = "scorecards"
    field_order = ("code", "name_zh", "name_en", "subject", "level", "total", "decimals", "cadence")
    subject = forms.ChoiceField(label=_("考核对象"), choices=list(words.SUBJECTS.items()))
    level = forms.CharField(label=_("排名级别"), max_length=32)
    total = forms.CharField(label=_("满分"), max_length=20, initial="100")
    decimals = forms.IntegerField(label=_("小数位"), min_value=0, max_value=6, initial=2)
    cadence = forms.MultipleChoiceField(
        label=pgettext_lazy("cadence", "周期"), widget=forms.CheckboxSelectMultiple
    )
    min_coverage = forms.CharField(
        label=_("最低覆盖率"), max_length=10, initial="0", help_text=_("0 至 1；低于此数不排名")
    )
    tie_breaks = ListField(
        label=_("同分依次比较"), required=False, max_length=1000, help_text=_("指标编码，用空格隔开")
    )
    bonus_cap = forms.CharField(label=_("加分上限"), required=False, max_length=20)

    def offer(self) -> None:
        self.fields["cadence"].choices = list(period_kind_labels().items())  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        return {
            "decimals": 2,
            "min_coverage": "0",
            **super().initial_of(entry),
            "bonus_cap": entry.get("bonus", {}).get("cap", ""),
        }

    def clean_total(self) -> int | float:
        return number(self.cleaned_data["total"])

    def clean_min_coverage(self) -> int | float:
        return number(self.cleaned_data["min_coverage"])

    def clean_bonus_cap(self) -> int | float | None:
        text = self.cleaned_data["bonus_cap"]
        return number(text) if text.strip() else None

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            **super().entry(),
            **{name: given[name] for name in ("subject", "level", "total", "decimals", "min_coverage")},
            "cadence": keep_order((self.given or {}).get("cadence", ()), given["cadence"]),
            "sections": [],
            **lean(tie_breaks=given["tie_breaks"]),
            **self.described(),
        }


FORMS: Mapping[str, type[EntryForm]] = {
    form.kind: form for form in (ElementForm, IndicatorForm, ScorecardForm, GroupForm, AlertForm, CheckForm)
}
"""The kinds with a form of their own; the others are edited as YAML, which says it all in three lines."""


class SourceForm(forms.Form):
    """A definition as YAML."""

    text = forms.CharField(
        label="YAML",
        max_length=LONGEST_ENTRY,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "class": "jt-code", "spellcheck": "false", "lang": "zh"}),
    )
