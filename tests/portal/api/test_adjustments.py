"""Entries and vetoes by programs: the course of the pages, their refusals, nothing hidden given away."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingtu.assessment.adjustments import services
from jingtu.assessment.adjustments.models import Entry, VetoCase
from jingtu.assessment.runs.services import prepare
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, MONTH, Office, version_of
from tests.portal.api.conftest import Program

REASON = "获省级表彰"


@pytest.fixture
def office(office: Office) -> Office:
    version_of(CATALOGUE + BONUS_AND_VETO)
    return office


@pytest.fixture
def unit(office: Office) -> Program:
    """The reporter of county A."""
    return Program(office.cast.user("reporter", "own"))


def form(office: Office, **other: Any) -> dict[str, Any]:
    stated = {
        "region": office.cast.places["county_a"].pk,
        "scorecard": "card",
        "line": "bonus",
        "indicator": "CASES",
        "period": MONTH,
        "count": "1.50",
        "reason": REASON,
        "evidence": SimpleUploadedFile("表彰.csv", b"a,b\n1,2\n", "text/csv"),
    }
    return {name: value for name, value in (stated | other).items() if value is not None}


def veto_of(office: Office) -> VetoCase:
    prepare(office.analyst, office.new_run().pk)
    return VetoCase.objects.get(region=office.cast.places["county_a"])


def test_an_entry_is_stated_by_one_and_approved_by_another(
    office: Office, unit: Program, reviewer: Program
) -> None:
    made = unit.upload("/adjustments", form(office))
    assert made.status_code == 201
    entry = made.json()
    assert (entry["count"], entry["state"], entry["actions"]) == ("1.5", "proposed", ["withdraw"])
    assert [piece["name"] for piece in entry["evidence"]] == ["表彰.csv"]
    assert unit.post(f"/adjustments/{entry['id']}/approve", {}).status_code == 403
    approved = reviewer.post(f"/adjustments/{entry['id']}/approve", {"reason": "属实"}).json()
    assert (approved["state"], approved["decision"], approved["actions"]) == (
        "approved",
        "属实",
        ["withdraw"],
    )
    assert [row["id"] for row in unit.get("/adjustments", state="approved").json()["items"]] == [entry["id"]]
    assert unit.get("/adjustments", state="refused").json()["items"] == []


def test_nobody_approves_an_own_entry(office: Office, reviewer: Program) -> None:
    entry = reviewer.upload("/adjustments", form(office)).json()
    refused = reviewer.post(f"/adjustments/{entry['id']}/approve", {})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "adjustments.same_person"
    assert Entry.objects.get(pk=entry["id"]).state == "proposed"


def test_an_entry_is_turned_down_or_taken_back_with_a_reason_only(
    office: Office, unit: Program, reviewer: Program
) -> None:
    first, second = (
        unit.upload("/adjustments", form(office, count=count)).json()["id"] for count in ("1", "2")
    )
    twice = unit.upload("/adjustments", form(office, count="2"))
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "adjustments.entered_already")
    for program, address in ((reviewer, f"{first}/refuse"), (unit, f"{second}/withdraw")):
        bare = program.post(f"/adjustments/{address}", {"reason": " "})
        assert bare.status_code == 422
        assert bare.json()["errors"][0]["pointer"] == "/reason"
    refused = reviewer.post(f"/adjustments/{first}/refuse", {"reason": "与职责无关"}).json()
    assert (refused["state"], refused["decision"]) == ("refused", "与职责无关")
    withdrawn = unit.post(f"/adjustments/{second}/withdraw", {"reason": "重复申报"}).json()
    assert (withdrawn["state"], withdrawn["withdrawal"]) == ("withdrawn", "重复申报")
    assert unit.post(f"/adjustments/{second}/withdraw", {"reason": "重复申报"}).status_code in (403, 409)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"evidence": None}, "api.field_missing"),
        ({"count": "-1"}, "ledger.bad_count"),
        ({"indicator": "RATE"}, "adjustments.no_line"),
        ({"line": "both"}, "api.field_choice"),
        ({"reasons": "x"}, "api.field_unknown"),
        ({"reason": "好"}, "adjustments.reason_missing"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_and_nothing_is_kept(
    office: Office, unit: Program, other: dict[str, Any], code: str
) -> None:
    refused = unit.upload("/adjustments", form(office, **other))
    assert refused.status_code == 422
    assert code in {error["code"] for error in refused.json()["errors"]}
    assert not Entry.objects.exists()


def test_an_entry_sent_twice_with_one_key_stands_once(office: Office, unit: Program) -> None:
    first, again = (unit.upload("/adjustments", form(office), Idempotency_Key="entry-1") for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Entry.objects.count() == 1


def test_entries_and_vetoes_of_a_sibling_are_not_there(office: Office, unit: Program) -> None:
    entry = unit.upload("/adjustments", form(office)).json()["id"]
    case = veto_of(office).pk
    sibling = Program(office.cast.user("reviewer", "sibling"))
    for part, row in (("adjustments", entry), ("vetoes", case)):
        assert sibling.get(f"/{part}").json()["items"] == []
        assert sibling.get(f"/{part}/{row}").status_code == 404
    assert sibling.post(f"/adjustments/{entry}/approve", {}).status_code == 404
    said = {"applies": True, "reason": "事实清楚"}
    assert sibling.post(f"/vetoes/{case}/decide", said).status_code == 404


def test_a_veto_is_replied_to_and_then_decided_by_a_third(
    office: Office, unit: Program, analyst: Program, reviewer: Program
) -> None:
    case = veto_of(office).pk
    decision = {"applies": False, "reason": "答辩成立"}
    early = reviewer.post(f"/vetoes/{case}/decide", decision)
    assert early.json()["errors"][0]["code"] == "adjustments.reply_open"
    assert reviewer.post(f"/vetoes/{case}/reply", {"text": "案件系外地流入"}).status_code == 403
    replied = unit.post(f"/vetoes/{case}/reply", {"text": "案件系外地流入"}).json()
    assert (replied["state"], replied["reply"], replied["actions"]) == (
        "replied",
        "案件系外地流入",
        ["reply"],
    )
    assert analyst.post(f"/vetoes/{case}/decide", decision).status_code == 403
    assert reviewer.get(f"/vetoes/{case}").json()["actions"] == ["decide"]
    decided = reviewer.post(f"/vetoes/{case}/decide", decision).json()
    assert (decided["state"], decided["decision"], decided["actions"]) == ("not_applied", "答辩成立", [])
    assert reviewer.post(f"/vetoes/{case}/decide", decision).status_code == 409


def test_the_value_of_a_veto_about_persons_is_withheld_without_the_right(
    office: Office, reviewer: Program
) -> None:
    case = veto_of(office)
    VetoCase.objects.filter(pk=case.pk).update(person_based=True)
    viewer = Program(office.cast.user("viewer", "own"))
    assert viewer.get(f"/vetoes/{case.pk}").json()["value"] is None
    assert reviewer.get(f"/vetoes/{case.pk}").json()["value"] == "13"


def test_lists_need_as_many_reads_for_many_rows_as_for_few(office: Office, analyst: Program) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert analyst.get("/adjustments").status_code == 200
        return len(captured)

    def enter(count: str) -> None:
        services.enter(
            office.analyst, office.cast.places["county_b"], "card", "bonus", "CASES", MONTH, count, REASON,
            [("a.csv", [b"a,b\n1,2\n"])],
        )  # fmt: skip

    enter("1")
    reads()  # the first call also finds out whose token it is
    few = reads()
    for count in "2345":
        enter(count)
    assert reads() == few
