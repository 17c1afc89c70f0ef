"""The published figures, imported and read through the catalogue's own indicators and groups."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from jingtu.engine.assess import assess
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.catalogue.model import Catalogue
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.facttable import FactTable
from jingtu.engine.gap import find_gap
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import Qualifier
from jingtu.engine.rollup import FactView
from jingtu.engine.tree import RegionRow, RegionTree
from jingtu.portal.demo_data import real_figures
from tests.reference.card import half_up
from tests.reference.conftest import CATALOGUE_FOLDER

KAIYANG, XIANGXIANG, LINSHUI, XIANTAO = "520121", "430381", "511623", "429004"
YONGZHOU, HUBEI, NATION = "4311", "42", "100000"


class Imported:
    """The import file of the published figures, read as any file of facts."""

    def __init__(self, folder: Path) -> None:
        real_figures.write_csv(folder / "published.csv")
        self.catalogue: Catalogue = load_catalogue(CATALOGUE_FOLDER)
        places = sorted(
            {(fact.level, fact.region) for fact in real_figures.real_facts()} - {("nation", NATION)}
        )
        rows = [RegionRow(NATION, "全国", None, "nation")]
        rows += [RegionRow(code, code, NATION, level) for level, code in places]
        self.tree = RegionTree.build(rows, "china")
        self.facts: FactTable = read_fact_file(folder / "published.csv", self.tree, self.catalogue)
        self.evaluator = Evaluator(FactView(self.tree, self.facts, self.catalogue.elements))

    def exact(self, code: str, region: str, period: str) -> Fraction:
        values = self.evaluator.indicator(self.catalogue.indicators[code], Period.parse(period))
        found = values.exact.fraction(self.tree.position(region))
        assert found is not None
        return found

    def text(self, code: str, region: str, period: str) -> str | None:
        values = self.evaluator.indicator(self.catalogue.indicators[code], Period.parse(period))
        return values.text(self.tree.position(region))

    def members(self, group: str) -> list[str]:
        return [member.indicator for member in self.catalogue.groups[group].members]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(tmp_path_factory.mktemp("published"))


def test_every_row_of_both_files_is_accounted_for(imported: Imported) -> None:
    rows = 0
    for name in real_figures.FILES.values():
        with (real_figures.FOLDER / name).open(encoding="utf-8-sig", newline="") as stream:
            rows += sum(1 for _ in csv.DictReader(stream))
    with_facts = {(fact.file, fact.row) for fact in real_figures.real_facts()}
    told = {(narrative.file, narrative.row) for narrative in real_figures.narratives()}
    assert len(with_facts) + len(told) == rows
    assert not with_facts & told
    assert len(imported.facts) == len(real_figures.real_facts())


@pytest.mark.parametrize(
    ("code", "value", "requirement", "points"),
    [
        ("PUB_CRIME_SHARE", "16.5", "< 20", "3.5"),
        ("PUB_ABST3", "37.52", ">= 30", "7.52"),
        ("PUB_HANDLE", "77.91", ">= 65", "12.91"),
        ("PUB_CDT_EXEC", "99.16", ">= 98", "1.16"),
        ("PUB_CIDT_EXEC", "99.54", ">= 98", "1.54"),
        ("PUB_OUT_CTRL", "98.23", ">= 98", "0.23"),
        ("PUB_JOB", "99.68", ">= 98", "1.68"),
    ],
)
def test_kaiyang_meets_its_seven_requirements(
    imported: Imported, code: str, value: str, requirement: str, points: str
) -> None:
    members = {
        member.indicator: member for member in imported.catalogue.groups["kaiyang_seven_rates"].members
    }
    assert len(members) == 7
    target = members[code].target
    assert target is not None
    assert str(target) == requirement
    assert imported.exact(code, KAIYANG, "2015..2017") == Fraction(value)
    definition, place = imported.catalogue.indicators[code], imported.tree.position(KAIYANG)
    gap = find_gap(imported.evaluator, definition, target, Period.parse("2015..2017"), place)
    assert gap is not None
    assert gap.met
    assert abs(gap.difference) == Fraction(points)  # percentage points: there are no counts to speak of
    assert gap.moves == ()
    # Just at the requirement it is met where it is inclusive, and not where it says "below".
    assert target.met_by(int(target.value), 1) == (requirement[:2] == ">=")


@pytest.mark.parametrize(
    ("code", "region", "period", "value"),
    [
        ("PUB_NEW_U25", KAIYANG, "2015", "101"),
        ("PUB_NEW_U25", KAIYANG, "2016", "49"),
        ("PUB_NEW_U25", KAIYANG, "2017", "27"),
        ("PUB_NEW_U25_CHANGE", KAIYANG, "2016", "-51.5"),
        ("PUB_NEW_U25_CHANGE", KAIYANG, "2017", "-44.9"),
        ("PUB_NEW_U25_SINCE_2015", KAIYANG, "2017", "-73.3"),
        ("PUB_OUTFLOW", XIANGXIANG, "2016", "30"),
        ("PUB_OUTFLOW", XIANGXIANG, "2022", "1"),
        ("PUB_OUTFLOW_SINCE_2016", XIANGXIANG, "2022", "-96.7"),
        ("PUB_SATISFACTION_STREAK", XIANGXIANG, "2022", "7"),
        ("PUB_OUTFLOW_CHANGE", LINSHUI, "2017..2021", "-89.6"),
        ("PUB_OUTFLOW_STREAK", LINSHUI, "2017..2021", "5"),
        ("PUB_GROWTH", YONGZHOU, "2015", "34.1"),
        ("PUB_GROWTH", YONGZHOU, "2019", "4.6"),
        ("PUB_GROWTH_STREAK", YONGZHOU, "2015..2019", "4"),
        ("PUB_CASES_YOY", HUBEI, "2023", "109.0"),
        ("PUB_PUNISHED_YOY", HUBEI, "2023", "268.0"),
        ("PUB_GANGS_YOY", HUBEI, "2023", "518.0"),
        ("PUB_SEIZURE_YOY", HUBEI, "2023", "98.0"),
        ("PUB_OUTFLOW_YOY", XIANTAO, "2021..2023", "-81.6"),
        ("PUB_CIDT_YOY", XIANTAO, "2021..2023", "-46.0"),
        ("PUB_CDT_YOY", XIANTAO, "2021..2023", "-56.0"),
        ("PUB_RELAPSE_CHANGE", XIANTAO, "2021..2023", "-7.5"),
        ("PUB_CASES", NATION, "2016", "140000"),
        ("PUB_CASES_SECOND", NATION, "2016", "128000"),
    ],
)
def test_a_published_figure_comes_out_as_reported(
    imported: Imported, code: str, region: str, period: str, value: str
) -> None:
    assert imported.text(code, region, period) == value
    groups = ("published_long_falls", "published_hubei_changes", "published_national_series")
    if code != "PUB_NEW_U25_CHANGE":
        assert any(code in imported.members(group) for group in groups)


def test_the_falls_follow_from_their_figures(imported: Imported) -> None:
    for earlier, later, percent in (
        (101, 49, "-51.5"),
        (49, 27, "-44.9"),
        (101, 27, "-73.3"),
        (30, 1, "-96.7"),
    ):
        assert half_up(Fraction(later - earlier, earlier) * 100, 1) == Decimal(percent)


def test_the_relapse_rate_of_xiantao_names_no_unit_it_does_not_know(imported: Imported) -> None:
    definition = imported.catalogue.indicators["PUB_RELAPSE_CHANGE"]
    assert definition.unit == "unclear"
    assert "不明" in definition.name("zh")
    assert "unclear" in definition.name("en")


def test_the_national_series_runs_from_2014_to_2024_and_says_what_is_inferred(imported: Imported) -> None:
    with (real_figures.FOLDER / "national_figures.csv").open(encoding="utf-8-sig", newline="") as stream:
        printed = {
            row["year"]: Fraction(Decimal(row["value"]))
            for row in csv.DictReader(stream)
            if row["indicator"] == "drug_cases_solved" and row["value"]
        }
    for year, value in printed.items():
        assert imported.exact("PUB_CASES", NATION, year) == value
    assert {"2014", "2024"} <= printed.keys()
    users = imported.evaluator.indicator(
        imported.catalogue.indicators["PUB_CURRENT_USERS"], Period.parse("2015")
    )
    assert users.qualifier_at(imported.tree.position(NATION)) is Qualifier.INFERRED


@pytest.mark.parametrize("period", ["2018-01..2018-02", "2018-03..2018-04"])
def test_the_odd_ranges_of_2018_can_be_run_and_ranked(imported: Imported, period: str) -> None:
    """The published rank is read for exactly these months; working figures of three places are ranked."""
    assert imported.text("PUB_ASSESSMENT_RANK", KAIYANG, period) == "1"
    tree, months = imported.tree, Period.parse(period).months
    done = {KAIYANG: 49, XIANGXIANG: 50, LINSHUI: 30}
    from jingtu.engine.facttable import FactRow

    rows = [
        FactRow(element, int(tree.ids[tree.position(code)]), month.key, value)
        for code, executed in done.items()
        for month in months
        for element, value in (("cdt_in_execution", executed), ("cdt_due", 50))
    ]
    facts = FactTable.concat([imported.facts, FactTable.from_rows(rows)])
    result = assess(tree, facts, imported.catalogue, "county_monthly", Period.parse(period))
    ranks = {
        tree.codes[position]: int(result.current.card.ranks[index])
        for index, position in enumerate(result.subjects.tolist())
    }
    assert [ranks[code] for code in (XIANGXIANG, KAIYANG, LINSHUI)] == [1, 2, 3]
    assert ranks[XIANTAO] == 0  # nothing reported, nothing ranked
