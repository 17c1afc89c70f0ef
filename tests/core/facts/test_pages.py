"""The data room over HTTP: upload, marked sheet, confirm, browse, change, export, in both languages."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse

from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch, FactImport
from jingtu.core.facts.services import confirm_import, expire_exports, outputs
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import blob_path, content_path
from jingtu.core.jobs.models import Job
from jingtu.core.kernel.clock import frozen, now
from tests.core.facts.test_imports import A1, B1, GOOD, book, upload
from tests.core.facts.test_store import commit_rows


def signed_in(cast, role: str = "reporter", relation: str = "own") -> Client:
    client = Client()
    client.force_login(cast.user(role, relation))
    return client


def post_file(client: Client, cast, content: bytes | str, name: str = "facts.csv"):
    data = content.encode() if isinstance(content, str) else content
    return client.post("/facts/upload/", {"tree": cast.tree.slug, "file": SimpleUploadedFile(name, data)})


def test_a_wrong_row_comes_back_named_and_the_corrected_file_is_stored(cast):
    client = signed_in(cast)
    response = post_file(client, cast, GOOD.replace(",4\n", ",-4\n"))
    page = client.get(response["Location"]).content.decode()
    assert "不能小于0" in page
    assert FactBatch.objects.count() == 0
    made = FactImport.objects.get()
    marked = b"".join(client.get(f"/files/{made.marked_file_id}/").streaming_content).decode()
    assert "不能小于0" in marked

    response = post_file(client, cast, GOOD)
    address = response["Location"]
    assert "确认入库" in client.get(address).content.decode()
    client.post(f"{address}confirm/")
    assert "已入库" in client.get(address).content.decode()
    assert len(store.read(cast.tree.pk)) == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.csv"),
        (b"MZ\x90\x00\x03", "a.csv"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (GOOD.encode(), "a.xlsx"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_on_the_form(cast, content, name):
    response = post_file(signed_in(cast), cast, content, name)
    assert response.status_code in {200, 400}
    assert response.context["form"].errors["file"]
    assert not StoredFile.objects.exists()


def test_a_file_beyond_the_limit_is_refused_on_the_form(cast, settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    response = post_file(signed_in(cast), cast, b"a" * (1024 * 1024 + 1))
    assert "1 MB" in response.content.decode()


def test_a_template_filled_in_is_recognised_and_stored(cast):
    client = signed_in(cast)
    response = client.post(
        "/facts/template/",
        {
            "tree": cast.tree.slug,
            "elements": ["cases", "seized"],
            "periods": "2026-09，2026年10月",
            "level": "",
        },
    )
    stored = StoredFile.objects.get()
    assert response["Location"] == reverse("files:download", args=(stored.pk,))
    filled = openpyxl.load_workbook(io.BytesIO(content_path(stored).read_bytes()))
    page = filled.worksheets[0]
    assert [cell.value for cell in page[2]] == ["region", "region_name", "period", "cases", "seized"]
    assert page.row_dimensions[2].hidden
    assert page.protection.sheet
    assert page["A4"].protection.locked
    assert not page["D4"].protection.locked
    assert [row[0].value for row in page.iter_rows(min_row=4)] == [A1, "310101002", A1, "310101002"]
    page["D4"], page["E5"] = 7, 1.25
    stream = io.BytesIO()
    filled.save(stream)
    made = FactImport.objects.get(
        pk=post_file(client, cast, stream.getvalue(), "t.xlsx")["Location"].split("/")[3]
    )
    assert (made.problems, made.state, made.added) == ([], "ready", 2)

    page["D5"] = -1
    stream = io.BytesIO()
    filled.save(stream)
    made = FactImport.objects.get(
        pk=post_file(client, cast, stream.getvalue(), "t.xlsx")["Location"].split("/")[3]
    )
    assert [(found["code"], found["row"]) for found in made.problems] == [("element.negative", 5)]
    marked = openpyxl.load_workbook(io.BytesIO(content_path(made.marked_file).read_bytes())).worksheets[0]
    assert marked["F3"].value == "错误说明"
    assert "不能小于0" in marked["F5"].value


def test_a_template_lists_only_places_one_may_report_for(cast):
    signed_in(cast, "reporter", "sibling").post(
        "/facts/template/", {"tree": cast.tree.slug, "elements": ["cases"], "periods": "2026-10"}
    )
    page = openpyxl.load_workbook(io.BytesIO(content_path(StoredFile.objects.get()).read_bytes())).worksheets[
        0
    ]
    assert [row[0].value for row in page.iter_rows(min_row=4)] == [B1]


def facts_everywhere(cast) -> None:
    commit_rows(
        cast,
        *(
            ("cases", cast.places[key].pk, period, number + 1000)
            for number, key in enumerate(("township_a", "township_a2", "township_b", "outside"))
            for period in ("2026-09", "2026-10")
        ),
    )


def test_the_browser_shows_ones_own_subtree_only(cast):
    facts_everywhere(cast)
    own = signed_in(cast, "analyst").get("/facts/browse/")
    assert [line.region for line in own.context["lines"]] == ["甲一镇", "甲二镇"] * 2
    sibling = signed_in(cast, "analyst", "sibling")
    assert [line.region for line in sibling.get("/facts/browse/").context["lines"]] == ["乙一镇"] * 2
    county = cast.places["county_a"].pk
    assert sibling.get(f"/facts/browse/?region={county}").status_code == 404
    narrowed = signed_in(cast, "analyst").get("/facts/browse/?element=cases&period=2026年10月")
    assert {line.row.period for line in narrowed.context["lines"]} == {"2026-10"}


def test_the_browser_costs_the_same_for_few_and_many_facts(cast, django_assert_max_num_queries):
    facts_everywhere(cast)
    client = signed_in(cast, "analyst", "ancestor")
    client.get("/facts/browse/")
    with django_assert_max_num_queries(25) as few:
        client.get("/facts/browse/")
        count = len(few)
    days = [f"2025-{month:02d}" for month in range(1, 13)]
    towns = [cast.places[key].pk for key in ("township_a", "township_a2", "township_b")]
    commit_rows(cast, *(("cases", town, day, 5) for town in towns for day in days))
    client.get("/facts/browse/")
    with django_assert_max_num_queries(count):
        client.get("/facts/browse/")


def test_the_list_of_imports_costs_the_same_for_few_and_many(cast, django_assert_max_num_queries):
    upload(cast, GOOD)
    client = signed_in(cast)
    client.get("/facts/")
    with django_assert_max_num_queries(25) as few:
        client.get("/facts/")
        count = len(few)
    for number in range(5):
        upload(cast, GOOD.replace(",3", f",{number + 5}"))
    with django_assert_max_num_queries(count):
        client.get("/facts/")


def test_a_value_is_changed_and_retracted_on_its_page_with_a_reason(cast):
    facts_everywhere(cast)
    client = signed_in(cast)
    cell = {"region": cast.places["township_a"].pk, "element": "cases", "period": "2026-10"}
    response = client.post("/facts/value/change/", {**cell, "value": "12", "reason": "更正"}, follow=True)
    assert "更正" in response.content.decode()
    assert client.post("/facts/value/change/", {**cell, "value": "13"}).status_code == 400
    assert client.post("/facts/value/retract/", {**cell, "reason": "误报"}).status_code == 302
    page = client.get("/facts/value/", cell)
    assert [words for _, words in page.context["events"]] == ["已撤回", "12", "1,000"]
    assert signed_in(cast, "reporter", "sibling").get("/facts/value/", cell).status_code == 404


def exported(cast, client: Client, kind: str, **more) -> bytes:
    response = client.post("/facts/export/", {"tree": cast.tree.slug, "kind": kind, **more})
    return b"".join(client.get(response["Location"]).streaming_content)


def test_an_export_says_its_count_filter_user_and_time_and_holds_only_what_one_may_read(cast):
    facts_everywhere(cast)
    client = signed_in(cast, "analyst")
    rows = list(csv.reader(io.StringIO(exported(cast, client, "csv", period="2026-10").decode("utf-8-sig"))))
    titles = next(number for number, row in enumerate(rows) if len(row) > 2)
    stamp = dict(row[:2] for row in rows[:titles])
    assert stamp["记录数"] == "2"
    assert "2026-10" in stamp["筛选条件"]
    assert "analyst" in stamp["导出人"]
    assert stamp["导出时间"] == "2026-11-22T09:00:00+08:00"
    assert "analyst" in stamp["水印"]
    assert {row[1] for row in rows[titles + 1 :]} == {"甲一镇", "甲二镇"}
    page = openpyxl.load_workbook(io.BytesIO(exported(cast, client, "xlsx"))).worksheets[0]
    assert page.max_row == 5
    assert page["H2"].value == 1000


def test_an_export_reads_the_facts_once(cast, monkeypatch):
    read, usual = [], outputs.queries.facts
    monkeypatch.setattr(
        outputs.queries, "facts", lambda *args, **more: read.append(1) or usual(*args, **more)
    )
    assert exported(cast, signed_in(cast, "analyst"), "csv")
    assert read == [1]


def test_a_long_export_is_a_job_whose_link_ends(cast, client, monkeypatch, settings):
    monkeypatch.setattr(outputs, "LONG_ROWS", 2)
    facts_everywhere(cast)
    client.force_login(cast.user("analyst", "ancestor"))
    with TestCase.captureOnCommitCallbacks(execute=True):
        address = client.post("/facts/export/", {"tree": cast.tree.slug, "kind": "csv"})["Location"]
    job = Job.objects.get(kind="facts.export")
    assert address == f"/jobs/{job.pk}/"
    link = client.get(address).context["outcome"][1]
    assert b"cases" in b"".join(client.get(link).streaming_content)
    stranger = Client()
    stranger.force_login(cast.user("analyst", "sibling"))
    assert stranger.get(link).status_code == 404
    with frozen(now() + dt.timedelta(hours=settings.EXPORT_HOURS, minutes=1)):
        client.force_login(cast.user("analyst", "ancestor"))
        assert client.get(link).status_code == 404
        assert client.get(address).context["outcome"] is None
        stored = StoredFile.objects.get(purpose="facts.export")
        os.utime(blob_path(stored.sha256), (0, 0))
        assert expire_exports() == 1
        assert not blob_path(stored.sha256).exists()
        assert expire_exports() == 0


def test_an_export_can_be_imported_again_and_changes_nothing(cast):
    facts_everywhere(cast)
    content = exported(cast, signed_in(cast, "analyst"), "csv")
    made = upload(cast, content)
    assert (made.problems, made.unchanged, made.added + made.changed) == ([], 4, 0)


def test_an_export_never_holds_a_formula(cast):
    cast.places["township_a"].name = "=HYPERLINK(1)"
    cast.places["township_a"].save()
    cast.tree.fingerprint = "another name"
    cast.tree.save()
    facts_everywhere(cast)
    text = exported(cast, signed_in(cast, "analyst"), "csv").decode("utf-8-sig")
    assert ",'=HYPERLINK" in text
    page = openpyxl.load_workbook(io.BytesIO(exported(cast, signed_in(cast, "analyst"), "xlsx"))).worksheets[
        0
    ]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}


def test_small_counts_of_persons_are_hidden_from_readers_without_the_right(cast):
    commit_rows(
        cast,
        ("users_new", cast.places["township_a"].pk, "2026-10", 3),
        ("cases", cast.places["township_a"].pk, "2026-10", 3),
    )
    leader = signed_in(cast, "leader")
    assert {line.value for line in leader.get("/facts/browse/").context["lines"]} == {"少于保护下限", "3"}
    assert ",<5," in exported(cast, leader, "csv").decode("utf-8-sig")
    assert {line.value for line in signed_in(cast, "analyst").get("/facts/browse/").context["lines"]} == {"3"}


def test_an_import_is_undone_on_its_page(cast):
    client = signed_in(cast)
    address = post_file(client, cast, GOOD)["Location"]
    client.post(f"{address}confirm/")
    batch = FactBatch.objects.get()
    assert client.post(f"/facts/batches/{batch.pk}/undo/").status_code == 400
    page = client.post(f"/facts/batches/{batch.pk}/undo/", {"reason": "填错"}, follow=True).content.decode()
    assert "填错" in page
    assert len(store.read(cast.tree.pk)) == 0


@pytest.mark.parametrize(
    "address", ["/facts/", "/facts/upload/", "/facts/template/", "/facts/browse/", "/jobs/", "/documents/"]
)
def test_every_page_speaks_english_when_asked(cast, address):
    client = signed_in(cast)
    client.cookies["django_language"] = "en"
    response = client.get(address)
    assert response.status_code == 200


def test_a_workbook_upload_shows_its_preview(cast):
    response = post_file(
        signed_in(cast),
        cast,
        book(["region", "element", "period", "value"], [A1, "cases", "2026-10", 5]),
        "a.xlsx",
    )
    assert "新增" in signed_in(cast).get(response["Location"]).content.decode()


@pytest.mark.parametrize("number", ["²", "１２", "-1", "9" * 30, "x"])
def test_a_region_that_is_no_number_is_not_found(cast, number):
    client = signed_in(cast, "analyst")
    assert client.get("/facts/browse/", {"region": number}).status_code == 404
    address = {"region": number, "element": "cases", "period": "2026-10"}
    assert client.get("/facts/value/", address).status_code == 404


def test_the_rows_of_a_file_are_not_open_to_who_may_not_read_small_counts(cast):
    """The list hides a count of two persons; the uploaded file behind it must not tell it."""
    made = upload(cast, f"region,element,period,value\n{A1},users_new,2026-10,2\n")
    made = confirm_import(cast.actor("reporter", "own"), made.pk)
    wrong = upload(cast, f"region,element,period,value\n{A1},users_new,2026-10,-7913\n")
    leader = signed_in(cast, "leader", "ancestor")
    page = leader.get(f"/facts/imports/{made.pk}/").content.decode()
    assert f"/files/{made.file_id}/" not in page
    assert leader.get(f"/files/{made.file_id}/").status_code == 404
    refused = leader.get(f"/facts/imports/{wrong.pk}/").content.decode()
    assert "7913" not in refused
    assert leader.get(f"/files/{wrong.marked_file_id}/").status_code == 404
    for role, relation in (("reporter", "own"), ("analyst", "ancestor"), ("reviewer", "own")):
        assert signed_in(cast, role, relation).get(f"/files/{made.file_id}/").status_code == 200
