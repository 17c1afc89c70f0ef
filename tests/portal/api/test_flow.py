"""From facts to a published, explained ranking, by programs alone."""

from __future__ import annotations

import hashlib

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.assessment.office import MONTH, Office
from tests.portal.api.conftest import Program

RIGHT = "region,element,period,value\n310101002,done,2026-09,18\n"
WRONG = "region,element,period,value\n310101002,done,2026-09,18\n310101002,dnoe,2026-09,many\n"


def sheet(text: str, name: str = "report.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def test_programs_take_a_run_from_draft_to_publication(
    office: Office, analyst: Program, reviewer: Program
) -> None:
    new = {"region": office.city.pk, "scorecard": "card", "period": MONTH, "note": "九月考核"}
    made = analyst.post("/runs", new)
    assert made.status_code == 201
    run = made.json()["id"]
    assert analyst.post(f"/runs/{run}/prepare").json()["state"] == "checked"
    held = analyst.post(f"/runs/{run}/submit", {})
    findings = analyst.get(f"/runs/{run}/findings").json()["items"]
    errors = [finding for finding in findings if finding["severity"] == "error"]
    assert held.status_code == (409 if errors else 200)
    for finding in errors:
        answered = analyst.post(f"/findings/{finding['id']}/answer", {"reason": "已与当地核实"})
        assert answered.json()["state"] == "answered"
    if errors:
        assert analyst.post(f"/runs/{run}/submit", {}).json()["state"] == "in_review"
    assert analyst.post(f"/runs/{run}/publish", {}).status_code in (403, 409)
    published = reviewer.post(f"/runs/{run}/publish", {"note": "同意"}).json()
    assert published["state"] == "published"
    content = analyst.get(f"/runs/{run}/publication")
    assert hashlib.sha256(content.content).hexdigest() == published["publication_hash"]
    ranking = analyst.get(f"/runs/{run}/ranking").json()
    assert [row["rank"] for row in ranking["items"]] == [1, 2]
    matrix = analyst.get(f"/runs/{run}/matrix").json()
    assert len(matrix["cells"]) == len(matrix["items"]) == 2
    place = ranking["items"][1]["region"]
    assert analyst.get(f"/runs/{run}/places/{place}").json()["items"]
    assert analyst.get(f"/runs/{run}/red-lines").status_code == 200
    assert analyst.get(f"/runs/{run}/indicators/RATE").json()["items"]
    explained = analyst.get(f"/runs/{run}/explanation", region=place, indicator="RATE").json()
    assert not explained["closed"]
    assert explained["root"]["children"]
    assert [row["id"] for row in analyst.get("/runs", state="published").json()["items"]] == [run]


def test_an_import_is_previewed_confirmed_and_changes_the_series(office: Office, analyst: Program) -> None:
    tree = office.cast.tree.slug
    place = office.cast.places["township_a2"].pk
    preview = analyst.upload("/facts/imports", {"tree": tree, "file": sheet(RIGHT)})
    assert preview.status_code == 201
    made = preview.json()
    assert (made["state"], made["changed"]) == ("ready", 1)
    before = analyst.get("/facts", tree=tree, region=place, element="done").json()["items"]
    assert before[0]["value"] == "3"
    stored = analyst.post(f"/facts/imports/{made['id']}/confirm").json()
    assert stored["state"] == "stored"
    after = analyst.get("/facts", tree=tree, region=place, element="done").json()["items"]
    assert after[0]["value"] == "18"
    series = analyst.get("/indicators/RATE/series", region=place, n=1, until=MONTH).json()
    assert series["items"][0]["value"] == "90.00"
    undone = analyst.post(f"/facts/imports/{made['id']}/undo", {"reason": "传错了"})
    assert undone.status_code == 201
    again = analyst.get("/facts", tree=tree, region=place, element="done").json()["items"]
    assert again[0]["value"] == "3"


