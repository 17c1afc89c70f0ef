from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.catalogue.model import Group
from jingtu.engine.catalogue.writing import plain
from jingtu.engine.groups import Part, direction_kept, indicators_of, member_mark, overall
from jingtu.engine.problems import InvalidInput

GROUP = Group("g", "组", "Group", ())


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("mmm", "met"),
        ("mmn", "met"),
        ("mmw", "watch"),
        ("mw", "watch"),
        ("mww", "below"),
        ("bbb", "below"),
        ("nn", "none"),
        ("", "none"),
        ("mmmV", "below"),
    ],
)
def test_the_share_of_kept_parts_decides_unless_a_veto_does(marks: str, expected: str) -> None:
    letters = {"m": "met", "w": "watch", "b": "below", "n": "none"}
    parts = [Part("below", True) if letter == "V" else Part(letters[letter]) for letter in marks]  # type: ignore[arg-type]
    assert overall(parts, GROUP).mark == expected


def test_a_group_states_its_own_shares() -> None:
    five_of_six = [Part("met")] * 5 + [Part("watch")]
    assert overall(five_of_six, GROUP).mark == "watch"
    assert overall(five_of_six, replace(GROUP, met_from=Decimal("0.8"))).mark == "met"


PARTS = st.lists(st.sampled_from(["met", "watch", "below", "none"]).map(Part), max_size=8)


@given(PARTS, st.integers(0, 7))
def test_keeping_one_more_part_never_makes_it_worse(parts: list[Part], index: int) -> None:
    order = {"below": 0, "watch": 1, "met": 2}
    if index >= len(parts) or parts[index].mark == "none":
        return
    better = [*parts[:index], Part("met"), *parts[index + 1 :]]
    assert order[overall(better, GROUP).mark] >= order[overall(parts, GROUP).mark]


@pytest.mark.parametrize(
    ("met", "line", "kept", "value", "veto", "expected"),
    [
        (True, None, False, 9, False, "met"),
        (False, False, True, 9, False, "watch"),
        (False, True, True, 9, False, "below"),
        (None, None, None, 0, True, "met"),
        (None, None, True, 1, True, "below"),
        (None, None, True, 9, False, "met"),
        (None, None, False, 9, False, "watch"),
        (None, None, None, 9, False, "none"),
        (True, None, True, None, False, "none"),
    ],
)
def test_a_member_is_judged_by_requirement_then_veto_then_direction(
    met: bool | None, line: bool | None, kept: bool | None, value: int | None, veto: bool, expected: str
) -> None:
    exact = None if value is None else Fraction(value)
    assert member_mark(met, line, kept, exact, veto=veto) == expected


def test_standing_still_keeps_the_direction() -> None:
    assert direction_kept(Fraction(0), "up") is True
    assert direction_kept(Fraction(-1), "up") is False
    assert direction_kept(Fraction(-1), "down") is True
    assert direction_kept(None, "down") is None
    assert direction_kept(Fraction(1), "none") is None


NESTED = """
catalogue: {code: t, version: 1, name: {zh: 测, en: T}}
elements:
  - {code: a, name: {zh: 甲, en: A}, kind: flow, unit: cases, decimals: 0, strand: crackdown, source: form, status: V}
indicators:
  - {code: A, name: {zh: 甲, en: A}, strand: crackdown, formula: 'a', direction: up, unit: cases, decimals: 0, status: V}
groups:
  - {code: whole, name: {zh: 全, en: Whole}, groups: [part, other], met_from: 0.8}
  - {code: part, name: {zh: 块, en: Part}, members: [{indicator: A}]}
  - {code: other, name: {zh: 另, en: Other}, members: [{indicator: A, veto: true}]}
"""


def test_groups_lie_inside_groups_and_survive_the_round_trip() -> None:
    catalogue = load_catalogue(NESTED)
    assert indicators_of(catalogue, ["whole"]) == ["A"]
    written = plain(catalogue)["groups"][0]
    assert written == {
        "code": "whole",
        "name": {"zh": "全", "en": "Whole"},
        "groups": ["part", "other"],
        "met_from": 0.8,
        "status": "G",
    }


def test_a_group_cannot_lie_inside_itself() -> None:
    with pytest.raises(InvalidInput) as refused:
        load_catalogue(NESTED.replace("members: [{indicator: A}]", "groups: [whole]"))
    assert {problem.code for problem in refused.value.problems} == {"catalogue.group_in_itself"}
