"""The rows of definitions that hold lists: members of a group; sections, items, bonus and vetoes of a card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jingtu.engine.catalogue import Catalogue
from jingtu.engine.problems import Language

from . import words
from .entryfields import EntryForm, Plain, lean, number
from .entryforms import FORMS, THRESHOLD_HELP

MOST_ROWS = 500
EXTRA = 2
_SIGNED = re.compile(r"\s*((?:>=|<=|==|=|>|<|≥|≤)\s*-?[\d.]+\s*%?)\s*[:：→]\s*([\d.]+)\s*")
RULE_FIELDS = {
    "linear": ("floor", "target"),
    "threshold": ("met", "unmet"),
    "deduction": ("per_event", "cap"),
    "rank": ("best", "worst"),
    "bonus": ("per_unit", "cap"),
}


def rule_text(rule: Plain) -> str:
    """What a rule says besides its kind: ``floor=0 target=100``, ``>= 95: 1; >= 90: 0.8``."""
    if rule["kind"] == "steps":
        return "; ".join(f"{step['when']}: {step['share']}" for step in rule["steps"])
    return " ".join(f"{name}={rule[name]}" for name in RULE_FIELDS[rule["kind"]] if name in rule)


def rule_of(kind: str, text: str) -> Plain:
    """The rule a kind and a text state. Raises ValidationError that says how it is written."""
    if kind == "steps":
        steps = [_SIGNED.fullmatch(part) for part in re.split(r"[;；\n]", text) if part.strip()]
        if not steps or None in steps:
            raise forms.ValidationError(gettext("分档这样写：>= 95: 1; >= 90: 0.8"))
        found = [{"when": step[1].strip(), "share": number(step[2])} for step in steps if step]
        return {"kind": kind, "steps": found}
    rule: Plain = {"kind": kind}
    known = RULE_FIELDS[kind]
    for part in text.replace("，", " ").replace(",", " ").split():
        name, sign, value = part.partition("=")
        if not sign or name not in known or name in rule:
            raise forms.ValidationError(
                gettext("请写作 %(fields)s。") % {"fields": " ".join(f"{each}=…" for each in known)}
            )
        rule[name] = number(value)
    return rule


def _code(label: Any, source: str, **more: Any) -> forms.CharField:
    """A code with suggestions from a list of the page."""
    widget = forms.TextInput(attrs={"list": f"list-{source}", "size": 18})
    return forms.CharField(label=label, max_length=96, widget=widget, **more)


class Row(forms.Form):
    """One row; ``entry()`` gives what it states."""

    def entry(self) -> Plain:
        raise NotImplementedError


class MemberRow(Row):
    """A member of a group."""

    indicator = _code(_("指标"), "indicators")
    direction = forms.ChoiceField(
        label=_("方向"), required=False, choices=[("", _("同指标")), *words.DIRECTIONS.items()]
    )
    target = forms.CharField(label=_("要求"), required=False, max_length=40)
    veto = forms.BooleanField(label=_("一票否决"), required=False)

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            "indicator": given["indicator"],
            **lean(direction=given["direction"], veto=given["veto"], target=given["target"]),
        }


class SectionRow(Row):
    """A section of a card."""

    code = forms.CharField(label=_("编码"), max_length=64, widget=forms.TextInput(attrs={"size": 14}))
    name_zh = forms.CharField(
        label=_("中文名称"), max_length=200, widget=forms.TextInput(attrs={"lang": "zh"})
    )
    name_en = forms.CharField(label=_("英文名称"), max_length=200)

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {"code": given["code"], "name": {"zh": given["name_zh"], "en": given["name_en"]}, "items": []}


class ItemRow(Row):
    """An item of a card."""

    section = forms.CharField(
        label=_("板块编码"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "list-sections", "size": 12}),
    )
    indicator = _code(_("指标"), "indicators")
    points = forms.CharField(
        label=_("分值"), max_length=20, widget=forms.TextInput(attrs={"size": 4, "inputmode": "decimal"})
    )
    rule = forms.ChoiceField(label=_("计分办法"), choices=list(words.RULE_KINDS.items()))
    how = forms.CharField(
        label=_("计分参数"), required=False, max_length=500, widget=forms.TextInput(attrs={"size": 26})
    )
    target = forms.CharField(
        label=_("要求"), required=False, max_length=40, widget=forms.TextInput(attrs={"size": 8})
    )
    not_applicable = forms.ChoiceField(
        label=_("不适用时"), choices=list(words.POLICIES.items()), initial="redistribute"
    )
    missing = forms.ChoiceField(label=_("缺报时"), choices=list(words.POLICIES.items()), initial="zero")

    def clean_points(self) -> int | float:
        return number(self.cleaned_data["points"])

    def clean(self) -> Plain:
        given = super().clean() or self.cleaned_data
        if given.get("rule"):
            try:
                given["made"] = rule_of(given["rule"], given.get("how", ""))
            except forms.ValidationError as error:
                self.add_error("how", error)
        return given

    def entry(self) -> Plain:
        given = self.cleaned_data
        return {
            "indicator": given["indicator"],
            "points": given["points"],
            "rule": given["made"],
            "not_applicable": given["not_applicable"],
            "missing": given["missing"],
            **lean(target=given["target"]),
        }


class BonusRow(Row):
    """An item of the bonus."""

    indicator = _code(_("指标"), "indicators")
    how = forms.CharField(label=_("计分参数"), max_length=200, help_text="per_unit=1 cap=3")

    def clean_how(self) -> Plain:
        return rule_of("bonus", self.cleaned_data["how"])

    def entry(self) -> Plain:
        return {"indicator": self.cleaned_data["indicator"], "rule": self.cleaned_data["how"]}


class VetoRow(Row):
    """A veto of a card."""

    indicator = _code(_("指标"), "indicators")
    when = forms.CharField(label=_("条件"), max_length=40, help_text=THRESHOLD_HELP)
    effect = forms.ChoiceField(label=_("后果"), choices=list(words.VETOES.items()))
    cap = forms.CharField(label=_("封顶"), required=False, max_length=20)
    name_zh = forms.CharField(
        label=_("中文名称"), max_length=200, widget=forms.TextInput(attrs={"lang": "zh"})
    )
    name_en = forms.CharField(label=_("英文名称"), max_length=200)

    def clean_cap(self) -> int | float | None:
        text = self.cleaned_data["cap"]
        return number(text) if text.strip() else None

    def entry(self) -> Plain:
        given = self.cleaned_data
        cap = {} if given["cap"] is None else {"cap": given["cap"]}
        return {
            **{name: given[name] for name in ("indicator", "when", "effect")},
            **cap,
            "name": {"zh": given["name_zh"], "en": given["name_en"]},
        }


def _rows(entry: Plain | None, kind: str) -> dict[str, list[Plain]]:
    """What the rows of a definition start with."""
    given = entry or {}
    if kind == "groups":
        return {"members": list(given.get("members", ()))}
    return {
        "sections": [
            {"code": one["code"], "name_zh": one["name"]["zh"], "name_en": one["name"]["en"]}
            for one in given.get("sections", ())
        ],
        "items": [
            {**item, "section": one["code"], "rule": item["rule"]["kind"], "how": rule_text(item["rule"])}
            for one in given.get("sections", ())
            for item in one["items"]
        ],
        "bonus": [
            {"indicator": item["indicator"], "how": rule_text(item["rule"])}
            for item in given.get("bonus", {}).get("items", ())
        ],
        "vetoes": [
            {**veto, "name_zh": veto["name"]["zh"], "name_en": veto["name"]["en"]}
            for veto in given.get("vetoes", ())
        ],
    }


TABLES: Mapping[str, Sequence[tuple[str, str | Promise, type[Row]]]] = {
    "groups": (("members", _("成员"), MemberRow),),
    "scorecards": (
        ("sections", pgettext_lazy("many", "板块"), SectionRow),
        ("items", _("计分项目"), ItemRow),
        ("bonus", _("加分项目"), BonusRow),
        ("vetoes", _("一票否决"), VetoRow),
    ),
}


@dataclass
class Editor:
    """The form of a definition with its tables of rows."""

    kind: str
    form: EntryForm
    tables: list[tuple[str, str | Promise, BaseFormSet[Row]]] = field(default_factory=list)

    def is_valid(self) -> bool:
        """Whether form and rows can be read."""
        return all([self.form.is_valid(), *(rows.is_valid() for _, _, rows in self.tables)])

    def entry(self) -> Plain:
        """The definition as it stands in form and rows; what is wrong with it the parser of the files tells."""
        entry = self.form.entry()
        stated = {name: self._stated(rows) for name, _, rows in self.tables}
        if self.kind == "groups":
            members = [row.entry() for row in stated["members"]]
            if members or "groups" not in entry:
                entry["members"] = members
        if self.kind == "scorecards":
            entry["sections"] = sections = [row.entry() for row in stated["sections"]]
            by_code = {section["code"]: section for section in sections}
            for row in stated["items"]:
                section = by_code.get(row.cleaned_data["section"])
                if section is None:
                    row.add_error("section", gettext("没有这个板块。"))
                    raise forms.ValidationError(gettext("没有这个板块。"))
                section["items"].append(row.entry())
            cap = self.form.cleaned_data["bonus_cap"]
            bonus = [row.entry() for row in stated["bonus"]]
            if bonus or cap is not None:
                entry["bonus"] = {**({} if cap is None else {"cap": cap}), "items": bonus}
            if stated["vetoes"]:
                entry["vetoes"] = [row.entry() for row in stated["vetoes"]]
        return entry

    def _stated(self, rows: BaseFormSet[Row]) -> list[Row]:
        return [row for row in rows.forms if row.cleaned_data and not row.cleaned_data.get("DELETE")]

    def errors(self) -> list[tuple[str, str, str]]:
        """(label, sentence, id of the field) of everything that cannot be read."""
        found = []
        for name, errors in self.form.errors.items():
            label, ident = ("", "") if name == "__all__" else _bound(self.form, name)
            found += [(label, str(error), ident) for error in errors]
        for _name, title, rows in self.tables:
            for at, row in enumerate(rows.forms, 1):
                for name, errors in row.errors.items():
                    label, ident = ("", "") if name == "__all__" else _bound(row, name)
                    found += [(f"{title} {at} {label}", str(error), ident) for error in errors]
            found += [(str(title), str(error), "") for error in rows.non_form_errors()]
        return found


def _bound(form: forms.Form, name: str) -> tuple[str, str]:
    bound = form[name]
    return str(bound.label), bound.id_for_label


def editor_of(
    kind: str, catalogue: Catalogue, language: Language, entry: Plain | None, data: Any = None
) -> Editor:
    """The editor of a definition (or of a new one), filled with what was sent."""
    form = FORMS[kind](data, catalogue=catalogue, language=language, entry=entry)
    start = _rows(entry, kind) if kind in TABLES else {}
    tables: list[tuple[str, str | Promise, BaseFormSet[Row]]] = []
    for name, title, row in TABLES.get(kind, ()):
        make = formset_factory(row, extra=EXTRA, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
        tables.append((name, title, make(data, initial=start[name], prefix=name)))
    return Editor(kind, form, tables)
