"""The first page by post, what it is narrowed to, and the wall."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from pptx import Presentation

from jingtu.assessment.indicators.queries import series
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.services import Order, create_region, merge_regions
from jingtu.engine.periods import Period
from jingtu.portal.cockpit.panels import Desk
from tests.assessment.office import Office


def signed_in(office: Office, role: str, relation: str) -> Client:
    client = Client()
    client.force_login(office.cast.user(role, relation))
    return client


@pytest.mark.parametrize(
    ("role", "relation", "place", "desk"),
    [
        ("leader", "ancestor", "city", Desk.LEADER),
        ("viewer", "ancestor", "city", Desk.LEADER),
        ("analyst", "ancestor", "city", Desk.OFFICE),
        ("reviewer", "own", "county_a", Desk.OFFICE),
        ("reporter", "own", "county_a", Desk.REPORTER),
        ("reporter", "descendant", "township_a", Desk.TOWNSHIP),
    ],
)
def test_the_page_is_laid_out_for_what_the_person_does_there(
    office: Office, role: str, relation: str, place: str, desk: Desk
) -> None:
    office.published()
    client = signed_in(office, role, relation)
    context = client.get("/", {"region": office.cast.places[place].pk}).context
    assert context["panels"].desk == desk


def test_a_click_on_a_tile_or_bar_narrows_the_page_and_keeps_the_rest_of_the_address(office: Office) -> None:
    office.published()
    response = signed_in(office, "analyst", "ancestor").get("/", {"indicator": "RATE", "period": "2026-09"})
    county = office.cast.places["county_a"].pk
    for chart in ("tiles_chart", "ranking_chart"):
        link = next(place.url for place in response.context[chart].places if place.name == "甲县")
        assert "indicator=RATE" in link
        assert "period=2026-09" in link
        assert link.endswith(f"region={county}")
    narrowed = signed_in(office, "analyst", "ancestor").get(f"/{link}").context
    assert narrowed["board"].focus.pk == county
    assert {row.region_id for row in narrowed["board"].red} <= {county}


def test_an_indicator_narrows_red_lines_alerts_and_tiles_alike(office: Office) -> None:
    office.published()
    context = signed_in(office, "analyst", "ancestor").get("/", {"indicator": "CASES"}).context
    assert all(row.indicator == "CASES" for row in context["board"].red)
    assert all(row.alert.subject == "CASES" for row in context["panels"].alerts.rows)
    assert [name for _, name, _ in context["narrowed"]] == ["案件数"]


def test_a_mark_shows_what_is_met_without_saying_that_something_is_missing(office: Office) -> None:
    office.published()
    response = signed_in(office, "analyst", "ancestor").get("/", {"mark": "met"})
    rows = response.context["board"].red
    assert rows
    assert {row.mark for row in rows} == {"met"}
    assert all(row.shortfall is None for row in rows)
    assert "达标的指标" in response.content.decode()


def test_a_wrong_mark_in_the_address_narrows_nothing(office: Office) -> None:
    office.published()
    client = signed_in(office, "analyst", "ancestor")
    assert client.get("/", {"mark": "x"}).context["board"].red == client.get("/").context["board"].red


def test_the_wall_shows_the_same_board_and_nothing_to_press_but_leaving(office: Office) -> None:
    run = office.published()
    response = signed_in(office, "leader", "ancestor").get(reverse("cockpit:wall"), {"every": "9999"})
    assert response.context["board"].run == run
    assert response.context["seconds"] == 300
    text = response.content.decode()
    assert 'data-bs-theme="dark"' in text
    assert "jt-rooms" not in text
    assert "<form" not in text


def test_a_wall_whose_sign_in_is_over_is_told_so_instead_of_getting_a_page(office: Office) -> None:
    response = Client().get(reverse("cockpit:wall"), headers={"HX-Request": "true"})
    assert response.status_code == 401


def test_slides_are_native_and_say_whose_and_of_when_they_are(office: Office) -> None:
    office.published()
    office.cast.tree.fictional = True
    office.cast.tree.save()
    response = signed_in(office, "leader", "ancestor").get(reverse("cockpit:slides"))
    deck = Presentation(io.BytesIO(response.content))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    assert any(shape.has_chart for shape in shapes)
    assert any(shape.has_table for shape in shapes)
    person = office.cast.actor("leader", "ancestor").label
    for slide in deck.slides:
        text = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert "虚构示范数据" in text
        assert text.count(person) >= 2  # source line and watermark


def test_a_place_set_up_after_the_period_is_not_shown_the_figures_of_others_as_its_own(
    office: Office,
) -> None:
    office.published()
    order = Order(dt.date(2026, 10, 1), "县政函〔2026〕1号")
    town = create_region(
        SYSTEM, office.cast.places["county_a"], code="310101199", name="新镇", level="township", order=order
    ).created[0]
    response = signed_in(office, "analyst", "ancestor").get("/", {"region": town.pk})
    board = response.context["board"]
    assert board.outside
    assert board.focus.name == "甲县"
    assert not board.red
    text = " ".join(response.content.decode().split())
    assert "新镇自 2026-10-01 起设立，不在 2026年9月的考核里。得分和名次是上一级甲县的。" in text
    assert "本期无该地区数据。" in text
    assert "红线、预警和走势是新镇自己的" not in text
    standing = office.cast.places["township_a"]
    assert (
        not signed_in(office, "analyst", "ancestor")
        .get("/", {"region": standing.pk})
        .context["board"]
        .outside
    )


def test_a_place_that_has_ended_is_said_to_have_ended_not_to_have_no_assessment(office: Office) -> None:
    office.published()
    old, into = office.cast.places["township_a2"], office.cast.places["township_a"]
    merge_regions(SYSTEM, [old], into=into, order=Order(dt.date(2026, 10, 1), "县政函〔2026〕2号"))
    text = signed_in(office, "analyst", "ancestor").get("/", {"region": old.pk}).content.decode()
    assert f"{old.name}自 2026-10-01 起不再是现行区划" in text
    assert reverse("regions:detail", args=[old.pk]) in text
    assert "还没有已发布的考核" not in text


def test_nothing_is_missing_of_a_place_before_there_was_one(office: Office) -> None:
    order = Order(dt.date(2026, 10, 1), "县政函〔2026〕1号")
    town = create_region(
        SYSTEM, office.cast.places["county_a"], code="310101199", name="新镇", level="township", order=order
    ).created[0]
    town.refresh_from_db()
    points = series(office.analyst, "CASES", town, "month", 3, Period.parse("2026-11"))
    assert [(point.period, point.state, point.expected) for point in points] == [
        ("2026-09", "not_applicable", 0),
        ("2026-10", "missing", 1),
        ("2026-11", "missing", 1),
    ]


def test_a_card_that_is_no_longer_used_leads_to_what_there_is(office: Office) -> None:
    office.published()
    response = signed_in(office, "analyst", "ancestor").get("/", {"scorecard": "retired"})
    text = response.content.decode()
    assert "没有这一评分表在该周期已发布的考核" in text
    assert [key for _, key, _ in response.context["periods"]] == ["2026-09"]
    assert 'href="?period=2026-09"' in text
