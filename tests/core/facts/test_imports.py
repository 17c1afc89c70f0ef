"""A file is checked whole, then stored whole or refused whole, and comes back with every error named."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from collections.abc import Sequence

import openpyxl
import pytest
from django.db import connection
from openpyxl.styles import PatternFill

from jingtu.core.facts import checks, queries, store
from jingtu.core.facts.models import FactBatch, FactImport
from jingtu.core.facts.services import (
    begin_import,
    confirm_import,
    import_path,
    imports,
    problems_of,
    undo_import,
)
from jingtu.core.files.queries import content_path, get_file
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.runner import run_job
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.engine.elements import Qualifier
from jingtu.engine.problems import InvalidInput
from tests.core.facts.test_store import commit_rows

A1, A2, B1 = "310101001", "310101002", "310102001"
GOOD = f"region,element,period,value\n{A1},cases,2026-10,3\n{A2},cases,2026-10,4\n"


def upload(cast, content: str | bytes, name: str = "facts.csv", actor=None) -> FactImport:
    data = content.encode() if isinstance(content, str) else content
    return begin_import(actor or cast.actor("reporter", "own"), cast.tree, [data], name)


def book(*rows: Sequence[object], sheet: str = "Sheet") -> bytes:
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(list(row))
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def told(made: FactImport) -> list[tuple[str, int | None, str | None]]:
    return [(problem.code, problem.row, problem.column) for problem in problems_of(made)]


def stored_values(cast) -> dict[tuple[str, str], int]:
    codes = {region.pk: region.code for region in cast.places.values()}
    return {(codes[row.region_id], row.element): row.value for row in store.read(cast.tree.pk).rows()}


def test_a_right_file_is_shown_before_it_is_stored(cast):
    made = upload(cast, GOOD)
    assert (made.state, made.row_count, made.added) == ("ready", 2, 2)
    assert len(store.read(cast.tree.pk)) == 0
    made = confirm_import(cast.actor("reporter", "own"), made.pk)
    assert made.state == "stored"
    assert stored_values(cast) == {(A1, "cases"): 3, (A2, "cases"): 4}
    assert made.region_id == cast.places["county_a"].pk


def test_every_value_knows_its_file_row_and_sender(cast):
    made = confirm_import(SYSTEM, upload(cast, GOOD, actor=SYSTEM).pk)
    event = queries.history(SYSTEM, cast.places["township_a2"], "cases", "2026-10")[0]
    assert (event.source_row, event.batch.file_id, event.import_id) == (3, made.file_id, made.pk)
    assert event.batch.actor_label == SYSTEM.label


def test_the_preview_tells_new_changed_and_unchanged(cast):
    confirm_import(SYSTEM, upload(cast, GOOD, actor=SYSTEM).pk)
    made = upload(cast, GOOD.replace(",4\n", ",5\n") + f"{B1},cases,2026-10,1\n", actor=SYSTEM)
    assert (made.added, made.changed, made.unchanged) == (1, 1, 1)


def test_a_confirmed_file_is_not_stored_twice(cast):
    made = confirm_import(SYSTEM, upload(cast, GOOD, actor=SYSTEM).pk)
    with pytest.raises(Conflict):
        confirm_import(SYSTEM, made.pk)
    assert FactBatch.objects.count() == 1


def test_a_file_that_says_nothing_new_makes_no_batch(cast):
    confirm_import(SYSTEM, upload(cast, GOOD, actor=SYSTEM).pk)
    again = confirm_import(SYSTEM, upload(cast, GOOD, actor=SYSTEM).pk)
    assert (again.state, again.batch, again.unchanged) == ("stored", None, 2)
    assert FactBatch.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_tables_are_read_in_every_usual_spelling(cast, encoding, separator):
    text = f"地区代码,数据元素,期间,数值\n{A1},破获案件,2026年10月,3\n甲二镇,Cases solved,2026/10,4\n"
    made = upload(cast, text.replace(",", separator).encode(encoding))
    assert (told(made), made.state, made.added) == ([], "ready", 2)


def test_wide_tables_have_a_column_for_each_element(cast):
    made = upload(cast, f"region,period,cases,缴获毒品（千克）\n{A1},2026-10,3,1.25\n{A2},2026-10,,2\n")
    confirm_import(cast.actor("reporter", "own"), made.pk)
    assert stored_values(cast) == {(A1, "cases"): 3, (A1, "seized"): 125, (A2, "seized"): 200}


def test_figures_as_people_write_them_are_understood(cast):
    rows = [
        ["region", "element", "period", "value", "category"],
        [A1, "cases", "2026-10", "１，２３４", ""],
        [A1, "satisfied", "2026-10", "98.76%", ""],
        [A1, "users_new", "2026-10", "300余", "age=u25"],
        [A2, "seized", "2026-10", 1.5, ""],
        [int(B1), "cases", "2026-10", 12.0, ""],
    ]
    made = upload(cast, book(*rows), "facts.xlsx", SYSTEM)
    assert told(made) == []
    confirm_import(SYSTEM, made.pk)
    rows_by_key = {(row.element, row.category): row for row in store.read(cast.tree.pk).rows()}
    assert rows_by_key[("satisfied", "")].value == 9876
    assert rows_by_key[("users_new", "age=u25")].qualifier is Qualifier.MORE
    assert stored_values(cast)[(B1, "cases")] == 12
    assert stored_values(cast)[(A1, "cases")] == 1234


BAD_LINES = [
    (f"{A1},cases,2026-10,-3", "element.negative", "value"),
    (f"{A1},cases,2026-10,12%", "element.percent_sign", "value"),
    (f"{A1},cases,2026-10,about", "element.unreadable", "value"),
    (f"{A1},cases,2026-10,1.5", "element.too_many_decimals", "value"),
    (f"{A1},cases,2026-10,9999999999999999", "element.too_large", "value"),
    (f"{A1},casse,2026-10,3", "factcheck.unknown_element_near", "element"),
    (f"{A1},zzzzzz,2026-10,3", "factcheck.unknown_element", "element"),
    ("310101003,cases,2026-10,3", "tree.unknown_region_near", "region"),
    ("甲三镇,cases,2026-10,3", "tree.unknown_region_near", "region"),
    (f"{B1},cases,2026-10,3", "import.not_allowed", "region"),
    (f"{A1},cases,2027-01,3", "factcheck.future", "period"),
    (f"{A1},cases,10月,3", "period.unreadable", "period"),
    (f"{A1},cases,2026-13,3", "period.impossible", "period"),
    (",cases,2026-10,3", "factcheck.blank", "region"),
    (f"{A1},,2026-10,3", "factcheck.blank", "element"),
    (f"{A1},cases,,3", "factcheck.blank", "period"),
    (f"{A2},cases,2026-10,9", "factcheck.duplicate", "value"),
    (f"{A1},cases,2026-10,3,surplus,cells", "sheet.ragged", None),
]


@pytest.mark.parametrize(
    ("line", "code", "column"), BAD_LINES, ids=[line[1] + line[0][:3] for line in BAD_LINES]
)
def test_a_wrong_row_refuses_the_file_and_is_named_with_row_and_column(cast, line, code, column):
    good = f"{A2},cases,2026-10,4"
    made = upload(cast, f"region,element,period,value\n{good}\n{line}\n")
    assert told(made) == [(code, 3, column)]
    assert made.state == "refused"
    assert not FactBatch.objects.exists()
    for language in ("zh", "en"):
        assert problems_of(made)[0].located_text(language)


def test_everything_wrong_is_found_at_once(cast):
    lines = "\n".join(line for line, _, _ in BAD_LINES)
    made = upload(cast, f"region,element,period,value\n{A2},cases,2026-10,4\n{lines}\n")
    assert {code for code, _, _ in told(made)} == {code for _, code, _ in BAD_LINES}
    assert made.problem_count == len(BAD_LINES)


def test_the_nearest_element_is_suggested(cast):
    made = upload(cast, f"region,element,period,value\n{A1},破获案伴,2026-10,4\n")
    assert problems_of(made)[0].params["near"] == "破获案件"


def test_unknown_and_repeated_columns_of_a_wide_table_are_named(cast):
    made = upload(cast, f"region,period,cases,casess,cases\n{A1},2026-10,1,2,3\n")
    assert {code for code, _, _ in told(made)} == {"sheet.unknown_column", "sheet.repeated_column"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a,b,c\n1,2,3\n", "sheet.no_header"),
        ("region,element,period,value\n", "sheet.no_rows"),
        (f"region,element,period,value\n{A1},cases,2026-10,\n", "facts.no_figures"),
        (f'region,element,period,value\n{A1},cases,2026-10,"3\n' + "x" * 200_000, "sheet.quotes"),
    ],
)
def test_a_file_without_a_table_is_refused_in_words(cast, content, code):
    assert [problem.code for problem in problems_of(upload(cast, content))] == [code]


def test_formulas_are_named_by_cell(cast):
    made = upload(
        cast,
        book(
            ["region", "element", "period", "value"],
            [A1, "cases", "2026-10", "=1+2"],
            [A2, "cases", "2026-10", 3],
        ),
        "facts.xlsx",
    )
    assert ("sheet.formula", 2, "value") in told(made)


def test_merged_cells_are_named(cast):
    source = openpyxl.load_workbook(
        io.BytesIO(
            book(
                ["region", "element", "period", "value"],
                [A1, "cases", "2026-10", 1],
                [A1, "due", "2026-10", 3],
            )
        )
    )
    source.active.merge_cells("A2:A3")
    assert ("sheet.merged", 2, "region") in told(upload(cast, saved(source), "facts.xlsx"))


def test_a_title_merged_above_the_header_is_no_trouble(cast):
    source = openpyxl.load_workbook(
        io.BytesIO(book(["月报"], ["region", "element", "period", "value"], [A1, "cases", "2026-10", 1]))
    )
    source.active.merge_cells("A1:D1")
    assert upload(cast, saved(source), "facts.xlsx").state == "ready"


def test_a_month_that_excel_turned_into_a_date_is_asked_about(cast):
    rows = [["region", "element", "period", "value"], [A1, "cases", dt.date(2026, 10, 1), 1]]
    assert told(upload(cast, book(*rows), "facts.xlsx")) == [("sheet.date_or_month", 2, "period")]


def test_real_days_typed_as_dates_are_days(cast):
    header = ["region", "element", "period", "value"]
    rows = [[A1, "cases", dt.date(2026, 10, day), 1] for day in (1, 2)]
    made = confirm_import(SYSTEM, upload(cast, book(header, *rows), "facts.xlsx", SYSTEM).pk)
    assert made.added == 2
    assert set(store.read(cast.tree.pk).period_keys) == {"2026-10-01", "2026-10-02"}


def test_a_cell_at_the_end_of_the_world_is_refused_before_memory_is_taken(cast):
    source = openpyxl.load_workbook(io.BytesIO(book(["region", "element", "period", "value"])))
    source.active["XFD1048576"] = 1
    assert told(upload(cast, saved(source), "facts.xlsx"))[0][0] == "sheet.too_sparse"


@pytest.mark.parametrize("order", ["part first", "whole first"])
def test_a_numerator_above_its_denominator_is_refused(cast, monkeypatch, order):
    monkeypatch.setattr(checks, "_sources", [lambda: [("done", "due")]])
    lines = [f"{A1},done,2026-10,11", f"{A1},due,2026-10,10"]
    lines = lines if order == "part first" else lines[::-1]
    made = upload(cast, "region,element,period,value\n" + "\n".join(lines) + "\n")
    assert [code for code, _, _ in told(made)] == ["import.part_above_whole"]
    assert problems_of(made)[0].row == (2 if order == "part first" else 3)


def test_a_numerator_is_also_held_against_the_stored_denominator(cast, monkeypatch):
    monkeypatch.setattr(checks, "_sources", [lambda: [("done", "due")]])
    commit_rows(cast, ("due", cast.places["township_a"].pk, "2026-10", 10))
    made = upload(cast, f"region,element,period,value\n{A1},done,2026-10,11\n{A2},done,2026-10,99\n")
    assert told(made) == [("import.part_above_whole", 2, "value")]
    assert upload(cast, f"region,element,period,value\n{A1},done,2026-10,10\n").state == "ready"


def test_the_same_csv_comes_back_with_the_errors_of_each_row(cast):
    content = f"地区,数据元素,期间,数值,备注\n{A1},破获案件,2026-10,-3,核实\n{A2},破获案件,2026-10,4,\n"
    made = upload(cast, content.encode("gb18030"))
    marked = content_path(get_file(cast.actor("reporter", "own"), made.marked_file_id))
    rows = list(csv.reader(io.StringIO(marked.read_text("gb18030"))))
    assert [row[:5] for row in rows] == [line.split(",") for line in content.splitlines()]
    assert rows[0][5] == "错误说明"
    assert "不能小于0" in rows[1][5]
    assert rows[2][5] == ""
    assert made.marked_file.name == "facts-有错.csv"


def test_the_same_workbook_comes_back_with_its_colours_and_the_errors(cast):
    source = openpyxl.load_workbook(
        io.BytesIO(book(["region", "element", "period", "value"], [A1, "cases", "2026-10", -3]))
    )
    source.active["A2"].fill = PatternFill("solid", start_color="FF00FF00")
    source.create_sheet("别的")["A1"] = "kept"
    made = upload(cast, saved(source), "月报.xlsx")
    marked = openpyxl.load_workbook(io.BytesIO(content_path(made.marked_file).read_bytes()))
    page = marked["Sheet"]
    assert page["E1"].value == "错误说明"
    assert "不能小于0" in page["E2"].value
    assert page["A2"].fill.start_color.rgb == "FF00FF00"
    assert marked["别的"]["A1"].value == "kept"


def test_a_corrected_marked_sheet_can_be_handed_in_as_it_is(cast):
    made = upload(
        cast, book(["region", "element", "period", "value"], [A1, "cases", "2026-10", -3]), "a.xlsx"
    )
    marked = openpyxl.load_workbook(io.BytesIO(content_path(made.marked_file).read_bytes()))
    marked.active["D2"] = 3
    assert upload(cast, saved(marked), "a.xlsx").state == "ready"


def test_the_errors_are_written_in_the_senders_language(cast):
    cast.user("reporter", "own").__class__.objects.update(language="en")
    actor = cast.actor("reporter", "own")
    actor.user.refresh_from_db()
    made = upload(cast, f"region,element,period,value\n{A1},cases,2026-10,-3\n", actor=actor)
    assert "cannot be below 0" in content_path(made.marked_file).read_text("utf-8")


def test_an_error_text_never_becomes_a_formula(cast):
    made = upload(cast, f"region,element,period,value\n{A1},\"=cmd|' /C calc'!A0\",2026-10,3\n")
    text = content_path(made.marked_file).read_text("utf-8-sig")
    last = list(csv.reader(io.StringIO(text)))[1][-1]
    assert not last.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("role", ["viewer", "leader", "reviewer"])
def test_roles_without_the_right_cannot_import(cast, role):
    with pytest.raises(PermissionDenied):
        upload(cast, GOOD, actor=cast.actor(role, "own"))


def test_a_sibling_sees_neither_the_import_nor_its_file(cast):
    made = confirm_import(cast.actor("reporter", "own"), upload(cast, GOOD).pk)
    for relation, visible in (
        ("own", True),
        ("ancestor", True),
        ("sibling", False),
        ("descendant", False),
        ("outsider", False),
    ):
        actor = cast.actor("reporter", relation)
        assert queries.list_imports(actor).filter(pk=made.pk).exists() is visible, relation
        if visible:
            assert get_file(actor, made.file_id)
        else:
            with pytest.raises(NotFound):
                get_file(actor, made.file_id)
            with pytest.raises(NotFound):
                confirm_import(actor, made.pk)


def test_a_waiting_import_is_its_senders_alone(cast):
    made = upload(
        cast, GOOD, actor=cast.actor("reporter", "descendant").__class__(cast.user("reporter", "own"))
    )
    assert queries.list_imports(cast.actor("reporter", "own")).filter(pk=made.pk).exists()
    assert not queries.list_imports(cast.actor("reporter", "sibling")).filter(pk=made.pk).exists()


def test_a_large_file_is_checked_and_stored_by_a_job(cast, django_capture_on_commit_callbacks):
    days = [dt.date(2019, 1, 1) + dt.timedelta(number) for number in range(2_600)]
    lines = [f"{region},cases,{day},1" for day in days for region in (A1, A2)]
    with django_capture_on_commit_callbacks(execute=True):
        made = upload(cast, "region,element,period,value\n" + "\n".join(lines) + "\n")
        assert made.state == "checking"
    made.refresh_from_db()
    assert (made.state, made.row_count) == ("stored", 5_200)
    job = Job.objects.get()
    assert (job.state, job.result["state"]) == ("done", "stored")
    Job.objects.update(state="queued")
    run_job.func(job.pk)
    assert FactBatch.objects.count() == 1


def test_a_large_wrong_file_stores_nothing_and_says_why(cast, django_capture_on_commit_callbacks):
    lines = [f"{A1},cases,2026-10,-{number + 1}" for number in range(5_100)]
    with django_capture_on_commit_callbacks(execute=True):
        made = upload(cast, "region,element,period,value\n" + "\n".join(lines) + "\n")
    made.refresh_from_db()
    assert (made.state, made.problem_count, len(made.problems)) == ("refused", 5_100, 500)
    assert not FactBatch.objects.exists()


def test_a_file_on_disk_is_imported_once(cast, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text(GOOD)
    first = import_path(SYSTEM, cast.tree, path)
    assert import_path(SYSTEM, cast.tree, path) == first
    assert FactImport.objects.count() == 1
    undo_import(SYSTEM, first.batch_id, "重来")
    assert import_path(SYSTEM, cast.tree, path) != first
    assert len(store.read(cast.tree.pk)) == 2


def test_a_wrong_file_on_disk_raises_everything_found(cast, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text(GOOD.replace(",3", ",-3").replace(",4", ",-4"))
    with pytest.raises(InvalidInput) as caught:
        import_path(SYSTEM, cast.tree, path)
    assert [(problem.code, problem.row) for problem in caught.value.problems] == [
        ("element.negative", 2), ("element.negative", 3),
    ]  # fmt: skip


def test_a_file_is_examined_without_holding_the_database(cast, monkeypatch):
    """SQLite has one writer: while one table is being read, everybody else must be able to write."""
    held = []
    read = imports.read_sheet

    def watched(*args):
        held.append(len(connection.savepoint_ids))
        return read(*args)

    monkeypatch.setattr(imports, "read_sheet", watched)
    made = upload(cast, GOOD)
    assert held == [0]
    assert FactImport.objects.get(pk=made.pk).state == FactImport.State.READY


def test_thousands_of_unknown_columns_are_refused_in_a_moment(cast):
    columns = ",".join(f"c{number}" for number in range(3000))
    started = time.process_time()
    made = upload(cast, f"region,element,period,value,{columns}\n{A1},cases,2026-10,3\n")
    assert made.state == FactImport.State.REFUSED
    assert made.problem_count == 3000
    assert time.process_time() - started < 5


def test_of_two_who_confirm_at_once_the_second_changes_nothing(cast, monkeypatch):
    made = upload(cast, GOOD)
    actor, read = cast.actor("reporter", "own"), imports.read_sheet

    def somebody_is_faster(*args):
        monkeypatch.setattr(imports, "read_sheet", read)
        confirm_import(actor, made.pk)
        return read(*args)

    monkeypatch.setattr(imports, "read_sheet", somebody_is_faster)
    with pytest.raises(Conflict):
        confirm_import(actor, made.pk)
    kept = FactImport.objects.get(pk=made.pk)
    assert (kept.state, kept.added) == (FactImport.State.STORED, 2)
    assert kept.batch_id == FactBatch.objects.get().pk
