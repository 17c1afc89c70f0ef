"""Earlier periods on today's regions: what a merger adds up, what a split leaves open, and who is told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.urls import reverse

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import Region
from jingtu.core.regions.services import Order, Part, merge_regions, split_region
from jingtu.portal.cockpit.explorer import Explored
from tests.assessment.office import Office
from tests.portal.cockpit.test_pages import signed_in

ORDER = Order(dt.date(2026, 9, 1), "测政发〔2026〕9号")


def merged(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 5), "township_b": (30, 24, 9)})
    places = office.cast.places
    merge_regions(SYSTEM, [places["township_b"]], into=places["township_a"], order=ORDER)


def explored(office: Office, place: Region, relation: str = "ancestor", **asked: str) -> Explored:
    response = signed_in(office, "analyst", relation).get(
        reverse("cockpit:explorer"),
        {"region": place.pk, "indicator": "RATE", "period": "2026-09", "n": 6, **asked},
    )
    assert response.status_code == 200
    found: Explored = response.context["found"]
    assert ('id="comparable"' in response.content.decode()) is bool(asked)
    return found


def august(found: Explored) -> Decimal | None:
    return next(row.point.value for row in found.rows if row.point.period == "2026-08")


def test_a_merger_adds_up_what_both_had_reported_when_asked(office: Office) -> None:
    merged(office)
    place = office.cast.places["township_a"]
    assert august(explored(office, place)) == 75
    found = explored(office, place, comparable="1")
    assert august(found) == Decimal("77.14")  # (30 + 24) of (40 + 30)
    assert found.comparable is not None
    assert "乙一镇并入甲一镇" in found.comparable.notes[0]
    assert "测政发〔2026〕9号" in found.comparable.notes[0]


def test_the_county_above_gets_what_ended_below_it(office: Office) -> None:
    merged(office)
    assert august(explored(office, office.cast.places["county_a"], comparable="1")) == Decimal("77.14")


def test_who_may_not_read_all_that_went_in_gets_no_sum(office: Office) -> None:
    merged(office)
    found = explored(office, office.cast.places["county_a"], relation="own", comparable="1")
    assert august(found) == 75
    assert found.comparable is not None
    assert "全部原区划" in found.comparable.notes[0]


def test_a_split_leaves_open_what_nobody_can_divide(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 5)})
    place = office.cast.places["township_a"]
    split_region(SYSTEM, place, [Part("甲三镇", "310101003")], keeps=True, order=ORDER)
    found = explored(office, place, comparable="1")
    assert august(found) is None
    assert found.comparable is not None
    assert "留空" in found.comparable.notes[0]


def test_a_split_is_divided_as_its_document_says_and_marked_as_estimated(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 5)})
    office.report("2026-09", {"township_a": (20, 15, 5)})
    place = office.cast.places["township_a"]
    part = Part("甲三镇", "310101003", share=Decimal("0.4"))
    (fresh,) = split_region(SYSTEM, place, [part], keeps=True, order=ORDER).created
    for region, parts in ((place, (18, 24)), (fresh, (12, 16))):
        found = explored(office, region, comparable="1")
        point = next(row.point for row in found.rows if row.point.period == "2026-08")
        assert (point.numerator, point.denominator) == parts
        assert (point.value, point.qualifier, point.estimated) == (75, "~", True)
        assert found.comparable is not None
        assert "40%" in found.comparable.notes[0]
        assert "测政发〔2026〕9号" in found.comparable.notes[0]
    kept = explored(office, place, comparable="1").rows[-1].point
    assert (kept.period, kept.numerator, kept.estimated) == ("2026-09", 15, False)
    assert august(explored(office, office.cast.places["county_a"])) == 75


def test_the_county_above_keeps_the_figures_of_a_town_that_was_split_and_ended(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 5)})
    parts = [Part("甲三镇", "310101003"), Part("甲四镇", "310101004")]
    split_region(SYSTEM, office.cast.places["township_a"], parts, keeps=False, order=ORDER)
    county = office.cast.places["county_a"]
    assert august(explored(office, county)) is None
    found = explored(office, county, comparable="1")
    assert august(found) == 75
    assert not any(row.point.estimated for row in found.rows)


def test_the_api_and_the_file_say_what_is_estimated(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 5)})
    place = office.cast.places["township_a"]
    split_region(SYSTEM, place, [Part("甲三镇", "310101003", share=Decimal("0.25"))], keeps=True, order=ORDER)
    client = signed_in(office, "analyst", "ancestor")
    asked = {"region": place.pk, "until": "2026-08", "n": 1}
    plain = client.get("/api/v1/indicators/RATE/series", asked).json()
    assert (plain["items"][0]["estimated"], plain["notes"]) == (False, [])
    told = client.get("/api/v1/indicators/RATE/series", {**asked, "comparable": "true"}).json()
    assert told["items"][0]["estimated"] is True
    assert told["items"][0]["denominator"] == "30"
    assert "25%" in told["notes"][0]


def test_a_place_that_was_never_redrawn_is_not_asked_about(office: Office) -> None:
    assert not explored(office, office.cast.places["county_b"]).redrawn