def test_a_wrong_file_comes_back_marked_and_stores_nothing(office: Office, analyst: Program) -> None:
    refused = analyst.upload(
        "/facts/imports", {"tree": office.cast.tree.slug, "file": sheet(WRONG), "confirm": "true"}
    )
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    told = refused.json()
    assert {error["row"] for error in told["errors"]} == {3}
    known = analyst.get(f"/facts/imports/{told['import']}").json()
    assert known["state"] == "refused"
    marked = analyst.get(f"/facts/imports/{told['import']}/marked")
    assert "dnoe" in b"".join(marked.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_rows_are_imported_from_json_and_errors_point_at_them(office: Office, analyst: Program) -> None:
    tree = office.cast.tree.slug
    good = {"region": "310101001", "element": "cases", "period": "2026-08", "value": "4"}
    bad = {**good, "element": "csaes"}
    refused = analyst.post("/facts/imports/rows", {"tree": tree, "rows": [good, bad], "confirm": True})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/rows/1/element"
    stored = analyst.post("/facts/imports/rows", {"tree": tree, "rows": [good], "confirm": True})
    assert stored.status_code == 201
    assert stored.json()["state"] == "stored"
    assert stored.json()["added"] == 1


def test_one_value_is_changed_and_taken_back(office: Office, analyst: Program) -> None:
    tree, place = office.cast.tree.slug, office.cast.places["township_b"].pk
    change = {"region": place, "element": "cases", "period": MONTH, "value": "11", "reason": "漏报两起"}
    assert analyst.post("/facts/changes", change).json()["kind"] == "edit"
    assert analyst.post("/facts/changes", change).status_code == 409
    query = {"tree": tree, "region": place, "element": "cases"}
    assert analyst.get("/facts", **query).json()["items"][0]["value"] == "11"
    assert analyst.post("/facts/changes", {**change, "value": None}).json()["kind"] == "retraction"
    assert analyst.get("/facts", **query).json()["items"] == []


def test_versions_are_compared(office: Office, analyst: Program, reviewer: Program) -> None:
    first = office.published()
    office.change("township_a2", "done", 18)
    second = analyst.post(f"/runs/{first.pk}/correct", {"reason": "甲二镇漏报"})
    assert second.status_code == 201
    told = analyst.get(f"/runs/{second.json()['id']}/differences").json()
    assert (told["older"]["version"], told["newer"]["version"]) == (1, 2)
    assert any(change["kind"] == "fact" for change in told["items"])
    assert told["reasons"]


def test_regions_are_found_today_and_on_a_day_of_the_past(office: Office, analyst: Program) -> None:
    slug = office.cast.tree.slug
    detail = analyst.get(f"/trees/{slug}").json()
    assert detail["levels"][0]["level"] == "nation"
    assert analyst.get(f"/trees/{slug}/search", q="甲县").json()["items"][0]["code"] == "310101"
    county = office.cast.places["county_a"].pk
    assert [step["name"] for step in analyst.get(f"/regions/{county}").json()["path"]] == [
        "全国",
        "甲省",
        "本市",
    ]
    past = analyst.get(f"/regions/{county}/children", as_of="2020-01-01").json()
    assert [place["name"] for place in past["items"]] == ["甲一镇", "甲二镇"]
    assert analyst.get(f"/trees/{slug}/regions", code="310101").json()["items"][0]["id"] == county


def test_definitions_in_force_are_read(analyst: Program, office: Office) -> None:
    assert analyst.get("/catalogue").json()["indicators"] == 2
    assert analyst.get("/elements/due").json()["used_by"] == ["RATE"]
    assert analyst.get("/indicators/RATE").json()["elements"] == ["done", "due"]
    assert analyst.get("/scorecards/card").json()["sections"][0]["items"][0]["points"] == "60"
    assert len(analyst.get("/groups/both").json()["members"]) == 2
    names = [row["code"] for row in analyst.get("/indicators", q="到位").json()["items"]]
    assert names == ["RATE"]


def test_a_program_asks_who_it_is(analyst: Program, office: Office) -> None:
    me = analyst.get("/me").json()
    assert me["posts"][0]["region"]["id"] == office.city.pk
    assert "runs.prepare" in me["posts"][0]["permissions"]
