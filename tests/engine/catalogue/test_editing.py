from __future__ import annotations

from typing import Any

import pytest

from jingtu.engine import formula
from jingtu.engine.catalogue.editing import Change, applied, changes_between, compiled, field_changes
from jingtu.engine.catalogue.integrity import TOPICS, integrity, normal_form
from jingtu.engine.formula import parse


def synthetic(indicators: int) -> dict[str, Any]:
    """A catalogue of many indicators over a few elements."""
    names = {"zh": "名", "en": "Name"}
    element = {"name": names, "kind": "flow", "unit": "cases"}
    indicator = {"name": names, "strand": "crackdown", "direction": "up", "unit": "%", "decimals": 1}
    return {
        "catalogue": {"code": "many", "version": 1, "name": names},
        "units": [{"code": "cases", "name": names}, {"code": "%", "name": names}],
        "elements": [{**element, "code": f"e{number}"} for number in range(indicators + 1)],
        "indicators": [
            {**indicator, "code": f"I{number}", "formula": f"share(e{number}, e{number} + e{number + 1})"}
            for number in range(indicators)
        ],
    }


def test_compiling_300_indicators_reads_every_formula_once() -> None:
    content = synthetic(300)
    formula.parse.cache_clear()
    assert len(compiled(content).indicators) == 300
    assert formula.parse.cache_info().misses == 300
    compiled(content)
    assert formula.parse.cache_info().misses == 300


def test_changes_lead_from_one_content_to_the_other_and_back() -> None:
    old = applied(synthetic(3), [])
    new = applied(
        old,
        [
            Change("indicators", "I1", old["indicators"][1], None),
            Change("indicators", "I2", old["indicators"][2], {**old["indicators"][2], "target": ">= 5"}),
        ],
    )
    changes = changes_between(old, new)
    assert [(change.code, change.what) for change in changes] == [("I2", "changed"), ("I1", "removed")]
    assert applied(old, changes) == new
    assert applied(new, [change.reversed() for change in reversed(changes)]) == old
    assert [(one.path, one.old, one.new) for one in field_changes(changes[0])] == [("target", "", ">= 5")]


def test_a_changed_text_says_whether_it_is_the_chinese_one() -> None:
    change = Change("elements", "E", {"name": {"zh": "旧", "en": "Old"}}, {"name": {"zh": "新", "en": "New"}})
    assert [(one.path, one.chinese) for one in field_changes(change)] == [
        ("name/zh", True),
        ("name/en", False),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("share(a, b)", "a / b * 100", True),
        ("share(a, b)", "per(a, b, 100)", True),
        ("a + b - c", "b - c + a", True),
        ("a * (b + c)", "(c + b) * a", True),
        ("a / b / c", "a / (b * c)", True),
        ("share(a, b)", "share(b, a)", False),
        ("a - b", "b - a", False),
        ("a - b - c", "a - (b - c)", False),
        ("yoy(a)", "pop(a)", False),
        ("per(a, b, 1000)", "share(a, b)", False),
    ],
)
def test_formulas_are_duplicates_when_they_mean_the_same(one: str, other: str, same: bool) -> None:
    assert (normal_form(parse(one)) == normal_form(parse(other))) is same


def test_integrity_tells_topics_apart() -> None:
    content = synthetic(2)
    content["indicators"].append(
        {**content["indicators"][0], "code": "AGAIN", "formula": "e0 / (e1 + e0) * 100"}
    )
    content["elements"].append({**content["elements"][0], "code": "lonely"})
    content["indicators"].append(
        {**content["indicators"][0], "code": "COUNT", "formula": "e0 + e1", "unit": "cases"}
    )
    found = {(remark.topic, remark.code) for remark in integrity(compiled(content), (), {"e1": 12})}
    assert {("duplicate", "AGAIN"), ("unused", "lonely"), ("units", "COUNT"), ("idle", "e1")} <= found
    assert ("unreachable", "I1") in found
    assert ("unused", "lonely") not in {
        (remark.topic, remark.code) for remark in integrity(compiled(content), ("lonely",))
    }


def test_a_figure_that_does_not_come_is_amiss_only_where_something_waits_for_it() -> None:
    content = synthetic(2)
    names = {"zh": "组", "en": "Group"}
    content["groups"] = [{"code": "few", "name": names, "members": [{"indicator": "I0"}]}]
    catalogue, silent = compiled(content), {"e0": 12, "e1": 12, "e2": 12}
    topics = {one.code: one.topic for one in integrity(catalogue, ("e2",), silent) if one.code in silent}
    assert topics == {"e0": "silent", "e1": "silent", "e2": "silent"}
    topics = {one.code: one.topic for one in integrity(catalogue, (), silent) if one.code in silent}
    assert topics == {"e0": "silent", "e1": "silent", "e2": "idle"}
    found = integrity(catalogue, ("e2",), silent, used=("e0", "I1"))
    assert ("idle", "e0") in {(one.topic, one.code) for one in found}
    assert ("unreachable", "I1") not in {(one.topic, one.code) for one in found}
    order = [TOPICS.index(one.topic) for one in found]
    assert order == sorted(order)
