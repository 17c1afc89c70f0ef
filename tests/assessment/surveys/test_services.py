from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from jingtu.assessment.indicators.queries import series
from jingtu.assessment.surveys import queries, services
from jingtu.assessment.surveys.commands import wave_plain, withdraw
from jingtu.assessment.surveys.models import Result, SurveyImport, Wave
from jingtu.assessment.surveys.services import About
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.regions.models import RegionTree
from jingtu.engine.facttable import FactRow
from jingtu.engine.periods import Period
from tests.access.cast import Cast
from tests.assessment.office import CATALOGUE, Office, store_batch, version_of

SURVEYS = CATALOGUE.replace("version: 1", "version: 2").replace(
    "indicators:",
    "  - {code: survey_satisfaction, name: {zh: 满意度, en: Satisfaction}, kind: reported, unit: '%', decimals: 2, "
    "strand: education, source: import, status: V, definition: {zh: 满意, en: satisfied}}\nindicators:\n"
    "  - {code: SURVEY, name: {zh: 满意度, en: Satisfaction}, strand: education, formula: 'survey_satisfaction', "
    "direction: up, unit: '%', decimals: 2, rows: [A4], status: V, definition: {zh: 满意, en: satisfied}}",
)
FILE = "地区,样本量,满意（知晓）人数\n310101,400,388\n乙县,400,380\n310100,800,768\n"


def surveyed(cast: Cast | None = None) -> Office:
    office = Office(cast)
    version_of(SURVEYS)
    return office


def about(period: str = "2026-H1", agency: str = "某调查公司") -> About:
    return About("survey_satisfaction", period, agency, "电话随机访问", "2026年上半年调查报告")


def stored(office: Office, text: str = FILE, period: str = "2026-H1") -> Wave:
    made = services.begin_import(office.analyst, office.cast.tree, about(period), [text.encode()], "w.csv")
    return services.confirm_import(office.analyst, made.pk)


@pytest.fixture
def surveys(office: Office) -> Office:
    version_of(SURVEYS)
    return office


def test_a_wave_becomes_facts_with_provenance(surveys: Office) -> None:
    batches = FactBatch.objects.count()
    wave = stored(surveys)
    assert FactBatch.objects.count() == batches + 1
    assert (wave.batch.row_count, wave.region_id) == (3, surveys.city.pk)
    points = series(
        surveys.analyst, "SURVEY", surveys.cast.places["county_a"], "half_year", 1, Period.parse("2026-H1")
    )
    assert [point.value for point in points] == [Decimal("97.00")]
    result = Result.objects.get(region__code="310101")
    assert (result.sample, result.positives, result.source_row) == (400, 388, 2)


def test_places_are_ranked_inside_the_area_chosen(surveys: Office) -> None:
    stored(surveys, FILE.replace("388", "360"), "2025-H2")
    found = queries.wave_page(surveys.analyst, stored(surveys).pk)
    assert found.level == "county"
    assert [
        (row.region.name, row.standing.rank, row.standing.best, row.standing.worst) for row in found.rows
    ] == [
        ("甲县", 1, 1, 2),
        ("乙县", 2, 1, 2),
    ]
    first = found.rows[0]
    assert (first.streak.length, first.streak.certain, first.change) == (1, 1, Decimal("7.00"))
    city = queries.wave_page(surveys.analyst, found.wave.pk, level="city")
    assert [row.region.name for row in city.rows] == ["本市"]
    assert [wave.period for wave, _ in queries.place_series(surveys.analyst, found, first.region.pk)] == [
        "2025-H2",
        "2026-H1",
    ]


def test_a_wave_takes_the_same_queries_whatever_number_of_places_it_has(
    surveys: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few = stored(surveys, FILE.replace("乙县,400,380\n", ""), "2025-H2")
    many = stored(surveys)
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.wave_page(surveys.cast.actor("analyst", "ancestor"), few.pk).rows) == 1
    with django_assert_num_queries(len(asked)):
        assert len(queries.wave_page(surveys.cast.actor("analyst", "ancestor"), many.pk).rows) == 2


def test_one_wrong_row_refuses_the_whole_file(surveys: Office) -> None:
    text = FILE + "310101,400,10\n320101,400,380\n310109,400,380\n310102,10,12\n"
    made = services.begin_import(surveys.analyst, surveys.cast.tree, about(), [text.encode()], "w.csv")
    assert made.state == SurveyImport.State.REFUSED
    assert {problem.row for problem in made.listed_problems()} == {5, 6, 7, 8}
    assert {"surveys.twice", "surveys.not_yours", "surveys.too_many"} <= {
        problem.code for problem in made.listed_problems()
    }
    assert made.marked_file is not None
    assert not Wave.objects.exists()


