"""Two places beside each other over the whole card: what is told, what is withheld, and the files of it."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pptx import Presentation
from pytest_django import DjangoAssertNumQueries

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import Pair, RunReader
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.services import Order, create_region
from tests.assessment.office import Office
from tests.portal.cockpit.test_pages import signed_in


def compared(client: Client, run: Run, first: int, second: int) -> Pair:
    response = client.get(reverse("cockpit:compare"), {"run": run.pk, "a": first, "b": second})
    assert response.status_code == 200
    pair: Pair = response.context["pair"]
    return pair


def test_what_the_worse_one_lacks_is_told_in_countable_units(office: Office) -> None:
    run = office.published()
    a, b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    pair = compared(signed_in(office, "analyst", "ancestor"), run, a, b)
    rate, cases = pair.lines
    assert (rate.difference, rate.behind) == (-30, "first")  # 42 of 60 against 30 of 30
    assert rate.to_level is not None
    assert rate.to_level.units == 18
    assert rate.first.shortfall is not None
    assert rate.first.shortfall.units == 12  # 54 are required
    assert (cases.difference, cases.behind) == (4, "second")  # 13 against 9
    assert (pair.leads, pair.trails, pair.levels) == (1, 1, 0)
    assert pair.difference == pair.first.row.total - pair.second.row.total  # type: ignore[union-attr, operator]


def test_a_run_without_ranked_places_has_nothing_to_compare(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.published()
    monkeypatch.setattr(RunReader, "subjects", [])
    page = signed_in(office, "analyst", "ancestor").get(reverse("cockpit:compare"), {"run": run.pk})
    assert page.status_code == 200
    assert page.context["pair"] is None


def test_turning_the_sides_turns_every_difference(office: Office) -> None:
    run = office.published()
    a, b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    client = signed_in(office, "analyst", "ancestor")
    one, other = compared(client, run, a, b), compared(client, run, b, a)
    assert one.difference == -other.difference  # type: ignore[operator]
    assert [line.difference for line in one.lines] == [-line.difference for line in other.lines]  # type: ignore[operator]
    assert [line.to_level for line in one.lines] == [line.to_level for line in other.lines]


def test_a_county_sees_no_parts_of_the_other_one(office: Office) -> None:
    run = office.published()
    a, b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    pair = compared(signed_in(office, "leader", "sibling"), run, a, b)  # people of county B
    rate, cases = pair.lines
    assert rate.to_level is not None
    assert (rate.to_level.units, rate.to_level.difference) == (None, 30)
    assert (pair.first.signed_only, pair.second.signed_only) == (True, False)
    assert cases.to_level is not None
    assert cases.to_level.units == 4  # its own lack it may know


def test_a_hidden_count_is_hidden_on_its_side_and_in_the_difference(office: Office) -> None:
    office.report("2026-09", {"township_b": (3, 2, 9)})
    run = office.published()
    settings_limit = settings.SMALL_CELL_LIMIT
    assert settings_limit > 3
    a, b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    pair = compared(signed_in(office, "viewer", "ancestor"), run, a, b)
    rate = pair.lines[0]
    assert rate.second.value is None
    assert rate.second.mark == "suppressed"
    assert rate.difference is None
    assert rate.to_level is None
    assert rate.second.points is None
    text = signed_in(office, "viewer", "ancestor").get(
        reverse("cockpit:compare-file", args=["csv"]), {"run": run.pk, "a": a, "b": b}
    )
    assert "66.67" not in text.getvalue().decode("utf-8-sig")


def test_a_township_below_the_ranking_is_compared_by_values_only(office: Office) -> None:
    run = office.published()
    first, second = office.cast.places["township_a"].pk, office.cast.places["township_a2"].pk
    pair = compared(signed_in(office, "leader", "own"), run, first, second)
    assert pair.first.row is None
    assert pair.difference is None
    assert pair.lines[0].second.mark == "suppressed"
    assert pair.lines[1].difference == -3  # 5 cases against 8
    assert pair.lines[1].first.points is None
    response = signed_in(office, "leader", "sibling").get(
        reverse("cockpit:compare"), {"run": run.pk, "a": first, "b": second}
    )
    assert response.status_code == 404 or response.context["pair"] is None


def test_by_default_a_place_stands_beside_its_neighbour_by_rank(office: Office) -> None:
    run = office.published()
    response = signed_in(office, "leader", "own").get(reverse("cockpit:compare"))
    pair = response.context["pair"]
    assert pair.run == run
    assert pair.first.name == "甲县"
    assert pair.second.name == "乙县"


def test_the_same_place_twice_is_no_comparison(office: Office) -> None:
    run = office.published()
    a = office.cast.places["county_a"].pk
    response = signed_in(office, "analyst", "ancestor").get(
        reverse("cockpit:compare"), {"run": run.pk, "a": a, "b": a}
    )
    assert response.context["pair"] is None
    assert "请选两个不同的地区或单位" in response.content.decode()


@pytest.mark.parametrize("extension", ["csv", "xlsx", "pptx"])
def test_the_comparison_goes_out_as_a_file_and_into_the_audit_trail(office: Office, extension: str) -> None:
    run = office.published()
    a, b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    client = signed_in(office, "analyst", "ancestor")
    response = client.get(reverse("cockpit:compare-file", args=[extension]), {"run": run.pk, "a": a, "b": b})
    assert response.status_code == 200
    stored = AuditEntry.objects.filter(action="cockpit.comparison_exported").get()
    assert stored.after["format"] == extension
    if extension == "csv":
        text = response.getvalue().decode("utf-8-sig")
        assert "再增加18人" in text
        assert run.publication_hash in text
    elif extension == "xlsx":
        book = load_workbook(io.BytesIO(response.getvalue()))
        assert book.worksheets[0].max_row == 1 + 1 + 2  # head, totals, two items
    else:
        slides = Presentation(io.BytesIO(response.content)).slides
        assert len(slides) == 3


def test_the_cost_of_a_comparison_does_not_depend_on_the_card(
    office: Office, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = office.published()
    client = signed_in(office, "analyst", "ancestor")
    a, b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    compared(client, run, a, b)
    with django_assert_max_num_queries(40):
        compared(client, run, a, b)


def test_cockpit_profile_and_scorecard_lead_to_the_comparison(office: Office) -> None:
    run = office.published()
    client = signed_in(office, "leader", "own")
    address = reverse("cockpit:compare")
    for page in (
        reverse("cockpit:home"),
        reverse("cockpit:profile", args=[office.cast.places["county_a"].pk]),
        reverse("runs:scorecard", args=[run.pk]),
        reverse("cockpit:explorer"),
    ):
        assert f"{address}?" in client.get(page).content.decode(), page


def test_a_place_the_run_knows_nothing_of_is_named_not_silently_replaced(office: Office) -> None:
    run = office.published()
    order = Order(dt.date(2026, 10, 1), "县政函〔2026〕1号")
    town = create_region(
        SYSTEM, office.cast.places["county_a"], code="310101199", name="新镇", level="township", order=order
    ).created[0]
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    text = client.get("/compare/", {"run": run.pk, "a": town.pk}).content.decode()
    assert "这次考核里没有新镇可比的数" in text
    county = office.cast.places["county_a"]
    assert "可比的数" not in client.get("/compare/", {"run": run.pk, "a": county.pk}).content.decode()
