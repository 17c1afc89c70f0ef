import csv
from decimal import Decimal

import pytest

from jingtu.portal.demo_data import real_figures
from jingtu.portal.demo_data.real_figures import FILES, FOLDER, narratives, real_facts, row_reports


def fact(region, element, period, category=""):
    [found] = [
        f
        for f in real_facts()
        if (f.region, f.element, f.period, f.category) == (region, element, period, category)
    ]
    return found


def value(*key):
    return Decimal(fact(*key).value)


def test_every_row_of_both_files_is_a_fact_or_a_narrative_exactly_once():
    for file, name in FILES.items():
        with (FOLDER / name).open(encoding="utf-8-sig", newline="") as stream:
            count = sum(1 for _ in csv.DictReader(stream))
        reports = [report for report in row_reports() if report.file == file]
        assert [report.row for report in reports] == list(range(1, count + 1))
        assert all(bool(report.facts) != (report.narrative is not None) for report in reports)


def test_a_row_left_out_of_the_mapping_is_refused(monkeypatch):
    whole = real_figures._rows
    monkeypatch.setattr(
        real_figures, "_rows", lambda name: whole(name)[1:] if name == "mapping.csv" else whole(name)
    )
    with pytest.raises(ValueError, match="mapped exactly once"):
        row_reports()


def test_the_mapping_still_describes_the_row_it_was_reviewed_for():
    mapping = real_figures._rows("mapping.csv")
    figures = {file: real_figures._rows(name) for file, name in FILES.items()}
    for line in mapping:
        row = figures[line["file"]][int(line["row"]) - 1]
        period = row.get("period", row.get("year"))
        assert (row["indicator"], period) == (line["indicator"], line["period_text"])


def test_every_narrative_states_its_reason_in_both_languages():
    assert len(narratives()) == 11
    assert all(n.reason_zh and n.reason_en and n.value_text and n.source for n in narratives())


def test_no_two_facts_share_a_key():
    keys = [(f.region, f.level, f.element, f.period, f.category) for f in real_facts()]
    assert len(set(keys)) == len(keys)


def test_a_value_with_a_bound_keeps_it():
    assert fact("520121", "pub_drugfree_town_rate", "2017").qualifier == ">="
    assert fact("511623", "pub_cdt_urban", "2022").qualifier == "+"
    assert fact("42", "pub_culture_sites", "2024-01").qualifier == "+"


def test_inferred_periods_are_marked_inferred():
    seven = fact("520121", "pub_cdt_exec_rate", "2015..2017")
    assert seven.inferred
    assert seven.qualifier == "inferred"
    assert "推断" in seven.source
    assert not fact("520121", "pub_new_users_u25", "2016").inferred


@pytest.mark.parametrize(
    ("element", "stated"),
    [
        ("pub_property_crime_share", "16.5"),
        ("pub_abstinent_rate", "37.52"),
        ("pub_handle_rate", "77.91"),
        ("pub_cdt_exec_rate", "99.16"),
        ("pub_cidt_exec_rate", "99.54"),
        ("pub_release_control_rate", "98.23"),
        ("pub_job_rate", "99.68"),
    ],
)
def test_kaiyang_seven_rates_are_as_printed(element, stated):
    assert value("520121", element, "2015..2017") == Decimal(stated)


def test_falls_and_rises_are_as_reported():
    assert [value("520121", "pub_new_users_u25", year) for year in ("2015", "2016", "2017")] == [101, 49, 27]
    assert [value("430381", "pub_outflow", year) for year in ("2016", "2022")] == [30, 1]
    growth = [value("4311", "pub_registered_growth", year) for year in ("2015", "2019")]
    assert growth == [Decimal("34.1"), Decimal("4.6")]
    assert value("4311", "pub_growth_fall_streak", "2015..2019") == 4
    assert value("511623", "pub_outflow_change", "2017..2021") == Decimal("-89.6")
    assert value("511623", "pub_outflow_fall_streak", "2017..2021") == 5
    assert value("430381", "pub_satisfaction_streak", "2022") == 7
    hubei = ("pub_cases_yoy", "pub_punished_yoy", "pub_gangs_yoy", "pub_seizure_yoy")
    assert [value("42", element, "2023") for element in hubei] == [109, 268, 518, 98]
    xiantao = ("pub_outflow_yoy", "pub_cidt_yoy", "pub_cdt_ordered_yoy", "pub_relapse_change")
    assert [value("429004", e, "2021..2023") for e in xiantao] == [
        Decimal(v) for v in ["-81.6", "-46", "-56", "-7.5"]
    ]


def test_the_unclear_unit_of_xiantao_is_said():
    relapse = fact("429004", "pub_relapse_change", "2021..2023")
    assert "百分点" in relapse.note_zh
    assert "percentage points is unclear" in relapse.note_en


def test_both_sources_of_the_cases_of_2016_are_kept():
    assert value("100000", "pub_cases", "2016") == 140000
    second = fact("100000", "pub_cases", "2016", "source=second")
    assert second.value == "128000"
    assert "tdminews.com" in second.source


def test_tonnes_and_ten_thousands_are_converted():
    assert value("4311", "pub_drugs_seized", "2015..2020") == 1250
    assert value("100000", "pub_drugs_seized", "2015") == 102500
    assert value("42", "pub_reintegrated", "2023") == 15500
    assert value("520121", "pub_people", "2018") == 400000


def test_odd_ranges_of_kaiyang_can_be_asked_for():
    assert value("520121", "pub_assessment_rank", "2018-01..2018-02") == 1
    assert value("520121", "pub_assessment_rank", "2018-03..2018-04") == 1


def test_the_import_file_holds_every_fact(tmp_path):
    path = tmp_path / "real.csv"
    assert real_figures.write_csv(path) == len(real_facts())
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["value"] for row in csv.DictReader(stream)] == [f.value for f in real_facts()]
