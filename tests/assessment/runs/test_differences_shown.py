"""A line of a difference prints two values, so it is shown only where neither version hides its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jingtu.assessment.runs.queries import differences


def reader(hidden: bool) -> Any:
    tree = SimpleNamespace(candidates=lambda _code, _level=None: (3,), names=["", "", "", "a"])
    return SimpleNamespace(
        opened=SimpleNamespace(
            tree=tree,
            manifest={"level": "county"},
            publication={},
            catalogue=SimpleNamespace(indicators={}, elements={}),
        ),
        language="zh",
        value_hidden=lambda _position, _code: hidden,
        parts_hidden=lambda _position, _code: hidden,
        sees_below=lambda _position: True,
        subjects=[],
    )


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("kind", ["value", "exact"])
def test_a_value_hidden_in_either_version_is_not_told_by_the_difference(monkeypatch, kind, before, after):
    runs = [
        SimpleNamespace(pk=n, version=n, previous_id=1, region_id=1, level="", scorecard="", period="")
        for n in (1, 2)
    ]
    readers = {1: reader(before), 2: reader(after)}
    entry = {"kind": kind, "region": "1", "indicator": "X", "old": "60.0", "new": "50.0"}
    monkeypatch.setattr(differences, "get_run", lambda _actor, number: runs[number - 1])
    monkeypatch.setattr(differences, "reader_of", lambda _actor, run: readers[run.pk])
    monkeypatch.setattr(differences, "_fact_changes", lambda *_: [])
    monkeypatch.setattr(differences, "difference", lambda *_: [entry])
    monkeypatch.setattr(differences, "_reasons", lambda *_: [])
    page = differences.difference_page(SimpleNamespace(), 2)  # type: ignore[arg-type]
    assert bool(page.changes) is not (before or after)
