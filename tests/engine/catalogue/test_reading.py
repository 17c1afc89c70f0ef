from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from jingtu.engine.catalogue import (
    DeductionRule,
    LinearRule,
    StepsRule,
    Threshold,
    dump_yaml,
    load_catalogue,
)
from jingtu.engine.formula import parse
from jingtu.engine.problems import InvalidInput

Text = Callable[..., str]


def refused(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(InvalidInput) as error:
        load_catalogue(text, strict=False)
    for problem in error.value.problems:
        assert problem.located_text("zh")
        assert problem.located_text("en")
    return [(problem.code, problem.row) for problem in error.value.problems]


def test_a_catalogue_is_read_into_records(catalogue_text: Text) -> None:
    catalogue = load_catalogue(catalogue_text())
    indicator = catalogue.indicators["EXEC"]
    assert indicator.formula == parse("share(done, due)")
    assert indicator.target == Threshold(">=", Decimal(98))
    assert indicator.unit_name("zh") == "%"
    assert catalogue.elements["due"].unit_name("zh") == "人"
    card = catalogue.scorecards["card"]
    assert [item.points for item in card.items] == [Decimal("6.5"), Decimal(2), Decimal("1.5")]
    assert [type(item.rule) for item in card.items] == [LinearRule, DeductionRule, StepsRule]
    assert card.items[1].rule == DeductionRule(Decimal("0.05"), Decimal(1))
    assert card.indicators == ("EXEC", "CASES", "GROWTH")
    assert card.sections[0].points == card.total


def test_yaml_round_trips(catalogue_text: Text) -> None:
    catalogue = load_catalogue(catalogue_text())
    again = load_catalogue(dump_yaml(catalogue))
    assert again == catalogue
    assert again.digest() == catalogue.digest()
    assert dump_yaml(again) == dump_yaml(catalogue)


def test_parts_may_be_spread_over_a_folder(catalogue_text: Text, tmp_path: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(catalogue_text())
    (tmp_path / "elements").mkdir()
    for name in list(content):
        place = tmp_path / "elements" if name == "elements" else tmp_path
        (place / f"{name}.yaml").write_text(yaml.safe_dump({name: content[name]}), encoding="utf-8")
    assert load_catalogue(tmp_path).digest() == load_catalogue(catalogue_text()).digest()
    files = sorted(tmp_path.rglob("*.yaml"))
    assert load_catalogue(files).digest() == load_catalogue(tmp_path).digest()


def test_the_digest_sees_every_change_but_not_the_order_of_entries(catalogue_text: Text) -> None:
    digest = load_catalogue(catalogue_text()).digest()

    def turn(content: dict[str, Any]) -> None:
        content["elements"].reverse()

    def change(content: dict[str, Any]) -> None:
        content["indicators"][0]["target"] = "> 98"

    assert load_catalogue(catalogue_text(turn)).digest() == digest
    assert load_catalogue(catalogue_text(change)).digest() != digest


@pytest.mark.parametrize(
    "place, field, value, code",
    [
        (("indicators", 0), "formulae", "a", "catalogue.unknown_field_near"),
        (("indicators", 0), "qqqq", "a", "catalogue.unknown_field"),
        (("indicators", 0), "direction", "sideways", "catalogue.not_one_of"),
        (("indicators", 0), "target", "98", "catalogue.bad_threshold"),
        (("indicators", 0), "decimals", 9, "catalogue.out_of_range"),
        (("indicators", 0), "decimals", "two", "catalogue.wrong_type"),
        (("indicators", 0), "code", "exec", "catalogue.bad_indicator_code"),
        (("indicators", 0), "formula", "share(done", "formula.expected_mark"),
        (("indicators", 0), "name", {"zh": "只有中文"}, "catalogue.missing_field"),
        (("indicators", 0, "name"), "en", " ", "catalogue.bad_words"),
        (("elements", 1), "code", "due", "catalogue.duplicate"),
        (("scorecards", 0), "sections", [], "catalogue.too_few"),
        (("scorecards", 0), "cadence", ["month", "month"], "catalogue.repeated_value"),
        (("scorecards", 0, "sections", 0, "items", 0), "rule", {"kind": "magic"}, "catalogue.not_one_of"),
        (("scorecards", 0, "sections", 0, "items", 0), "rule", {"kind": "linear"}, "catalogue.missing_field"),
        (
            ("scorecards", 0, "sections", 0, "items", 0),
            "rule",
            {"kind": "rank", "floor": 3},
            "catalogue.unknown_field",
        ),
    ],
)
def test_what_breaks_the_schema_is_named_with_its_line(
    catalogue_text: Text, place: tuple[str | int, ...], field: str, value: object, code: str
) -> None:
    def change(content: dict[str, Any]) -> None:
        entry: Any = content
        for part in place:
            entry = entry[part]
        entry[field] = value

    text = catalogue_text(change)
    found = refused(text)
    assert [problem for problem, _ in found] == [code]
    line = text.splitlines()[(found[0][1] or 0) - 1]
    assert field in line or (isinstance(value, dict) and any(name in line for name in value))


@pytest.mark.parametrize(
    "text, code, row",
    [
        ("a: [1\n", "catalogue.not_yaml", 2),
        ("- 1\n- 2\n", "catalogue.not_a_mapping", 1),
        ("elements: &all []\nindicators: *all\n", "catalogue.alias", 1),
        ("elements: []\nelements: []\n", "catalogue.repeated_field", 2),
        ("elements: []\nindicators: []\n", "catalogue.no_head", None),
        ("x: !!python/object/apply:os.system [ls]\ny: 1\n", "catalogue.not_yaml", 1),
        ("a: 1\nx: !!timestamp x\n", "catalogue.not_yaml", 2),
        ("x: !!int ''\n", "catalogue.not_yaml", 1),
        ("x: 0x" + "f" * 6000 + "\n", "catalogue.not_yaml", 1),
        ("x: " + "[" * 30 + "]" * 30 + "\n", "catalogue.too_deep", 1),
    ],
)
def test_yaml_that_is_not_plain_is_refused(text: str, code: str, row: int | None) -> None:
    found = refused(text)
    assert found[0] == (code, row)


def test_one_head_is_enough(catalogue_text: Text) -> None:
    with pytest.raises(InvalidInput) as error:
        load_catalogue([catalogue_text(), "catalogue: {code: b, version: 1, name: {zh: 乙, en: b}}\n"])
    assert [problem.code for problem in error.value.problems] == ["catalogue.two_heads"]


def test_a_missing_folder_or_an_empty_one_is_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "catalogue.no_files"), (tmp_path / "x.yaml", "file.no_such_file")):
        with pytest.raises(InvalidInput) as error:
            load_catalogue(path)
        assert error.value.problems[0].code == code


def test_semantic_errors_refuse_a_catalogue_unless_asked_otherwise(catalogue_text: Text) -> None:
    def change(content: dict[str, Any]) -> None:
        content["scorecards"][0]["total"] = 11

    with pytest.raises(InvalidInput):
        load_catalogue(catalogue_text(change))
    assert load_catalogue(catalogue_text(change), strict=False).scorecards["card"].total == 11
