from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from jingtu.engine.catalogue import check_catalogue, load_catalogue

Text = Callable[..., str]
FIRST_ITEM = ("scorecards", 0, "sections", 0, "items", 0)
THIRD_ITEM = ("scorecards", 0, "sections", 0, "items", 2)


def test_a_sound_catalogue_gets_no_remark(catalogue_text: Text) -> None:
    assert check_catalogue(load_catalogue(catalogue_text())) == []


@pytest.mark.parametrize(
    "place, field, value, code, column",
    [
        (("indicators", 0), "formula", "share(done, duo)", "catalogue.unknown_near", "EXEC.formula"),
        (("indicators", 0), "formula", "share(done, zzzz)", "catalogue.unknown", "EXEC.formula"),
        (("indicators", 0), "cites", ["lex"], "catalogue.unknown", "EXEC.cites"),
        (
            ("indicators", 0),
            "formula",
            'share(done[age="u60"], due)',
            "catalogue.unknown_dimension",
            "EXEC.formula",
        ),
        (("indicators", 0), "target", "<= 98", "catalogue.operator_direction", "EXEC.target"),
        (("indicators", 0), "red_line", "> 90", "catalogue.red_line_direction", "EXEC.red_line"),
        (("indicators", 0), "red_line", "<= 98", "catalogue.red_line_side", "EXEC.red_line"),
        (("indicators", 0), "target", ">= 98.125", "catalogue.target_decimals", "EXEC.target"),
        (("indicators", 0), "unit", "persons", "catalogue.unit", "EXEC.unit"),
        (("indicators", 0), "unit", "furlong", "catalogue.unit_unlisted", "EXEC.unit"),
        (("indicators", 0), "definition", {"zh": "比率"}, "catalogue.no_translation", "EXEC.definition"),
        (("indicators", 1), "direction", "none", None, None),
        (("indicators", 1), "target", "<= 5", None, None),
        (("indicators", 1), "min_denominator", 5, "catalogue.min_denominator", "CASES.min_denominator"),
        (("indicators", 0), "lagging", True, None, None),
        (("indicators", 1), "lagging", True, "catalogue.lagging", "CASES.lagging"),
        (("indicators", 1), "formula", "cases + done", "catalogue.mixed_units", "CASES.formula"),
        (("indicators", 1), "formula", "3", "catalogue.no_elements", "CASES.formula"),
        (("indicators", 2), "direction", "none", "catalogue.target_without_direction", "GROWTH.target"),
        (("elements", 2), "person_based", True, "catalogue.person_based", "CASES.person_based"),
        (("elements", 1), "parts_of", "cases", "catalogue.parts", "done.parts_of"),
        (("elements", 1), "parts_of", "nothing", "catalogue.unknown", "done.parts_of"),
        (("elements", 2), "kind", "stock", "catalogue.stock_summed", "CASES.formula"),
        (("groups", 0), "members", [{"indicator": "EXEK"}], "catalogue.unknown_near", "rates.members"),
        (
            ("groups", 0),
            "members",
            [{"indicator": "EXEC", "target": "< 95"}],
            "catalogue.operator_direction",
            "rates.EXEC.target",
        ),
        (("scorecards", 0), "tie_breaks", ["NOPE"], "catalogue.unknown", "card.items"),
        (FIRST_ITEM, "points", 7, "catalogue.points", "card.sections"),
        (FIRST_ITEM, "rule", {"kind": "linear", "floor": 99}, "catalogue.linear", "card.items"),
        (FIRST_ITEM, "rule", {"kind": "rank", "best": 0.5, "worst": 1}, "catalogue.rank_order", "card.items"),
        (FIRST_ITEM, "rule", {"kind": "bonus", "per_unit": 1}, "catalogue.bonus_rule", "card.items"),
        (FIRST_ITEM, "rule", {"kind": "deduction", "per_event": 1, "cap": 9}, "catalogue.cap", "card.items"),
        (FIRST_ITEM, "target", "< 98", "catalogue.operator_direction", "card.EXEC.target"),
        (
            FIRST_ITEM,
            "rule",
            {"kind": "steps", "steps": [{"when": ">= 95", "share": 0.5}, {"when": ">= 98", "share": 1}]},
            "catalogue.unreachable_step",
            "card.items",
        ),
        (
            FIRST_ITEM,
            "rule",
            {
                "kind": "steps",
                "steps": [
                    {"when": ">= 95", "share": 1},
                    {"when": "< 95", "share": 0},
                    {"when": "> 90", "share": 0.5},
                ],
            },
            "catalogue.unreachable_step",
            "card.items",
        ),
        (
            THIRD_ITEM,
            "rule",
            {"kind": "steps", "steps": [{"when": "<= 0", "share": 0.5}, {"when": "<= 9", "share": 1}]},
            "catalogue.step_order",
            "card.items",
        ),
        (
            ("scorecards", 0, "sections", 0, "items", 1),
            "rule",
            {"kind": "threshold"},
            "catalogue.no_target",
            "card.items",
        ),
        (("scorecards", 0, "vetoes", 0), "cap", 10, "catalogue.veto_cap", "card.vetoes"),
        (("scorecards", 0, "vetoes", 0), "effect", "zero", "catalogue.veto_cap", "card.vetoes"),
        (("scorecards", 0, "bonus"), "cap", 0.5, "catalogue.cap", "card.bonus"),
    ],
)
def test_what_makes_no_sense_is_named_with_entry_and_field(
    catalogue_text: Text,
    place: tuple[str | int, ...],
    field: str,
    value: object,
    code: str | None,
    column: str | None,
) -> None:
    def change(content: dict[str, Any]) -> None:
        entry: Any = content
        for part in place:
            entry = entry[part]
        entry[field] = value

    problems = check_catalogue(load_catalogue(catalogue_text(change), strict=False))
    found = [(problem.code, problem.column) for problem in problems]
    if code is None:
        assert found == []
    else:
        assert (code, column) in found
    for problem in problems:
        assert problem.text("zh") != problem.text("en")


def test_an_item_cannot_occur_twice(catalogue_text: Text) -> None:
    def change(content: dict[str, Any]) -> None:
        items = content["scorecards"][0]["sections"][0]["items"]
        items[0]["points"] = 3.25
        items.append(copy.deepcopy(items[0]))

    problems = check_catalogue(load_catalogue(catalogue_text(change), strict=False))
    assert [problem.code for problem in problems] == ["catalogue.repeated_item"]


def test_an_element_nobody_uses_is_a_warning(catalogue_text: Text) -> None:
    def change(content: dict[str, Any]) -> None:
        content["elements"].append({**copy.deepcopy(content["elements"][2]), "code": "idle"})

    problems = check_catalogue(load_catalogue(catalogue_text(change)))
    assert [(problem.code, problem.severity) for problem in problems] == [("catalogue.unused", "warning")]
