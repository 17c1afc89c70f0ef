"""Lists are rendered in one go, and say exactly what Django's own templates say."""

from __future__ import annotations

import re

from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer

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
