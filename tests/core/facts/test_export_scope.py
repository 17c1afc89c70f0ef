"""What an export of facts says of its filters."""

from __future__ import annotations

from jingtu.core.facts.services.outputs import _scope
from jingtu.core.regions.models import RegionTree


def test_what_is_not_narrowed_is_said_in_words() -> None:
    tree = RegionTree(name_zh="某市", name_en="A city")
    assert _scope(tree, None, None, None, "zh") == "范围：某市；数据元素：全部；期间：全部"
    assert (
        _scope(tree, None, ["b", "a"], ["2026-Q1"], "en") == "Scope: A city; elements: a, b; periods: 2026-Q1"
    )
