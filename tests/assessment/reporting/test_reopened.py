"""Reports that were accepted once: what is opened again, and what stays closed and stays right."""

from __future__ import annotations

import pytest

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.services import Chosen, Entry
from jingtu.core.accounts.models import Post
from jingtu.core.accounts.rules import Role
from jingtu.core.facts import store
from jingtu.core.facts.services import store_reported
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict
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
