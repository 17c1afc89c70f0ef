"""The other doors to a report: a workbook, the API, the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.commands import app
from jingtu.assessment.reporting.definition_text import read_forms, read_sections, write_forms
from jingtu.assessment.reporting.models import Cell, Report
from jingtu.assessment.reporting.services import sheets
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.engine.problems import InvalidInput
from tests.assessment.reporting.desk import FORM, GOOD, PERIOD, Desk, definition, on


def opened(stored: StoredFile) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content_path(stored).read_bytes()))


def workbook(desk: Desk, *places: str) -> openpyxl.Workbook:
    county = desk.cast.actor("reporter", "own")
    ids = [desk.place(place) for place in places or ("township_a", "township_a2")]
    return opened(services.make_sheet(county, FORM, PERIOD, ids))


def sent(book: openpyxl.Workbook) -> list[bytes]:
    buffer = io.BytesIO()
    book.save(buffer)
    return [buffer.getvalue()]


def back(desk: Desk, book: openpyxl.Workbook) -> services.Returned:
    county = desk.cast.actor("reporter", "own")
    ids = [desk.place("township_a"), desk.place("township_a2")]
    return services.read_back(county, FORM, PERIOD, sent(book), "月报.xlsx", ids)


def column(book: openpyxl.Workbook, code: str) -> int:
    page = book.worksheets[0]
    return next(cell.column for cell in page[2] if cell.value == code)


def test_a_form_goes_out_as_a_workbook_and_comes_back_filled_in(desk: Desk) -> None:
    desk.type({"due": "41"})
    book = workbook(desk)
    page = book.worksheets[0]
    assert [page.cell(row, 2).value for row in (4, 5)] == ["甲一镇", "甲二镇"]
    assert page.cell(4, column(book, "due")).value == 41
    page.cell(4, column(book, "done")).value = 40
    page.cell(5, column(book, "due")).value = "20余"
    returned = back(desk, book)
    assert (returned.saved, list(returned.refused), list(returned.problems)) == (2, [], [])
    saved = {
        (cell.report.region.name, cell.element): (cell.value, cell.qualifier, cell.origin)
        for cell in Cell.objects.all()
    }
    assert saved[("甲一镇", "done")] == (40, "", "sheet")
    assert saved[("甲二镇", "due")] == (20, "+", "sheet")
    assert saved[("甲一镇", "due")][2] == "typed"


def test_a_sheet_with_errors_stores_nothing_and_comes_back_marked(desk: Desk) -> None:
    book = workbook(desk)
    page = book.worksheets[0]
    page.cell(4, column(book, "due")).value = "许多"
    page.cell(5, column(book, "due")).value = 21
    returned = back(desk, book)
    assert returned.saved == 0
    assert returned.marked is not None
    marked = opened(returned.marked).worksheets[0]
    assert any("不是数字" in str(cell.value) for row in marked.iter_rows() for cell in row)
    assert not Cell.objects.exists()


def test_a_sheet_for_another_month_or_another_county_is_refused(desk: Desk) -> None:
    book = workbook(desk)
    page = book.worksheets[0]
    page.cell(4, column(book, "due")).value = 41
    page.cell(4, 3).value = "2026-09"
    assert [problem.code for problem in back(desk, book).problems] == ["report.other_period"]
    page.cell(4, 3).value = PERIOD
    page.cell(4, 1).value = "310102001"
    assert "import.not_allowed" in [problem.code for problem in back(desk, book).problems]


def test_locked_cells_of_a_sheet_are_passed_over_when_they_say_the_same(desk: Desk) -> None:
    desk.office.report(PERIOD, {"township_a": (30, 29, 2)})
    book = workbook(desk)
    page = book.worksheets[0]
    at = column(book, "due")
    assert page.cell(4, at).value == 30
    assert page.cell(4, at).protection.locked
    page.cell(5, at).value = 21
    assert back(desk, book).saved == 1
    page.cell(4, at).value = 31
    assert [refused.problem.code for refused in back(desk, book).refused] == ["report.locked_cell"]


def test_a_sheet_does_not_undo_what_was_typed_on_the_page_after_it_was_made(desk: Desk) -> None:
    desk.type({"due": "41", "done": "40"})
    book = workbook(desk)
    with on(4, 15):
        desk.type({"due": "43"})
    book.worksheets[0].cell(4, column(book, "cases")).value = 6
    returned = back(desk, book)
    assert (returned.saved, list(returned.problems)) == (1, [])
    assert {cell.element: cell.value for cell in Cell.objects.all()} == {"due": 43, "done": 40, "cases": 6}


def test_a_sheet_and_the_page_that_changed_the_same_cell_store_nothing_and_say_who_and_when(
    desk: Desk,
) -> None:
    desk.type({"due": "41", "done": "40"})
    book = workbook(desk)
    with on(4, 15):
        desk.type({"due": "43"})
    page = book.worksheets[0]
    page.cell(4, column(book, "due")).value = 42
    page.cell(4, column(book, "cases")).value = 6
    returned = back(desk, book)
    (problem,) = returned.problems
    assert (problem.code, problem.row, returned.saved) == ("report.sheet_overtaken", 4, 0)
    text = problem.text("zh")
    assert "2026-11-04 15:00" in text
    assert desk.cast.user("reporter", "descendant").full_name in text
    assert "重新下载" in text
    assert "Download the sheet anew" in problem.text("en")
    assert {cell.element: cell.value for cell in Cell.objects.all()} == {"due": 43, "done": 40}
    assert returned.marked is not None
    marked = opened(returned.marked)
    assert any("2026-11-04 15:00" in str(cell.value) for cell in marked.worksheets[0][4])
    # The returned sheet still knows what it was made from, so the same change is refused again, another is not.
    page = marked.worksheets[0]
    assert [problem.code for problem in back(desk, marked).problems] == ["report.sheet_overtaken"]
    page.cell(4, column(marked, "due")).value = 43
    assert back(desk, marked).saved == 1


@pytest.mark.parametrize("figure", ["--41", "²", "4-1", "9" * 40])
def test_a_sheet_whose_record_was_tampered_with_is_read_as_one_that_was_overtaken(
    desk: Desk, figure: str
) -> None:
    desk.type({"due": "41"})
    book = workbook(desk)
    book["_made_from"].cell(2, 6).value = figure
    assert book["_made_from"].cell(1, 6).value == "value"
    book.worksheets[0].cell(4, column(book, "due")).value = 42
    returned = back(desk, book)
    assert (returned.saved, list(returned.problems)) == (1, [])


def test_a_sheet_that_does_not_say_what_it_was_made_from_replaces_no_figure(desk: Desk) -> None:
    desk.type({"due": "41"})
    book = workbook(desk)
    del book["_made_from"]
    page = book.worksheets[0]
    page.cell(4, column(book, "due")).value = 42
    assert [problem.code for problem in back(desk, book).problems] == ["report.sheet_unmarked"]
    page.cell(4, column(book, "due")).value = 41
    page.cell(4, column(book, "done")).value = 40
    assert back(desk, book).saved == 1


def test_a_cell_saved_while_the_sheet_is_read_is_compared_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.type({"due": "41"})
    book = workbook(desk)
    book.worksheets[0].cell(4, column(book, "due")).value = 42
    save = sheets._save_whole
    faster = iter([lambda: desk.type({"due": "43"})])

    def late(*args: Any) -> Any:
        for typed in faster:
            typed()
        return save(*args)

    monkeypatch.setattr(sheets, "_save_whole", late)
    assert [problem.code for problem in back(desk, book).problems] == ["report.sheet_overtaken"]
    assert Cell.objects.get().value == 43


def test_on_the_page_an_overtaken_sheet_comes_back_marked(desk: Desk) -> None:
    desk.type({"due": "41"})
    book = workbook(desk, "township_a")
    desk.type({"due": "43"})
    book.worksheets[0].cell(4, column(book, "due")).value = 42
    county = Client()
    county.force_login(desk.cast.user("reporter", "own"))
    file = SimpleUploadedFile("月报.xlsx", sent(book)[0])
    answer = county.post(
        reverse("reporting:sheet", args=[FORM, PERIOD]), {"file": file, "region": desk.place("township_a")}
    )
    told = [str(message) for message in get_messages(answer.wsgi_request)]
    assert told == ["表格有1处错误，什么也没有存：请下载标出错误的表格，改正后再上传。"]
    assert Cell.objects.get().value == 43


@pytest.fixture
def program(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.cast.user("reporter", "descendant"))
    return client


def call(program: Client, path: str, content: Any = None, **headers: str) -> Any:
    url = f"/api/v1/reports/{path}"
    if content is None:
        return program.get(url)
    return program.post(url, json.dumps(content), content_type="application/json", headers=headers)


def test_a_program_reads_what_is_due_puts_figures_in_and_hands_in(desk: Desk, program: Client) -> None:
    due = [(line["form"], line["period"], line["region"]) for line in call(program, "due").json()]
    assert (FORM, PERIOD, desk.place()) in due
    path = f"{FORM}/{PERIOD}/{desk.place()}"
    cells = [{"cell": key, "value": text, "version": 0} for key, text in GOOD.items()]
    first = call(program, f"{path}/cells", {"cells": cells}, **{"Idempotency-Key": "one"})
    assert first.status_code == 200, first.content
    again = call(program, f"{path}/cells", {"cells": cells}, **{"Idempotency-Key": "one"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert {cell["cell"]: cell["version"] for cell in first.json()["cells"]} == dict.fromkeys(GOOD, 1)
    told = call(program, f"{path}/submit", {"revision": 0})
    assert (told.status_code, told.json()["state"]) == (200, "submitted")
    assert Cell.objects.filter(origin="api").count() == 3


def test_a_program_learns_which_cell_is_wrong_and_nothing_of_the_rest_is_stored(
    desk: Desk, program: Client
) -> None:
    path = f"{FORM}/{PERIOD}/{desk.place()}"
    cells = [{"cell": "due", "value": "41"}, {"cell": "done", "value": "-3"}, {"cell": "odd", "value": "1"}]
    refused = call(program, f"{path}/cells", {"cells": cells})
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        ("/cells/1/value", "element.negative"),
        ("/cells/2/value", "report.unknown_cell"),
    ]
    assert not Cell.objects.exists()
    desk.type({"due": "41"})
    stale = call(program, f"{path}/cells", {"cells": [{"cell": "due", "value": "44", "version": 0}]})
    assert (stale.status_code, stale.json()["errors"][0]["pointer"]) == (409, "/cells/0/value")
    missing = call(program, f"{path}/submit", {})
    assert [error["pointer"] for error in missing.json()["errors"]] == ["/cells/done", "/cells/cases"]


def run(*words: str, user: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--as", user, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_month_goes_through_the_command_line(desk: Desk, tmp_path: Path) -> None:
    reporter, analyst = "reporter.descendant", "analyst.ancestor"
    assert [line["form"] for line in run("list", user=reporter)] == [FORM]
    assert {line["period"] for line in run("due", user=reporter)} >= {PERIOD}
    file = tmp_path / "october.csv"
    file.write_text("region,period,due,done,cases\n310101001,2026-10,41,40,6\n", encoding="utf-8")
    assert run("fill", FORM, PERIOD, str(file), user=reporter) == {"saved": 3}
    assert run("submit", FORM, PERIOD, "310101001", user=reporter)["state"] == "submitted"
    empty = ["return", FORM, PERIOD, "310101001", "--cell", "done", "--reason", "\u200b" * 4, "--as", analyst]
    assert CliRunner().invoke(app, empty).exit_code == 2
    returned = run(
        "return", FORM, PERIOD, "310101001", "--cell", "done", "--reason", "核对台账", user=analyst
    )
    assert returned["state"] == "returned"
    refused = CliRunner().invoke(app, ["submit", FORM, PERIOD, "310101001", "--as", reporter])
    assert (refused.exit_code, "is neither changed nor answered" in refused.stderr) == (2, True)
    again = run("submit", FORM, PERIOD, "310101001", "--answer", "done=已核对台账", user=reporter)
    assert again["state"] == "submitted"
    assert run("accept", FORM, PERIOD, "310101001", user=analyst)[0]["state"] == "in_review"
    assert run("burden", "--month", "2026-10", user=analyst)[0]["typed"] == 3
    assert run("remind", FORM, PERIOD, user=analyst)["sent"] >= 1


@pytest.mark.parametrize(
    "words",
    [
        ["submit", "nothing", PERIOD, "310101001"],
        ["submit", FORM, "gestern", "310101001"],
        ["submit", FORM, PERIOD, "310102001"],
        ["fill", FORM, PERIOD, "absent.csv"],
        ["accept", FORM, PERIOD, "310101002"],
        ["burden", "--month", "x"],
        ["install", "absent.yaml"],
    ],
)
def test_wrong_use_of_the_command_line_is_one_line_and_exit_2(desk: Desk, words: list[str]) -> None:
    done = CliRunner().invoke(app, [*words, "--as", "reporter.descendant"])
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "“forms”"),
        ("", "“forms”"),
        ("- 1", "“forms”"),
        ("forms:\n- code: a", "“tree”"),
        ("forms: [1]", "forms #1"),
        ("x: [", ""),
        ("[" * 5000, "[[[["),
        ("forms: !!int ''", "!!int ''"),
    ],
)
def test_a_file_that_defines_no_forms_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "forms.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_forms(file)
    said = refused.value.problems[0].text()
    assert told in said
    assert "\n" not in said
    assert "object" not in said


def test_a_folder_is_no_file_of_forms(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_forms(tmp_path)
    assert refused.value.problems[0].code == "file.no_such_file"


def test_an_empty_list_on_the_command_line_says_so(desk: Desk) -> None:
    done = CliRunner().invoke(app, ["due", "--as", "viewer.own"])
    assert done.exit_code == 0
    assert done.stdout.strip().endswith((": none", "：无"))


def test_forms_written_to_a_file_read_back_the_same(desk: Desk, tmp_path: Path) -> None:
    wanted = definition(
        sections=read_sections("# 甲 | A\n> 说明 | note\ncases optional\ndue below\n# 乙 | B\ndone"),
        instructions_zh="说明：“引号”",
    )
    file = tmp_path / "forms.yaml"
    file.write_text(write_forms([("x", "cast", wanted)]), encoding="utf-8")
    assert read_forms(file) == [("x", "cast", wanted)]
    services.install_form(SYSTEM, "x", desk.cast.tree, wanted)
    assert not services.install_form(SYSTEM, "x", desk.cast.tree, wanted)[1]


def test_the_page_hands_the_sheet_out_and_takes_it_back(desk: Desk) -> None:
    client = Client()
    client.force_login(desk.cast.user("reporter", "descendant"))
    url = reverse("reporting:sheet", args=[FORM, PERIOD])
    file = client.post(url, {"region": desk.place()}, follow=True)
    assert file.headers["Content-Type"].startswith("application/vnd.openxml")
    from django.core.files.uploadedfile import SimpleUploadedFile

    table = SimpleUploadedFile("a.csv", b"region,period,due\n310101001,2026-10,41\n")
    page = client.post(url, {"region": desk.place(), "file": table}, follow=True)
    assert "已从表格存入1格" in page.content.decode()
    assert Report.objects.get().cells.get().value == 41
