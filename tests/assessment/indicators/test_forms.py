"""What a form shows and says is what the YAML says: over every definition of the seeds, and over changed ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.indicators.entryforms import FORMS
from jingtu.assessment.indicators.rowforms import Editor, editor_of, rule_of, rule_text
from jingtu.engine.catalogue import Catalogue, load_catalogue, plain
from jingtu.engine.catalogue.editing import KINDS, Change, applied, canonical, entry_yaml, read_entry


@cache
def seeds() -> Catalogue:
    return load_catalogue(Path(settings.SOURCE) / "catalogue")


@cache
def content() -> dict[str, Any]:
    return plain(seeds())


def posted(editor: Editor) -> QueryDict:
    """What a browser sends when nothing was touched."""
    data = QueryDict(mutable=True)
    rows = [row for _name, _title, rows in editor.tables for row in rows.forms]
    for form in (editor.form, *rows):
        for bound in form:
            value = bound.value()
            if isinstance(value, list | tuple):
                data.setlist(bound.html_name, [str(one) for one in value])
            elif value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = str(value)
    for _name, _title, formset in editor.tables:
        for bound in formset.management_form:
            data[bound.html_name] = str(bound.value())
    return data


def through_the_form(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    sent = posted(editor_of(kind, seeds(), "zh", entry))
    editor = editor_of(kind, seeds(), "zh", entry, sent)
    assert editor.is_valid(), editor.errors()
    return editor.entry()


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_loses_nothing_of_any_definition(kind: str) -> None:
    for entry in content()[kind]:
        stated = read_entry(kind, through_the_form(kind, entry))
        assert applied(content(), [Change(kind, entry["code"], entry, stated)]) == content(), entry["code"]


@pytest.mark.parametrize("kind", KINDS)
def test_yaml_of_one_definition_reads_back(kind: str) -> None:
    for entry in content()[kind]:
        assert read_entry(kind, entry_yaml(entry)) == entry


def test_a_content_in_canonical_form_stays_as_it_is() -> None:
    assert canonical(content()) == content()


NUMBERS = st.decimals(min_value=0, max_value=1000, places=2).map(
    lambda value: int(value) if value == value.to_integral_value() else float(value)
)


@given(
    st.one_of(
        st.builds(lambda a, b: {"kind": "linear", "floor": a, "target": b}, NUMBERS, NUMBERS),
        st.builds(lambda a: {"kind": "linear", "floor": a}, NUMBERS),
        st.builds(lambda a, b: {"kind": "deduction", "per_event": a, "cap": b}, NUMBERS, NUMBERS),
        st.builds(lambda a, b: {"kind": "rank", "best": a, "worst": b}, NUMBERS, NUMBERS),
        st.lists(
            st.builds(
                lambda a, b, sign: {"when": f"{sign} {a}", "share": b},
                NUMBERS,
                NUMBERS,
                st.sampled_from(["<", ">=", "=="]),
            ),
            min_size=1,
            max_size=5,
        ).map(lambda steps: {"kind": "steps", "steps": steps}),
    )
)
def test_a_rule_in_a_table_says_what_the_yaml_says(rule: dict[str, Any]) -> None:
    assert rule_of(rule["kind"], rule_text(rule)) == rule
