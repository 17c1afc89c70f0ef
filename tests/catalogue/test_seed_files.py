"""The seed files themselves, before any parser: nobody should have to read code to trust them."""

import re
from pathlib import Path

import pytest
import yaml

from jingtu import __file__ as package

FOLDER = Path(package).parent / "catalogue"
ROWS = [
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "A7",
    "A8",
    "E1",
    "E2",
    "E3",
    "E8",
    "S1",
    "S2",
    "S3",
    "S4",
    "T1",
    "T2",
    "T3",
    "T4",
    "T5",
    "T6",
    "T7",
    "T9",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
]


@pytest.fixture(scope="module")
def seeds():
    merged: dict[str, list[dict]] = {}
    for path in sorted(FOLDER.rglob("*.yaml")):
        for key, content in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if isinstance(content, list):
                merged.setdefault(key, []).extend(content)
    return merged


def test_there_are_at_least_sixty_working_elements_and_indicators(seeds):
    assert sum(e["kind"] != "reported" for e in seeds["elements"]) >= 60
    assert sum(not i["code"].startswith("PUB_") for i in seeds["indicators"]) >= 60


def test_every_mechanism_of_the_programmes_has_an_indicator(seeds):
    served = {row for indicator in seeds["indicators"] for row in indicator["rows"]}
    assert not set(ROWS) - served


@pytest.mark.parametrize("part", ["elements", "indicators", "groups", "scorecards", "documents"])
def test_codes_are_given_once(seeds, part):
    codes = [thing["code"] for thing in seeds[part]]
    assert len(set(codes)) == len(codes)


def test_every_name_and_definition_is_in_both_languages(seeds):
    for thing in seeds["elements"] + seeds["indicators"] + seeds["groups"]:
        for text in (thing["name"], thing["definition"]):
            assert re.search("[\u4e00-\u9fff]", text["zh"]), thing["code"]
            assert text["en"], thing["code"]
            assert not re.search("[\u4e00-\u9fff]", text["en"]), thing["code"]


def test_every_citation_names_a_listed_document(seeds):
    known = {document["code"] for document in seeds["documents"]}
    for thing in seeds["elements"] + seeds["indicators"]:
        for cite in thing.get("cites", []):
            assert cite.partition(":")[0] in known, thing["code"]


def test_no_definition_is_called_verified_without_its_article(seeds):
    for indicator in seeds["indicators"]:
        if indicator["status"] == "V":
            assert any(":" in cite for cite in indicator.get("cites", [])), indicator["code"]


def test_no_two_elements_or_indicators_share_a_chinese_name(seeds):
    for part in ("elements", "indicators"):
        names = [thing["name"]["zh"] for thing in seeds[part]]
        assert sorted(set(names)) == sorted(names)


def test_points_of_every_card_add_up_to_its_total(seeds):
    for card in seeds["scorecards"]:
        assert sum(item["points"] for s in card["sections"] for item in s["items"]) == card["total"]


def test_every_published_fact_has_an_element_with_its_category(seeds):
    from jingtu.portal.demo_data.real_figures import real_facts

    elements = {element["code"]: element for element in seeds["elements"]}
    for fact in real_facts():
        element = elements[fact.element]
        assert element["kind"] == "reported"
        decimals = len(fact.value.partition(".")[2])
        assert decimals <= element["decimals"], fact.element
        if fact.category:
            dimension, _, value = fact.category.partition("=")
            assert value in element["dimensions"][dimension]
