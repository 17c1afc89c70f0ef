"""The engine on the demonstration's data: what a reader of the three runs should find."""

from fractions import Fraction
from pathlib import Path

import pytest

from jingtu import __file__ as package
from jingtu.engine.assess import assess
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView
from jingtu.engine.tree import RegionRow, RegionTree
from jingtu.portal.demo_data import city, places
from jingtu.portal.demo_data.real_figures import real_facts

CATALOGUE = load_catalogue(Path(package).parent / "catalogue")


def facts_of(tree, rows):
    made = []
    for row in rows:
        element = CATALOGUE.elements[row.element]
        parsed = element.parse_value(row.value)
        region = int(tree.ids[tree.position(row.region)])
        made.append(FactRow(row.element, region, row.period, parsed.value, row.category, parsed.qualifier))
    return FactTable.from_rows(made)


@pytest.fixture(scope="module")
def trees():
    reports = city.generate()
    found = {}
    for key, file in ((places.CITY_TREE, "regions.csv"), (places.UNITS_TREE, "units.csv")):
        tree = RegionTree.read_csv((places.FOLDER / file).read_bytes(), key)
        found[key] = tree, facts_of(tree, [row for r in reports if r.tree == key for row in r.rows])
    return found


def results(trees, key, card, period):
    tree, facts = trees[key]
    assessment = assess(tree, facts, CATALOGUE, card, Period.parse(period))
    result = assessment.current.card
    return assessment, {
        tree.codes[position]: (int(result.ranks[place]), result.totals[place] / 10**result.digits)
        for place, position in enumerate(assessment.subjects)
    }


@pytest.mark.parametrize("period", ["2026-09", "2026-Q3", "2026-01..2026-02"])
def test_counties_spread_from_about_70_to_about_97(trees, period):
    _, counties = results(trees, "demo", "county_monthly", period)
    totals = [total for _, total in counties.values()]
    assert 65 < min(totals) < 80
    assert 94 < max(totals) < 100


def test_the_county_with_an_incident_is_ranked_last_whatever_its_total(trees):
    _, counties = results(trees, "demo", "county_monthly", "2026-09")
    rank, total = counties["F04"]
    assert rank == 9
    assert total > 90


def test_the_loss_of_medicines_caps_the_total_at_79(trees):
    _, counties = results(trees, "demo", "county_monthly", "2026-01..2026-02")
    assert counties["F08"][1] == 79


def test_one_county_crosses_the_red_line_of_execution(trees):
    assessment, _ = results(trees, "demo", "county_monthly", "2026-09")
    indicator = CATALOGUE.indicators["CDT_EXEC"]
    exact = assessment.current.values["CDT_EXEC"].exact
    crossed = [
        assessment.tree.codes[position]
        for position, local in zip(assessment.subjects, assessment.local, strict=True)
        if indicator.red_line.met_by(int(exact.num[local]), int(exact.den[local]))
    ]
    assert crossed == ["F05"]


def test_an_unreported_township_has_no_rank_and_equal_ones_share_theirs(trees):
    _, towns = results(trees, "demo", "township_monthly", "2026-09")
    assert towns["F03007"][0] == 0
    _, units = results(trees, "demo-units", "member_unit", "2026-09")
    ranks = [rank for rank, _ in units.values() if rank]
    assert len(set(ranks)) < len(ranks)


def test_the_criticised_unit_stays_at_79(trees):
    _, units = results(trees, "demo-units", "member_unit", "2026-09")
    assert units["FU25"][1] == 79


def published(code, region, period):
    tree = RegionTree.build([RegionRow(region, region, None, "county", None, None)], "part")
    facts = facts_of(tree, [fact for fact in real_facts() if fact.region == region])
    values = Evaluator(FactView(tree, facts, CATALOGUE.elements)).indicator(
        CATALOGUE.indicators[code], Period.parse(period)
    )
    return Fraction(int(values.exact.num[0]), int(values.exact.den[0]))


@pytest.mark.parametrize(
    ("code", "region", "period", "change"),
    [
        ("PUB_NEW_U25_CHANGE", "520121", "2016", -51.5),
        ("PUB_NEW_U25_CHANGE", "520121", "2017", -44.9),
        ("PUB_NEW_U25_SINCE_2015", "520121", "2017", -73.3),
        ("PUB_OUTFLOW_SINCE_2016", "430381", "2022", -96.7),
        ("PUB_OUTFLOW_CHANGE", "511623", "2017..2021", -89.6),
    ],
)
def test_published_falls_come_out_as_reported(code, region, period, change):
    assert round(float(published(code, region, period)), 1) == change


def test_both_sources_of_the_national_cases_of_2016_can_be_shown():
    assert published("PUB_CASES", "100000", "2016") == 140_000
    assert published("PUB_CASES_SECOND", "100000", "2016") == 128_000


@pytest.mark.parametrize("period", ["2018-01..2018-02", "2018-03..2018-04"])
def test_the_published_ranks_of_odd_ranges_are_read_for_exactly_these_months(period):
    assert published("PUB_ASSESSMENT_RANK", "520121", period) == 1


def test_any_range_of_months_can_be_run_and_ranked(trees):
    _, counties = results(trees, "demo", "county_monthly", "2026-03..2026-04")
    assert sorted(rank for rank, _ in counties.values()) == list(range(1, 10))
