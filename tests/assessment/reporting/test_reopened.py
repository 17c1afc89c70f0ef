"""Reports that were accepted once: what is opened again, and what stays closed and stays right."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from jingtu.assessment.reporting import queries, services
from jingtu.assessment.reporting.commands import app
from jingtu.assessment.reporting.queries.grid import AnswerView
from jingtu.assessment.reporting.services import Chosen, Entry
from jingtu.core.accounts.models import Post
from jingtu.core.accounts.rules import Role
from jingtu.core.facts import store
from jingtu.core.facts.services import store_reported
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.engine.facttable import FactRow
from tests.access.cast import SINCE
from tests.assessment.reporting.desk import FORM, PERIOD, Desk


def facts(desk: Desk) -> dict[str, int | None]:
    rows = store.read(desk.cast.tree.pk, None, None, [PERIOD], [desk.place()]).rows()
    return {row.element: row.value for row in rows}


def test_taking_a_report_back_opens_no_more_than_what_was_sent_back(desk: Desk) -> None:
    report = desk.submitted()
    services.return_cells(desk.county_analyst, report.pk, {"done": "与台账不符"})
    desk.type({"done": "39"})
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert services.withdraw(desk.reporter, FORM, PERIOD, desk.place()).state == "returned"
    assert desk.type({"due": "50", "done": "38"}).saved == [(desk.place(), "done")]
    assert report.cells.get(element="done").return_reason == "与台账不符"
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert services.withdraw(desk.reporter, FORM, PERIOD, desk.place()).state == "returned"


def test_taking_an_unlocked_report_back_opens_no_more_than_what_was_unlocked(desk: Desk) -> None:
    report = desk.accepted()
    services.unlock_cells(desk.cast.actor("analyst", "ancestor"), report.pk, {"cases": "复核发现多报"})
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert services.withdraw(desk.reporter, FORM, PERIOD, desk.place()).state == "reopened"
    assert desk.type({"due": "50", "cases": "5"}).saved == [(desk.place(), "cases")]


def test_accepting_anew_does_not_undo_what_was_corrected_elsewhere_meanwhile(desk: Desk) -> None:
    report = desk.accepted()
    corrected = [FactRow("due", desk.place(), PERIOD, 42)]
    store_reported(SYSTEM, desk.cast.tree, corrected, "依申诉更正")
    services.unlock_cells(desk.cast.actor("analyst", "ancestor"), report.pk, {"cases": "复核发现多报"})
    desk.type({"cases": "5"})
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    assert facts(desk) == {"due": 42, "done": 40, "cases": 5}


def test_whoever_typed_a_figure_does_not_review_it_after_somebody_else_annotated_it(desk: Desk) -> None:
    typist = desk.cast.actor("reporter", "own")
    desk.type(actor=typist)
    notes = [Entry(desk.place(), key, None, 1, "见台账") for key in ("due", "done", "cases")]
    assert len(services.save_cells(desk.reporter, FORM, PERIOD, notes).saved) == 3
    report = services.submit(desk.reporter, FORM, PERIOD, desk.place())
    Post.objects.create(
        user=desk.cast.user("reporter", "own"),
        role=Role.ANALYST,
        region=desk.cast.places["county_a"],
        valid_from=SINCE,
    )
    with pytest.raises(Conflict, match="yourself"):
        services.pass_reports(desk.cast.actor("reporter", "own"), [Chosen(report.pk)])


def resubmit(desk: Desk) -> list[tuple[str | None, str]]:
    """Hand the report in anew; which cells keep it back and why."""
    try:
        services.submit(desk.reporter, FORM, PERIOD, desk.place())
    except InvalidInput as error:
        return [(problem.column, problem.code) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("typed", "note", "kept_back"),
    [
        (None, None, True),
        ("40", "与上月口径一致", True),  # the same figure, and the note that stood there before
        ("40", "", True),
        ("39", None, False),
        ("约40", None, False),
        (None, "\u3164" * 4, True),
        (None, "与上月口径一致\u200b", True),
        ("40", "属实", True),
        ("40", "已逐人核对台账，无误", False),
        (None, "已逐人核对台账，无误", False),
    ],
)
def test_a_returned_cell_is_changed_or_answered_before_it_is_handed_in_anew(
    desk: Desk, typed: str | None, note: str | None, kept_back: bool
) -> None:
    desk.type(notes={"done": "与上月口径一致"})
    report = services.submit(desk.reporter, FORM, PERIOD, desk.place())
    services.return_cells(desk.county_analyst, report.pk, {"done": "与台账不符"})
    desk.type({"done": "39"})  # tried and put back
    desk.type({"done": "40"})
    standing = report.cells.get(element="done").version
    if typed is not None or note is not None:
        entry = Entry(desk.place(), "done", typed, standing, note)
        assert services.save_cells(desk.reporter, FORM, PERIOD, [entry]).saved
    shown = queries.grid_one(desk.reporter, FORM, PERIOD, desk.place()).units[0].problems
    assert [(found.key, found.problem.code) for found in shown] == resubmit(desk)
    report.refresh_from_db()
    assert report.state == ("returned" if kept_back else "submitted")


def test_the_reviewer_reads_the_answer_beside_the_cell_and_its_history_keeps_both(desk: Desk) -> None:
    report = desk.submitted()
    reasons = {"done": "与台账不符", "cases": "较上月下降，请说明"}
    services.return_cells(desk.county_analyst, report.pk, reasons)
    assert [cell for cell, _why in resubmit(desk)] == ["done", "cases"]
    reviewer = Client()
    reviewer.force_login(desk.cast.user("analyst", "own"))
    address = reverse("reporting:fill", args=[FORM, PERIOD, desk.place()])
    assert "2 格被退回" in reviewer.get(address).content.decode()
    desk.type({"done": "39"})
    runner = CliRunner()
    told = [
        "submit",
        FORM,
        PERIOD,
        desk.cast.places["township_a"].code,
        "--as",
        desk.cast.user("reporter", "descendant").username,
    ]
    assert runner.invoke(app, [*told, "--answer", "nothing=x"]).exit_code == 2
    answered = runner.invoke(app, [*told, "--answer", "cases=已核对，两案并案"])
    assert answered.exit_code == 0, answered.output
    unit = queries.grid_one(desk.county_analyst, FORM, PERIOD, desk.place()).units[0]
    assert {cell.key: cell.answered for cell in unit.cells} == {
        "due": None,
        "done": AnswerView("与台账不符", "40", ""),
        "cases": AnswerView("较上月下降，请说明", "6", "已核对，两案并案"),
    }
    page = reviewer.get(address).content.decode()
    assert page.count("已核对，两案并案") == 1
    _name, past = queries.cell_history(desk.county_analyst, FORM, PERIOD, desk.place(), "cases")
    assert [(entry.act, entry.note) for entry in past[:3]] == [
        ("答复退回", "已核对，两案并案"),
        ("填写", "已核对，两案并案"),
        ("退回", "较上月下降，请说明"),
    ]
    # Taken back before anybody reviewed it, the answer stands; sent back again, it is none any more.
    services.withdraw(desk.reporter, FORM, PERIOD, desk.place())
    assert resubmit(desk) == []
    services.return_cells(desk.county_analyst, report.pk, {"cases": "并案也应单列"})
    assert resubmit(desk) == [("cases", "check.report_unanswered")]
