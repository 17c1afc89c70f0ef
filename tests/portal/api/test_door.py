"""Who gets in, how refusals read, and that a repeated call is done once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from jingtu.assessment.runs.models import Run
from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.clock import frozen, now
from jingtu.portal.api.idempotency import KEPT_FOR
from jingtu.portal.api.models import FirstAnswer
from tests.assessment.office import MONTH, Office
from tests.portal.api.conftest import ROOT, Program


def problem(response: HttpResponse, status: int) -> dict[str, Any]:
    """The problem document of a refused call."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()  # type: ignore[attr-defined]
    assert told["status"] == status
    assert told["type"].startswith("urn:jingtu:problem:")
    assert told["detail"] == told["errors"][0]["message"]
    return told


def new_run(office: Office) -> dict[str, Any]:
    return {"region": office.city.pk, "scorecard": "card", "period": MONTH}


# -- getting in


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer jt_unknown", "Basic d2FuZzp4", "bearer "])
def test_without_a_valid_token_or_session_nobody_gets_in(office: Office, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    problem(Client().get(f"{ROOT}/me", headers=headers), 401)


def test_a_wrong_token_is_refused_even_beside_a_valid_cookie(office: Office) -> None:
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    assert client.get(f"{ROOT}/me").status_code == 200
    answer = client.get(f"{ROOT}/me", headers={"Authorization": "Bearer jt_unknown"})
    problem(answer, 401)
    assert "Bearer" in answer["WWW-Authenticate"]


def test_a_token_speaks_for_its_owner_and_not_for_the_cookie(office: Office, reviewer: Program) -> None:
    reviewer.client.force_login(office.cast.user("analyst", "ancestor"))
    assert reviewer.get("/me").json()["id"] == reviewer.user.pk


def test_a_session_needs_the_csrf_token_to_write_and_a_token_does_not(
    office: Office, analyst: Program
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst.user)
    refused = client.post(f"{ROOT}/runs", new_run(office), content_type="application/json")
    assert problem(refused, 403)["errors"][0]["code"] == "api.csrf"
    client.get("/account/")
    token = client.cookies["csrftoken"].value
    let_in = client.post(
        f"{ROOT}/runs", new_run(office), content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert let_in.status_code == 201
    analyst.client = Client(enforce_csrf_checks=True)
    assert analyst.post("/runs", new_run(office)).status_code == 201


def test_who_must_change_a_password_does_nothing_else_first(office: Office, analyst: Program) -> None:
    analyst.user.must_change_password = True
    analyst.user.save()
    assert problem(analyst.get("/me"), 403)["errors"][0]["code"] == "api.password_first"


def test_rights_are_those_of_today(office: Office, analyst: Program) -> None:
    assert analyst.post("/runs", new_run(office)).status_code == 201
    analyst.user.posts.update(ended_at=now())
    problem(analyst.post("/runs", new_run(office)), 403)


def test_deeds_by_token_are_audited_as_the_owners_through_the_api(office: Office, analyst: Program) -> None:
    analyst.post("/runs", new_run(office))
    entry = AuditEntry.objects.filter(action="runs.created").get()
    assert (entry.actor_id, entry.channel) == (f"user:{analyst.user.pk}", "api")


# -- refusals


def test_refusals_speak_the_language_that_was_asked_for(office: Office, analyst: Program) -> None:
    chinese = problem(analyst.get("/runs/999999"), 404)
    english = problem(Program(analyst.user, "en").get("/runs/999999"), 404)
    assert "没有找到" in chinese["detail"]
    assert english["detail"].startswith("There is no assessment")
    analyst.headers["Accept-Language"] = "fr, en;q=0.5, zh;q=0.1"
    assert problem(analyst.get("/runs/999999"), 404)["title"] == "Not found"


def test_names_follow_the_language_too(office: Office, analyst: Program) -> None:
    office.published()
    english = Program(analyst.user, "en").get("/runs").json()["items"][0]
    assert (english["scorecard_name"], analyst.get("/runs").json()["items"][0]["scorecard_name"]) == (
        "Hundred",
        "百分表",
    )


def test_a_misspelt_field_is_refused_with_a_pointer(office: Office, analyst: Program) -> None:
    told = problem(analyst.post("/runs", {**new_run(office), "peroid": "2026-10"}), 422)
    assert [(error["pointer"], error["code"]) for error in told["errors"]] == [
        ("/peroid", "api.field_unknown")
    ]
    assert not Run.objects.exists()


def test_a_misspelt_query_parameter_is_refused_by_name(office: Office, analyst: Program) -> None:
    told = problem(analyst.get("/runs", perod="2026-10"), 422)
    assert told["errors"][0]["column"] == "perod"


@pytest.mark.parametrize(
    "content, pointer, code",
    [
        ({}, "/region", "api.field_missing"),
        ({"region": "x", "scorecard": "card", "period": MONTH}, "/region", "api.field_number"),
        ({"region": 0, "scorecard": "card", "period": MONTH}, "/region", "api.field_limit"),
        ({"region": 1, "scorecard": ["card"], "period": MONTH}, "/scorecard", "api.field_text"),
        ({"region": 1, "scorecard": "c\x00d", "period": MONTH}, None, "api.characters"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_a_pointer(
    office: Office, analyst: Program, content: dict[str, Any], pointer: str | None, code: str
) -> None:
    told = problem(analyst.post("/runs", content), 422)
    assert (told["errors"][0]["code"], told["errors"][0]["pointer"]) in {
        (code, pointer),
        (code, "/scorecard"),
    }


def test_what_a_service_refuses_points_at_the_field(office: Office, analyst: Program) -> None:
    change = {"region": office.cast.places["township_a"].pk, "element": "cases", "period": MONTH}
    told = problem(analyst.post("/facts/changes", {**change, "value": "4", "reason": " "}), 422)
    assert told["errors"][0]["pointer"] == "/reason"


@pytest.mark.parametrize("text", ["{", "[1", "\xff", '{"a": 1e999999999999}', "NaN"])
def test_what_is_no_json_is_refused(office: Office, analyst: Program, text: str) -> None:
    answer = analyst.client.post(
        f"{ROOT}/runs", text, content_type="application/json", headers=analyst.headers
    )
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize("key", [None, "k-1"])
def test_a_form_that_is_none_is_refused(office: Office, analyst: Program, kind: str, key: str | None) -> None:
    headers = analyst.headers | ({"Idempotency-Key": key} if key else {})
    answer = analyst.client.post(
        f"{ROOT}/facts/imports", b"--y\r\nnonsense", content_type=kind, headers=headers
    )
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_a_body_above_the_limit_is_refused_before_it_is_read(
    office: Office, analyst: Program, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem(analyst.post("/runs", {**new_run(office), "note": "长" * 100}), 413)


def test_an_upload_above_the_limit_is_refused(office: Office, analyst: Program, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10
    large = SimpleUploadedFile("a.csv", b"x" * 100_000)
    problem(analyst.upload("/facts/imports", {"tree": office.cast.tree.slug, "file": large}), 413)
    small = SimpleUploadedFile("a.csv", b"x" * 100)
    problem(analyst.upload("/facts/imports", {"tree": office.cast.tree.slug, "file": small}), 422)


def test_unknown_addresses_and_methods_are_problem_documents_too(office: Office, analyst: Program) -> None:
    problem(analyst.get("/nothing"), 404)
    answer = analyst.client.delete(f"{ROOT}/runs", headers=analyst.headers)
    problem(answer, 405)
    assert "GET" in answer["Allow"]


def test_a_crash_tells_a_reference_and_nothing_else(
    office: Office, analyst: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object) -> None:
        raise RuntimeError("secret table name")

    monkeypatch.setattr("jingtu.core.regions.queries.trees", crash)
    told = problem(analyst.get("/trees"), 500)
    assert "secret" not in str(told)


# -- repeated calls


def test_a_repeated_call_is_done_once_and_answered_alike(office: Office, analyst: Program) -> None:
    first = analyst.post("/runs", new_run(office), Idempotency_Key="a-1")
    again = analyst.post("/runs", new_run(office), Idempotency_Key="a-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert Run.objects.count() == 1


def test_a_repeated_upload_is_stored_once(office: Office, analyst: Program) -> None:
    def send() -> HttpResponse:
        text = "region,element,period,value\n310101002,done,2026-09,18\n"
        sheet = SimpleUploadedFile("a.csv", text.encode())
        fields = {"tree": office.cast.tree.slug, "file": sheet, "confirm": "true"}
        return analyst.upload("/facts/imports", fields, Idempotency_Key="u-1")

    before = FactBatch.objects.count()
    assert send().json() == send().json()  # type: ignore[attr-defined]
    assert FactBatch.objects.count() == before + 1


def test_a_key_used_for_another_call_is_refused(office: Office, analyst: Program) -> None:
    analyst.post("/runs", new_run(office), Idempotency_Key="a-1")
    other = analyst.post("/runs", {**new_run(office), "note": "另一个"}, Idempotency_Key="a-1")
    assert problem(other, 422)["errors"][0]["code"] == "api.key_reused"


def test_keys_of_different_people_have_nothing_to_do_with_each_other(
    office: Office, analyst: Program
) -> None:
    other = Program(office.cast.user("analyst", "own"))
    mine = analyst.post("/runs", new_run(office), Idempotency_Key="a-1")
    county = {"region": office.cast.places["county_a"].pk, "level": "township"}
    theirs = other.post("/runs", {**new_run(office), **county}, Idempotency_Key="a-1")
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_refused_call_may_be_mended_and_sent_with_the_same_key(office: Office, analyst: Program) -> None:
    problem(analyst.post("/runs", {**new_run(office), "period": "2026"}, Idempotency_Key="a-1"), 422)
    assert analyst.post("/runs", new_run(office), Idempotency_Key="a-1").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "键", "x" * 129])
def test_a_malformed_key_is_refused(office: Office, analyst: Program, key: str) -> None:
    problem(analyst.post("/runs", new_run(office), Idempotency_Key=key), 422)


def test_keys_are_forgotten_after_a_day(office: Office, analyst: Program) -> None:
    analyst.post("/runs", new_run(office), Idempotency_Key="a-1")
    FirstAnswer.objects.update(created_at=now() - KEPT_FOR - dt.timedelta(minutes=1))
    analyst.post("/runs", new_run(office), Idempotency_Key="a-2")
    assert list(FirstAnswer.objects.values_list("key", flat=True)) == ["a-2"]
    with frozen(now() + dt.timedelta(hours=1)):
        assert FirstAnswer.objects.count() == 1