@pytest.mark.parametrize("period", ["2100-H1", "2099", "2099-H2", "2026-01..2199-12"])
def test_a_wave_of_a_time_that_is_not_over_is_refused(surveys: Office, period: str) -> None:
    with (
        frozen(dt.datetime(2099, 10, 12, 4, tzinfo=dt.UTC)),
        pytest.raises(InvalidInput, match="is not over"),
    ):
        services.begin_import(surveys.analyst, surveys.cast.tree, about(period), [FILE.encode()], "w.csv")


@pytest.mark.parametrize(
    ("period", "sentence"), [("1900", "早于1990年"), ("1989-H2", "早于1990年"), ("2199", "还没有结束")]
)
def test_a_period_of_another_age_is_refused_at_its_field_with_what_to_do(
    client: Client, surveys: Office, period: str, sentence: str
) -> None:
    client.force_login(surveys.cast.user("analyst", "ancestor"))
    file = SimpleUploadedFile("w.csv", FILE.encode())
    said = {**asdict(about(period)), "tree": surveys.cast.tree.slug, "file": file}
    answer = client.post(reverse("surveys:upload"), said)
    told = answer.context["form"].errors["period"]
    assert sentence in told[0]
    assert "请在“期间”里" in told[0]
    assert not SurveyImport.objects.exists()


def test_a_problem_names_a_column_of_the_file(surveys: Office) -> None:
    text = "地区,样本量,满意人数\n310101,0,0\n"
    made = services.begin_import(surveys.analyst, surveys.cast.tree, about(), [text.encode()], "w.csv")
    assert [(one.code, one.column) for one in made.listed_problems()] == [("surveys.no_result", "样本量")]


def test_the_preview_says_the_period_as_offices_write_it_and_that_a_place_is_invented(
    client: Client, surveys: Office
) -> None:
    surveys.cast.tree.fictional = True
    surveys.cast.tree.save()
    made = services.begin_import(surveys.analyst, surveys.cast.tree, about(), [FILE.encode()], "w.csv")
    client.force_login(surveys.cast.user("analyst", "ancestor"))
    page = client.get(f"/surveys/imports/{made.pk}/").content.decode()
    assert "2026年上半年" in page
    assert "虚构示范数据" in page


