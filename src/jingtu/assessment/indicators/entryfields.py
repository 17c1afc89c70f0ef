"""What the forms of a catalogue's entries have in common: lists as texts, empty fields left out, names in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jingtu.engine.catalogue import Catalogue
from jingtu.engine.problems import Language

from . import words

Plain = dict[str, Any]
Choices = list[tuple[str, Any]]
CADENCES = ("day", "week", "dekad", "half_month", "month", "quarter", "half_year", "year", "ytd", "range")
_SEPARATORS = re.compile(r"[\s,，、;；]+")


def split(text: str) -> list[str]:
    """Codes separated by blanks or commas."""
    return [part for part in _SEPARATORS.split(text) if part]


def number(text: str) -> int | float:
    """A number as YAML holds it. Raises ValidationError."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise forms.ValidationError(gettext("“%(text)s”不是数字。") % {"text": text}) from None
    if not value.is_finite() or abs(value) > 10**12:
        raise forms.ValidationError(gettext("“%(text)s”不是数字。") % {"text": text})
    return int(value) if value == value.to_integral_value() else float(value)


def lean(**fields: Any) -> Plain:
    """Without what was left empty."""
    return {name: value for name, value in fields.items() if value not in ("", None, [], {}, False)}


class ListField(forms.CharField):
    """Codes or names in one line."""

    def clean(self, value: Any) -> list[str]:
        return split(super().clean(value) or "")

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list | tuple) else value


class EntryForm(forms.Form):
    """What all definitions have: a code, names in both languages."""

    kind: ClassVar[str] = ""
    code = forms.CharField(label=_("编码"), max_length=96)
    name_zh = forms.CharField(
        label=_("中文名称"), max_length=200, widget=forms.TextInput(attrs={"lang": "zh"})
    )
    name_en = forms.CharField(label=_("英文名称"), max_length=200)

    def __init__(
        self,
        *args: Any,
        catalogue: Catalogue,
        language: Language,
        entry: Plain | None = None,
        **kwargs: Any,
    ) -> None:
        if entry is not None:
            kwargs["initial"] = self.initial_of(entry)
        super().__init__(*args, **kwargs)
        self.catalogue, self.language, self.given = catalogue, language, entry
        if entry is not None:
            self.fields["code"].disabled = True
        self.offer()

    def offer(self) -> None:
        """Fill in the choices that depend on the catalogue."""

    def named(self, definitions: Mapping[str, Any], empty: bool = False) -> Choices:
        """The definitions as choices, each with its code."""
        found: Choices = [(code, f"{one.name(self.language)} · {code}") for code, one in definitions.items()]
        return [("", "–"), *found] if empty else found

    def units(self) -> Choices:
        """Units as choices, that of the definition among them even where it is not listed."""
        listed = self.named(self.catalogue.units)
        own = (self.given or {}).get("unit")
        return [*listed, (own, own)] if own and own not in self.catalogue.units else listed

    @classmethod
    def initial_of(cls, entry: Plain) -> Plain:
        """The fields of the form for a definition."""
        definition = entry.get("definition", {})
        return {
            **{name: value for name, value in entry.items() if name in cls.base_fields},
            "name_zh": entry["name"]["zh"],
            "name_en": entry["name"]["en"],
            "definition_zh": definition.get("zh", ""),
            "definition_en": definition.get("en", ""),
        }

    def entry(self) -> Plain:
        """The definition the form states."""
        given = self.cleaned_data
        return {"code": given["code"], "name": {"zh": given["name_zh"], "en": given["name_en"]}}

    def described(self) -> Plain:
        """Status, sources and texts, as most definitions have them."""
        given = self.cleaned_data
        return {
            "status": given["status"],
            **lean(
                rows=given.get("rows"),
                cites=given.get("cites"),
                definition=lean(zh=given["definition_zh"], en=given["definition_en"]),
            ),
        }


class Described(EntryForm):
    """A definition with sources."""

    status = forms.ChoiceField(label=_("口径依据"), choices=list(words.STATUSES.items()), initial="G")
    rows = ListField(label=_("机制编号"), required=False, max_length=200)
    cites = ListField(
        label=_("引用文件"), required=False, max_length=1000, help_text=_("文件编码，或 文件编码:条款")
    )
    definition_zh = forms.CharField(
        label=_("口径（中文）"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "zh"}),
    )
    definition_en = forms.CharField(
        label=_("口径（英文）"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
