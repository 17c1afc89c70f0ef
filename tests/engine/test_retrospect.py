"""Several periods under another card: lines, averages, movers; and bands as they are typed."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from jingtu.engine.catalogue.model import StepsRule
from jingtu.engine.problems import InvalidInput
from jingtu.engine.retrospect import Cell, Collector, Retrospect
from jingtu.engine.simulate import read_rule, rule_words


def looked() -> Retrospect:
    collector = Collector()
    collector.add("2025-01", {1: ("甲县", Cell("90", "80", 1, 3)), 2: ("乙县", Cell("80", "85", 2, 1))})
    collector.add(
        "2025-02",
        {
            1: ("甲区", Cell("90", "91", 1, 1)),
            2: ("乙县", Cell(None, "70", None, 2)),
            3: ("丙县", Cell("60", "60", 3, 3)),
        },
    )
    return collector.done()


def test_places_keep_their_line_and_take_their_newest_name() -> None:
    first, second, third = looked().lines
    assert [line.name for line in (first, second, third)] == ["甲区", "乙县", "丙县"]
    assert third.cells[0] is None
    assert (first.moved, first.gained, second.gained, third.moved) == (2, -2, 1, 0)
    assert [line.name for line in looked().movers] == ["甲区", "乙县"]


def test_averages_count_only_periods_ranked_under_both_cards() -> None:
    first, second, _third = looked().lines
    assert (first.old_average, first.new_average) == ("1.0", "2.0")
    assert (second.old_average, second.new_average) == ("2.0", "1.0")


def test_it_survives_being_kept_as_json() -> None:
    found = looked()
    assert Retrospect.from_plain(json.loads(json.dumps(found.plain()))).plain() == found.plain()


def test_bands_are_read_and_written_alike() -> None:
    rule = read_rule("steps >= 95: 1; >= 90: 0.8；> 80：0.5")
    assert isinstance(rule, StepsRule)
    assert [step.share for step in rule.steps] == [Decimal(1), Decimal("0.8"), Decimal("0.5")]
    assert rule_words(rule, None) == "steps >= 95: 1; >= 90: 0.8; > 80: 0.5"
    assert read_rule(rule_words(rule, None)) == rule


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("steps", "simulate.bad_rule"),
        ("steps >= 95", "simulate.bad_rule"),
        ("steps >= 95: 1.2", "simulate.bad_rule"),
        ("steps many: 1", "simulate.bad_rule"),
        ("steps >= 95: NaN", "simulate.bad_rule"),
        ("steps >= 90: 1; >= 95: 0.5", "simulate.unreachable_step"),
    ],
)
def test_bands_that_make_no_sense_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rule(text)
    assert refused.value.problems[0].code == code
