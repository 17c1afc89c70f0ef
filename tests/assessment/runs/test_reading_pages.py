"""The scorecard and the explanation as people read them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.runs.models import Run
from tests.assessment.office import Office


@pytest.fixture
def run(office: Office) -> Run:
    return office.published()


def signed_in(office: Office, role: str, relation: str) -> Client:
    client = Client()
    client.force_login(office.cast.user(role, relation))
    return client


def test_the_scorecard_has_items_as_rows_or_turned(office: Office, run: Run) -> None:
    client = signed_in(office, "viewer", "own")
    address = reverse("runs:scorecard", args=[run.pk])
    table = client.get(address).context["table"]
    assert [place.name for place in table.places] == ["甲县", "乙县"]
    assert [row.head.indicator for section in table.sections for row in section.rows] == ["RATE", "CASES"]
    turned = client.get(address, {"turned": "1"}).content.decode()
    assert turned.index("甲县") < turned.index("乙县")
    values = client.get(address, {"show": "value"}).content.decode()
    assert "70.00" in values


def test_a_number_opens_down_to_file_line_and_person(office: Office, run: Run) -> None:
    client = signed_in(office, "analyst", "ancestor")
    county = office.cast.places["county_a"].pk
    address = reverse("runs:explain", args=[run.pk])
    first = client.get(address, {"region": county, "indicator": "RATE"})
    assert "42 ÷ 60 × 100" in first.content.decode()
    steps = {row["label"]: row["url"] for row in first.context["page"].chain}
    numerator = next(url for label, url in steps.items() if label.startswith("分子"))
    operand = client.get(address + numerator.removesuffix("#step"))
    parts = operand.context["page"].contributions
    assert [(part.name, part.value, part.percent) for part in parts] == [
        ("甲一镇", "39", "92.86"),
        ("甲二镇", "3", "7.14"),
    ]
    township = next(row["url"] for row in operand.context["page"].chain if row["label"] == "甲一镇")
    last = client.get(address + township.removesuffix("#step")).content.decode()
    assert "第 2 行" in last  # the line of the file
    assert "系统" in last  # who stored it


def test_a_sibling_reads_the_published_value_and_no_more(office: Office, run: Run) -> None:
    response = signed_in(office, "analyst", "sibling").get(
        reverse("runs:explain", args=[run.pk]),
        {"region": office.cast.places["county_a"].pk, "indicator": "RATE"},
    )
    text = response.content.decode()
    assert "只对本地区和上级开放" in text
    assert "70" in response.context["found"].sentence
    assert "甲一镇" not in text
    assert "42" not in response.context["found"].sentence


def test_the_explanation_says_what_meeting_the_requirement_would_bring(office: Office, run: Run) -> None:
    text = (
        signed_in(office, "analyst", "ancestor")
        .get(
            reverse("runs:explain", args=[run.pk]),
            {"region": office.cast.places["county_a"].pk, "indicator": "RATE"},
        )
        .content.decode()
    )
    # 70 % earns 42 of 60 points, 90 % would earn 54: 82 becomes 94.
    assert "该项加12.00分，总分82.00 → 94.00" in text


def test_short_addresses_lead_to_the_explanation(office: Office, run: Run) -> None:
    client = signed_in(office, "viewer", "own")
    county = office.cast.places["county_a"].pk
    response = client.get(f"/e/{run.pk}/{county}/RATE/")
    assert response.status_code == 302
    assert response["Location"] == f"/runs/{run.pk}/explain/?region={county}&indicator=RATE"
    assert client.get(f"/e/{run.pk}/{county}", follow=True).status_code == 200


def test_a_place_outside_the_run_is_not_found(office: Office, run: Run) -> None:
    client = signed_in(office, "analyst", "ancestor")
    address = reverse("runs:explain", args=[run.pk])
    outside = office.cast.places["outside"].pk
    assert client.get(address, {"region": outside}).status_code == 404
    assert client.get(address, {"region": "999999999"}).status_code == 404
    assert client.get(address, {"region": "x"}).status_code == 404
    county = office.cast.places["county_a"].pk
    assert client.get(address, {"region": county, "indicator": "NONE"}).status_code == 404
    unknown = client.get(address, {"region": county, "indicator": "RATE", "step": "9.9"})
    assert unknown.status_code == 200
