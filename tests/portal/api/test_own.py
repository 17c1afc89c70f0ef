"""What is the caller's own, by programs: subscriptions, saved views, looking back on a year."""

from __future__ import annotations

from typing import Any

import pytest

from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.runs.models import Run
from jingtu.assessment.subscriptions.models import Subscription
from jingtu.core.jobs.runner import run_job
from jingtu.core.kernel.clock import now
from jingtu.portal.saved.models import SavedView
from tests.assessment.office import CATALOGUE, FIGURES, Office, version_of
from tests.portal.api.conftest import Program

OTHER = CATALOGUE.replace("points: 60", "points: 95").replace("points: 40", "points: 5")


def wish(office: Office, **other: Any) -> dict[str, Any]:
    county = office.cast.places["county_a"].pk
    return {"name": "甲县", "regions": [county], "indicators": ["CASES"], "cadence": "monthly"} | other


def test_a_subscription_is_made_changed_and_ended_by_its_owner_only(
    office: Office, analyst: Program, reviewer: Program
) -> None:
    office.published()
    made = analyst.post("/subscriptions", wish(office), Idempotency_Key="s")
    assert made.status_code == 201
    one = made.json()
    assert (one["cadence"], one["way"], one["active"]) == ("monthly", "inside", True)
    assert [(figure["name"], figure["indicator"]) for figure in one["figures"]] == [("甲县", "CASES")]
    assert one["figures"][0]["value"] is not None
    assert analyst.post("/subscriptions", wish(office), Idempotency_Key="s").json() == one
    address = f"/subscriptions/{one['id']}"
    for response in (
        reviewer.get(address),
        reviewer.post(address, wish(office)),
        reviewer.post(address + "/end"),
    ):
        assert response.status_code == 404
    changed = analyst.post(address, wish(office, name="全市", regions=[office.city.pk], cadence="weekly"))
    assert (changed.json()["name"], changed.json()["regions"]) == ("全市", [office.city.pk])
    assert [found["name"] for found in analyst.get("/subscriptions").json()["items"]] == ["全市"]
    assert analyst.post(address + "/end").json()["active"] is False
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"regions": [2**50]}, "subscriptions.no_right"),
        ({"indicators": ["NONE"]}, "subscriptions.unknown_indicator"),
        ({"way": "group"}, "subscriptions.no_group"),
        ({"regions": []}, "api.field_limit"),
        ({"name": " "}, "api.field_limit"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused_with_the_reason(
    office: Office, analyst: Program, other: dict[str, Any], code: str
) -> None:
    refused = analyst.post("/subscriptions", wish(office, **other))
    assert refused.status_code == 422
    assert [error["code"] for error in refused.json()["errors"]] == [code]
    assert not Subscription.objects.exists()


def test_a_view_is_kept_listed_and_removed_by_its_owner_only(
    office: Office, analyst: Program, reviewer: Program
) -> None:
    wanted = {"name": "甲县预警", "address": "/alerts/?page=3&state=open", "share_with": office.city.pk}
    made = analyst.post("/saved-views", wanted).json()
    assert (made["address"], made["shared_with"]) == ("/alerts/?state=open", office.city.pk)
    assert [view["id"] for view in analyst.get("/saved-views").json()["items"]] == [made["id"]]
    offered = reviewer.get("/saved-views").json()
    assert ([view["id"] for view in offered["shared"]], offered["items"]) == ([made["id"]], [])
    assert reviewer.post(f"/saved-views/{made['id']}/remove").status_code == 404
    assert analyst.post(f"/saved-views/{made['id']}/remove").json()["id"] == made["id"]
    assert analyst.get("/saved-views").json() == {"items": [], "shared": []}
    for address in ("https://elsewhere.example/", "/accounts/sign-in/", "//x"):
        refused = analyst.post("/saved-views", {"name": "别处", "address": address})
        assert refused.json()["errors"][0]["code"] == "saved.not_a_page"
    assert SavedView.objects.filter(removed_at__isnull=True).count() == 0


def test_a_year_is_looked_back_on_by_another_card(
    office: Office, analyst: Program, reviewer: Program
) -> None:
    office.report("2026-08", {**FIGURES, "township_a": (40, 30, 2), "township_a2": (20, 20, 2)})
    office.published("2026-08")
    run = office.published()
    version_of(OTHER.replace("version: 1", "version: 2"))
    begun = analyst.post(f"/runs/{run.pk}/retrospects", {"year": 2026, "points": {"RATE": "90"}})
    assert begun.status_code == 202
    address = f"/runs/{run.pk}/retrospects/{begun.json()['id']}"
    waiting = analyst.get(address).json()
    assert (waiting["state"], waiting["places"], waiting["year"]) == ("queued", [], None)
    run_job.call(begun.json()["id"])
    found = analyst.get(address).json()
    assert (found["state"], found["catalogue"]) == ("done", 2)
    assert (found["year"], found["periods"]) == (2026, ["2026-08", "2026-09"])
    assert {place["name"] for place in found["places"]} == {"甲县", "乙县"}
    cell = found["places"][0]["cells"][1]
    assert cell["gained"] == cell["published_rank"] - cell["tried_rank"]
    assert any(
        cell["published_total"] != cell["tried_total"] for place in found["places"] for cell in place["cells"]
    )
    assert reviewer.get(address).status_code == 404
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("wanted", "status"),
    [({"year": 2019}, 422), ({"catalogue": 99}, 404), ({"yeer": 2026}, 422)],
)
def test_a_look_back_that_cannot_be_is_refused_before_a_job_begins(
    office: Office, analyst: Program, wanted: dict[str, int], status: int
) -> None:
    run = office.published()
    assert analyst.post(f"/runs/{run.pk}/retrospects", wanted).status_code == status
    assert analyst.get("/jobs").json()["items"] == []


def test_a_bulletin_and_an_appeal_say_that_their_run_was_withdrawn(office: Office, analyst: Program) -> None:
    run, filer = office.published(), office.cast.user("reporter", "own")
    bulletin = Bulletin.objects.create(run=run, number="", issuer_zh="本市禁毒办", issued_at=now())
    appeal = Appeal.objects.create(
        run=run,
        region=office.cast.places["county_a"],
        indicator="RATE",
        kind="indicator",
        key="indicator",
        filed_by=filer,
        filed_at=now(),
    )
    for state, valid in (("published", True), ("superseded", False), ("withdrawn", False)):
        Run.objects.filter(pk=run.pk).update(state=state)
        told = analyst.get(f"/bulletins/{bulletin.pk}").json()
        assert (told["run_state"], told["valid"]) == (state, valid)
        assert analyst.get(f"/appeals/{appeal.pk}").json()["run_state"] == state
