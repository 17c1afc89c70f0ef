"""Alert rules in the catalogue: read, checked, written back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jingtu.engine.catalogue import check_catalogue, dump_yaml, load_catalogue
from jingtu.engine.problems import InvalidInput

RULE: dict[str, Any] = {
    "code": "falling",
    "name": {"zh": "连续下降", "en": "Falling"},
    "kind": "worsening",
    "severity": "warning",
    "cadence": ["month"],
    "owner": "reporter",
    "due_days": 5,
}


def adding(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["alerts"] = [{**RULE, **changes}]

    return change


def test_a_rule_reads_back_as_it_was_written(catalogue_text: Callable[..., str]) -> None:
    text = catalogue_text(
        adding(
            kind="sudden_change",
            indicators=["CASES"],
            test="counts",
            side="both",
            periods=12,
            significance=0.01,
            levels=["county"],
            cites=["law:33"],
            rows=["A1"],
            definition={"zh": "说明", "en": "Words."},
        )
    )
    catalogue = load_catalogue(text)
    assert str(catalogue.alerts["falling"].significance) == "0.01"
    again = load_catalogue(dump_yaml(catalogue))
    assert again == catalogue
    assert again.digest() == catalogue.digest()


def test_rules_are_part_of_the_digest_but_their_absence_is_not(catalogue_text: Callable[..., str]) -> None:
    without = load_catalogue(catalogue_text())
    assert load_catalogue(catalogue_text(adding())).digest() != without.digest()
    assert (
        load_catalogue(catalogue_text(lambda content: content.update(alerts=[]))).digest() == without.digest()
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"indicators": ["NOPE"]}, "catalogue.alert_unknown"),
        ({"elements": ["due"]}, "catalogue.alert_subjects"),
        ({"kind": "missing_report", "indicators": ["EXEC"]}, "catalogue.alert_subjects"),
        ({"kind": "missing_report", "elements": ["nope"]}, "catalogue.alert_unknown"),
        ({"kind": "red_line", "indicators": ["CASES"]}, "catalogue.alert_no_red_line"),
        ({"kind": "gap_growing", "indicators": ["CASES"]}, "catalogue.alert_no_target"),
        ({"kind": "sudden_change", "periods": 12}, "catalogue.alert_none"),
        ({"kind": "sudden_change", "indicators": ["CASES"], "periods": 3}, "catalogue.alert_history"),
        (
            {"kind": "sudden_change", "indicators": ["EXEC"], "periods": 12, "test": "counts"},
            "catalogue.alert_not_counts",
        ),
        ({"kind": "first_case", "indicators": ["EXEC"]}, "catalogue.alert_not_counts"),
        ({"cites": ["nowhere:1"]}, "catalogue.alert_unknown"),
    ],
)
def test_rules_that_make_no_sense_are_refused(
    catalogue_text: Callable[..., str], changes: dict[str, Any], problem: str
) -> None:
    catalogue = load_catalogue(catalogue_text(adding(**changes)), strict=False)
    found = [one for one in check_catalogue(catalogue) if one.code.startswith("catalogue.alert")]
    assert [one.code for one in found] == [problem]
    assert found[0].text("zh")
    assert found[0].text("en")
    with pytest.raises(InvalidInput):
        load_catalogue(catalogue_text(adding(**changes)))


@pytest.mark.parametrize("change", [{"owner": "police"}, {"due_days": 0}, {"kind": "odd"}, {"colour": "red"}])
def test_the_schema_refuses_unknown_words(catalogue_text: Callable[..., str], change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        load_catalogue(catalogue_text(adding(**change)))
