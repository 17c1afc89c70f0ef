"""Targets and survey results by programs: proposed, decided, imported, with the refusals of the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jingtu.assessment.surveys.models import SurveyImport, Wave
from jingtu.assessment.surveys.services import withdraw_wave
from jingtu.assessment.targets.models import Target
from tests.assessment.office import Office, version_of
from tests.assessment.surveys.test_services import FILE, SURVEYS
from tests.portal.api.conftest import Program


def asked(office: Office, **other: Any) -> dict[str, Any]:
    return {
        "tree": "cast",
        "indicator": "RATE",
        "region": office.cast.places["county_a"].pk,
        "period": "2027",
        "requirement": ">= 96",
        "document": "市发1号",
        "reason": "市里下达",
    } | other


def test_a_target_is_proposed_by_one_and_approved_by_another(
    office: Office, analyst: Program, reviewer: Program
) -> None:
    made = analyst.post("/targets", asked(office))
    assert made.status_code == 201
    target = made.json()
    assert (target["state"], target["version"], target["actions"]) == ("proposed", 1, ["withdraw"])
    assert analyst.post(f"/targets/{target['id']}/approve", {}).status_code == 403
    approved = reviewer.post(f"/targets/{target['id']}/approve", {"reason": "同意"}).json()
    assert (approved["state"], approved["decision"]) == ("in_force", "同意")
    same = analyst.post("/targets", asked(office))
    assert same.json()["errors"][0]["code"] == "targets.nothing_new"


def test_a_proposal_is_turned_down_with_a_reason_only(
    office: Office, analyst: Program, reviewer: Program
) -> None:
    target = analyst.post("/targets", asked(office, red_line="< 80")).json()["id"]
    assert reviewer.post(f"/targets/{target}/reject", {}).status_code == 422
    assert reviewer.post(f"/targets/{target}/reject", {"reason": "没有依据"}).json()["state"] == "rejected"
    again = analyst.post("/targets", asked(office)).json()
    assert again["version"] == 2
    ended = analyst.post(f"/targets/{again['id']}/withdraw", {"reason": "文件作废"}).json()
    assert (ended["state"], ended["decision"]) == ("withdrawn", "文件作废")


@pytest.mark.parametrize(
    ("other", "code", "pointer"),
    [
        ({"requirement": "", "red_line": ""}, "targets.nothing_asked", "/requirement"),
        ({"requirement": ">= 96", "red_line": "< 98"}, "targets.both_hold", None),
        ({"scope": "group", "group": "none"}, "targets.unknown_group", "/group"),
        ({"scope": "level", "level": "moon"}, "targets.unknown_level", "/level"),
        ({"period": "2026-01..", "basis": "exact"}, "targets.open_exact", "/basis"),
        ({"indicator": "RATED"}, "targets.unknown_indicator_near", "/indicator"),
        ({"reason": "好"}, "targets.reason_missing", "/reason"),
        ({"region": None}, "targets.no_place", "/region"),
    ],
)
def test_what_is_wrong_with_a_target_is_said_at_its_field(
    office: Office, analyst: Program, other: dict[str, Any], code: str, pointer: str | None
) -> None:
    refused = analyst.post("/targets", asked(office, **other))
    assert refused.status_code == 422
    found = {error["code"]: error["pointer"] for error in refused.json()["errors"]}
    assert code in found
    assert pointer is None or found[code] == pointer
    assert not Target.objects.exists()


def test_nobody_sets_or_sees_the_proposals_of_a_sibling(office: Office, analyst: Program) -> None:
    sibling = Program(office.cast.user("analyst", "sibling"))
    assert sibling.post("/targets", asked(office)).status_code == 403
    target = analyst.post("/targets", asked(office)).json()["id"]
    assert sibling.get(f"/targets/{target}").status_code == 404
    assert sibling.post(f"/targets/{target}/withdraw", {"reason": "无权过问"}).status_code == 404
    assert Target.objects.get(pk=target).state == "proposed"


def wave(text: str = FILE, **other: Any) -> dict[str, Any]:
    return {
        "tree": "cast",
        "element": "survey_satisfaction",
        "period": "2026-H1",
        "agency": "某调查公司",
        "file": SimpleUploadedFile("wave.csv", text.encode(), "text/csv"),
    } | other


def test_a_wave_is_checked_then_stored(office: Office, analyst: Program, reviewer: Program) -> None:
    version_of(SURVEYS)
    checked = analyst.upload("/surveys/imports", wave())
    assert checked.status_code == 201
    made = checked.json()
    assert (made["state"], made["rows"], made["wave"]) == ("ready", 3, None)
    assert not Wave.objects.exists()
    assert reviewer.get(f"/surveys/imports/{made['id']}").status_code == 404
    stored = analyst.post(f"/surveys/imports/{made['id']}/confirm").json()
    assert stored["state"] == "stored"
    shown = analyst.get(f"/surveys/{stored['wave']}", level="county").json()
    assert [row["name"] for row in shown["rows"]] == ["甲县", "乙县"]
    assert shown["withdrawn"] is False
    twice = analyst.upload("/surveys/imports", wave())
    assert twice.json()["errors"][0]["code"] == "surveys.wave_stands"
    withdraw_wave(office.analyst, stored["wave"], "样本串行")
    assert analyst.get(f"/surveys/{stored['wave']}").json()["withdrawn"] is True


def test_a_wave_sent_twice_with_one_key_is_stored_once(office: Office, analyst: Program) -> None:
    version_of(SURVEYS)
    first, again = (
        analyst.upload("/surveys/imports", wave(confirm="true"), Idempotency_Key="w") for _ in range(2)
    )
    assert first.json() == again.json()
    assert first.json()["state"] == "stored"
    assert Wave.objects.count() == 1


def test_a_wrong_file_is_refused_whole_with_its_rows(office: Office, analyst: Program) -> None:
    version_of(SURVEYS)
    refused = analyst.upload("/surveys/imports", wave(FILE.replace("乙县", "丙县"), confirm="true"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["row"] == 3
    assert SurveyImport.objects.get(pk=refused.json()["import"]).state == "refused"
    assert not Wave.objects.exists()
    assert analyst.upload("/surveys/imports", wave(agency=" ")).status_code == 422
    assert analyst.upload("/surveys/imports", wave(agencies="x")).status_code == 422
    long = analyst.upload("/surveys/imports", wave(method="话" * 256)).json()["errors"][0]
    assert (long["code"], long["column"]) == ("surveys.too_long", "method")


def test_only_who_brings_in_results_for_a_place_may_import_them(office: Office, reviewer: Program) -> None:
    version_of(SURVEYS)
    assert reviewer.upload("/surveys/imports", wave()).status_code == 403
    sibling = Program(office.cast.user("analyst", "sibling"))
    refused = sibling.upload("/surveys/imports", wave())
    assert "surveys.not_yours" in {error["code"] for error in refused.json()["errors"]}
