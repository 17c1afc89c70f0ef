"""From the first cell to the accepted fact, and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.reporting import queries, services
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.assessment.reporting.models import Cell, Report
from jingtu.assessment.reporting.rules import ReportState
from jingtu.assessment.reporting.services import Chosen, Entry, submitting
from jingtu.assessment.reporting.working import Working
from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from tests.assessment.reporting.desk import FORM, GOOD, PERIOD, Desk, definition, on


def facts(desk: Desk, place: str = "township_a") -> dict[str, int | None]:
    rows = store.read(desk.cast.tree.pk, None, None, [PERIOD], [desk.place(place)]).rows()
    return {row.element: row.value for row in rows}


def test_a_report_becomes_facts_only_when_its_last_reviewer_accepts_it(desk: Desk) -> None:
    report = desk.submitted()
    assert facts(desk) == {}
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    assert facts(desk) == {}
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    assert facts(desk) == {"due": 41, "done": 40, "cases": 6}
    batch = FactBatch.objects.order_by("-sequence")[0]
    assert (batch.kind, batch.note) == ("report", "报表：月报 · 2026-10 · 甲一镇 · reporter descendant")
    report.refresh_from_db()
    assert (report.state, report.batches) == ("accepted", [batch.sequence])


def test_nobody_reviews_what_they_typed_and_nobody_takes_two_steps(desk: Desk) -> None:
    report = desk.submitted()
    analyst = desk.cast.actor("analyst", "ancestor")
    services.pass_reports(analyst, [Chosen(report.pk)])
    with pytest.raises(Conflict, match="earlier step"):
        services.pass_reports(analyst, [Chosen(report.pk)])
    both = desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    Report.objects.filter(pk=both.pk).update(submitted_by=desk.cast.user("reviewer", "own"))
    with pytest.raises(Conflict, match="yourself"):
        services.pass_reports(desk.cast.actor("reviewer", "own"), [Chosen(both.pk)])


def test_a_step_belongs_to_whoever_reviews_at_its_level(desk: Desk) -> None:
    report = desk.submitted()
    for stranger in (
        desk.cast.actor("reviewer", "sibling"),
        desk.cast.actor("reviewer", "descendant"),
        desk.cast.actor("reporter", "ancestor"),
    ):
        with pytest.raises(PermissionDenied):
            services.pass_reports(stranger, [Chosen(report.pk)])
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    with pytest.raises(PermissionDenied):
        services.pass_reports(desk.cast.actor("reviewer", "own"), [Chosen(report.pk)])


def test_only_returned_cells_are_open_and_the_rest_stays(desk: Desk) -> None:
    report = desk.submitted()
    services.return_cells(desk.county_analyst, report.pk, {"done": "与台账不符"})
    outcome = desk.type({"due": "50", "done": "39"})
    assert outcome.saved == [(desk.place(), "done")]
    assert [refused.problem.code for refused in outcome.refused] == ["report.closed_cell"]
    again = services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert again.state == ReportState.SUBMITTED
    assert {cell.key: cell.value for cell in again.cells.all()} == {"due": 41, "done": 39, "cases": 6}
    assert not again.cells.filter(returned=True).exists()
    notice = Notice.objects.get(recipient=desk.cast.user("reporter", "descendant"))
    assert "与台账不符" in notice.body


def test_a_returned_report_is_in_time_by_its_first_submission(desk: Desk) -> None:
    report = desk.submitted()
    services.return_cells(desk.county_analyst, report.pk, {"done": "核对台账"})
    with on(20):
        desk.type({"done": "39"})
        services.submit(desk.reporter, FORM, PERIOD, desk.place())
        page = queries.grid_one(desk.reporter, FORM, PERIOD, desk.place())
    assert page.units[0].timeliness == "on_time"


def test_an_unlocked_cell_keeps_its_fact_until_it_is_accepted_anew(desk: Desk) -> None:
    report = desk.accepted()
    services.unlock_cells(desk.cast.actor("analyst", "ancestor"), report.pk, {"cases": "复核发现多报"})
    assert facts(desk)["cases"] == 6
    desk.type({"cases": "5"})
    assert facts(desk)["cases"] == 6
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    assert facts(desk) == {"due": 41, "done": 40, "cases": 5}
    report.refresh_from_db()
    assert len(report.batches) == 2


def test_a_report_is_withdrawn_only_before_anybody_reviewed_it(desk: Desk) -> None:
    report = desk.submitted()
    assert services.withdraw(desk.reporter, FORM, PERIOD, desk.place()).state == "draft"
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    with pytest.raises(Conflict):
        services.withdraw(desk.reporter, FORM, PERIOD, desk.place())


def test_two_people_in_one_cell_the_second_is_told(desk: Desk) -> None:
    desk.type({"due": "41"})
    other = desk.cast.actor("reporter", "own")
    outcome = services.save_cells(other, FORM, PERIOD, [Entry(desk.place(), "due", "44", version=0)])
    conflict = outcome.conflicts[0]
    assert (conflict.shown, conflict.version, outcome.saved) == ("41", 1, [])
    same = services.save_cells(other, FORM, PERIOD, [Entry(desk.place(), "due", "41", version=0)])
    assert not same.refused
    settled = services.save_cells(other, FORM, PERIOD, [Entry(desk.place(), "due", "44", version=2)])
    assert settled.saved == [(desk.place(), "due")]


def test_a_unit_no_longer_ones_own_keeps_no_other_from_being_saved(desk: Desk) -> None:
    own, foreign = Entry(desk.place(), "due", "41"), Entry(desk.place("township_b"), "due", "30")
    outcome = services.save_cells(desk.reporter, FORM, PERIOD, [foreign, own])
    assert outcome.saved == [(desk.place(), "due")]
    assert [(one.region_id, one.key) for one in outcome.refused] == [(foreign.region_id, "due")]
    # Nothing of the other unit is in what the page is told.
    assert [region.pk for region in outcome.working.regions] == [desk.place()]
    assert not Report.objects.filter(region_id=foreign.region_id).exists()
    # A sheet is all of it or nothing.
    with pytest.raises(PermissionDenied):
        services.save_cells(desk.reporter, FORM, PERIOD, [foreign, own], Cell.Origin.SHEET)
    ended = services.save_cells(SYSTEM, FORM, PERIOD, [Entry(desk.place("county_a"), "due", "1"), own])
    assert [one.problem.code for one in ended.refused if one.region_id != desk.place()] == [
        "report.not_asked"
    ]


def test_two_reviewers_at_once_the_second_meets_a_conflict(desk: Desk) -> None:
    report = desk.submitted()
    seen = Chosen(report.pk, report.revision)
    services.return_cells(desk.county_analyst, report.pk, {"due": "核对台账"}, report.revision)
    with pytest.raises(Conflict, match="Somebody else"):
        services.pass_reports(desk.cast.actor("reviewer", "own"), [seen])


def test_what_is_wrong_is_named_by_cell_and_nothing_is_handed_in(desk: Desk) -> None:
    desk.type({"due": "40", "done": "45"})
    with pytest.raises(InvalidInput) as refused:
        services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert [(problem.column, problem.code) for problem in refused.value.problems] == [
        ("done", "check.report_part"),
        ("cases", "check.report_required"),
    ]
    assert Report.objects.get().state == "draft"


def test_a_jump_is_let_through_with_a_word_of_explanation(desk: Desk) -> None:
    desk.type({**GOOD, "due": "400"})
    with pytest.raises(InvalidInput) as refused:
        services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert [problem.code for problem in refused.value.problems] == ["check.report_jump"]
    desk.type({"due": "400"}, notes={"due": "并入邻镇"})
    assert services.submit(desk.reporter, FORM, PERIOD, desk.place()).state == "submitted"


def test_inexact_figures_keep_their_qualifier_to_the_fact(desk: Desk) -> None:
    desk.type({**GOOD, "cases": "约6"})
    report = services.submit(desk.reporter, FORM, PERIOD, desk.place())
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    rows = store.read(desk.cast.tree.pk, None, ["cases"], [PERIOD]).rows()
    assert [row.qualifier.value for row in rows] == ["~"]


def test_a_change_of_the_form_leaves_begun_reports_as_they_were(desk: Desk) -> None:
    desk.type({"due": "41"})
    from jingtu.assessment.reporting.definition_text import read_sections

    services.install_form(
        SYSTEM, FORM, desk.cast.tree, definition(sections=read_sections("# 人员 | People\ndue\n"))
    )
    begun = queries.grid_one(desk.reporter, FORM, PERIOD, desk.place())
    assert [cell.key for cell in begun.units[0].cells] == ["due", "done", "cases"]
    county = desk.cast.actor("reporter", "own")
    fresh = queries.grid_one(county, FORM, PERIOD, desk.place("township_a2"))
    assert [cell.key for cell in fresh.units[0].cells] == ["due"]


def test_a_figure_that_is_a_fact_already_is_locked_and_linked(desk: Desk) -> None:
    desk.office.report(PERIOD, {"township_a": (30, 29, 2)})
    outcome = desk.type({"due": "41"})
    assert [refused.problem.code for refused in outcome.refused] == ["report.locked_cell"]
    cell = queries.grid_one(desk.reporter, FORM, PERIOD, desk.place()).units[0].cells[0]
    assert (cell.open, cell.figure, cell.link.startswith("/facts/value/")) == (False, "30", True)


def test_the_report_is_no_secret_to_its_people_and_closed_to_others(desk: Desk) -> None:
    desk.submitted()
    for known in (desk.reporter, desk.county_analyst, desk.city_reviewer):
        assert queries.grid_one(known, FORM, PERIOD, desk.place()).units
    for stranger in (
        desk.cast.actor("reporter", "sibling"),
        desk.cast.actor("leader", "own"),
        desk.cast.actor("viewer", "own"),
    ):
        with pytest.raises(NotFound):
            queries.grid_one(stranger, FORM, PERIOD, desk.place())
    with pytest.raises(PermissionDenied):
        services.save_cells(
            desk.cast.actor("reporter", "sibling"), FORM, PERIOD, [Entry(desk.place(), "due", "1")]
        )


def test_the_second_of_two_clicks_on_submit_changes_nothing(desk: Desk) -> None:
    report = desk.submitted()
    again = services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert (again.pk, again.revision) == (report.pk, report.revision)
    assert report.events.filter(action="submit").count() == 1
    with pytest.raises(Conflict):  # somebody else is told that it has been done
        services.submit(desk.cast.actor("reporter", "own"), FORM, PERIOD, desk.place())


def test_a_report_begun_by_somebody_else_at_the_same_moment_is_handed_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sections = read_sections("# 人员 | People\ndue optional\ndone optional\ncases optional")
    services.install_form(SYSTEM, FORM, desk.cast.tree, definition(sections=sections))
    load, first = submitting._loaded, iter([True])

    def overtaken(*args: Any) -> Working:
        working = load(*args)
        for _once in first:
            submitting.begin_report(desk.cast.actor("reporter", "own"), working, working.regions[0])
            working.reports.clear()
        return working

    monkeypatch.setattr(submitting, "_loaded", overtaken)
    assert services.submit(desk.reporter, FORM, PERIOD, desk.place()).state == "submitted"
    assert Report.objects.count() == 1


def test_nothing_is_handed_in_before_its_period_begins(desk: Desk) -> None:
    sections = read_sections("# 人员 | People\ndue optional\ndone optional\ncases optional")
    services.install_form(SYSTEM, FORM, desk.cast.tree, definition(sections=sections))
    with pytest.raises(InvalidInput) as refused:
        services.submit(desk.reporter, FORM, "2026-12", desk.place())
    assert refused.value.problems[0].text("zh") == "2026年12月尚未开始，2026-12-01起才能填报和提交。"
    assert "from 2026-12-01 on" in refused.value.problems[0].text("en")
    with pytest.raises(InvalidInput, match="2026-12-01"):
        services.submit_many(desk.reporter, FORM, "2026-12", [desk.place()])
    assert not Report.objects.exists()
    # The running month is open from its first day on, as the list of what is due says.
    assert services.submit(desk.reporter, FORM, "2026-11", desk.place()).state == "submitted"
    own = Client()
    own.force_login(desk.cast.user("reporter", "descendant"))
    address = reverse("reporting:submit", args=[FORM, "2026-12", desk.place()])
    assert "2026-12-01起才能填报和提交" in own.post(address, follow=True).content.decode()
