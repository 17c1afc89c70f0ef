"""Lists are rendered in one go, and say exactly what Django's own templates say."""

from __future__ import annotations

import re

from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.template.loader import render_to_string

from jingtu.core.ui.rendering import FormRenderer

CHOICES = [
    ("", "—"),
    ("a<b", 'A & "B"'),
    ("近郊", [("1", "甲<县>"), (2, "乙县")]),
    (3000, 3000),
]


class Filter(forms.Form):
    place = forms.ChoiceField(choices=CHOICES, required=True)
    many = forms.MultipleChoiceField(choices=CHOICES, disabled=True)


def squeezed(html: str) -> str:
    return re.sub(r"\s*\n\s*", "", html).strip()


def test_a_list_says_what_djangos_own_template_says() -> None:
    for data in ({}, {"place": "a<b"}, {"place": "1", "many": ["2", "3000"]}):
        for name in ("place", "many"):
            ours, theirs = (
                squeezed(Filter(data, renderer=renderer)[name].as_widget(attrs={"class": "x", "title": '"<'}))
                for renderer in (FormRenderer(), DjangoTemplates())
            )
            assert ours == theirs


def test_the_site_renders_lists_so() -> None:
    assert isinstance(get_default_renderer(), FormRenderer)


class Narrowing(forms.Form):
    q = forms.CharField(required=False)
    state = forms.CharField(required=False)
    place = forms.CharField(required=False)


def test_a_longer_filter_can_be_folded_on_a_phone_and_stands_open_while_it_narrows() -> None:
    def bar(form: forms.Form) -> str:
        return render_to_string("ui/components/filter_bar.html", {"form": form})

    assert "data-jt-filters" in bar(Narrowing({}))
    assert "jt-filters-shown" not in bar(Narrowing({"q": ""}))
    assert "jt-filters-shown" in bar(Narrowing({"q": "甲县"}))
    short = Narrowing({})
    del short.fields["place"]
    assert "data-jt-filters" not in bar(short)