def test_a_wave_is_taken_back_on_the_command_line(
    surveys: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    wave = stored(surveys)
    name = surveys.cast.user("analyst", "ancestor").username
    withdraw(wave.pk, "样本串行", name, as_json=True)
    assert '"withdrawn": true' in capsys.readouterr().out
    assert not queries.list_waves(surveys.analyst).exists()


def test_a_wave_is_stored_once(surveys: Office) -> None:
    made = services.begin_import(surveys.analyst, surveys.cast.tree, about(), [FILE.encode()], "w.csv")
    services.confirm_import(surveys.analyst, made.pk)
    with pytest.raises(InvalidInput, match="stored already"):
        services.begin_import(surveys.analyst, surveys.cast.tree, about(), [FILE.encode()], "w.csv")
    with pytest.raises((Conflict, InvalidInput)):
        services.confirm_import(surveys.analyst, made.pk)
    assert Wave.objects.count() == 1


def test_only_elements_of_surveys_are_taken(surveys: Office) -> None:
    wrong = About("cases", "2026-H1", "某公司")
    with pytest.raises(InvalidInput) as refused:
        services.begin_import(surveys.analyst, surveys.cast.tree, wrong, [FILE.encode()], "w.csv")
    assert refused.value.problems[0].code == "surveys.not_a_survey"


def test_outsiders_do_not_see_the_wave(surveys: Office) -> None:
    wave = stored(surveys)
    with pytest.raises(NotFound):
        queries.wave_page(surveys.cast.actor("viewer", "outsider"), wave.pk)
    sibling = queries.wave_page(surveys.cast.actor("viewer", "sibling"), wave.pk)
    assert [row.own for row in sibling.rows] == [False, True]


def test_the_page_names_the_method_and_warns_of_small_samples(client: Client, surveys: Office) -> None:
    wave = stored(surveys, FILE.replace("乙县,400,380", "乙县,25,24"))
    client.force_login(surveys.cast.user("viewer", "ancestor"))
    page = client.get(reverse("surveys:detail", args=[wave.pk])).content.decode()
    assert "电话随机访问" in page
    assert "样本小，仅供参考" in page
    assert "分不出高下" in page


def test_the_template_lists_the_places_that_may_be_filled(surveys: Office) -> None:
    made = services.make_template(surveys.cast.actor("analyst", "own"), surveys.cast.tree, "county")
    assert made.kind == "xlsx"


PUBLISHED = CATALOGUE.replace("version: 1", "version: 2").replace(
    "indicators:",
    "  - {code: pub_satisfaction, name: {zh: 公布的满意度, en: Published satisfaction}, kind: reported, unit: '%', "
    "decimals: 0, strand: education, source: import, status: V, definition: {zh: 公布, en: published}}\n"
    "indicators:",
    1,
)


def test_figures_that_reports_state_are_shown_for_ones_own_areas_and_those_above(office: Office) -> None:
    version_of(PUBLISHED)
    places = office.cast.places
    rows = [
        FactRow("pub_satisfaction", places[key].pk, "2026-H1", 90 + number)
        for number, key in enumerate(("city", "county_a", "county_b", "township_a", "township_b"))
    ]
    store_batch(office.cast.tree, office.city, rows, "公开报道")
    RegionTree.objects.update(fictional=False)

    def seen(role: str, relation: str) -> set[str]:
        return {one.place for one in queries.reported_figures(office.cast.actor(role, relation))}

    assert seen("viewer", "ancestor") == {
        places[key].name for key in ("city", "county_a", "county_b", "township_a", "township_b")
    }
    assert seen("viewer", "own") == {places["city"].name, "甲县", "甲一镇"}
    assert "乙县" not in seen("viewer", "own")
    page = Client()
    page.force_login(office.cast.user("viewer", "own"))
    shown = page.get(reverse("surveys:list")).content.decode()
    assert "公布的满意度" in shown
    assert ">乙县<" not in shown


def test_a_wave_brought_in_wrongly_is_taken_back_and_brought_in_anew(surveys: Office) -> None:
    earlier = stored(surveys, FILE.replace("388", "360"), "2025-H2")
    wrong = stored(surveys, FILE.replace("388", "88"))
    county = surveys.cast.places["county_a"]
    with pytest.raises(InvalidInput):
        services.withdraw_wave(surveys.analyst, wrong.pk, " ")
    with pytest.raises((PermissionDenied, NotFound)):
        services.withdraw_wave(surveys.cast.actor("analyst", "sibling"), wrong.pk, "样本串行")
    services.withdraw_wave(surveys.analyst, wrong.pk, "样本串行")
    with pytest.raises(Conflict):
        services.withdraw_wave(surveys.analyst, wrong.pk, "再点一次")
    assert [wave.pk for wave in queries.list_waves(surveys.analyst)] == [earlier.pk]
    gone = queries.wave_page(surveys.analyst, wrong.pk)
    assert gone.undoing is not None
    assert gone.undoing.note == "样本串行"
    assert wave_plain(gone)["withdrawn"] is True
    assert wave_plain(queries.wave_page(surveys.analyst, earlier.pk))["withdrawn"] is False

    right = stored(surveys)
    found = queries.wave_page(surveys.analyst, right.pk)
    first = next(row for row in found.rows if row.region.pk == county.pk)
    # Held against the wave before it, as if the wrong one had never come.
    assert (first.answer.value, first.change, found.undoing) == (Decimal("97.00"), Decimal("7.00"), None)
    assert [wave.pk for wave, _ in queries.place_series(surveys.analyst, found, county.pk)] == [
        earlier.pk,
        right.pk,
    ]
    points = series(surveys.analyst, "SURVEY", county, "half_year", 1, Period.parse("2026-H1"))
    assert [point.value for point in points] == [Decimal("97.00")]
    with pytest.raises(InvalidInput, match="stored already"):
        services.begin_import(surveys.analyst, surveys.cast.tree, about(), [FILE.encode()], "w.csv")


def test_a_place_is_ranked_inside_its_county_and_in_the_whole_city(surveys: Office, client: Client) -> None:
    townships = "地区,样本量,满意（知晓）人数\n甲一镇,400,360\n甲二镇,400,380\n乙一镇,400,388\n"
    wave = stored(surveys, townships)
    county = surveys.cast.places["county_a"]
    found = queries.wave_page(surveys.analyst, wave.pk, county.pk)
    assert [(row.region.name, row.standing.rank, row.overall.rank, row.overall.of) for row in found.rows] == [
        ("甲二镇", 1, 2, 3),
        ("甲一镇", 2, 3, 3),
    ]
    client.force_login(surveys.cast.user("analyst", "ancestor"))
    address = reverse("surveys:detail", args=[wave.pk])
    assert "在本市的名次" in client.get(address, {"within": county.pk}).content.decode()
    assert "在本市的名次" not in client.get(address).content.decode()
    assert "撤回本期" in client.get(address).content.decode()
    client.post(address, {"reason": "重复导入"})
    page = client.get(address).content.decode()
    assert "重复导入" in page
    assert "撤回本期" not in page
    client.force_login(surveys.cast.user("leader", "ancestor"))
    assert client.post(address, {"reason": "重复导入"}).status_code == 403
