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


def test_a_place_that_was_never_redrawn_is_not_asked_about(office: Office) -> None:
    assert not explored(office, office.cast.places["county_b"]).redrawn
