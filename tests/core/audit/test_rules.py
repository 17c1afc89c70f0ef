"""Canonical content, differences, safe cells; and that every recorded action has a name."""

from __future__ import annotations

import ast
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.module_loading import autodiscover_modules
from hypothesis import given
from hypothesis import strategies as st

import jingtu
from jingtu.core.audit import rules
from jingtu.core.audit.actions import register_objects, registered_actions, registered_objects
from jingtu.core.kernel.errors import FINDABLE

ENTRY: dict[str, Any] = {
    "sequence": 1,
    "moment": dt.datetime(2026, 11, 22, 4, 5, 6, 7, tzinfo=dt.UTC),
    "actor_id": "user:1",
    "actor_label": "甲",
    "action": "a.b",
    "target_type": "t",
    "target_id": "1",
    "region_id": None,
    "before": None,
    "after": {"b": 1, "a": "二"},
    "reason": "",
    "address": "",
    "channel": "web",
    "prev_hash": rules.GENESIS,
}


def test_the_hash_does_not_depend_on_the_order_of_keys_or_the_time_zone_of_reading() -> None:
    other = dict(reversed(ENTRY.items()))
    other["after"] = {"a": "二", "b": 1}
    other["moment"] = ENTRY["moment"].astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert rules.link_hash(other) == rules.link_hash(ENTRY)


@pytest.mark.parametrize("field", rules.HASHED_FIELDS)
def test_the_hash_depends_on_every_field(field: str) -> None:
    changed = dict(ENTRY)
    changed[field] = dt.datetime(2030, 1, 1, tzinfo=dt.UTC) if field == "moment" else "other"
    assert rules.link_hash(changed) != rules.link_hash(ENTRY)


@pytest.mark.parametrize(
    "value, kept",
    [
        (Decimal("1.50"), "1.50"),
        (1.5, "1.5"),
        (2**60, str(2**60)),
        (True, True),
        (dt.date(2026, 1, 2), "2026-01-02"),
        ({2: {"b", "a"}}, {"2": ["a", "b"]}),
        ("a\x00b", "a␀b"),
        ((1, None), [1, None]),
    ],
)
def test_values_are_kept_in_a_form_both_databases_give_back(value: object, kept: object) -> None:
    assert rules.plain(value) == kept


def test_a_value_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        rules.plain(object())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_is_kept_survives_being_written_as_json(value: object) -> None:
    kept = rules.plain(value)
    assert json.loads(json.dumps(kept)) == kept
    assert rules.plain(kept) == kept


def test_only_fields_that_differ_are_changes() -> None:
    assert rules.changes({"a": 1, "b": 2}, {"b": 3, "c": 4}) == [
        rules.Change("a", 1, None),
        rules.Change("b", 2, 3),
        rules.Change("c", None, 4),
    ]
    assert rules.changes(None, None) == []
    assert rules.changes(None, {"a": 1}) == [rules.Change("a", None, 1)]
    assert rules.changes([1], [2]) == [rules.Change("", [1], [2])]


def recorded_actions() -> set[str]:
    """Action codes written as literals in calls of ``record(actor, "…")`` anywhere in the source."""
    found = set()
    for path in Path(jingtu.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name == "record":
                # Parts of a composed code are no codes; what composes them is tested with the app.
                parts = {
                    id(part)
                    for text in ast.walk(node.args[1])
                    if isinstance(text, ast.JoinedStr)
                    for part in ast.walk(text)
                }
                found |= {
                    leaf.value
                    for leaf in ast.walk(node.args[1])
                    if isinstance(leaf, ast.Constant)
                    and isinstance(leaf.value, str)
                    and id(leaf) not in parts
                }
    return found


def test_every_action_that_services_record_has_a_name_in_both_languages() -> None:
    autodiscover_modules("services")
    assert sorted(recorded_actions() - registered_actions().keys()) == []
    assert all(zh and en for zh, en in registered_actions().values())


def recorded_objects() -> set[str]:
    """Kinds of objects written as literals where something is recorded or exported."""
    return {
        leaf.value
        for path in Path(jingtu.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "target_type"
        for leaf in (
            [node.value] if not isinstance(node.value, ast.IfExp) else [node.value.body, node.value.orelse]
        )
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
    }


def test_everything_a_deed_is_done_to_has_a_word_in_both_languages() -> None:
    autodiscover_modules("services")
    assert sorted(recorded_objects() - registered_objects().keys()) == []
    assert all(zh and en for zh, en in registered_objects().values())


def test_what_was_not_found_is_called_as_the_trail_calls_it() -> None:
    autodiscover_modules("services")
    known = registered_objects()
    assert {kind: words[:2] for kind, words in FINDABLE.items() if kind in known} == {
        kind: (zh, en if en.startswith("API") else en[0].lower() + en[1:])
        for kind, (zh, en) in known.items()
        if kind in FINDABLE
    }


def test_one_kind_of_object_is_not_claimed_by_two_apps() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        register_objects({"user": ("别的", "Something else")})
