"""The default catalogue as the engine reads it."""

from decimal import Decimal
from pathlib import Path

import pytest

from jingtu import __file__ as package
from jingtu.engine.catalogue import check_catalogue, dump_yaml, load_catalogue
from jingtu.portal.demo_data.real_figures import real_facts

FOLDER = Path(package).parent / "catalogue"


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(FOLDER)


def test_nothing_in_it_is_questionable(catalogue):
    assert [(problem.code, problem.params) for problem in check_catalogue(catalogue)] == []


def test_written_out_and_read_again_it_is_the_same(catalogue):
    assert load_catalogue(dump_yaml(catalogue)).digest() == catalogue.digest()


def test_every_published_fact_can_be_imported(catalogue):
    for fact in real_facts():
        element = catalogue.elements[fact.element]
        assert Decimal(element.parse_value(fact.value).value) / element.scale == Decimal(fact.value)
        assert element.check_category(fact.category) == fact.category


def test_kaiyang_meets_all_seven_requirements_with_these_gaps(catalogue):
    stated = {
        fact.element: Decimal(fact.value)
        for fact in real_facts()
        if (fact.region, fact.period) == ("520121", "2015..2017")
    }
    margins = {}
    for member in catalogue.groups["kaiyang_seven_rates"].members:
        value = stated[catalogue.indicators[member.indicator].formula_text]
        assert member.target.met_by(*value.as_integer_ratio())
        margins[member.indicator] = value - member.target.value
    assert margins == {
        "PUB_CRIME_SHARE": Decimal("-3.5"),
        "PUB_ABST3": Decimal("7.52"),
        "PUB_HANDLE": Decimal("12.91"),
        "PUB_CDT_EXEC": Decimal("1.16"),
        "PUB_CIDT_EXEC": Decimal("1.54"),
        "PUB_OUT_CTRL": Decimal("0.23"),
        "PUB_JOB": Decimal("1.68"),
    }


@pytest.mark.parametrize("code", ["CDT_EXEC", "CIDT_EXEC", "OUT_CTRL", "JOB"])
def test_a_requirement_stated_as_98_percent_is_met_by_exactly_98(catalogue, code):
    target = catalogue.indicators[code].target
    assert target.met_by(98, 1)
    assert not target.met_by(979_999, 10_000)


def test_a_share_to_be_kept_below_20_percent_is_not_met_by_exactly_20(catalogue):
    target = catalogue.indicators["CRIME_SHARE"].target
    assert not target.met_by(20, 1)
    assert target.met_by(1999, 100)


def test_counts_of_people_in_treatment_are_protected(catalogue):
    for code in ("cdt_due", "users_current", "new_users_u25", "report_on_time", "job_placed"):
        assert catalogue.elements[code].person_based


def test_published_figures_are_never_rolled_up(catalogue):
    published = [e for e in catalogue.elements.values() if e.code.startswith("pub_")]
    assert published
    assert all(element.kind == "reported" for element in published)


def test_every_card_has_an_item_or_veto_of_each_strand_it_claims(catalogue):
    strands = {
        catalogue.indicators[code].strand for code in catalogue.scorecards["county_monthly"].indicators
    }
    assert strands == {"crackdown", "prevention", "supervision", "recovery", "education", "responsibility"}
